//! Table definitions, as lists of statements to run in order inside one transaction.
//!
//! A table whose key is not one counted integer starts with `bistro_rowid`, which the full-text index points at. Enums,
//! lengths, ranges and patterns are no constraints here: they are checked before a store is asked.

use bistro_problem::Code;
use bistro_schema::{
    Default, Field, FieldId, FieldKind, OnDelete, Relation, RelationId, RelationKind, Schema, Type, TypeId,
    TypeKind, Value,
};
use bistro_store::{StoreError, StoreErrorKind};

use crate::dialect::Dialect;
use crate::encode::{Encode, Round, SqlValue, encode};
use crate::form::Form;
use crate::search::{EVERY, EVERY_WORD};

/// The column that numbers rows.
pub const ROW: &str = "bistro_rowid";

/// The table of the full-text index of a type.
pub fn search_table(ty: &Type) -> String {
    format!("bistro_fts_{}", ty.collection)
}

/// The column of a type that is the row's number.
pub fn row_column(ty: &Type) -> String {
    counter(ty).map_or_else(|| ROW.to_owned(), |f| f.column.clone())
}

/// The field that alone is the key and is counted.
fn counter(ty: &Type) -> Option<&Field> {
    match ty.key.as_slice() {
        [one] if ty.field(*one).kind == FieldKind::Counter => Some(ty.field(*one)),
        _ => None,
    }
}

/// The name of the key's constraint.
pub fn key_name(ty: &Type) -> String {
    bistro_schema::names::constraint(&[&ty.collection, "pkey"])
}

/// Tables of Bistro's own.
pub const SYSTEM: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS bistro_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS bistro_records (space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, \
     expires INTEGER NOT NULL, PRIMARY KEY (space, key)) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS bistro_records_expires ON bistro_records (expires)",
];

/// A new type: its table with everything on it; nothing for a view, see [`create_view`].
pub fn create_type(schema: &Schema, dialect: Dialect, id: TypeId) -> Vec<String> {
    let ty = schema.ty(id);
    if !ty.writable() {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let counted = counter(ty);
    if counted.is_none() {
        parts.push(format!("{ROW} INTEGER PRIMARY KEY"));
    }
    for (field_id, field) in ty.fields().filter(|(_, f)| !matches!(f.kind, FieldKind::Computed(_))) {
        let column = definition(dialect, field, ty.key.contains(&field_id));
        let key =
            if counted.is_some_and(|c| c.name == field.name) { " PRIMARY KEY AUTOINCREMENT" } else { "" };
        parts.push(format!("{column}{key}"));
    }
    if counted.is_none() && !ty.key.is_empty() {
        parts.push(format!(
            "CONSTRAINT {} UNIQUE ({})",
            dialect.quote(&key_name(ty)),
            columns(dialect, ty, &ty.key)
        ));
    }
    for relation in ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne) {
        parts.push(foreign_key(schema, dialect, ty, relation));
    }
    let mut out =
        vec![format!("CREATE TABLE {} ({}) STRICT", dialect.quote(&ty.collection), parts.join(", "))];
    out.extend((0..ty.uniques.len()).map(|n| add_unique(schema, dialect, id, n)));
    out.extend((0..ty.indexes.len()).map(|n| add_index(schema, dialect, id, n)));
    out.extend(foreign_indexes(dialect, ty));
    out.extend(create_search(dialect, ty));
    out
}

fn definition(dialect: Dialect, field: &Field, key: bool) -> String {
    let null = if field.nullable && !key { "" } else { " NOT NULL" };
    format!("{} {}{null}", dialect.quote(&field.column), dialect.column_type(Form::of(field.scalar)))
}

fn columns(dialect: Dialect, ty: &Type, fields: &[FieldId]) -> String {
    fields.iter().map(|f| dialect.quote(&ty.field(*f).column)).collect::<Vec<_>>().join(", ")
}

fn foreign_key(schema: &Schema, dialect: Dialect, ty: &Type, relation: &Relation) -> String {
    let near: Vec<FieldId> = relation.pairs.iter().map(|(n, _)| *n).collect();
    format!(
        "CONSTRAINT {} FOREIGN KEY ({}) {}",
        dialect.quote(&relation.constraint),
        columns(dialect, ty, &near),
        references(schema, dialect, relation)
    )
}

fn references(schema: &Schema, dialect: Dialect, relation: &Relation) -> String {
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

/// Indexes of foreign keys that no key, unique or index already begins with. Safe to run again.
pub fn foreign_indexes(dialect: Dialect, ty: &Type) -> Vec<String> {
    let mut out = Vec::new();
    if !ty.writable() {
        return out;
    }
    for relation in ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne) {
        let near: Vec<FieldId> = relation.pairs.iter().map(|(n, _)| *n).collect();
        let served = ty.key.starts_with(&near)
            || ty.uniques.iter().any(|u| u.fields.starts_with(&near))
            || ty.indexes.iter().any(|i| i.fields.starts_with(&near));
        if served || near.is_empty() {
            continue;
        }
        let name = dialect.quote(&format!("bistro_fk_{}", relation.constraint));
        let table = dialect.quote(&ty.collection);
        out.push(format!("CREATE INDEX IF NOT EXISTS {name} ON {table} ({})", columns(dialect, ty, &near)));
    }
    out
}

/// A unique set, by position.
pub fn add_unique(schema: &Schema, dialect: Dialect, id: TypeId, at: usize) -> String {
    let ty = schema.ty(id);
    let unique = &ty.uniques[at];
    let (name, table) = (dialect.quote(&unique.name), dialect.quote(&ty.collection));
    format!("CREATE UNIQUE INDEX {name} ON {table} ({})", columns(dialect, ty, &unique.fields))
}

/// An index, by position.
pub fn add_index(schema: &Schema, dialect: Dialect, id: TypeId, at: usize) -> String {
    let ty = schema.ty(id);
    let index = &ty.indexes[at];
    let (name, table) = (dialect.quote(&index.name), dialect.quote(&ty.collection));
    format!("CREATE INDEX {name} ON {table} ({})", columns(dialect, ty, &index.fields))
}

/// An index or unique set that is gone.
pub fn drop_index(dialect: Dialect, name: &str) -> String {
    format!("DROP INDEX IF EXISTS {}", dialect.quote(name))
}

/// A new field; `now` is the time of the change in microseconds.
///
/// # Errors
/// [`StoreErrorKind::Rejected`] for a required field without a value for the rows that exist.
pub fn add_field(
    schema: &Schema,
    dialect: Dialect,
    id: TypeId,
    field: FieldId,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    let ty = schema.ty(id);
    let field = ty.field(field);
    if matches!(field.kind, FieldKind::Computed(_)) || !ty.writable() {
        return Ok(Vec::new());
    }
    let fill = match &field.default {
        Some(Default::Value(value)) => Some(constant(value, Form::of(field.scalar))?),
        Some(Default::Expr(rule)) if rule.text.trim() == "now" => Some(instant(field, now)),
        _ if field.updated => Some(instant(field, now)),
        _ => None,
    };
    if fill.is_none() && !field.nullable {
        let text = format!(
            "{}.{} is required and has no default for the rows that exist",
            ty.collection, field.name
        );
        return Err(StoreError::new(StoreErrorKind::Rejected(Code::NotNull, text.clone()), text));
    }
    let default = fill.map_or_else(String::new, |f| format!(" DEFAULT {f}"));
    let column = definition(dialect, field, false);
    Ok(vec![format!("ALTER TABLE {} ADD COLUMN {column}{default}", dialect.quote(&ty.collection))])
}

/// The time of the change in the form of the field.
fn instant(field: &Field, now: i64) -> String {
    use bistro_schema::datetime::DAY;
    match Form::of(field.scalar) {
        Form::Date => now.div_euclid(DAY).to_string(),
        Form::Time => now.rem_euclid(DAY).to_string(),
        _ => now.to_string(),
    }
}

/// A constant as it stands in a definition.
fn constant(value: &Value, form: Form) -> Result<String, StoreError> {
    Ok(match encode(value, &Encode::As(form, Round::Store))? {
        SqlValue::Null => "NULL".into(),
        SqlValue::Int(i) => i.to_string(),
        SqlValue::Real(f) => format!("{f:e}"),
        SqlValue::Text(t) => Dialect::Sqlite.text(&t),
        SqlValue::Blob(b) => {
            let mut hex = Vec::new();
            bistro_schema::text::write_hex(&b, &mut hex);
            format!("x'{}'", String::from_utf8_lossy(&hex))
        }
    })
}

/// A new foreign key field; rows that exist get null.
///
/// # Errors
/// [`StoreErrorKind::Unsupported`] for a foreign key of several fields.
pub fn add_relation(
    schema: &Schema,
    dialect: Dialect,
    id: TypeId,
    relation: RelationId,
) -> Result<Vec<String>, StoreError> {
    let ty = schema.ty(id);
    let relation = ty.relation(relation);
    if relation.kind != RelationKind::ToOne {
        return Ok(Vec::new());
    }
    let [(near, _)] = relation.pairs.as_slice() else {
        let text =
            format!("adding {}: a foreign key of several fields to a table that exists", relation.constraint);
        return Err(StoreError::new(
            StoreErrorKind::Unsupported("adding a foreign key of several fields"),
            text,
        ));
    };
    let (table, column) = (dialect.quote(&ty.collection), definition(dialect, ty.field(*near), false));
    let name = dialect.quote(&relation.constraint);
    let add = format!(
        "ALTER TABLE {table} ADD COLUMN {column} CONSTRAINT {name} {}",
        references(schema, dialect, relation)
    );
    let mut out = vec![add];
    out.extend(foreign_indexes(dialect, ty));
    Ok(out)
}

/// The view of a type that is one.
pub fn create_view(dialect: Dialect, ty: &Type) -> Option<String> {
    match &ty.kind {
        TypeKind::View { sql, .. } => {
            let sql = sql.trim().trim_end_matches(';');
            Some(format!("CREATE VIEW {} AS {sql}", dialect.quote(&ty.collection)))
        }
        _ => None,
    }
}

/// The full-text index of a type, filled from its rows; nothing if no field asks for it.
pub fn create_search(dialect: Dialect, ty: &Type) -> Vec<String> {
    let fields = ty.search_fields();
    if fields.is_empty() || !ty.writable() {
        return Vec::new();
    }
    let (index, table) = (dialect.quote(&search_table(ty)), dialect.quote(&ty.collection));
    let row = dialect.quote(&row_column(ty));
    let names: Vec<String> = (0..fields.len()).map(|n| format!("c{n}")).collect();
    let from = |prefix: &str| {
        let parts = fields.iter().map(|f| format!("{prefix}{}", dialect.quote(&ty.field(*f).column)));
        parts.collect::<Vec<_>>().join(", ")
    };
    let into = format!("INSERT INTO {index} (rowid, {EVERY}, {})", names.join(", "));
    let add = format!("{into} VALUES (new.{row}, '{EVERY_WORD}', {})", from("new."));
    let remove = format!("DELETE FROM {index} WHERE rowid = old.{row}");
    let trigger = |what: &str| dialect.quote(&format!("{}_{what}", search_table(ty)));
    vec![
        format!(
            "CREATE VIRTUAL TABLE {index} USING fts5({EVERY}, {}, content='', contentless_delete=1, \
             tokenize='unicode61 remove_diacritics 0')",
            names.join(", ")
        ),
        format!("CREATE TRIGGER {} AFTER INSERT ON {table} BEGIN {add}; END", trigger("insert")),
        format!("CREATE TRIGGER {} AFTER DELETE ON {table} BEGIN {remove}; END", trigger("delete")),
        format!(
            "CREATE TRIGGER {} AFTER UPDATE OF {} ON {table} BEGIN {remove}; {add}; END",
            trigger("update"),
            from("")
        ),
        format!("{into} SELECT {row}, '{EVERY_WORD}', {} FROM {table}", from("")),
    ]
}

/// Makes the full-text index again.
pub fn rebuild_search(dialect: Dialect, ty: &Type) -> Vec<String> {
    let trigger = |what: &str| dialect.quote(&format!("{}_{what}", search_table(ty)));
    let mut out: Vec<String> = ["insert", "delete", "update"]
        .iter()
        .map(|w| format!("DROP TRIGGER IF EXISTS {}", trigger(w)))
        .collect();
    out.push(format!("DROP TABLE IF EXISTS {}", dialect.quote(&search_table(ty))));
    out.extend(create_search(dialect, ty));
    out
}
