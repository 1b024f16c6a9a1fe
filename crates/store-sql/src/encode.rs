//! From a value to what a driver binds. The slot says how: the same value stands differently beside columns of
//! different forms, and an inexact one is rounded so that the comparison stays true.

use bistro_problem::Code;
use std::borrow::Cow;

use bistro_ir::SearchMode;
use bistro_schema::datetime::DAY;
use bistro_schema::text::{write_json, write_json_string, write_plain};
use bistro_schema::{Decimal, EnumId, Value};
use bistro_store::{StoreError, StoreErrorKind};

use crate::dialect::Dialect;
use crate::form::Form;
use crate::search;

/// How a value becomes what is bound.
#[derive(Clone, Debug, PartialEq)]
pub enum Encode {
    /// By its own variant; decimals trimmed, so that equal ones are equal bytes.
    Natural,
    /// As a value of this form.
    As(Form, Round),
    /// A list as a JSON array whose elements `json_each` gives back in this form (bytes as hexadecimal text, floats as
    /// the integer of their bits).
    Each(Form),
    /// The JSON text of the value.
    Json,
    /// A list as a JSON array of the JSON texts of its elements.
    JsonEach,
    /// A number of rows; null is no limit.
    Limit,
    /// A number of rows to skip; null is none.
    Offset,
    /// A full-text query in the engine's words, for one field of the index (by position among `of`) or all.
    Query {
        /// Whose words.
        dialect: Dialect,
        /// How the text is read.
        mode: SearchMode,
        /// The field.
        field: Option<usize>,
        /// How many fields the index has.
        of: usize,
    },
    /// The least text that the literal beginning of a `LIKE` pattern allows.
    LikeLow,
    /// Something greater than all texts that it allows.
    LikeHigh,
    /// A pattern of `LIKE`, for engines that do not say themselves when it ends within an escape.
    Pattern,
    /// A label of an enumeration, beside a column whose type the engine knows.
    Label(EnumId),
    /// A regular expression of the common subset in the engine's words.
    Regex {
        /// Whose words.
        dialect: Dialect,
        /// Whether case is folded, for engines whose pattern says so itself.
        fold: bool,
    },
}

/// How wide the slots of a statement are, for engines whose slots have types. A statement is lowered narrow, so that
/// indexes serve; for a run with a value that does not fit, it is lowered again with what [`crate::fit::Fit::Wide`] asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Width {
    /// Slots beside integers hold any number.
    pub numbers: bool,
    /// No bounds stand beside `LIKE`.
    pub patterns: bool,
}

impl Width {
    /// As a statement is lowered first.
    pub const NARROW: Width = Width { numbers: false, patterns: false };

    /// What either needs.
    #[must_use]
    pub const fn or(self, other: Width) -> Width {
        Width { numbers: self.numbers || other.numbers, patterns: self.patterns || other.patterns }
    }

    /// A number below four, for a table of what was lowered.
    pub const fn index(self) -> usize {
        self.numbers as usize + 2 * self.patterns as usize
    }
}

/// What happens to a number that the form cannot hold exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// It becomes something that equals no stored value.
    Exact,
    /// The next smaller one that the form holds: right for `<=` and `>`.
    Floor,
    /// The next greater one: right for `<` and `>=`.
    Ceil,
    /// Half away from zero, as a column stores it; what does not fit is refused.
    Store,
}

/// What a driver binds.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlValue<'a> {
    /// SQL's null.
    Null,
    /// An integer.
    Int(i64),
    /// A float.
    Real(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes.
    Blob(Cow<'a, [u8]>),
}

/// Equals no stored value, whatever the column.
const NEVER: SqlValue<'static> = SqlValue::Blob(Cow::Borrowed(&[]));

/// Encodes one value.
///
/// # Errors
/// [`StoreErrorKind::Rejected`] for numbers that do not fit their column and full-text queries that cannot be read.
#[inline]
pub fn encode<'a>(value: &'a Value, how: &Encode) -> Result<SqlValue<'a>, StoreError> {
    match how {
        Encode::As(form, round) => shaped(value, *form, *round),
        Encode::Natural => Ok(natural(value)),
        other => rare(value, other),
    }
}

fn rare<'a>(value: &'a Value, how: &Encode) -> Result<SqlValue<'a>, StoreError> {
    match how {
        Encode::Limit if value.is_null() => return Ok(SqlValue::Int(-1)),
        Encode::Offset if value.is_null() => return Ok(SqlValue::Int(0)),
        _ if value.is_null() => return Ok(SqlValue::Null),
        _ => {}
    }
    Ok(match (how, value) {
        (Encode::Each(form), Value::List(items)) => each(items, *form)?,
        (Encode::JsonEach, Value::List(items)) => owned(json_texts(items)),
        (Encode::Json, value) => owned(json(value)),
        (Encode::Query { dialect, mode, field, of }, value) => {
            SqlValue::Text(search::query(*dialect, &plain(value), *mode, *field, *of)?.into())
        }
        (Encode::LikeLow, Value::Text(pattern)) => SqlValue::Text(Cow::Owned(literal_prefix(pattern))),
        (Encode::LikeHigh, Value::Text(pattern)) => {
            // Bytes sort above every text.
            above(literal_prefix(pattern)).map_or(NEVER, |high| SqlValue::Text(Cow::Owned(high)))
        }
        (Encode::LikeLow, _) => SqlValue::Text(Cow::Borrowed("")),
        (Encode::LikeHigh, _) => NEVER,
        _ => natural(value),
    })
}

/// A value by its own variant.
fn natural(value: &Value) -> SqlValue<'_> {
    match value {
        Value::Null => SqlValue::Null,
        Value::Bool(b) => SqlValue::Int(i64::from(*b)),
        Value::Int(i) | Value::Time(i) | Value::DateTime(i) => SqlValue::Int(*i),
        Value::Float(f) => SqlValue::Real(*f),
        Value::Decimal(d) => loose(d.trimmed()),
        Value::Text(t) | Value::Json(t) => SqlValue::Text(Cow::Borrowed(t)),
        Value::Uuid(u) => SqlValue::Blob(Cow::Borrowed(u)),
        Value::Date(d) => SqlValue::Int(i64::from(*d)),
        Value::Bytes(b) => SqlValue::Blob(Cow::Borrowed(b)),
        Value::List(_) => owned(json(value)),
    }
}

/// A value as one of a form.
#[inline]
fn shaped(value: &Value, form: Form, round: Round) -> Result<SqlValue<'_>, StoreError> {
    Ok(match (form, value) {
        (Form::Int, Value::Int(i)) => SqlValue::Int(*i),
        (
            Form::Int | Form::Scaled(_) | Form::Sortable(_),
            Value::Int(_) | Value::Decimal(_) | Value::Float(_),
        ) => {
            return number(value, form, round);
        }
        (Form::Real, Value::Int(i)) => SqlValue::Real(*i as f64),
        (Form::Real, Value::Decimal(d)) => SqlValue::Real(d.to_string().parse().unwrap_or(f64::NAN)),
        (Form::Decimal, Value::Int(_) | Value::Float(_) | Value::Decimal(_)) => match exact(value) {
            Some(d) => loose(d),
            None => natural(value),
        },
        (Form::Uuid, Value::Text(t)) => match crate::decode::parse_uuid(t) {
            Some(uuid) => SqlValue::Blob(Cow::Owned(uuid.to_vec())),
            None => natural(value),
        },
        (Form::DateTime, Value::Date(d)) => SqlValue::Int(i64::from(*d) * DAY),
        (_, Value::Null | Value::Text(_)) if form != Form::Json => natural(value),
        (Form::Text, _) => SqlValue::Text(Cow::Owned(plain(value))),
        (Form::Json, Value::Null | Value::Json(_)) => natural(value),
        (Form::Json, _) => owned(json(value)),
        _ => natural(value),
    })
}

/// The exact number that a value is.
pub(crate) fn exact(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(i) => Some(Decimal::from_int(*i)),
        Value::Decimal(d) => Some(*d),
        Value::Float(_) => Decimal::parse(&plain(value)).ok(),
        _ => None,
    }
}

/// A number in the form of a column of whole numbers, scaled or not.
fn number(value: &Value, form: Form, round: Round) -> Result<SqlValue<'_>, StoreError> {
    let Some(exact) = exact(value) else {
        // Too large a float for a decimal: it compares as what it is, but it cannot be stored.
        return if round == Round::Store { Err(overflow(form)) } else { Ok(natural(value)) };
    };
    let scale = form.scale().unwrap_or(0);
    let fitted = match round {
        Round::Store => exact.rescale(scale).map(|d| d.mantissa),
        _ => directed(exact, scale, round),
    };
    let sortable = matches!(form, Form::Sortable(_));
    match fitted {
        Some(mantissa) if sortable => {
            Ok(SqlValue::Blob(Cow::Owned(Decimal { mantissa, scale }.to_sortable().to_vec())))
        }
        Some(mantissa) if i64::try_from(mantissa).is_ok() => Ok(SqlValue::Int(mantissa as i64)),
        _ if round == Round::Store => Err(overflow(form)),
        _ if round == Round::Exact => Ok(NEVER),
        _ => Ok(beyond(exact.mantissa < 0, sortable)),
    }
}

/// The mantissa at `scale`, rounded to one side; `None` if there is none.
pub(crate) fn directed(exact: Decimal, scale: u8, round: Round) -> Option<i128> {
    if exact.scale <= scale {
        return exact.mantissa.checked_mul(10_i128.pow(u32::from(scale - exact.scale)));
    }
    let unit = 10_i128.pow(u32::from((exact.scale - scale).min(38)));
    let (floor, rest) = (exact.mantissa.div_euclid(unit), exact.mantissa.rem_euclid(unit));
    match round {
        Round::Exact if rest != 0 => None,
        Round::Ceil if rest != 0 => Some(floor + 1),
        _ => Some(floor),
    }
}

/// Less or greater than every value of a column.
fn beyond(negative: bool, sortable: bool) -> SqlValue<'static> {
    match (negative, sortable) {
        (true, true) => NEVER,
        (false, true) => SqlValue::Blob(Cow::Borrowed(&[0xff; 17])),
        (true, false) => SqlValue::Real(f64::NEG_INFINITY),
        (false, false) => SqlValue::Real(f64::INFINITY),
    }
}

pub(crate) fn overflow(form: Form) -> StoreError {
    let text = if form == Form::Int { "integer out of range" } else { "numeric field overflow" };
    StoreError::new(StoreErrorKind::Rejected(Code::OutOfRange, text.into()), text)
}

/// The bytes of [`Form::Decimal`].
pub fn loose_bytes(decimal: Decimal) -> [u8; 17] {
    let mut bytes = [0; 17];
    bytes[0] = decimal.scale;
    bytes[1..].copy_from_slice(&decimal.to_sortable());
    bytes
}

fn loose(decimal: Decimal) -> SqlValue<'static> {
    SqlValue::Blob(Cow::Owned(loose_bytes(decimal).to_vec()))
}

fn owned(json: Vec<u8>) -> SqlValue<'static> {
    SqlValue::Text(Cow::Owned(String::from_utf8(json).expect("what is written as JSON is UTF-8")))
}

pub(crate) fn json(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write_json(value.borrow(), &mut out);
    out
}

pub(crate) fn plain(value: &Value) -> String {
    let mut out = Vec::new();
    write_plain(value.borrow(), &mut out);
    String::from_utf8(out).expect("what is written as text is UTF-8")
}

fn json_texts(items: &[Value]) -> Vec<u8> {
    array(items.iter(), |item, out| match item {
        Value::Null => out.extend_from_slice(b"null"),
        item => write_json_string(&String::from_utf8_lossy(&json(item)), out),
    })
}

fn each(items: &[Value], form: Form) -> Result<SqlValue<'static>, StoreError> {
    let encoded = items.iter().map(|v| shaped(v, form, Round::Exact)).collect::<Result<Vec<_>, _>>()?;
    Ok(owned(array(encoded.iter(), |item, out| match item {
        SqlValue::Null => out.extend_from_slice(b"null"),
        SqlValue::Int(i) => out.extend_from_slice(i.to_string().as_bytes()),
        SqlValue::Real(f) => out.extend_from_slice((f.to_bits() as i64).to_string().as_bytes()),
        SqlValue::Text(t) => write_json_string(t, out),
        SqlValue::Blob(b) => {
            out.push(b'"');
            bistro_schema::text::write_hex(b, out);
            out.push(b'"');
        }
    })))
}

fn array<T>(items: impl Iterator<Item = T>, mut write: impl FnMut(T, &mut Vec<u8>)) -> Vec<u8> {
    let mut out = vec![b'['];
    for (n, item) in items.enumerate() {
        if n > 0 {
            out.push(b',');
        }
        write(item, &mut out);
    }
    out.push(b']');
    out
}

/// What a text must begin with to match a pattern.
pub(crate) fn literal_prefix(pattern: &str) -> String {
    let mut prefix = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' | '_' => break,
            '\\' => match chars.next() {
                Some(escaped) => prefix.push(escaped),
                None => break,
            },
            c => prefix.push(c),
        }
    }
    prefix
}

/// The least text above all that begin with `prefix`; `None` if there is none.
pub(crate) fn above(mut prefix: String) -> Option<String> {
    while let Some(last) = prefix.pop() {
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            prefix.push(next);
            return Some(prefix);
        }
    }
    None
}

#[cfg(test)]
mod tests;
