//! From the server's binary form of a column to a value, without a copy where the form allows it.
//!
//! What a column should be is its [`Form`]; what it is, its type on the server ([`Wire`]). Tables that Bistro did not
//! make have types of their own choice, so that any sensible pair is read.

use bistro_problem::Code;
use bistro_schema::{Decimal, Kind, Scalar, Value, ValueRef};
use bistro_store::{Sink, StoreError, StoreErrorKind};
use bistro_store_sql::{Form, parse_list};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Kind as Shape, Type};

mod list;
mod number;
mod text;

pub(crate) use number::numeric;

/// Days from 1970-01-01 to 2000-01-01, where the server's dates start.
pub(crate) const EPOCH_DAYS: i32 = 10_957;
/// The same in microseconds.
pub(crate) const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * 86_400_000_000;
/// The first and last day that Bistro prints. Others are refused, and so are the server's infinities: a client that wrote
/// back the nearest one would change the row.
const DAYS: (i32, i32) = (-719_162, 2_932_896);
/// The first and last moment.
const MOMENTS: (i64, i64) = (DAYS.0 as i64 * 86_400_000_000, (DAYS.1 as i64 + 1) * 86_400_000_000 - 1);

/// How a column comes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    /// Text and what looks like it: names, enums.
    Text,
    Char,
    Uuid,
    Bytes,
    Date,
    Time,
    TimeTz,
    /// With or without a zone: microseconds since 2000.
    Stamp,
    Json,
    Jsonb,
    Array,
    /// Anything else.
    Other,
}

impl Wire {
    /// The wire form of a type of the server.
    pub(crate) fn of(ty: &Type) -> Self {
        match ty.kind() {
            Shape::Array(_) => return Wire::Array,
            Shape::Enum(_) => return Wire::Text,
            Shape::Domain(inner) => return Wire::of(inner),
            _ => {}
        }
        Wire::by_oid(ty.oid()).unwrap_or(match ty.name() {
            "citext" => Wire::Text,
            _ => Wire::Other,
        })
    }

    /// The wire form of a type that every server has.
    fn by_oid(oid: u32) -> Option<Self> {
        Some(match oid {
            16 => Wire::Bool,
            17 => Wire::Bytes,
            18 => Wire::Char,
            20 => Wire::Int8,
            21 => Wire::Int2,
            23 => Wire::Int4,
            26 => Wire::Oid,
            19 | 25 | 705 | 1042 | 1043 | 142 => Wire::Text,
            114 => Wire::Json,
            700 => Wire::Float4,
            701 => Wire::Float8,
            1082 => Wire::Date,
            1083 => Wire::Time,
            1114 | 1184 => Wire::Stamp,
            1266 => Wire::TimeTz,
            1700 => Wire::Numeric,
            2950 => Wire::Uuid,
            3802 => Wire::Jsonb,
            _ => return None,
        })
    }
}

/// A column's bytes, of whatever type.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The bytes of a column; `None` for null.
#[inline]
pub(crate) fn raw(row: &Row, column: usize) -> Result<Option<&[u8]>, StoreError> {
    let raw: Option<Raw<'_>> =
        row.try_get(column).map_err(|e| StoreError::bug(format!("column {column} of a row: {e}")))?;
    Ok(raw.map(|r| r.0))
}

/// Pushes a column into a sink.
#[inline]
pub(crate) fn push(
    row: &Row,
    column: usize,
    form: Form,
    wire: Wire,
    index: usize,
    sink: &mut dyn Sink,
) -> Result<(), StoreError> {
    pushed(raw(row, column)?, form, wire, index, sink).map_err(|e| in_column(e, row, column))
}

#[inline]
fn pushed(
    bytes: Option<&[u8]>,
    form: Form,
    wire: Wire,
    index: usize,
    sink: &mut dyn Sink,
) -> Result<(), StoreError> {
    let Some(bytes) = bytes else {
        sink.value(index, ValueRef::Null);
        return Ok(());
    };
    if let Some(value) = direct(bytes, form, wire)? {
        sink.value(index, value);
        return Ok(());
    }
    sink.value(index, made(bytes, form, wire)?.borrow());
    Ok(())
}

/// A column as a value of its own.
pub(crate) fn value(bytes: Option<&[u8]>, form: Form, wire: Wire) -> Result<Value, StoreError> {
    let Some(bytes) = bytes else { return Ok(Value::Null) };
    match direct(bytes, form, wire)? {
        Some(value) => Ok(value.to_owned()),
        None => made(bytes, form, wire),
    }
}

/// A column as what its type says.
pub(crate) fn natural(bytes: &[u8], wire: Wire) -> Result<Value, StoreError> {
    let form = match wire {
        Wire::Bool => Form::Bool,
        Wire::Int2 | Wire::Int4 | Wire::Int8 | Wire::Oid => Form::Int,
        Wire::Float4 | Wire::Float8 => Form::Real,
        Wire::Numeric => Form::Decimal,
        Wire::Uuid => Form::Uuid,
        Wire::Bytes => Form::Bytes,
        Wire::Date => Form::Date,
        Wire::Time | Wire::TimeTz => Form::Time,
        Wire::Stamp => Form::DateTime,
        Wire::Json | Wire::Jsonb => Form::Json,
        Wire::Text | Wire::Char | Wire::Array | Wire::Other => Form::Text,
    };
    value(Some(bytes), form, wire)
}

/// The pairs of form and type that need no copy.
#[inline]
fn direct(bytes: &[u8], form: Form, wire: Wire) -> Result<Option<ValueRef<'_>>, StoreError> {
    let broken = || mismatch(form, wire);
    Ok(Some(match (form, wire) {
        (Form::Text, Wire::Text | Wire::Json) => ValueRef::Text(utf8(bytes)?),
        (Form::Uuid, Wire::Uuid) => ValueRef::Uuid(bytes.try_into().map_err(|_| broken())?),
        (Form::DateTime, Wire::Stamp) => ValueRef::DateTime(stamp(int8(bytes).ok_or_else(broken)?)?),
        (Form::Bool, Wire::Bool) => ValueRef::Bool(bytes.first().is_some_and(|b| *b != 0)),
        (Form::Real, Wire::Float8) => ValueRef::Float(f64::from_bits(int8(bytes).ok_or_else(broken)? as u64)),
        (Form::Date, Wire::Date) => ValueRef::Date(date(int4(bytes).ok_or_else(broken)?)?),
        (Form::Date, Wire::Stamp) => {
            let day = stamp(int8(bytes).ok_or_else(broken)?)?.div_euclid(86_400_000_000);
            ValueRef::Date(i32::try_from(day).map_err(|_| broken())?)
        }
        (Form::DateTime, Wire::Date) => {
            ValueRef::DateTime(i64::from(date(int4(bytes).ok_or_else(broken)?)?) * 86_400_000_000)
        }
        (Form::Time, Wire::Time) => ValueRef::Time(int8(bytes).ok_or_else(broken)?),
        (Form::Time, Wire::TimeTz) => {
            let zone = bytes.get(8..).and_then(int4).ok_or_else(broken)?;
            let local = bytes.get(..8).and_then(int8).ok_or_else(broken)?;
            ValueRef::Time((local + i64::from(zone) * 1_000_000).rem_euclid(86_400_000_000))
        }
        (Form::Bytes, Wire::Bytes) => ValueRef::Bytes(bytes),
        (Form::Scaled(_) | Form::Sortable(_) | Form::Decimal, Wire::Numeric) => {
            ValueRef::Decimal(shaped(numeric(bytes)?, form))
        }
        (Form::Bool, wire) => ValueRef::Bool(integer(bytes, wire).ok_or_else(broken)? != 0),
        (Form::Int, wire) => match integer(bytes, wire) {
            Some(int) => ValueRef::Int(int),
            None => return Ok(None),
        },
        (form, wire) if form.is_decimal() && integer(bytes, wire).is_some() => {
            ValueRef::Decimal(shaped(Decimal::from_int(integer(bytes, wire).unwrap_or(0)), form))
        }
        _ => return Ok(None),
    }))
}

/// The pairs for which something has to be made.
fn made(bytes: &[u8], form: Form, wire: Wire) -> Result<Value, StoreError> {
    Ok(match (form, wire) {
        (Form::Json, Wire::Json) => Value::Json(text::compact(utf8(bytes)?).into()),
        (Form::Json | Form::Text, Wire::Jsonb) => {
            let text = text::compact(utf8(jsonb(bytes)?)?).into();
            if form == Form::Json { Value::Json(text) } else { Value::Text(text) }
        }
        (Form::Json, Wire::Text) => Value::Json(text::compact(utf8(bytes)?).into()),
        (Form::List(kind), Wire::Array) => Value::List(list::elements(bytes, kind)?),
        (Form::List(kind), Wire::Jsonb) => Value::List(parse_list(jsonb(bytes)?, kind)?),
        (Form::List(kind), Wire::Json | Wire::Text) => Value::List(parse_list(bytes, kind)?),
        (Form::Int, Wire::Numeric) => whole(numeric(bytes)?),
        (Form::Real, Wire::Numeric) => Value::Float(text::float(&numeric(bytes)?.to_string())),
        (Form::Real, Wire::Float4) => Value::Float(text::float(&float4(bytes, form)?.to_string())),
        (Form::Real, wire) => Value::Float(integer(bytes, wire).ok_or_else(|| mismatch(form, wire))? as f64),
        (form, Wire::Float4 | Wire::Float8) if form.is_decimal() => {
            let text = match wire {
                Wire::Float4 => float4(bytes, form)?.to_string(),
                _ => f64::from_bits(int8(bytes).ok_or_else(|| mismatch(form, wire))? as u64).to_string(),
            };
            Value::Decimal(shaped(Decimal::parse(&text).map_err(|_| too_large())?, form))
        }
        (Form::Text, Wire::Numeric) => Value::text(numeric(bytes)?.to_string()),
        (Form::Text, wire) => Value::text(text::plain(bytes, wire).ok_or_else(|| mismatch(form, wire))?),
        (Form::Uuid, Wire::Text) => {
            let parsed = bistro_store_sql::decode::parse_uuid(utf8(bytes)?);
            Value::Uuid(parsed.ok_or_else(|| mismatch(form, wire))?)
        }
        _ => return Err(mismatch(form, wire)),
    })
}

/// An element of a list in its kind's form.
fn element(bytes: Option<&[u8]>, kind: Kind, wire: Wire) -> Result<Value, StoreError> {
    value(bytes, Form::of(Scalar::one(kind)), wire)
}

/// A decimal with the digits that its column has.
#[inline]
fn shaped(decimal: Decimal, form: Form) -> Decimal {
    match form {
        Form::Scaled(scale) | Form::Sortable(scale) if decimal.scale != scale => {
            decimal.rescale(scale).unwrap_or(decimal)
        }
        _ => decimal,
    }
}

fn whole(decimal: Decimal) -> Value {
    let d = decimal.trimmed();
    match i64::try_from(d.mantissa) {
        Ok(int) if d.scale == 0 => Value::Int(int),
        _ => Value::Decimal(d),
    }
}

/// The integer that a column of whole numbers (or of Booleans) holds.
#[inline]
fn integer(bytes: &[u8], wire: Wire) -> Option<i64> {
    match wire {
        Wire::Int8 => int8(bytes),
        Wire::Int4 => int4(bytes).map(i64::from),
        Wire::Int2 => Some(i64::from(i16::from_be_bytes(bytes.try_into().ok()?))),
        Wire::Oid => Some(i64::from(u32::from_be_bytes(bytes.try_into().ok()?))),
        Wire::Bool => bytes.first().map(|b| i64::from(*b)),
        _ => None,
    }
}

#[inline]
fn int8(bytes: &[u8]) -> Option<i64> {
    bytes.try_into().ok().map(i64::from_be_bytes)
}

#[inline]
fn int4(bytes: &[u8]) -> Option<i32> {
    bytes.try_into().ok().map(i32::from_be_bytes)
}

fn float4(bytes: &[u8], form: Form) -> Result<f32, StoreError> {
    bytes.try_into().map(f32::from_be_bytes).map_err(|_| mismatch(form, Wire::Float4))
}

/// Microseconds since 1970.
#[inline]
fn stamp(micros: i64) -> Result<i64, StoreError> {
    let micros = micros.saturating_add(EPOCH_MICROS);
    if (MOMENTS.0..=MOMENTS.1).contains(&micros) { Ok(micros) } else { Err(no_such_day()) }
}

/// Days since 1970.
#[inline]
fn date(days: i32) -> Result<i32, StoreError> {
    let days = days.saturating_add(EPOCH_DAYS);
    if (DAYS.0..=DAYS.1).contains(&days) { Ok(days) } else { Err(no_such_day()) }
}

/// The text after the version of the binary form.
fn jsonb(bytes: &[u8]) -> Result<&[u8], StoreError> {
    match bytes.split_first() {
        Some((1, text)) => Ok(text),
        _ => Err(StoreError::bug("a jsonb column in a form of another version")),
    }
}

#[inline]
fn utf8(bytes: &[u8]) -> Result<&str, StoreError> {
    std::str::from_utf8(bytes).map_err(|e| StoreError::bug(format!("a stored text is not UTF-8: {e}")))
}

#[cold]
fn mismatch(form: Form, wire: Wire) -> StoreError {
    StoreError::bug(format!("a column of form {form:?} comes as {wire:?}"))
}

#[cold]
fn too_large() -> StoreError {
    unserved(Code::OutOfRange, "a stored number has more than 38 digits, or is not finite")
}

#[cold]
fn no_such_day() -> StoreError {
    unserved(Code::DateRange, "a stored date is outside 0001-01-01 to 9999-12-31, or infinite")
}

/// A stored value that none of ours can be.
#[cold]
fn unserved(code: Code, words: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Rejected(code, words.into()), words)
}

/// Says which column holds the value that cannot be served.
#[cold]
fn in_column(error: StoreError, row: &Row, column: usize) -> StoreError {
    let name = row.columns().get(column).map_or("", |c| c.name());
    match error.kind {
        // What the server calls a column without a name says nothing.
        StoreErrorKind::Rejected(code, words) if !name.is_empty() && name != "?column?" => {
            let words = format!("{words} (column \"{name}\")");
            StoreError::new(StoreErrorKind::Rejected(code, words.clone()), words)
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests;
