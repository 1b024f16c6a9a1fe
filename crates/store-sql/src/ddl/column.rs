//! The types of columns.

use bistro_schema::{Field, FieldId, FieldKind, Kind, RelationKind, Schema, Type};

use crate::dialect::Dialect;

/// The most characters that a text of an index or a key may have on MySQL: 3,072 bytes of four a character.
pub const INDEXED_MAX: u64 = 768;
/// The characters that an enum's column has room for on MySQL, so that a new value is no new type.
const ENUM_ROOM: u64 = 255;
/// The longest e-mail address.
const EMAIL_MAX: u64 = 254;

/// The type of a column, without null and default.
pub fn column_type(dialect: Dialect, schema: &Schema, ty: &Type, field: &Field) -> String {
    match dialect {
        Dialect::Sqlite => sqlite(field).to_owned(),
        Dialect::Postgres => postgres(field),
        Dialect::Mysql => mysql(schema, ty, field),
    }
}

fn sqlite(field: &Field) -> &'static str {
    if field.scalar.list {
        return "TEXT";
    }
    match field.scalar.kind {
        Kind::Int | Kind::BigInt | Kind::Boolean | Kind::Date | Kind::Time | Kind::DateTime => "INTEGER",
        Kind::Decimal { precision, .. } if precision <= 18 => "INTEGER",
        Kind::Float => "REAL",
        Kind::String | Kind::Email | Kind::Url | Kind::Html | Kind::Enum(_) | Kind::Json => "TEXT",
        Kind::Id | Kind::Uuid | Kind::Bytes | Kind::Decimal { .. } => "BLOB",
    }
}

fn postgres(field: &Field) -> String {
    let list = if field.scalar.list { "[]" } else { "" };
    let plain = match field.scalar.kind {
        Kind::Id | Kind::Uuid => "uuid",
        Kind::Int => "integer",
        Kind::BigInt => "bigint",
        Kind::Float => "double precision",
        Kind::Decimal { precision, scale, .. } => return format!("numeric({precision},{scale}){list}"),
        Kind::String | Kind::Email | Kind::Url | Kind::Html | Kind::Enum(_) => {
            return format!("text{list} COLLATE \"C\"");
        }
        Kind::Boolean => "boolean",
        Kind::Date => "date",
        Kind::Time => "time(6)",
        Kind::DateTime => "timestamptz",
        Kind::Json => "jsonb",
        Kind::Bytes => "bytea",
    };
    format!("{plain}{list}")
}

fn mysql(schema: &Schema, ty: &Type, field: &Field) -> String {
    if field.scalar.list {
        return "JSON".to_owned();
    }
    match field.scalar.kind {
        Kind::Id | Kind::Uuid => "BINARY(16)".to_owned(),
        Kind::Int => "INT".to_owned(),
        Kind::BigInt => "BIGINT".to_owned(),
        Kind::Float => "DOUBLE".to_owned(),
        Kind::Decimal { precision, scale, .. } => format!("DECIMAL({precision},{scale})"),
        Kind::String | Kind::Email | Kind::Url | Kind::Html | Kind::Enum(_) => {
            match longest(schema, ty, field) {
                Some(most) => format!("VARCHAR({most})"),
                None => "LONGTEXT".to_owned(),
            }
        }
        Kind::Boolean => "BOOLEAN".to_owned(),
        Kind::Date => "DATE".to_owned(),
        Kind::Time => "TIME(6)".to_owned(),
        Kind::DateTime => "DATETIME(6)".to_owned(),
        Kind::Json => "JSON".to_owned(),
        Kind::Bytes => "LONGBLOB".to_owned(),
    }
}

/// The most characters of a text that MySQL can index; a foreign key's are those of the key that it refers to.
pub(crate) fn longest(schema: &Schema, ty: &Type, field: &Field) -> Option<u64> {
    let id = ty.fields().find(|(_, f)| f.name == field.name).map(|(id, _)| id);
    if let Some((to, far)) = id.and_then(|id| referred(schema, ty, id))
        && far.scalar.kind.is_text()
    {
        return longest(schema, to, far);
    }
    match field.scalar.kind {
        Kind::Enum(of) => {
            let values = schema.enum_type(of).values.iter().map(|(v, _)| v.chars().count() as u64);
            Some(values.max().unwrap_or(0).max(ENUM_ROOM))
        }
        Kind::Email => Some(field.length.and_then(|(_, most)| most).unwrap_or(EMAIL_MAX).clamp(1, EMAIL_MAX)),
        _ => field.length.and_then(|(_, most)| most).map(|n| n.max(1)).filter(|n| *n <= INDEXED_MAX),
    }
}

/// The key field that a foreign key field refers to; none for one that refers to itself.
fn referred<'s>(schema: &'s Schema, ty: &Type, id: FieldId) -> Option<(&'s Type, &'s Field)> {
    let owned = ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne);
    let pairs = owned.flat_map(|r| r.pairs.iter().map(move |(near, far)| (r, *near, *far)));
    let (relation, _, far) = pairs
        .into_iter()
        .find(|(r, near, far)| *near == id && !(schema.ty(r.target).name == ty.name && far == near))?;
    let to = schema.ty(relation.target);
    Some((to, to.field(far)))
}

/// Whether the engine stores the field at all.
pub(crate) fn stored(field: &Field) -> bool {
    !matches!(field.kind, FieldKind::Computed(_))
}
