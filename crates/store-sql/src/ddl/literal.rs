//! Constants and the time, as they stand in definitions.

use bistro_schema::text::{write_hex, write_json, write_plain};
use bistro_schema::{Default, Field, Kind, Schema, Type, Value};
use bistro_store::StoreError;

use crate::ddl::column::column_type;
use crate::dialect::Dialect;
use crate::encode::{Encode, Round, SqlValue, encode};
use crate::form::Form;

/// What rows that exist get in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// A constant, as it stands in a definition.
    Constant(String),
    /// The time of the change, as an expression.
    Clock(String),
}

impl Fill {
    /// The expression.
    pub(crate) fn text(&self) -> &str {
        match self {
            Fill::Constant(text) | Fill::Clock(text) => text,
        }
    }
}

/// What rows that exist get in a field that has no value there: its literal default, or the time for `expr: "now"` and
/// `@updated`; `None` where only the engine could tell.
///
/// # Errors
/// A constant that does not fit the column.
pub(crate) fn fill(
    dialect: Dialect,
    schema: &Schema,
    ty: &Type,
    field: &Field,
) -> Result<Option<Fill>, StoreError> {
    Ok(match &field.default {
        Some(Default::Value(value)) => Some(Fill::Constant(constant(dialect, schema, ty, field, value)?)),
        Some(Default::Expr(rule)) if rule.text.trim() == "now" => Some(Fill::Clock(clock(dialect, field))),
        _ if field.updated => Some(Fill::Clock(clock(dialect, field))),
        _ => None,
    })
}

/// The engine's clock in the form of the field.
fn clock(dialect: Dialect, field: &Field) -> String {
    let micros = "CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER)";
    let text = match (dialect, field.scalar.kind) {
        (Dialect::Sqlite, Kind::Date) => "unixepoch('now') / 86400",
        (Dialect::Sqlite, Kind::Time) => "unixepoch('now') % 86400 * 1000000",
        (Dialect::Sqlite, _) => micros,
        (Dialect::Postgres, Kind::Date) => "(now() AT TIME ZONE 'UTC')::date",
        (Dialect::Postgres, Kind::Time) => "(now() AT TIME ZONE 'UTC')::time",
        (Dialect::Postgres, _) => "now()",
        (Dialect::Mysql, Kind::Date) => "(UTC_DATE())",
        (Dialect::Mysql, Kind::Time) => "(UTC_TIME(6))",
        (Dialect::Mysql, _) => "(UTC_TIMESTAMP(6))",
    };
    text.to_owned()
}

/// A constant as it stands in a definition.
///
/// # Errors
/// A number that does not fit the column.
pub(crate) fn constant(
    dialect: Dialect,
    schema: &Schema,
    ty: &Type,
    field: &Field,
    value: &Value,
) -> Result<String, StoreError> {
    match dialect {
        Dialect::Sqlite => sqlite(value, Form::of(field.scalar)),
        Dialect::Postgres => Ok(postgres(schema, ty, field, value)),
        Dialect::Mysql => Ok(mysql(field, value)),
    }
}

fn sqlite(value: &Value, form: Form) -> Result<String, StoreError> {
    Ok(match encode(value, &Encode::As(form, Round::Store))? {
        SqlValue::Null => "NULL".into(),
        SqlValue::Int(i) => i.to_string(),
        SqlValue::Real(f) => format!("{f:e}"),
        SqlValue::Text(t) => Dialect::Sqlite.text(&t),
        SqlValue::Blob(b) => format!("x'{}'", hex(&b)),
        #[allow(unreachable_patterns, reason = "kinds that only other engines bind")]
        _ => return Err(StoreError::bug("a value of another engine in a definition for SQLite")),
    })
}

fn postgres(schema: &Schema, ty: &Type, field: &Field, value: &Value) -> String {
    match value {
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(one).collect();
            let of = column_type(Dialect::Postgres, schema, ty, field);
            let of = of.split(" COLLATE").next().unwrap_or(&of);
            format!("ARRAY[{}]::{of}", items.join(", "))
        }
        value => one(value),
    }
}

fn one(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => plain(value),
        value => Dialect::Postgres.text(&plain(value)),
    }
}

fn mysql(field: &Field, value: &Value) -> String {
    let text = |text: &str| Dialect::Mysql.text(text);
    match value {
        Value::Null => "NULL".into(),
        Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => plain(value),
        Value::Float(f) => format!("{f:e}"),
        Value::Uuid(uuid) => format!("(x'{}')", hex(uuid)),
        Value::Bytes(bytes) => format!("(x'{}')", hex(bytes)),
        Value::DateTime(_) => {
            let written = plain(value).replace('T', " ");
            text(written.trim_end_matches("+00:00"))
        }
        Value::List(_) => format!("({})", text(&json(value))),
        // Columns of long texts take their default as an expression alone.
        Value::Text(_) if field.scalar.kind.is_text() => format!("({})", text(&plain(value))),
        Value::Json(_) => format!("({})", text(&plain(value))),
        value => text(&plain(value)),
    }
}

fn plain(value: &Value) -> String {
    let mut out = Vec::new();
    write_plain(value.borrow(), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn json(value: &Value) -> String {
    let mut out = Vec::new();
    write_json(value.borrow(), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    write_hex(bytes, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
