//! From a value to what a driver of typed slots writes: each value is brought to the kind that its slot holds, in the
//! server's own type. [`crate::encode()`] does the same for SQLite, whose slots have no types.

use std::borrow::Cow;

use bistro_problem::Code;
use bistro_schema::datetime::DAY;
use bistro_schema::{Decimal, Value};
use bistro_store::{StoreError, StoreErrorKind};

use crate::decode::{element_form, parse_uuid};
use crate::encode::{Encode, Round, Width, above, directed, exact, json, literal_prefix, overflow, plain};
use crate::form::Form;
use crate::{regex, search};

/// A value as its slot holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum Fit<'a> {
    /// Null, or a value of the kind of the slot's form (a list of such for [`Encode::Each`] and [`Encode::JsonEach`]).
    Value(Cow<'a, Value>),
    /// The slot cannot hold it: lower the statement again at this width (and those asked before), and fit once more.
    Wide(Width),
}

/// Wider than every number that a column of decimals holds.
const BEYOND: Decimal = Decimal { mantissa: i128::MAX, scale: 0 };

/// Brings a value to the kind of its slot. What cannot be of that kind is null: it equals nothing.
///
/// # Errors
/// [`bistro_store::StoreErrorKind::Rejected`] for numbers that do not fit their column, full-text queries and regular
/// expressions that cannot be read.
#[inline]
pub fn fit<'a>(value: &'a Value, how: &Encode) -> Result<Fit<'a>, StoreError> {
    match how {
        Encode::As(form, round) => shaped(value, *form, *round),
        Encode::Natural | Encode::Label(_) => Ok(same(value)),
        other => rare(value, other),
    }
}

fn rare<'a>(value: &'a Value, how: &Encode) -> Result<Fit<'a>, StoreError> {
    Ok(match (how, value) {
        (Encode::Limit, Value::Null) => own(Value::Int(i64::MAX)),
        (Encode::Offset, Value::Null) => own(Value::Int(0)),
        (_, Value::Null) => same(value),
        (Encode::Json, _) => return shaped(value, Form::Json, Round::Exact),
        (Encode::JsonEach, Value::List(_)) => return list(value, Form::Json),
        (Encode::Each(form), Value::List(_)) => return list(value, *form),
        (Encode::Query { dialect, mode, field, of }, _) => {
            own(Value::text(search::query(*dialect, &plain(value), *mode, *field, *of)?))
        }
        (Encode::Regex { dialect, fold }, _) => {
            own(Value::text(regex::translate(*dialect, &plain(value), *fold)?))
        }
        (Encode::Pattern, _) => match plain(value) {
            pattern if open_ended(&pattern) => return Err(open_pattern()),
            pattern => own(Value::text(pattern)),
        },
        (Encode::LikeLow, Value::Text(pattern)) => match literal_prefix(pattern) {
            low if low.is_empty() => BOUNDLESS,
            low => own(Value::text(low)),
        },
        (Encode::LikeHigh, Value::Text(pattern)) => match above(literal_prefix(pattern)) {
            Some(high) => own(Value::text(high)),
            None => BOUNDLESS,
        },
        (Encode::LikeLow | Encode::LikeHigh, _) => BOUNDLESS,
        _ => same(value),
    })
}

/// Whether a pattern's last character escapes a next one.
fn open_ended(pattern: &str) -> bool {
    pattern.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1
}

fn open_pattern() -> StoreError {
    let text = "LIKE pattern must not end with escape character";
    StoreError::new(StoreErrorKind::Rejected(Code::BadPattern, text.into()), text)
}

const BOUNDLESS: Fit<'static> = Fit::Wide(Width { patterns: true, ..Width::NARROW });
const ANY_NUMBER: Fit<'static> = Fit::Wide(Width { numbers: true, ..Width::NARROW });

fn same(value: &Value) -> Fit<'_> {
    Fit::Value(Cow::Borrowed(value))
}

fn own(value: Value) -> Fit<'static> {
    Fit::Value(Cow::Owned(value))
}

/// A value as one of a form.
#[inline]
fn shaped(value: &Value, form: Form, round: Round) -> Result<Fit<'_>, StoreError> {
    Ok(match (form, value) {
        (_, Value::Null)
        | (Form::Int, Value::Int(_))
        | (Form::Text, Value::Text(_))
        | (Form::Uuid, Value::Uuid(_))
        | (Form::DateTime, Value::DateTime(_))
        | (Form::Bool, Value::Bool(_))
        | (Form::Real, Value::Float(_))
        | (Form::Json, Value::Json(_))
        | (Form::Bytes, Value::Bytes(_))
        | (Form::Date, Value::Date(_))
        | (Form::Time, Value::Time(_)) => same(value),
        (Form::Int, Value::Decimal(_) | Value::Float(_)) => return whole(value, round),
        (
            Form::Scaled(scale) | Form::Sortable(scale),
            Value::Int(_) | Value::Decimal(_) | Value::Float(_),
        ) if round == Round::Store => {
            let rounded = exact(value).and_then(|d| d.rescale(scale)).ok_or_else(|| overflow(form))?;
            own(Value::Decimal(rounded))
        }
        (
            Form::Scaled(_) | Form::Sortable(_) | Form::Decimal,
            Value::Int(_) | Value::Decimal(_) | Value::Float(_),
        ) => own(Value::Decimal(exact(value).unwrap_or_else(|| beyond(value)))),
        (Form::Real, Value::Int(i)) => own(Value::Float(*i as f64)),
        (Form::Real, Value::Decimal(d)) => own(Value::Float(d.to_string().parse().unwrap_or(f64::NAN))),
        (Form::Uuid, Value::Text(text)) => own(parse_uuid(text).map_or(Value::Null, Value::Uuid)),
        (Form::DateTime, Value::Date(day)) => own(Value::DateTime(i64::from(*day) * DAY)),
        (Form::Text, _) => own(Value::text(plain(value))),
        (Form::Json, _) => {
            let text = String::from_utf8(json(value)).expect("what is written as JSON is UTF-8");
            own(Value::Json(text.into()))
        }
        (Form::List(kind), Value::List(_)) => return list(value, element_form(kind)),
        _ => own(Value::Null),
    })
}

/// A number beside integers.
fn whole(value: &Value, round: Round) -> Result<Fit<'_>, StoreError> {
    let fitted = match round {
        Round::Store => exact(value).and_then(|d| d.rescale(0)).map(|d| d.mantissa),
        _ => exact(value).and_then(|d| directed(d, 0, round)),
    };
    match fitted.and_then(|n| i64::try_from(n).ok()) {
        Some(n) => Ok(own(Value::Int(n))),
        None if round == Round::Store => Err(overflow(Form::Int)),
        None => Ok(ANY_NUMBER),
    }
}

/// A float that no decimal holds.
fn beyond(value: &Value) -> Decimal {
    match value {
        Value::Float(f) if *f < 0.0 => Decimal { mantissa: -BEYOND.mantissa, ..BEYOND },
        _ => BEYOND,
    }
}

/// A list whose elements are of a form; as it stands where they are already.
fn list(value: &Value, form: Form) -> Result<Fit<'_>, StoreError> {
    let Value::List(items) = value else { return Ok(own(Value::Null)) };
    let mut changed: Option<Vec<Value>> = None;
    for (at, item) in items.iter().enumerate() {
        match shaped(item, form, Round::Exact)? {
            Fit::Wide(width) => return Ok(Fit::Wide(width)),
            Fit::Value(Cow::Owned(item)) => {
                changed.get_or_insert_with(|| items[..at].to_vec()).push(item);
            }
            Fit::Value(Cow::Borrowed(item)) => {
                if let Some(changed) = &mut changed {
                    changed.push(item.clone());
                }
            }
        }
    }
    Ok(changed.map_or_else(|| same(value), |items| own(Value::List(items))))
}

#[cfg(test)]
mod tests;
