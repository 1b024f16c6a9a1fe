//! Functions of texts, and the text of any value.

use bistro_schema::ValueRef;
use bistro_schema::text::write_plain;
use bistro_store_sql::{Form, decode};
use rusqlite::Result;
use rusqlite::types::ValueRef as Raw;

use super::{On, broken, define, text_at};
use crate::execute::cell;

pub(super) fn register(on: &On<'_>) -> Result<()> {
    define(on, "bistro_lower", 1, |c| Ok(text_at(c, 0)?.map(str::to_lowercase)))?;
    define(on, "bistro_upper", 1, |c| Ok(text_at(c, 0)?.map(str::to_uppercase)))?;
    define(on, "bistro_trim", 1, |c| Ok(text_at(c, 0)?.map(|t| t.trim().to_owned())))?;
    define(on, "bistro_size", 1, |c| Ok(text_at(c, 0)?.map(size)))?;
    define(on, "bistro_text", 2, |c| {
        let code = text_at(c, 1)?.unwrap_or_default();
        if let Raw::Null = c.get_raw(0) {
            return Ok(None);
        }
        let form = Form::from_code(code).ok_or_else(|| broken("an unknown form"))?;
        plain(c.get_raw(0), form).map(Some)
    })
}

/// The length of a bind that may be a text or a list.
fn size(text: &str) -> i64 {
    let list = if text.starts_with('[') {
        serde_json::from_str::<Vec<serde::de::IgnoredAny>>(text).ok()
    } else {
        None
    };
    list.map_or_else(|| text.chars().count(), |l| l.len()) as i64
}

fn plain(raw: Raw<'_>, form: Form) -> Result<String> {
    let mut out = Vec::new();
    match (form, raw) {
        (Form::List(_), Raw::Text(text)) => out.extend_from_slice(text),
        _ => {
            let value: ValueRef<'_> = decode(cell(raw), form).map_err(broken)?;
            write_plain(value, &mut out);
        }
    }
    String::from_utf8(out).map_err(broken)
}
