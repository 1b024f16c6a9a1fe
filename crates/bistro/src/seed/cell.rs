//! Texts of cells become values of their fields.

use std::borrow::Cow;

use bistro_schema::literal::{self, json};
use bistro_schema::{Field, FieldKind, Kind, Schema, Value};

/// The value that a JSON text stands for; errors in words for the author of the file.
pub(super) fn from_json(schema: &Schema, field: &Field, raw: &str) -> Result<Value, String> {
    let scalar = field.scalar;
    let said = |e: bistro_schema::LiteralError| format!("{}: {}", field.name, e.message);
    match raw.as_bytes().first() {
        Some(b'n') => Ok(Value::Null),
        _ if scalar.kind == Kind::Json && !scalar.list => json::compact(raw).map(Value::Json).map_err(said),
        Some(b'[') if scalar.list => literal::parse(schema, scalar, raw).map_err(said),
        Some(b'"') => {
            let text: Cow<'_, str> = serde_json::from_str(raw).map_err(|e| format!("{}: {e}", field.name))?;
            literal::parse(schema, scalar, &text).map_err(said)
        }
        Some(b'[' | b'{') => {
            Err(format!("{}: a value of type {} is no list or object", field.name, type_name(schema, field)))
        }
        _ if scalar.list => Err(format!("{}: a list is written […]", field.name)),
        _ => literal::parse(schema, scalar, raw).map_err(said),
    }
}

/// The value of a CSV cell. An empty one is null where the field may be null, otherwise the default if there is one,
/// otherwise the empty text.
pub(super) fn from_csv(schema: &Schema, field: &Field, text: &str) -> Result<Option<Value>, String> {
    if text.is_empty() {
        let made = field.default.is_some()
            || field.updated
            || field.kind == FieldKind::Counter
            || field.scalar.kind == Kind::Id;
        return match () {
            () if field.nullable => Ok(Some(Value::Null)),
            () if made => Ok(None),
            () if field.scalar.kind.is_text() && !field.scalar.list => Ok(Some(Value::text(""))),
            () => Err(format!("{}: a value is required", field.name)),
        };
    }
    literal::parse(schema, field.scalar, text).map(Some).map_err(|e| format!("{}: {}", field.name, e.message))
}

fn type_name(schema: &Schema, field: &Field) -> String {
    match field.scalar.kind {
        Kind::Enum(of) => schema.enum_type(of).name.clone(),
        _ => field.scalar.postgres_name().to_owned(),
    }
}
