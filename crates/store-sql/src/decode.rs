//! From a database's column to a value, without a copy but for lists.

use bistro_schema::datetime::{parse_date, parse_datetime, parse_time};
use bistro_schema::{Decimal, Kind, Scalar, Value, ValueRef};
use bistro_store::StoreError;
use serde_json::value::RawValue;

use crate::form::Form;

/// A column as a driver hands it out.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// SQL's null.
    Null,
    /// An integer.
    Int(i64),
    /// A float.
    Real(f64),
    /// Text; not yet known to be UTF-8.
    Text(&'a [u8]),
    /// Bytes.
    Blob(&'a [u8]),
}

/// Reads a column in its form. A list is not read here: see [`parse_list`].
///
/// # Errors
/// A bug if the column holds something else, which a view's text can bring about.
#[inline]
pub fn decode(cell: Cell<'_>, form: Form) -> Result<ValueRef<'_>, StoreError> {
    Ok(match (form, cell) {
        (_, Cell::Null) => ValueRef::Null,
        (Form::Text, Cell::Text(t)) => ValueRef::Text(utf8(t)?),
        (Form::Int, Cell::Int(i)) => ValueRef::Int(i),
        (Form::DateTime, Cell::Int(i)) => ValueRef::DateTime(i),
        (Form::Bool, Cell::Int(i)) => ValueRef::Bool(i != 0),
        (Form::Uuid, Cell::Blob(b)) => match b.try_into() {
            Ok(uuid) => ValueRef::Uuid(uuid),
            Err(_) => return Err(mismatch(form, cell)),
        },
        (Form::Json, Cell::Text(t)) => ValueRef::Json(utf8(t)?),
        (Form::Real, Cell::Real(f)) => ValueRef::Float(f),
        (Form::Real, Cell::Int(i)) => ValueRef::Float(i as f64),
        (Form::Date, Cell::Int(i)) => match i32::try_from(i) {
            Ok(days) => ValueRef::Date(days),
            Err(_) => return Err(mismatch(form, cell)),
        },
        (Form::Time, Cell::Int(i)) => ValueRef::Time(i),
        (Form::Bytes, Cell::Blob(b)) => ValueRef::Bytes(b),
        (Form::Scaled(scale), Cell::Int(i)) => ValueRef::Decimal(Decimal { mantissa: i128::from(i), scale }),
        (Form::Decimal | Form::Sortable(_), Cell::Int(i)) => ValueRef::Decimal(Decimal::from_int(i)),
        (Form::Sortable(scale), Cell::Blob(b)) => match b.try_into() {
            Ok(bytes) => ValueRef::Decimal(Decimal::from_sortable(bytes, scale)),
            Err(_) => return Err(mismatch(form, cell)),
        },
        (Form::Decimal, Cell::Blob(b)) => ValueRef::Decimal(loose(b).ok_or_else(|| mismatch(form, cell))?),
        _ => return Err(mismatch(form, cell)),
    })
}

/// Reads the 17 bytes of [`Form::Decimal`].
pub fn loose(bytes: &[u8]) -> Option<Decimal> {
    let (scale, rest) = bytes.split_first()?;
    Some(Decimal::from_sortable(rest.try_into().ok()?, *scale))
}

#[inline]
fn utf8(text: &[u8]) -> Result<&str, StoreError> {
    std::str::from_utf8(text).map_err(|e| StoreError::bug(format!("a stored text is not UTF-8: {e}")))
}

#[cold]
fn mismatch(form: Form, cell: Cell<'_>) -> StoreError {
    let found = match cell {
        Cell::Null => "null",
        Cell::Int(_) => "an integer",
        Cell::Real(_) => "a float",
        Cell::Text(_) => "text",
        Cell::Blob(_) => "bytes",
    };
    StoreError::bug(format!("a column of form {form:?} holds {found}"))
}

/// Reads a list's JSON text into values of one kind.
///
/// # Errors
/// A bug if the text is not such a list.
pub fn parse_list(text: &[u8], kind: Kind) -> Result<Vec<Value>, StoreError> {
    let bad = |what: &str| StoreError::bug(format!("a stored list of {kind:?} is broken: {what}"));
    let items: Vec<&RawValue> = serde_json::from_slice(text).map_err(|e| bad(&e.to_string()))?;
    items.into_iter().map(|item| element(item.get(), kind).ok_or_else(|| bad(item.get()))).collect()
}

/// Reads one element's JSON form.
pub fn element(json: &str, kind: Kind) -> Option<Value> {
    if json == "null" && kind != Kind::Json {
        return Some(Value::Null);
    }
    let text = || serde_json::from_str::<String>(json).ok();
    Some(match kind {
        Kind::Int | Kind::BigInt => Value::Int(json.parse().ok()?),
        Kind::Float => Value::Float(json.parse().ok()?),
        Kind::Decimal { .. } => Value::Decimal(Decimal::parse(json).ok()?),
        Kind::Boolean => Value::Bool(json == "true"),
        Kind::Json => Value::Json(json.into()),
        Kind::Id | Kind::Uuid => Value::Uuid(parse_uuid(&text()?)?),
        Kind::Date => Value::Date(parse_date(&text()?).ok()?),
        Kind::Time => Value::Time(parse_time(&text()?).ok()?),
        Kind::DateTime => Value::DateTime(parse_datetime(&text()?).ok()?),
        Kind::Bytes => Value::Bytes(parse_hex(text()?.strip_prefix("\\x")?)?.into()),
        Kind::String | Kind::Email | Kind::Url | Kind::Html | Kind::Enum(_) => Value::text(text()?),
    })
}

/// Reads a UUID's text, with or without hyphens.
pub fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    parse_hex(&digits)?.try_into().ok()
}

fn parse_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// The kind of a single value in this form, as far as a function of the database can tell.
pub const fn kind_of(form: Form) -> Kind {
    match form {
        Form::Bool => Kind::Boolean,
        Form::Int => Kind::BigInt,
        Form::Real => Kind::Float,
        Form::Text => Kind::String,
        Form::Json => Kind::Json,
        Form::Uuid => Kind::Uuid,
        Form::Bytes => Kind::Bytes,
        Form::Date => Kind::Date,
        Form::Time => Kind::Time,
        Form::DateTime => Kind::DateTime,
        Form::Scaled(_) | Form::Sortable(_) | Form::Decimal => {
            Kind::Decimal { precision: 38, scale: 9, bare: true }
        }
        Form::List(kind) => kind,
    }
}

/// The form of a list's elements.
pub const fn element_form(kind: Kind) -> Form {
    Form::of(Scalar::one(kind))
}
