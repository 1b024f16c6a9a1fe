//! `bistro.toml`.

use std::path::Path;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::merge::{Merged, known};
use crate::error::Failure;

/// The largest file, in bytes.
const SIZE_MAX: usize = 1 << 20;

/// Reads the file's text into the settings.
pub(super) fn read(merged: &mut Merged, path: &Path, text: &str) -> Result<(), Failure> {
    let place =
        |at: usize| format!("{}:{}", path.display(), 1 + text[..at.min(text.len())].matches('\n').count());
    if text.len() > SIZE_MAX {
        let message = format!("the file has {} bytes; a configuration has at most {SIZE_MAX}", text.len());
        return Err(Failure::Config { place: place(0), message, hint: None });
    }
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        Failure::Config { place: place(at), message: error.message().to_owned(), hint: None }
    })?;
    let known = known();
    let sections: Vec<&str> = known.keys().filter_map(|k| k.split_once('.')).map(|(s, _)| s).collect();
    for (section, value) in table.get_ref() {
        let at = place(section.span().start);
        let name = section.get_ref().as_ref();
        let Some(keys) = value.get_ref().as_table().filter(|_| sections.contains(&name)) else {
            return Err(unknown_section(at, name, &sections, known.keys()));
        };
        for (key, value) in keys {
            let path = format!("{name}.{}", key.get_ref());
            let at = place(key.span().start);
            if !known.contains_key(&path) {
                return Err(unknown(at, &path, known.keys()));
            }
            merged.put(&path, json(value.get_ref()), at);
        }
    }
    Ok(())
}

/// A key outside the sections, or a section that does not exist.
fn unknown_section<'k>(
    place: String,
    name: &str,
    sections: &[&str],
    known: impl Iterator<Item = &'k String>,
) -> Failure {
    if sections.contains(&name) {
        let message = format!("{name} must be a section: write [{name}]");
        return Failure::Config { place, message, hint: None };
    }
    let section = bistro_schema::names::nearest(name, sections.iter().copied()).map(|s| format!("[{s}]"));
    let key = || {
        known
            .map(String::as_str)
            .find(|k| k.split_once('.').is_some_and(|(_, k)| k == name))
            .map(str::to_owned)
    };
    let hint = key().or(section).map(|near| format!("did you mean {near}?"));
    Failure::Config { place, message: format!("{name} is no setting of Bistro"), hint }
}

/// A key that no setting has.
pub(super) fn unknown<'k>(place: String, path: &str, known: impl Iterator<Item = &'k String>) -> Failure {
    let near = bistro_schema::names::nearest(path, known.map(String::as_str));
    let hint = near.map_or_else(
        || "bistro config reference lists all settings".to_owned(),
        |near| format!("did you mean {near}?"),
    );
    Failure::Config { place, message: format!("{path} is no setting of Bistro"), hint: Some(hint) }
}

/// A TOML value as JSON, so that the sources share a form.
fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => {
            let digits = number.as_str();
            i64::from_str_radix(digits, number.radix())
                .map_or_else(|_| Value::String(digits.to_owned()), Value::from)
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Value::Null, Value::from),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(items) => Value::Array(items.iter().map(|item| json(item.get_ref())).collect()),
        DeValue::Table(keys) => {
            Value::Object(keys.iter().map(|(k, v)| (k.get_ref().to_string(), json(v.get_ref()))).collect())
        }
    }
}
