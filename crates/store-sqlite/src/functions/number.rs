//! Exact numbers: integers that refuse to overflow, decimals of any scale in their loose form.

use bistro_problem::Code;
use bistro_schema::Decimal;
use bistro_store_sql::decode::loose;
use bistro_store_sql::encode::loose_bytes;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Error, Result};

use super::{On, define, refuse, text_at};

pub(super) fn register(on: &On<'_>) -> Result<()> {
    define(on, "bistro_loose", 2, |c| {
        let scale = c.get::<u8>(1)?;
        Ok(number(c.get_raw(0), scale)?.map(|d| loose_bytes(d).to_vec()))
    })?;
    define(on, "bistro_real", 1, |c| {
        let real = |d: Decimal| d.to_string().parse::<f64>().unwrap_or(f64::NAN);
        Ok(number(c.get_raw(0), 0)?.map(real))
    })?;
    define(on, "bistro_key", 1, |c| match c.get_raw(0) {
        ValueRef::Blob(b) if b.len() == 17 => Ok(loose(b).map_or(Value::Null, |d| Value::Blob(key(d)))),
        other => Ok(Value::try_from(other)?),
    })?;
    define(on, "bistro_bits", 1, |c| Ok(c.get::<Option<i64>>(0)?.map(|i| f64::from_bits(i as u64))))?;
    define(on, "bistro_rem", 2, |c| {
        let (a, b) = (c.get::<Option<f64>>(0)?, c.get::<Option<f64>>(1)?);
        Ok(a.zip(b).filter(|(_, b)| *b != 0.0).map(|(a, b)| a % b))
    })?;
    define(on, "bistro_int", 3, |c| {
        let sign = sign(text_at(c, 0)?);
        match (c.get::<Option<i64>>(1)?, c.get::<Option<i64>>(2)?) {
            (Some(a), Some(b)) => integers(sign, a, b),
            _ => Ok(None),
        }
    })?;
    define(on, "bistro_decimal", 3, |c| {
        let sign = sign(text_at(c, 0)?);
        match (number(c.get_raw(1), 0)?, number(c.get_raw(2), 0)?) {
            (Some(a), Some(b)) => Ok(decimals(sign, a, b)?.map(|d| loose_bytes(d).to_vec())),
            _ => Ok(None),
        }
    })?;
    define(on, "bistro_any", 3, |c| {
        let sign = sign(text_at(c, 0)?);
        any(sign, c.get_raw(1), c.get_raw(2))
    })
}

fn sign(text: Option<&str>) -> u8 {
    text.and_then(|t| t.bytes().next()).unwrap_or(b'+')
}

/// An integer of this scale, or sixteen sortable bytes of it, or seventeen loose ones.
pub(super) fn number(raw: ValueRef<'_>, scale: u8) -> Result<Option<Decimal>> {
    let bad = || Error::InvalidFunctionParameterType(0, raw.data_type());
    match raw {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(i) => Ok(Some(Decimal { mantissa: i128::from(i), scale })),
        ValueRef::Blob(b) if b.len() == 17 => loose(b).map(Some).ok_or_else(bad),
        ValueRef::Blob(b) => b.try_into().map(|b| Some(Decimal::from_sortable(b, scale))).map_err(|_| bad()),
        ValueRef::Real(_) | ValueRef::Text(_) => Err(bad()),
    }
}

/// Thirty-two bytes that sort as values do, whatever their scales: what is before the point, what is after it.
fn key(d: Decimal) -> Vec<u8> {
    let scale = u32::from(d.scale.min(Decimal::SCALE_MAX));
    let unit = 10_i128.pow(scale);
    let (whole, rest) = (d.mantissa.div_euclid(unit), d.mantissa.rem_euclid(unit));
    let mut out = Decimal { mantissa: whole, scale: 0 }.to_sortable().to_vec();
    out.extend_from_slice(&(rest * 10_i128.pow(38 - scale)).to_be_bytes());
    out
}

fn integers(sign: u8, a: i64, b: i64) -> Result<Option<i64>> {
    let result = match sign {
        b'/' | b'%' if b == 0 => return Ok(None),
        b'+' => a.checked_add(b),
        b'-' => a.checked_sub(b),
        b'*' => a.checked_mul(b),
        b'/' => a.checked_div(b),
        _ => Some(a.wrapping_rem(b)),
    };
    result.map(Some).ok_or_else(|| refuse(Code::OutOfRange, "bigint out of range"))
}

fn decimals(sign: u8, a: Decimal, b: Decimal) -> Result<Option<Decimal>> {
    let minus = |d: Decimal| Decimal { mantissa: d.mantissa.wrapping_neg(), ..d };
    let result = match sign {
        b'/' | b'%' if b.mantissa == 0 => return Ok(None),
        b'+' => a.checked_add(b),
        b'-' => a.checked_add(minus(b)),
        b'*' => product(a, b),
        b'/' => quotient(a, b),
        _ => rest(a, b),
    };
    result.map(Some).ok_or_else(|| refuse(Code::OutOfRange, "value overflows numeric format"))
}

fn product(a: Decimal, b: Decimal) -> Option<Decimal> {
    let exact = |a: Decimal, b: Decimal| {
        let scale = a.scale + b.scale;
        Some(Decimal { mantissa: a.mantissa.checked_mul(b.mantissa)?, scale })
            .filter(|_| scale <= Decimal::SCALE_MAX)
    };
    exact(a, b).or_else(|| exact(a.trimmed(), b.trimmed()))
}

/// With sixteen digits after the point at least, as far as there is room.
fn quotient(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a, b.trimmed());
    let wanted = a.scale.max(b.scale).clamp(16, Decimal::SCALE_MAX);
    (0..=wanted).rev().find_map(|scale| {
        let shift = i32::from(scale) + i32::from(b.scale) - i32::from(a.scale);
        let power = 10_i128.checked_pow(shift.unsigned_abs())?;
        let (over, under) = match shift >= 0 {
            true => (a.mantissa.checked_mul(power)?, b.mantissa),
            false => (a.mantissa, b.mantissa.checked_mul(power)?),
        };
        let (whole, rest) = (over / under, over % under);
        let up = rest.unsigned_abs() >= under.unsigned_abs().div_ceil(2);
        let one = if (over < 0) == (under < 0) { 1 } else { -1 };
        Some(Decimal { mantissa: if up { whole + one } else { whole }, scale })
    })
}

fn rest(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale.max(b.scale);
    let (a, b) = (a.rescale(scale)?, b.rescale(scale)?);
    Some(Decimal { mantissa: a.mantissa % b.mantissa, scale })
}

/// Numbers whose kinds only their binds know.
fn any(sign: u8, a: ValueRef<'_>, b: ValueRef<'_>) -> Result<Value> {
    let real = |v: ValueRef<'_>| match v {
        ValueRef::Integer(i) => i as f64,
        ValueRef::Real(f) => f,
        other => number(other, 0).ok().flatten().and_then(|d| d.to_string().parse().ok()).unwrap_or(f64::NAN),
    };
    Ok(match (a, b) {
        (ValueRef::Null, _) | (_, ValueRef::Null) => Value::Null,
        (ValueRef::Integer(a), ValueRef::Integer(b)) => {
            integers(sign, a, b)?.map_or(Value::Null, Value::Integer)
        }
        (ValueRef::Real(_), _) | (_, ValueRef::Real(_)) => {
            let (a, b) = (real(a), real(b));
            match sign {
                b'/' | b'%' if b == 0.0 => Value::Null,
                b'+' => Value::Real(a + b),
                b'-' => Value::Real(a - b),
                b'*' => Value::Real(a * b),
                b'/' => Value::Real(a / b),
                _ => Value::Real(a % b),
            }
        }
        (a, b) => match (number(a, 0)?, number(b, 0)?) {
            (Some(a), Some(b)) => {
                decimals(sign, a, b)?.map_or(Value::Null, |d| Value::Blob(loose_bytes(d).to_vec()))
            }
            _ => Value::Null,
        },
    })
}
