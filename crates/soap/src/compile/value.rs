//! Text of elements as values: in the forms of XML Schema, and where those are narrower than the file's, in the file's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_engine::{bad_pattern, misread};
use bistro_problem::Problem;
use bistro_schema::{Decimal, Kind, LiteralError, Scalar, Schema, Value, literal, pattern};

use super::members::unknown;
use super::place::inside_nth;
use crate::envelope::{Element, misplaced};

/// How many characters of a zone there are at most: `+14:00`.
const ZONE: usize = 6;

/// A value such as a field could hold. Null is not looked for: whether it is one depends on the place.
pub(crate) fn plain(schema: &Schema, scalar: Scalar, element: &Element<'_>) -> Result<Value, Problem> {
    if !scalar.list {
        return one(schema, scalar.kind, element.value()?);
    }
    let items = element.members()?.iter().enumerate().map(|(n, item)| {
        if &*item.name != "item" {
            return Err(unknown(&item.name, &element.name, &["item"]));
        }
        if item.is_nil().map_err(|problem| inside_nth(problem, "item", n))? {
            return Ok(Value::Null);
        }
        let value = item.value().and_then(|text| one(schema, scalar.kind, text));
        value.map_err(|problem| inside_nth(problem, "item", n))
    });
    items.collect::<Result<_, _>>().map(Value::List)
}

/// A value to compare with: only what is stored is rounded to the field's digits, so 10.001 equals no price.
pub(crate) fn compared(schema: &Schema, scalar: Scalar, element: &Element<'_>) -> Result<Value, Problem> {
    if let (false, Kind::Decimal { .. }) = (scalar.list, scalar.kind)
        && let Ok(exact) = Decimal::parse(element.value()?.trim_ascii())
    {
        return Ok(Value::Decimal(exact));
    }
    plain(schema, scalar, element)
}

/// A pattern of `%` and `_`.
pub(crate) fn like(text: &str, most: usize) -> Result<Value, Problem> {
    pattern::check_like(text, most).map_err(|e| bad_pattern(&e))?;
    Ok(Value::text(text))
}

/// The pattern of texts that begin with this.
pub(crate) fn prefix(text: &str, most: usize) -> Result<Value, Problem> {
    like(&pattern::prefix(text), most)
}

/// A regular expression of the common subset.
pub(crate) fn regex(text: &str, most: usize) -> Result<Value, Problem> {
    pattern::check_regex(text, most).map_err(|e| bad_pattern(&e))?;
    Ok(Value::text(text))
}

/// A truth value.
pub(crate) fn boolean(element: &Element<'_>) -> Result<bool, Problem> {
    let text = element.value()?;
    match text.trim_ascii() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(misread(&LiteralError::syntax("boolean", text))),
    }
}

/// A number of rows.
pub(crate) fn count(element: &Element<'_>) -> Result<u64, Problem> {
    let text = element.value()?;
    text.trim_ascii()
        .parse()
        .map_err(|_| misplaced(format!("{} is a whole number of at least 0", element.name)))
}

fn one(schema: &Schema, kind: Kind, text: &str) -> Result<Value, Problem> {
    let trimmed = text.trim_ascii();
    let parse = |text: &str| literal::parse(schema, Scalar::one(kind), text).map_err(|e| misread(&e));
    match kind {
        Kind::String | Kind::Html | Kind::Email | Kind::Url => parse(text),
        Kind::Boolean => match trimmed {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => Err(misread(&LiteralError::syntax("boolean", text))),
        },
        Kind::Bytes => bytes(text),
        // XML Schema lets days and times of day have a zone, and some clients always write their own. What counts is the day
        // or the time as written.
        Kind::Date | Kind::Time => parse(without_zone(trimmed, kind)),
        _ => parse(trimmed),
    }
}

/// Bytes in base64, in which XML Schema lets white space stand.
fn bytes(text: &str) -> Result<Value, Problem> {
    let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(packed).map_err(|_| misread(&LiteralError::syntax("base64Binary", text)))?;
    Ok(Value::Bytes(bytes.into()))
}

fn without_zone(text: &str, kind: Kind) -> &str {
    let least = if kind == Kind::Date { "0000-00-00".len() } else { "00:00:00".len() };
    if let Some(rest) = text.strip_suffix('Z').filter(|rest| rest.len() >= least) {
        return rest;
    }
    match text.len().checked_sub(ZONE).filter(|at| *at >= least && text.is_char_boundary(*at)) {
        Some(at) => match &text.as_bytes()[at..] {
            [b'+' | b'-', h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) => {
                &text[..at]
            }
            _ => text,
        },
        None => text,
    }
}
