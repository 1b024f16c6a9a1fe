//! Changes as ordered statements.

use bistro_problem::Code;
use bistro_schema::{FieldId, Relation, RelationId, RelationKind, Schema, TypeId};
use bistro_store::{Change, StoreError, StoreErrorKind};

use crate::ddl::context::Context;
use crate::ddl::literal::{Fill, fill};
use crate::ddl::{alter, column, foreign, rebuild, table, view};
use crate::dialect::Dialect;

/// What carries out changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// In order. On SQLite and PostgreSQL they are run in one transaction.
    pub statements: Vec<Statement>,
    /// Whether foreign keys must not be checked until the end, and all of them then: on SQLite, where a table is made again.
    pub foreign_keys_off: bool,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The text, without a semicolon at its end.
    pub sql: String,
    /// Whose rows it touches, as a type of the next schema.
    pub ty: Option<TypeId>,
    /// The changes that it is the first or a further part of, by position; none for views and the like.
    pub changes: Vec<usize>,
}

/// The statements that make tables which follow `old` follow `next`. Types of `changes` that `old` does not know count as
/// bare tables, so an empty `old` is right for what only adds.
///
/// # Errors
/// [`StoreErrorKind::Rejected`] for a required field without a value for the rows that exist.
pub fn script(
    dialect: Dialect,
    old: &Schema,
    next: &Schema,
    changes: &[Change],
) -> Result<Script, StoreError> {
    let context = Context { dialect, old, next, changes };
    let mut script = Script::default();
    let views = touches_views(changes);
    if views {
        let names: Vec<&str> = view::names(old);
        let more: Vec<&str> = view::names(next).into_iter().filter(|n| !names.contains(n)).collect();
        for name in names.into_iter().chain(more) {
            script.push(None, &[], view::remove(dialect, name));
        }
    }
    match dialect {
        Dialect::Sqlite => rebuild::write(&context, &mut script)?,
        Dialect::Postgres | Dialect::Mysql => alter::write(&context, &mut script)?,
    }
    if views {
        for (id, ty) in next.types() {
            if let Some(sql) = view::create(dialect, ty) {
                script.push(Some(id), &[], sql);
            }
        }
    }
    Ok(script)
}

/// Views hold no rows; they are made again with every change of columns, so that none speaks of an older schema.
fn touches_views(changes: &[Change]) -> bool {
    changes.iter().any(|c| {
        !matches!(
            c,
            Change::AddIndex(..)
                | Change::DropIndex(..)
                | Change::RenameIndex(..)
                | Change::AddUnique(..)
                | Change::RebuildSearch(_)
                | Change::Narrow(..)
                | Change::AddCheck(..)
        )
    })
}

impl Script {
    pub(crate) fn push(&mut self, ty: Option<TypeId>, changes: &[usize], sql: String) {
        self.statements.push(Statement { sql, ty, changes: changes.to_vec() });
    }

    pub(crate) fn all(&mut self, ty: TypeId, change: usize, statements: Vec<String>) {
        statements.into_iter().for_each(|sql| self.push(Some(ty), &[change], sql));
    }

    /// Whether a statement is there already.
    pub(crate) fn has(&self, sql: &str) -> bool {
        self.statements.iter().any(|s| s.sql == sql)
    }

    /// The script as a file: each statement with its semicolon, a remark before each change, `titles` being the changes in
    /// plain words.
    pub fn text(&self, titles: &[&str]) -> String {
        let mut out = String::new();
        let mut told: Vec<usize> = Vec::new();
        for statement in &self.statements {
            for at in &statement.changes {
                if !told.contains(at) {
                    told.push(*at);
                    let title = titles.get(*at).copied().unwrap_or_default();
                    title.lines().for_each(|line| out.push_str(&format!("-- {line}\n")));
                }
            }
            out.push_str(&statement.sql);
            out.push_str(";\n");
        }
        out
    }
}

/// A new field with the value that rows get which exist.
pub(crate) fn add_field(
    schema: &Schema,
    dialect: Dialect,
    id: TypeId,
    field: FieldId,
) -> Result<Vec<String>, StoreError> {
    let ty = schema.ty(id);
    let field = ty.field(field);
    if !column::stored(field) || !ty.writable() {
        return Ok(Vec::new());
    }
    let fill = fill(dialect, schema, ty, field)?;
    if fill.is_none() && !field.nullable {
        return Err(unfilled(&ty.collection, &field.name));
    }
    let (table, column) = (dialect.quote(&ty.collection), table::definition(schema, dialect, ty, field));
    Ok(match fill {
        None => vec![format!("ALTER TABLE {table} ADD COLUMN {column}")],
        // SQLite takes constants only; the rows that exist get the time afterwards.
        Some(Fill::Clock(clock)) if dialect == Dialect::Sqlite => {
            let name = dialect.quote(&field.column);
            let first = if field.nullable { "" } else { " DEFAULT 0" };
            vec![
                format!("ALTER TABLE {table} ADD COLUMN {column}{first}"),
                format!("UPDATE {table} SET {name} = {clock}"),
            ]
        }
        Some(fill) => vec![format!("ALTER TABLE {table} ADD COLUMN {column} DEFAULT {}", fill.text())],
    })
}

pub(crate) fn unfilled(collection: &str, field: &str) -> StoreError {
    let text = format!("{collection}.{field} is required and has no default for the rows that exist");
    StoreError::new(StoreErrorKind::Rejected(Code::NotNull, text.clone()), text)
}

/// A new foreign key field; rows that exist get null. Without `checked` its constraint comes later.
pub(crate) fn add_relation(
    schema: &Schema,
    dialect: Dialect,
    id: TypeId,
    relation: RelationId,
    checked: bool,
) -> Result<Vec<String>, StoreError> {
    let ty = schema.ty(id);
    let relation = ty.relation(relation);
    if relation.kind != RelationKind::ToOne {
        return Ok(Vec::new());
    }
    let table = dialect.quote(&ty.collection);
    let columns: Vec<String> = foreign::near(relation)
        .into_iter()
        .map(|near| table::definition(schema, dialect, ty, ty.field(near)))
        .collect();
    if dialect == Dialect::Sqlite {
        let [column] = columns.as_slice() else { return Err(several(relation)) };
        let name = dialect.quote(&relation.constraint);
        let references = foreign::references(schema, dialect, relation);
        return Ok(vec![format!("ALTER TABLE {table} ADD COLUMN {column} CONSTRAINT {name} {references}")]);
    }
    let mut parts: Vec<String> = columns.iter().map(|c| format!("ADD COLUMN {c}")).collect();
    if dialect == Dialect::Mysql {
        let own = foreign::own_indexes(ty).into_iter().filter(|(_, near)| *near == foreign::near(relation));
        parts.extend(own.map(|(name, near)| {
            format!("ADD KEY {} ({})", dialect.quote(&name), table::columns(dialect, ty, &near))
        }));
    }
    if checked {
        parts.push(format!("ADD {}", foreign::constraint(schema, dialect, ty, relation)));
    }
    Ok(vec![format!("ALTER TABLE {table} {}", parts.join(", "))])
}

fn several(relation: &Relation) -> StoreError {
    let text =
        format!("adding {}: a foreign key of several fields to a table that exists", relation.constraint);
    StoreError::new(StoreErrorKind::Unsupported("adding a foreign key of several fields"), text)
}
