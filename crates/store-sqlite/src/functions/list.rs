//! Lists and documents that hold or share parts, on their JSON text.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use bistro_problem::Code;
use bistro_schema::literal::json_order::sort_key;
use bistro_schema::{Decimal, Value};
use bistro_store_sql::decode::{element, kind_of};
use bistro_store_sql::{Form, decode};
use rusqlite::Result;
use rusqlite::types::ValueRef as Raw;
use serde_json::value::RawValue;

use super::{On, broken, define, refuse, text_at};
use crate::execute::cell;

pub(super) fn register(on: &On<'_>) -> Result<()> {
    define(on, "bistro_has", 3, |c| {
        let (Some(list), Some(code)) = (text_at(c, 0)?, text_at(c, 2)?) else { return Ok(None) };
        if let Raw::Null = c.get_raw(1) {
            return Ok(None);
        }
        has(list, c.get_raw(1), Form::from_code(code).ok_or_else(|| broken("an unknown form"))?)
    })?;
    define(on, "bistro_contains", 2, |c| {
        let (Some(whole), Some(part)) = (text_at(c, 0)?, text_at(c, 1)?) else { return Ok(None) };
        let (whole, part) = (whole.trim(), part.trim());
        // At the top, and only there, an array holds its scalar elements as they stand.
        let scalar = !part.starts_with(['[', '{']);
        if scalar && whole.starts_with('[') {
            return Ok(Some(items(whole)?.iter().any(|i| same(i.get(), part))));
        }
        contains(whole, part, &mut Looks(LOOKS + whole.len() + part.len())).map(Some)
    })?;
    define(on, "bistro_overlaps", 2, |c| {
        let (Some(a), Some(b)) = (text_at(c, 0)?, text_at(c, 1)?) else { return Ok(None) };
        let (a, b) = (items(a)?, items(b)?);
        let [a, b] = [&a, &b].map(|of| texts(of, |text| text != "null"));
        Ok(Some(among(&a, &b).any(|found| found)))
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

/// Bytes that one comparison of documents may look at besides once at each: SQLite cannot stop a function while it runs.
const LOOKS: usize = 8 << 20;
/// Pairs of elements that are compared one with another; for more, their keys are gathered first.
const PAIRS: usize = 256;

/// What is left of [`LOOKS`].
struct Looks(usize);

impl Looks {
    fn take(&mut self, bytes: usize) -> Result<()> {
        self.0 = self.0.checked_sub(bytes).ok_or_else(|| {
            refuse(Code::TooComplex, "the documents are too large to be compared element by element")
        })?;
        Ok(())
    }
}

/// PostgreSQL's `@>`.
fn contains(whole: &str, part: &str, looks: &mut Looks) -> Result<bool> {
    looks.take(whole.len() + part.len())?;
    match (whole.as_bytes().first(), part.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => {
            let whole: HashMap<String, &RawValue> = serde_json::from_str(whole).map_err(broken)?;
            let part: HashMap<String, &RawValue> = serde_json::from_str(part).map_err(broken)?;
            for (name, wanted) in part {
                let Some(found) = whole.get(&name) else { return Ok(false) };
                if !contains(found.get(), wanted.get(), looks)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Some(b'['), Some(b'[')) => holds_all(&items(whole)?, &items(part)?, looks),
        _ => Ok(same(whole, part)),
    }
}

/// Whether each element of a part is in some element of the whole.
fn holds_all(whole: &[&RawValue], part: &[&RawValue], looks: &mut Looks) -> Result<bool> {
    let (has, wants) = (texts(whole, is_scalar), texts(part, is_scalar));
    if !among(&has, &wants).all(|found| found) {
        return Ok(false);
    }
    for wanted in part.iter().map(|i| i.get()).filter(|i| !is_scalar(i)) {
        let mut found = false;
        for item in whole.iter().map(|i| i.get()).filter(|i| !is_scalar(i)) {
            found = contains(item, wanted, looks)?;
            if found {
                break;
            }
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The texts of the items that are wanted.
fn texts<'j>(items: &[&'j RawValue], wanted: fn(&str) -> bool) -> Vec<&'j str> {
    items.iter().map(|item| item.get()).filter(|text| wanted(text)).collect()
}

fn is_scalar(json: &str) -> bool {
    !json.starts_with(['[', '{'])
}

/// Of each wanted element, whether it is among those that are there.
fn among<'a>(has: &'a [&str], wants: &'a [&str]) -> Box<dyn Iterator<Item = bool> + 'a> {
    if has.len().saturating_mul(wants.len()) <= PAIRS {
        return Box::new(wants.iter().map(move |w| has.iter().any(|h| same(h, w))));
    }
    let keys: HashSet<Vec<u8>> = has.iter().map(|h| sort_key(h)).collect();
    Box::new(wants.iter().map(move |w| keys.contains(&sort_key(w))))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_hold_parts_as_in_postgresql() {
        let cases = [
            (r#"[1,"a",null,[2,3],{"k":1,"l":2}]"#, r#"[1.0,"\u0061",null]"#, true),
            (r#"[1,[2,3]]"#, r#"[[3]]"#, true),
            (r#"[1,[2,3]]"#, r#"[3]"#, false),
            (r#"[{"k":1,"l":2}]"#, r#"[{"l":2}]"#, true),
            (r#"{"a":[1,2],"b":{}}"#, r#"{"a":[2]}"#, true),
            (r#"{"a":1}"#, r#"{"a":2}"#, false),
        ];
        for (whole, part, expected) in cases {
            assert_eq!(contains(whole, part, &mut Looks(LOOKS)).ok(), Some(expected), "{whole} @> {part}");
        }
    }

    /// SQLite cannot stop a function, so that its time must not grow with the product of what it is given.
    #[test]
    fn regress_large_lists_are_compared_in_linear_time() {
        let list =
            |item: &str, count: usize, last: &str| format!("[{}{last}]", format!("{item},").repeat(count));
        let (zeros, ones) = (list("0", 200_000, "1"), list("1", 20_000, "1.0"));
        assert_eq!(contains(&zeros, &ones, &mut Looks(LOOKS)).ok(), Some(true));
        let (many, few) = (items(&zeros).unwrap_or_default(), list("2", 20_000, "3"));
        let texts: Vec<&str> = many.iter().map(|i| i.get()).collect();
        let wanted: Vec<&str> = few.trim_matches(['[', ']']).split(',').collect();
        assert!(!among(&texts, &wanted).any(|found| found));
        let (arrays, part) = (list("[0]", 100_000, "[1]"), list("[2]", 100, "[3]"));
        assert!(contains(&arrays, &part, &mut Looks(LOOKS)).is_ok_and(|found| !found));
        let part = list("[1]", 100, "[1]");
        assert!(contains(&arrays, &part, &mut Looks(LOOKS)).is_err(), "it is refused, not done for minutes");
    }
}
