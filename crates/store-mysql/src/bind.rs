//! From our values to what the driver binds.

use bistro_schema::datetime::{DAY, SECOND, civil_from_days};
use bistro_schema::text::{write_hex, write_json, write_json_string, write_plain};
use bistro_schema::{Decimal, Value};
use bistro_store::StoreError;
use bistro_store_sql::encode::Encode;
use bistro_store_sql::fit::{Fit, fit};
use bistro_store_sql::{Form, Slot, Sql};
use mysql_async::Value as Bound;

use crate::prepare::{bind, out_of_range};

/// The digits after the point of a bound decimal, as statements cast it.
const SCALE: u8 = 27;

/// Fills the slots of a text; `keys` are those of the enclosing level's rows.
pub(crate) fn slots(sql: &Sql, binds: &[Value], keys: &[Vec<u8>]) -> Result<Vec<Bound>, StoreError> {
    let one = |slot: &Slot| match slot {
        Slot::Bind(id, how) => fitted(bind(binds, *id)?, how),
        Slot::Constant(value, how) => fitted(value, how),
        Slot::KeyRows(_) => Ok(Bound::Bytes(rows(keys))),
        Slot::Parent(_) | Slot::Keys(..) => Err(StoreError::bug("a slot of another engine")),
    };
    sql.slots.iter().map(one).collect()
}

/// The keys of rows, each written by [`key`], as one array.
fn rows(keys: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![b'['];
    for (at, key) in keys.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(key);
    }
    out.push(b']');
    out
}

fn fitted(value: &Value, how: &Encode) -> Result<Bound, StoreError> {
    match fit(value, how)? {
        Fit::Wide(_) => Err(out_of_range()),
        Fit::Value(value) => match how {
            Encode::Each(form) => Ok(each(&value, *form)),
            Encode::As(form, _) if form.is_decimal() => Ok(decimal(&value)),
            // Integers that only stand beside others of their kind.
            Encode::Natural if matches!(*value, Value::List(_)) => Ok(Bound::Bytes(json(&value))),
            _ => Ok(plain(&value)),
        },
    }
}

/// A value by its own variant.
pub(crate) fn plain(value: &Value) -> Bound {
    match value {
        Value::Null => Bound::NULL,
        Value::Bool(b) => Bound::Int(i64::from(*b)),
        Value::Int(i) => Bound::Int(*i),
        Value::Float(f) => Bound::Double(*f),
        Value::Decimal(d) => Bound::Bytes(d.to_string().into_bytes()),
        Value::Text(t) | Value::Json(t) => Bound::Bytes(t.as_bytes().to_vec()),
        Value::Uuid(u) => Bound::Bytes(u.to_vec()),
        Value::Bytes(b) => Bound::Bytes(b.to_vec()),
        Value::Date(days) => date(*days, 0),
        Value::DateTime(at) => date(at.div_euclid(DAY) as i32, at.rem_euclid(DAY)),
        Value::Time(at) => {
            let (hours, minutes, seconds, micros) = clock(*at);
            Bound::Time(false, u32::from(hours / 24), hours % 24, minutes, seconds, micros)
        }
        Value::List(_) => Bound::Bytes(json(value)),
    }
}

fn date(days: i32, rest: i64) -> Bound {
    let (year, month, day) = civil_from_days(days);
    let (hours, minutes, seconds, micros) = clock(rest);
    Bound::Date(year as u16, month as u8, day as u8, hours, minutes, seconds, micros)
}

fn clock(micros: i64) -> (u8, u8, u8, u32) {
    let seconds = micros / SECOND;
    let parts = ((seconds / 3600) as u8, (seconds / 60 % 60) as u8, (seconds % 60) as u8);
    (parts.0, parts.1, parts.2, (micros % SECOND) as u32)
}

/// An exact number as text, with no more digits after the point than the cast around it keeps.
fn decimal(value: &Value) -> Bound {
    match value {
        Value::Decimal(d) if d.scale > SCALE => Bound::Bytes(narrowed(*d).to_string().into_bytes()),
        other => plain(other),
    }
}

/// A number between the two that would be stored beside it: rounded, it could equal one.
fn narrowed(d: Decimal) -> Decimal {
    let unit = 10_i128.pow(u32::from(d.scale - SCALE));
    let (whole, rest) = (d.mantissa.div_euclid(unit), d.mantissa.rem_euclid(unit));
    let mantissa = if rest != 0 && whole % 10 == 0 { whole + 1 } else { whole };
    Decimal { mantissa, scale: SCALE }
}

/// A list as the JSON array that statements take apart again.
fn each(list: &Value, form: Form) -> Bound {
    let Value::List(items) = list else { return Bound::NULL };
    let mut out = vec![b'['];
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        element(item, form, &mut out);
    }
    out.push(b']');
    Bound::Bytes(out)
}

/// One value as the columns of `JSON_TABLE` read it.
pub(crate) fn element(item: &Value, form: Form, out: &mut Vec<u8>) {
    match item {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(b) => out.push(b'0' + u8::from(*b)),
        Value::Int(_) => write_json(item.borrow(), out),
        Value::Float(_) | Value::Date(_) | Value::Time(_) => {
            quoted(out, |out| write_plain(item.borrow(), out))
        }
        Value::Decimal(d) => {
            let d = if d.scale > SCALE { narrowed(*d) } else { *d };
            quoted(out, |out| d.write(out, false));
        }
        Value::Uuid(u) => quoted(out, |out| write_hex(u, out)),
        Value::Bytes(b) => quoted(out, |out| write_hex(b, out)),
        Value::DateTime(_) => quoted(out, |out| {
            let mut text = Vec::new();
            write_plain(item.borrow(), &mut text);
            // The engine reads neither the letter nor the zone.
            text.iter_mut().filter(|b| **b == b'T').for_each(|b| *b = b' ');
            out.extend_from_slice(text.strip_suffix(b"+00:00").unwrap_or(&text));
        }),
        Value::Text(t) | Value::Json(t) => write_json_string(t, out),
        Value::List(_) => {
            debug_assert!(matches!(form, Form::List(_) | Form::Json));
            write_json_string(&String::from_utf8_lossy(&json(item)), out);
        }
    }
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

fn json(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write_json(value.borrow(), &mut out);
    out
}
