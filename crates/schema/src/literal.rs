//! Text read as a value, as PostgreSQL reads an unquoted literal into a column of the type.
//!
//! Filters, CSV cells, GraphQL and SOAP texts all come through [`parse`]. Start there; JSON text is checked in
//! [`json`], array literals are split in [`array`], and the forms of single kinds that are longer than a line are in
//! `forms`.

pub mod array;
mod forms;
pub mod json;
pub mod json_order;

pub use array::array_elements;

use crate::datetime::{self, DateTimeError};
use crate::decimal::{Decimal, DecimalError};
use crate::model::Schema;
use crate::scalar::{Kind, Scalar};
use crate::value::Value;

/// How many characters of a caller's text a message repeats.
const QUOTED_MAX: usize = 100;

/// A text that is no value of the wanted type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LiteralError {
    /// What sort of fault it is.
    pub kind: LiteralErrorKind,
    /// What to tell the caller, in PostgreSQL's words where it has some.
    pub message: String,
}

/// The sorts of fault of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LiteralErrorKind {
    /// Not written as a value of the type.
    Syntax,
    /// A number that the type cannot hold.
    OutOfRange,
    /// Not written as a date or time.
    DateSyntax,
    /// A date or time that is not.
    DateRange,
    /// Text that no store can hold.
    Text,
}

impl LiteralErrorKind {
    /// The five characters that clients know the fault by.
    pub const fn sqlstate(self) -> &'static str {
        match self {
            LiteralErrorKind::Syntax => "22P02",
            LiteralErrorKind::OutOfRange => "22003",
            LiteralErrorKind::DateSyntax => "22007",
            LiteralErrorKind::DateRange => "22008",
            LiteralErrorKind::Text => "22021",
        }
    }
}

impl LiteralError {
    /// An error of a kind with its message.
    pub fn new(kind: LiteralErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// `invalid input syntax for type <type>: "<text>"`.
    pub fn syntax(type_name: &str, text: &str) -> Self {
        Self::new(
            LiteralErrorKind::Syntax,
            format!("invalid input syntax for type {type_name}: \"{}\"", cut(text)),
        )
    }

    /// `value "<text>" is out of range for type <type>`.
    pub fn out_of_range(type_name: &str, text: &str) -> Self {
        let message = format!("value \"{}\" is out of range for type {type_name}", cut(text));
        Self::new(LiteralErrorKind::OutOfRange, message)
    }

    fn date(error: DateTimeError, type_name: &str, text: &str) -> Self {
        match error {
            DateTimeError::Syntax => {
                Self { kind: LiteralErrorKind::DateSyntax, ..Self::syntax(type_name, text) }
            }
            DateTimeError::Range => {
                let message = format!("date/time field value out of range: \"{}\"", cut(text));
                Self::new(LiteralErrorKind::DateRange, message)
            }
        }
    }
}

/// Reads `text` as a value of `scalar`; a list as a PostgreSQL array literal or a JSON array. Never answers
/// [`Value::Null`], except inside a list. A decimal comes back with exactly the field's scale.
pub fn parse(schema: &Schema, scalar: Scalar, text: &str) -> Result<Value, LiteralError> {
    if scalar.list { array::parse_list(schema, scalar, text) } else { parse_one(schema, scalar.kind, text) }
}

fn parse_one(schema: &Schema, kind: Kind, text: &str) -> Result<Value, LiteralError> {
    match kind {
        Kind::Id | Kind::Uuid => forms::uuid(text).map(Value::Uuid),
        Kind::Int => parse_int("integer", text, i64::from(i32::MIN), i64::from(i32::MAX)),
        Kind::BigInt => parse_int("bigint", text, i64::MIN, i64::MAX),
        Kind::Float => parse_float(text),
        Kind::Decimal { precision, scale, bare: _ } => {
            parse_decimal(text, precision, scale).map(Value::Decimal)
        }
        Kind::Boolean => parse_bool(text),
        Kind::Date => {
            datetime::parse_date(trim(text)).map(Value::Date).map_err(|e| LiteralError::date(e, "date", text))
        }
        Kind::Time => {
            datetime::parse_time(trim(text)).map(Value::Time).map_err(|e| LiteralError::date(e, "time", text))
        }
        Kind::DateTime => datetime::parse_datetime(trim(text))
            .map(Value::DateTime)
            .map_err(|e| LiteralError::date(e, "timestamp with time zone", text)),
        Kind::Json => json::compact(text).map(Value::Json),
        Kind::Bytes => forms::bytes(text).map(|b| Value::Bytes(b.into())),
        Kind::String | Kind::Html => plain(text),
        Kind::Email if !forms::is_email(text) => Err(LiteralError::syntax("email", text)),
        Kind::Url if !forms::is_url(text) => Err(LiteralError::syntax("url", text)),
        Kind::Email | Kind::Url => plain(text),
        Kind::Enum(id) => {
            let of = schema.enum_type(id);
            if of.values.iter().any(|(name, _)| name == text) {
                return Ok(Value::text(text));
            }
            let message = format!("invalid input value for enum {}: \"{}\"", of.name, cut(text));
            Err(LiteralError::new(LiteralErrorKind::Syntax, message))
        }
    }
}

/// Any text that a store can hold.
fn plain(text: &str) -> Result<Value, LiteralError> {
    if text.as_bytes().contains(&0) {
        let message = "invalid byte sequence for encoding \"UTF8\": 0x00";
        return Err(LiteralError::new(LiteralErrorKind::Text, message));
    }
    Ok(Value::text(text))
}

fn parse_int(name: &str, text: &str, min: i64, max: i64) -> Result<Value, LiteralError> {
    let digits = trim(text);
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
        return Err(LiteralError::syntax(name, text));
    }
    // Only digits are left, so that the one way to fail is to be too large.
    match digits.parse::<i64>() {
        Ok(int) if (min..=max).contains(&int) => Ok(Value::Int(int)),
        _ => Err(LiteralError::out_of_range(name, text)),
    }
}

fn parse_float(text: &str) -> Result<Value, LiteralError> {
    let name = "double precision";
    let trimmed = trim(text);
    let float = trimmed.parse::<f64>().map_err(|_| LiteralError::syntax(name, text))?;
    if not_a_number_word(trimmed) {
        return Err(finite_only(name, text));
    }
    let digits = trimmed.split(['e', 'E']).next().unwrap_or(trimmed);
    let vanished = float == 0.0 && digits.bytes().any(|b| matches!(b, b'1'..=b'9'));
    if float.is_infinite() || vanished {
        let message = format!("\"{}\" is out of range for type {name}", cut(text));
        return Err(LiteralError::new(LiteralErrorKind::OutOfRange, message));
    }
    Ok(Value::Float(float))
}

fn parse_decimal(text: &str, precision: u8, scale: u8) -> Result<Decimal, LiteralError> {
    let trimmed = trim(text);
    if not_a_number_word(trimmed) {
        return Err(finite_only("numeric", text));
    }
    let overflow = || LiteralError::new(LiteralErrorKind::OutOfRange, "numeric field overflow");
    match Decimal::parse_at(trimmed, scale) {
        Ok(decimal) if decimal.fits(precision, scale) => Ok(decimal),
        Ok(_) | Err(DecimalError::OutOfRange) => Err(overflow()),
        Err(DecimalError::Syntax) => Err(LiteralError::syntax("numeric", text)),
    }
}

/// Whether the text names one of the numbers that JSON cannot say.
fn not_a_number_word(text: &str) -> bool {
    let word = text.strip_prefix(['+', '-']).unwrap_or(text);
    ["nan", "inf", "infinity"].iter().any(|w| word.eq_ignore_ascii_case(w))
}

fn finite_only(name: &str, text: &str) -> LiteralError {
    let message =
        format!("value \"{}\" is out of range for type {name}: it must be a finite number", cut(text));
    LiteralError::new(LiteralErrorKind::OutOfRange, message)
}

/// PostgreSQL's words for a truth value: any beginning of one that no word of the other sense shares.
fn parse_bool(text: &str) -> Result<Value, LiteralError> {
    let word = trim(text).to_ascii_lowercase();
    let begins = |whole: &str, least: usize| word.len() >= least && whole.starts_with(&word);
    if word == "1" || begins("true", 1) || begins("yes", 1) || word == "on" {
        Ok(Value::Bool(true))
    } else if word == "0" || begins("false", 1) || begins("no", 1) || begins("off", 2) {
        Ok(Value::Bool(false))
    } else {
        Err(LiteralError::syntax("boolean", text))
    }
}

/// The text without white space around it, as C's `isspace` knows it.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c'])
}

/// The beginning of a text that is short enough to repeat in a message.
pub(crate) fn cut(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(QUOTED_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests;
