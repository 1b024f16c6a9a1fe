//! `BISTRO_` variables: the path in capitals, `__` for the dot.

use std::collections::BTreeMap;

use serde_json::Value;

use super::file::unknown;
use super::merge::{Merged, known};
use super::reference::declares;
use crate::error::Failure;

/// Reads the variables into the settings. Variables without `__` are none of ours.
pub(super) fn read(
    merged: &mut Merged,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<(), Failure> {
    let ours = variables.filter_map(|(name, text)| {
        let path = name.strip_prefix("BISTRO_").filter(|p| p.contains("__"))?;
        Some((path.replacen("__", ".", 1).to_lowercase(), name, text))
    });
    let ours: Vec<(String, String, String)> = ours.collect();
    if ours.is_empty() {
        return Ok(());
    }
    let known = known();
    for (path, name, text) in ours {
        if let Some(default) = known.get(&path) {
            merged.put(&path, typed(default, &path, text), name);
        } else if let Some((section, members)) = within(&known, &path) {
            merged.put_within(section, &members, Value::String(text), name);
        } else {
            return Err(unknown(name, &path, known.keys()));
        }
    }
    Ok(())
}

/// The section of sections that a path leads into, and the members on the way: `auth.providers__google__client_id`.
fn within<'p>(known: &BTreeMap<String, Value>, path: &'p str) -> Option<(&'p str, Vec<&'p str>)> {
    let (section, rest) = path.split_once("__")?;
    let members: Vec<&str> = rest.split("__").collect();
    let good = known.get(section).is_some_and(Value::is_object) && members.iter().all(|m| !m.is_empty());
    good.then_some((section, members))
}

/// The text as a value of the default's kind; what does not fit stays text, and is refused with its name.
fn typed(default: &Value, path: &str, text: String) -> Value {
    match default {
        // A setting without a default shows its kind in the schema alone.
        Value::Null if declares(path, "boolean") => typed(&Value::Bool(false), path, text),
        Value::Null if declares(path, "integer") => typed(&Value::from(0), path, text),
        Value::Number(_) => text.trim().parse::<i64>().map_or_else(|_| Value::String(text), Value::from),
        Value::Bool(_) => match text.trim() {
            "true" | "1" => Value::Bool(true),
            "false" | "0" => Value::Bool(false),
            _ => Value::String(text),
        },
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        _ => Value::String(text),
    }
}
