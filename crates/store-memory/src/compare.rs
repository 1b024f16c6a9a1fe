//! Order and equality of values, as PostgreSQL has them with bytewise collation.

use std::cmp::Ordering;

use bistro_schema::literal::json_order::sort_key;
use bistro_schema::{Decimal, Value};

/// The order of two values of comparable kinds; `None` if either is null or they cannot be compared.
pub(crate) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Json(a), Value::Json(b)) => Some(sort_key(a).cmp(&sort_key(b))),
        (Value::Text(a) | Value::Json(a), Value::Text(b) | Value::Json(b)) => {
            Some(a.as_bytes().cmp(b.as_bytes()))
        }
        (Value::Uuid(a), Value::Uuid(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) | (Value::DateTime(a), Value::DateTime(b)) => Some(a.cmp(b)),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        (Value::List(a), Value::List(b)) => lists(a, b),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        _ => numbers(a, b),
    }
}

fn lists(a: &[Value], b: &[Value]) -> Option<Ordering> {
    for (x, y) in a.iter().zip(b) {
        match (x.is_null(), y.is_null()) {
            (true, true) => {}
            (true, false) => return Some(Ordering::Greater),
            (false, true) => return Some(Ordering::Less),
            (false, false) => match compare(x, y)? {
                Ordering::Equal => {}
                other => return Some(other),
            },
        }
    }
    Some(a.len().cmp(&b.len()))
}

fn numbers(a: &Value, b: &Value) -> Option<Ordering> {
    if matches!(a, Value::Float(_)) || matches!(b, Value::Float(_)) {
        return float(a)?.partial_cmp(&float(b)?);
    }
    Some(decimal(a)?.compare(decimal(b)?))
}

/// A number as a float.
pub(crate) fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(i) => Some(*i as f64),
        Value::Float(f) => Some(*f),
        Value::Decimal(d) => Some(d.mantissa as f64 / 10f64.powi(i32::from(d.scale))),
        _ => None,
    }
}

/// An exact number as a decimal.
pub(crate) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(i) => Some(Decimal { mantissa: i128::from(*i), scale: 0 }),
        Value::Decimal(d) => Some(*d),
        _ => None,
    }
}

/// The order of two values in a result, nulls where the term wants them.
pub(crate) fn ordered(a: &Value, b: &Value, descending: bool, nulls_first: bool) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => {
            if nulls_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (false, true) => {
            if nulls_first {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (false, false) => {
            let order = compare(a, b).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        }
    }
}

/// Whether two values are the same, where null is the same as null.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a.is_null(), b.is_null()) {
        (true, true) => true,
        (false, false) => compare(a, b) == Some(Ordering::Equal),
        _ => false,
    }
}
