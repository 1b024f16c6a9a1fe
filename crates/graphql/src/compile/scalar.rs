//! JSON values of variables and literals as values of slots.

use std::borrow::Cow;

use apollo_compiler::response::JsonValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_engine::{bad_pattern, misread};
use bistro_problem::{Code, Problem};
use bistro_schema::{Decimal, Kind, LiteralError, Scalar, Schema, Value, literal, pattern};

use super::{Rules, global_id};

/// A value such as a field could hold; null is one.
pub(super) fn plain(schema: &Schema, scalar: Scalar, json: &JsonValue) -> Result<Value, Problem> {
    if json.is_null() {
        return Ok(Value::Null);
    }
    if !scalar.list {
        return one(schema, scalar.kind, json);
    }
    let elements = elements(json).iter().map(|element| match element {
        JsonValue::Null => Ok(Value::Null),
        element => one(schema, scalar.kind, element),
    });
    elements.collect::<Result<_, _>>().map(Value::List)
}

/// A value to compare with: only what is stored is rounded to the field's digits, so 10.001 equals no price.
pub(super) fn compared(schema: &Schema, scalar: Scalar, json: &JsonValue) -> Result<Value, Problem> {
    if let (false, Kind::Decimal { .. }) = (scalar.list, scalar.kind)
        && let Some(text) = number_text(json)
        && let Ok(exact) = Decimal::parse(text.trim_ascii())
    {
        return Ok(Value::Decimal(exact));
    }
    plain(schema, scalar, json)
}

/// The values of `in`.
pub(super) fn among(
    rules: Rules<'_>,
    scalar: Scalar,
    json: &JsonValue,
    as_key: Option<(usize, u16)>,
) -> Result<Value, Problem> {
    let elements = elements(json);
    if elements.len() > rules.limits.in_list {
        let message = format!("A list has more than {} values", rules.limits.in_list);
        return Err(Problem::new(Code::TooComplex, message));
    }
    let values = elements.iter().map(|element| match element {
        JsonValue::Null => Err(Problem::new(
            Code::BadParameter,
            "null is equal to nothing, so it has no place in a list of in",
        )
        .hint("Use isNull beside in, joined by or.")),
        element => match as_key {
            Some(which) => key(rules.schema, scalar.element(), element, which),
            None => compared(rules.schema, scalar.element(), element),
        },
    });
    values.collect::<Result<_, _>>().map(Value::List)
}

/// A pattern of `%` and `_`.
pub(super) fn like(rules: Rules<'_>, json: &JsonValue) -> Result<Value, Problem> {
    let text = string(json, "text")?;
    pattern::check_like(text, rules.limits.pattern_bytes).map_err(|e| bad_pattern(&e))?;
    text_value(rules.schema, text)
}

/// The pattern of texts that begin like this.
pub(super) fn prefix(rules: Rules<'_>, json: &JsonValue) -> Result<Value, Problem> {
    let text = string(json, "text")?;
    let pattern = pattern::prefix(text);
    pattern::check_like(&pattern, rules.limits.pattern_bytes).map_err(|e| bad_pattern(&e))?;
    text_value(rules.schema, &pattern)
}

/// A regular expression of the common subset.
pub(super) fn regex(rules: Rules<'_>, json: &JsonValue) -> Result<Value, Problem> {
    let text = string(json, "text")?;
    pattern::check_regex(text, rules.limits.pattern_bytes).map_err(|e| bad_pattern(&e))?;
    text_value(rules.schema, text)
}

/// A number of rows of a page, and `plus` more.
pub(super) fn rows(json: &JsonValue, most: u64, plus: u64) -> Result<Value, Problem> {
    let rows = count(json, "A page")?;
    if rows > most {
        let message = format!("A page has at most {most} rows; {rows} were asked for");
        return Err(Problem::new(Code::TooComplex, message).hint("Ask for the rest with after: endCursor."));
    }
    Ok(Value::Int(i64::try_from(rows + plus).unwrap_or(i64::MAX)))
}

/// A number of rows to skip.
pub(super) fn skip(json: &JsonValue) -> Result<Value, Problem> {
    count(json, "offset").map(|rows| Value::Int(i64::try_from(rows).unwrap_or(i64::MAX)))
}

/// The n-th value of the key that a global id of the type holds, or the raw value itself.
pub(super) fn key(
    schema: &Schema,
    scalar: Scalar,
    json: &JsonValue,
    (at, ty): (usize, u16),
) -> Result<Value, Problem> {
    let ty = &schema.types[usize::from(ty)];
    let parts = json.as_str().and_then(|text| global_id::read(text, &ty.name));
    match parts.filter(|parts| parts.len() == ty.key.len()) {
        Some(parts) => literal::parse(schema, scalar, &parts[at]).map_err(|e| misread(&e)),
        None => compared(schema, scalar, json),
    }
}

fn count(json: &JsonValue, what: &str) -> Result<u64, Problem> {
    json.as_u64().ok_or_else(|| {
        let message = format!("{what} cannot have {} rows", shown(json));
        Problem::new(Code::BadParameter, message).hint("Send an integer of at least 0.")
    })
}

/// The elements of a list; a single value stands for a list of it.
fn elements(json: &JsonValue) -> &[JsonValue] {
    json.as_array().map_or(std::slice::from_ref(json), Vec::as_slice)
}

fn one(schema: &Schema, kind: Kind, json: &JsonValue) -> Result<Value, Problem> {
    let scalar = Scalar::one(kind);
    match kind {
        Kind::Boolean => json.as_bool().map(Value::Bool).ok_or_else(|| mismatch(schema, scalar, json)),
        Kind::Float => match json.as_f64().filter(|f| f.is_finite()) {
            Some(float) => Ok(Value::Float(float)),
            // A number of the document that JSON would not hold exactly comes as its text.
            None => parse(schema, scalar, string(json, "double precision")?),
        },
        Kind::Int | Kind::BigInt | Kind::Decimal { .. } => {
            let text = number_text(json).ok_or_else(|| match json {
                JsonValue::Number(_) => {
                    Problem::new(Code::InvalidText, format!("{json} may have lost digits on its way"))
                        .hint("Send a number of more than fifteen digits as a string.")
                }
                _ => mismatch(schema, scalar, json),
            })?;
            parse(schema, scalar, &text)
        }
        Kind::Id if json.is_i64() || json.is_u64() => parse(schema, scalar, &json.to_string()),
        Kind::Json => {
            let text = serde_json::to_string(json).map_err(|_| mismatch(schema, scalar, json))?;
            document(schema, &text)
        }
        Kind::Bytes => {
            let text = string(json, "Bytes")?;
            let bytes = STANDARD.decode(text).map_err(|_| mismatch(schema, scalar, json))?;
            Ok(Value::Bytes(bytes.into()))
        }
        _ => {
            let text = json.as_str().ok_or_else(|| mismatch(schema, scalar, json))?;
            parse(schema, scalar, text)
        }
    }
}

/// A JSON document from its text.
pub(super) fn document(schema: &Schema, text: &str) -> Result<Value, Problem> {
    parse(schema, Scalar::one(Kind::Json), text)
}

/// The digits of a number, which may come as a string.
fn number_text(json: &JsonValue) -> Option<Cow<'_, str>> {
    match json {
        // A number of JSON that is no integer has passed through a double, which holds fifteen digits for sure.
        JsonValue::Number(number) if number.is_f64() && digits(&number.to_string()) > 15 => None,
        JsonValue::Number(number) => Some(number.to_string().into()),
        JsonValue::String(text) => Some(text.as_str().into()),
        _ => None,
    }
}

/// The digits of a number that count, in whichever form it is written.
fn digits(number: &str) -> usize {
    let mantissa = number.split(['e', 'E']).next().unwrap_or(number);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').trim_end_matches('0').len()
}

fn parse(schema: &Schema, scalar: Scalar, text: &str) -> Result<Value, Problem> {
    literal::parse(schema, scalar, text).map_err(|e| misread(&e))
}

fn text_value(schema: &Schema, text: &str) -> Result<Value, Problem> {
    parse(schema, Scalar::one(Kind::String), text)
}

pub(super) fn string<'j>(json: &'j JsonValue, name: &str) -> Result<&'j str, Problem> {
    json.as_str().ok_or_else(|| misread(&LiteralError::syntax(name, &shown(json))))
}

fn mismatch(schema: &Schema, scalar: Scalar, json: &JsonValue) -> Problem {
    misread(&LiteralError::syntax(&bistro_ir::text::scalar(schema, scalar), &shown(json)))
}

/// The beginning of a JSON value, for messages.
fn shown(json: &JsonValue) -> String {
    match json {
        JsonValue::String(text) => text.as_str().to_owned(),
        JsonValue::Array(_) => "a list".into(),
        JsonValue::Object(_) => "an object".into(),
        other => other.to_string(),
    }
}
