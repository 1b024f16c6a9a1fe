//! Foreign keys and the indexes under them.

use bistro_schema::{FieldId, OnDelete, Relation, RelationKind, Schema, Type, names};

use crate::ddl::table::columns;
use crate::dialect::Dialect;

/// A foreign key as part of a table.
pub(crate) fn constraint(schema: &Schema, dialect: Dialect, ty: &Type, relation: &Relation) -> String {
    let near = near(relation);
    format!(
        "CONSTRAINT {} FOREIGN KEY ({}) {}",
        dialect.quote(&relation.constraint),
        columns(dialect, ty, &near),
        references(schema, dialect, relation)
    )
}

/// What a foreign key refers to, and what a delete there does.
pub(crate) fn references(schema: &Schema, dialect: Dialect, relation: &Relation) -> String {
    let target = schema.ty(relation.target);
    let far: Vec<FieldId> = relation.pairs.iter().map(|(_, f)| *f).collect();
    let action = match relation.on_delete {
        OnDelete::NoAction => "",
        OnDelete::Restrict => " ON DELETE RESTRICT",
        OnDelete::Cascade => " ON DELETE CASCADE",
        OnDelete::SetNull => " ON DELETE SET NULL",
    };
    format!("REFERENCES {} ({}){action}", dialect.quote(&target.collection), columns(dialect, target, &far))
}

/// A foreign key on columns that exist; not for SQLite, whose tables are made again for it.
pub(crate) fn add(schema: &Schema, dialect: Dialect, ty: &Type, relation: &Relation) -> String {
    let table = dialect.quote(&ty.collection);
    format!("ALTER TABLE {table} ADD {}", constraint(schema, dialect, ty, relation))
}

/// A foreign key away; not for SQLite.
pub(crate) fn remove(dialect: Dialect, table: &str, name: &str) -> String {
    let (table, name) = (dialect.quote(table), dialect.quote(name));
    let what = if dialect == Dialect::Mysql { "FOREIGN KEY" } else { "CONSTRAINT" };
    format!("ALTER TABLE {table} DROP {what} {name}")
}

/// The columns of a foreign key.
pub(crate) fn near(relation: &Relation) -> Vec<FieldId> {
    relation.pairs.iter().map(|(n, _)| *n).collect()
}

/// The foreign keys whose columns no key, unique or index already begins with, and the name of the index of each.
pub(crate) fn own_indexes(ty: &Type) -> Vec<(String, Vec<FieldId>)> {
    let mut out: Vec<(String, Vec<FieldId>)> = Vec::new();
    if !ty.writable() {
        return out;
    }
    for relation in ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne) {
        let near = near(relation);
        let served = ty.key.starts_with(&near)
            || ty.uniques.iter().any(|u| u.fields.starts_with(&near))
            || ty.indexes.iter().any(|i| i.fields.starts_with(&near));
        if !served && !near.is_empty() {
            out.push((names::constraint(&["bistro_fk", &relation.constraint]), near));
        }
    }
    out
}

/// The indexes of foreign keys. Safe to run again, but for MySQL, which has no words for that.
pub fn foreign_indexes(dialect: Dialect, ty: &Type) -> Vec<String> {
    let made = own_indexes(ty).into_iter();
    made.map(|(name, near)| add_own_index(dialect, ty, &name, &near)).collect()
}

/// One of them.
pub(crate) fn add_own_index(dialect: Dialect, ty: &Type, name: &str, near: &[FieldId]) -> String {
    let again = if dialect == Dialect::Mysql { "" } else { "IF NOT EXISTS " };
    let (name, table) = (dialect.quote(name), dialect.quote(&ty.collection));
    format!("CREATE INDEX {again}{name} ON {table} ({})", columns(dialect, ty, near))
}
