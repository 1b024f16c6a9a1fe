//! Values in tables that Bistro did not make: days, times and UUIDs stand as text there, decimals as floats.
//! `bistro_read(value, form)` makes such a value Bistro's, `bistro_written(value, form)` one of Bistro's such.

use bistro_problem::Code;
use bistro_schema::datetime::{
    DAY, parse_date, parse_datetime, parse_time, write_date, write_datetime, write_time,
};
use bistro_schema::{Decimal, Value, ValueRef as Ours};
use bistro_store_sql::decode::parse_uuid;
use bistro_store_sql::encode::{Encode, Round, SqlValue, encode};
use bistro_store_sql::{Form, decode};
use rusqlite::Result;
use rusqlite::types::{Value as Cell, ValueRef};

use super::{On, broken, define, refuse, text_at};
use crate::execute::cell;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// The Julian day of 1970-01-01.
const EPOCH: f64 = 2_440_587.5;

pub(super) fn register(on: &On<'_>) -> Result<()> {
    let form = |code: Option<&str>| code.and_then(Form::from_code).ok_or_else(|| broken("an unknown form"));
    define(on, "bistro_read", 2, move |c| {
        let form = form(text_at(c, 1)?)?;
        let raw = c.get_raw(0);
        if raw == ValueRef::Null {
            return Ok(Cell::Null);
        }
        let value = read(raw, form).ok_or_else(|| {
            let what = match raw {
                ValueRef::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
                other => format!("{other:?}"),
            };
            refuse(Code::BadParameter, format!("the database holds {what} where {} belongs", word(form)))
        })?;
        Ok(match encode(&value, &Encode::As(form, Round::Store)).map_err(broken)? {
            SqlValue::Int(i) => Cell::Integer(i),
            SqlValue::Real(f) => Cell::Real(f),
            SqlValue::Text(t) => Cell::Text(t.into_owned()),
            SqlValue::Blob(b) => Cell::Blob(b.into_owned()),
            _ => Cell::Null,
        })
    })?;
    define(on, "bistro_written", 2, move |c| {
        let form = form(text_at(c, 1)?)?;
        let value = decode(cell(c.get_raw(0)), form).map_err(broken)?;
        Ok(written(value))
    })
}

fn word(form: Form) -> &'static str {
    match form {
        Form::Date => "a date",
        Form::Time => "a time",
        Form::DateTime => "a time of a day",
        Form::Uuid => "a UUID",
        _ => "a number",
    }
}

/// A value as SQLite's own functions and other programs write it.
fn read(raw: ValueRef<'_>, form: Form) -> Option<Value> {
    let text = match raw {
        ValueRef::Text(text) => Some(std::str::from_utf8(text).ok()?.trim()),
        _ => None,
    };
    Some(match (form, raw, text) {
        (Form::DateTime, _, Some(text)) => Value::DateTime(moment(text)?),
        (Form::DateTime, ValueRef::Integer(seconds), _) => Value::DateTime(seconds.checked_mul(SECOND)?),
        (Form::DateTime, ValueRef::Real(day), _) => Value::DateTime(julian(day)?),
        (Form::Date, _, Some(text)) => {
            let day = parse_date(text).ok();
            Value::Date(day.or_else(|| i32::try_from(moment(text)?.div_euclid(DAY)).ok())?)
        }
        (Form::Date, ValueRef::Integer(seconds), _) => {
            Value::Date(i32::try_from(seconds.div_euclid(DAY / SECOND)).ok()?)
        }
        (Form::Date, ValueRef::Real(day), _) => {
            Value::Date(i32::try_from(julian(day)?.div_euclid(DAY)).ok()?)
        }
        (Form::Time, _, Some(text)) => Value::Time(parse_time(text).ok()?),
        (Form::Uuid, _, Some(text)) => Value::Uuid(parse_uuid(text.trim_matches(['{', '}']))?),
        (Form::Uuid, ValueRef::Blob(bytes), _) => Value::Uuid(bytes.try_into().ok()?),
        (_, ValueRef::Integer(i), _) => Value::Decimal(Decimal::from_int(i)),
        // The shortest text of a float is the amount that was meant.
        (_, ValueRef::Real(f), _) => Value::Decimal(Decimal::parse(&f.to_string()).ok()?),
        (_, _, Some(text)) => Value::Decimal(Decimal::parse(text).ok()?),
        _ => return None,
    })
}

/// A moment as text; a day alone begins it.
fn moment(text: &str) -> Option<i64> {
    let parsed = parse_datetime(text).ok();
    parsed.or_else(|| Some(i64::from(parse_date(text).ok()?) * DAY))
}

fn julian(day: f64) -> Option<i64> {
    let micros = (day - EPOCH) * DAY as f64;
    // Julian days are kept to the millisecond.
    (micros.abs() < 1e18).then(|| (micros / 1_000.0).round() as i64 * 1_000)
}

fn written(value: Ours<'_>) -> Cell {
    let mut out = Vec::new();
    match value {
        Ours::Null => return Cell::Null,
        Ours::Date(days) => write_date(&mut out, days),
        Ours::Time(micros) => write_time(&mut out, micros),
        Ours::DateTime(micros) => {
            write_datetime(&mut out, micros);
            // As SQLite's own functions write it: a blank for the T, and no zone, which is UTC.
            out.truncate(out.len().saturating_sub("+00:00".len()));
            if let Some(t) = out.get_mut(10) {
                *t = b' ';
            }
        }
        // What the column's affinity makes of it is as exact as the column is.
        Ours::Decimal(decimal) => decimal.write(&mut out, false),
        Ours::Uuid(uuid) => out.extend_from_slice(&bistro_schema::text::uuid_text(uuid)),
        _ => return Cell::Null,
    }
    Cell::Text(String::from_utf8_lossy(&out).into_owned())
}
