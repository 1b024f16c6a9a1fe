//! Lists: PostgreSQL's array literal `{a,"b,c",NULL}` of one level, and JSON arrays.

use super::{LiteralError, LiteralErrorKind, cut, json, parse, trim};
use crate::model::Schema;
use crate::scalar::{Kind, Scalar};
use crate::value::Value;

/// Reads a list of `scalar`'s elements from an array literal or a JSON array.
pub(super) fn parse_list(schema: &Schema, scalar: Scalar, text: &str) -> Result<Value, LiteralError> {
    if trim(text).starts_with('[') {
        return parse_json_list(schema, scalar, text);
    }
    let read = |element: Option<String>| match element {
        Some(text) => parse(schema, scalar.element(), &text),
        None => Ok(Value::Null),
    };
    let values: Result<Vec<Value>, _> = array_elements(text)?.into_iter().map(read).collect();
    values.map(Value::List)
}

fn parse_json_list(schema: &Schema, scalar: Scalar, text: &str) -> Result<Value, LiteralError> {
    let compact = json::compact(text)?;
    let read = |element: &str| match element.as_bytes() {
        _ if scalar.kind == Kind::Json => Ok(Value::Json(element.into())),
        b"null" => Ok(Value::Null),
        [b'"', ..] => parse(schema, scalar.element(), &json::unescape(element)),
        [b'[' | b'{', ..] => {
            let message = format!("a list holds single values, not \"{}\"", cut(element));
            Err(LiteralError::new(LiteralErrorKind::Syntax, message))
        }
        _ => parse(schema, scalar.element(), element),
    };
    let values: Result<Vec<Value>, _> = json::elements(&compact).into_iter().map(read).collect();
    values.map(Value::List)
}

/// Splits a PostgreSQL array literal of one level: `{a,"b,c",NULL}`. An unquoted `NULL` in any case is `None`; a
/// backslash takes the next character as it is; white space around elements does not count.
pub fn array_elements(text: &str) -> Result<Vec<Option<String>>, LiteralError> {
    let inner = trim(text).strip_prefix('{').ok_or_else(|| malformed(text))?;
    let mut elements = Vec::new();
    let mut rest = inner.trim_ascii_start();
    if let Some(after) = rest.strip_prefix('}') {
        return if after.is_empty() { Ok(elements) } else { Err(malformed(text)) };
    }
    loop {
        let (element, after) = element(rest).ok_or_else(|| malformed(text))?;
        elements.push(element);
        let after = after.trim_ascii_start();
        if after == "}" {
            return Ok(elements);
        }
        rest = after.strip_prefix(',').ok_or_else(|| malformed(text))?.trim_ascii_start();
    }
}

/// One element and what follows it.
fn element(text: &str) -> Option<(Option<String>, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut out = String::new();
        let mut chars = quoted.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return Some((Some(out), &quoted[at + 1..])),
                '\\' => out.push(chars.next()?.1),
                c => out.push(c),
            }
        }
        return None;
    }
    bare_element(text)
}

/// An element without quotes: up to a comma or the closing brace.
fn bare_element(text: &str) -> Option<(Option<String>, &str)> {
    let mut out = String::new();
    // White space at the end does not count, unless a backslash came before it.
    let mut kept = 0;
    let mut escaped = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ',' | '}' => {
                out.truncate(kept);
                let null = !escaped && out.eq_ignore_ascii_case("null");
                return (kept > 0).then(|| (if null { None } else { Some(out) }, &text[at..]));
            }
            '"' | '{' => return None,
            '\\' => {
                out.push(chars.next()?.1);
                escaped = true;
                kept = out.len();
            }
            c => {
                out.push(c);
                if !c.is_ascii_whitespace() {
                    kept = out.len();
                }
            }
        }
    }
    None
}

fn malformed(text: &str) -> LiteralError {
    let message = format!("malformed array literal: \"{}\"", cut(text));
    LiteralError::new(LiteralErrorKind::Syntax, message)
}
