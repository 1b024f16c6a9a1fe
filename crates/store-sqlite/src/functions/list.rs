//! Lists and documents that hold or share parts, on their JSON text.

use std::cmp::Ordering;
use std::collections::HashMap;

use bistro_schema::{Decimal, Value};
use bistro_store_sql::decode::{element, kind_of};
use bistro_store_sql::{Form, decode};
use rusqlite::types::ValueRef as Raw;
use rusqlite::{Connection, Result};
use serde_json::value::RawValue;

use super::{broken, define, text_at};
use crate::execute::cell;

pub(super) fn register(conn: &Connection) -> Result<()> {
    define(conn, "bistro_has", 3, |c| {
        let (Some(list), Some(code)) = (text_at(c, 0)?, text_at(c, 2)?) else { return Ok(None) };
        if let Raw::Null = c.get_raw(1) {
            return Ok(None);
        }
        has(list, c.get_raw(1), Form::from_code(code).ok_or_else(|| broken("an unknown form"))?)
    })?;
    define(conn, "bistro_contains", 2, |c| {
        let (Some(whole), Some(part)) = (text_at(c, 0)?, text_at(c, 1)?) else { return Ok(None) };
        let (whole, part) = (whole.trim(), part.trim());
        // At the top, and only there, an array holds its scalar elements as they stand.
        let scalar = !part.starts_with(['[', '{']);
        if scalar && whole.starts_with('[') {
            return Ok(Some(items(whole)?.iter().any(|i| same(i.get(), part))));
        }
        contains(whole, part).map(Some)
    })?;
    define(conn, "bistro_overlaps", 2, |c| {
        let (Some(a), Some(b)) = (text_at(c, 0)?, text_at(c, 1)?) else { return Ok(None) };
        let (a, b) = (items(a)?, items(b)?);
        Ok(Some(a.iter().any(|x| x.get() != "null" && b.iter().any(|y| same(x.get(), y.get())))))
    })
}

/// `IN` over a stored list: unknown if only a null could be meant.
fn has(list: &str, wanted: Raw<'_>, form: Form) -> Result<Option<bool>> {
    let wanted = decode(cell(wanted), form).map_err(broken)?.to_owned();
    let mut unknown = false;
    for item in items(list)? {
        match element(item.get(), kind_of(form)).ok_or_else(|| broken("an element of another kind"))? {
            Value::Null => unknown = true,
            item if equal(&item, &wanted) => return Ok(Some(true)),
            _ => {}
        }
    }
    Ok(if unknown { None } else { Some(false) })
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Decimal(a), Value::Decimal(b)) => a.compare(*b) == Ordering::Equal,
        (Value::Float(a), Value::Float(b)) => a == b,
        _ => a == b,
    }
}

fn items(list: &str) -> Result<Vec<&RawValue>> {
    serde_json::from_str(list).map_err(broken)
}

/// PostgreSQL's `@>`.
fn contains(whole: &str, part: &str) -> Result<bool> {
    match (whole.as_bytes().first(), part.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => {
            let whole: HashMap<String, &RawValue> = serde_json::from_str(whole).map_err(broken)?;
            let part: HashMap<String, &RawValue> = serde_json::from_str(part).map_err(broken)?;
            for (name, wanted) in part {
                let Some(found) = whole.get(&name) else { return Ok(false) };
                if !contains(found.get(), wanted.get())? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Some(b'['), Some(b'[')) => {
            let whole = items(whole)?;
            for wanted in items(part)? {
                let mut found = false;
                for item in &whole {
                    found = found || contains(item.get(), wanted.get())?;
                }
                if !found {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ => Ok(same(whole, part)),
    }
}

/// Whether two JSON scalars are the same value.
fn same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (a.as_bytes().first(), b.as_bytes().first()) {
        (Some(b'"'), Some(b'"')) => {
            let text = |t| serde_json::from_str::<String>(t).ok();
            text(a).is_some() && text(a) == text(b)
        }
        (Some(b'-' | b'0'..=b'9'), Some(b'-' | b'0'..=b'9')) => {
            match (Decimal::parse(a), Decimal::parse(b)) {
                (Ok(a), Ok(b)) => a.compare(b) == Ordering::Equal,
                _ => a.parse::<f64>().ok() == b.parse::<f64>().ok(),
            }
        }
        _ => false,
    }
}
