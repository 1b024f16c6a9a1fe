//! Example values: each is valid for its field, so that a pasted example works as far as one row can tell.

use bistro_schema::{Default, Field, Kind, Schema, Value as Cell};
use serde_json::{Value, json};

/// A value for the field, where one can be made that surely keeps the field's conditions.
pub(super) fn example(schema: &Schema, field: &Field) -> Option<Value> {
    if let Some(Default::Value(value)) = &field.default {
        return Some(plain(value));
    }
    if field.pattern.is_some() {
        return None;
    }
    let one = one(schema, field)?;
    Some(if field.scalar.list { json!([one]) } else { one })
}

fn one(schema: &Schema, field: &Field) -> Option<Value> {
    Some(match field.scalar.kind {
        Kind::Id | Kind::Uuid => json!("0198c0de-5a1e-7b4d-9f00-6d3a1c2b4e5f"),
        Kind::Int | Kind::BigInt => least(field).unwrap_or(json!(42)),
        Kind::Float => least(field).unwrap_or(json!(2.5)),
        Kind::Decimal { precision, scale, .. } => match least(field) {
            Some(least) => least,
            None if precision > scale => json!(9),
            None => json!(0),
        },
        Kind::String | Kind::Html => return text(field),
        Kind::Boolean => json!(true),
        Kind::Date => least(field).unwrap_or(json!("2026-11-22")),
        Kind::Time => least(field).unwrap_or(json!("18:30:00")),
        Kind::DateTime => least(field).unwrap_or(json!("2026-11-22T18:30:00+00:00")),
        Kind::Json => json!({ "any": ["JSON", 1, true] }),
        Kind::Bytes => json!("\\x48656c6c6f"),
        Kind::Email => json!("amara@example.org"),
        Kind::Url => json!("https://example.org/"),
        Kind::Enum(id) => json!(schema.enum_type(id).values.first()?.0),
    })
}

/// The least (or else the greatest) value of the field's range.
fn least(field: &Field) -> Option<Value> {
    let (min, max) = field.range.as_ref()?;
    min.as_ref().or(max.as_ref()).map(plain)
}

/// A text of a length that the field takes.
fn text(field: &Field) -> Option<Value> {
    let (min, max) = field.length.unwrap_or((None, None));
    let words = format!("An example of {}", field.name.replace('_', " "));
    let most = max.map_or(words.chars().count(), |max| usize::try_from(max).unwrap_or(usize::MAX));
    let mut text: String = words.chars().take(most).collect();
    let least = usize::try_from(min.unwrap_or(0)).unwrap_or(usize::MAX);
    if least > 1000 {
        return None;
    }
    while text.chars().count() < least {
        text.push('.');
    }
    Some(json!(text))
}

/// A value as JSON.
pub(super) fn plain(value: &Cell) -> Value {
    let mut out = Vec::new();
    bistro_schema::text::write_json(value.borrow(), &mut out);
    serde_json::from_slice(&out).unwrap_or(Value::Null)
}
