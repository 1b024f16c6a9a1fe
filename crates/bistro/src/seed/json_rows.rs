//! Rows of JSON: a list of objects, one object of lists, or one object a line.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::place::{Lines, Mistake};

/// Where rows stand in the text, each with its line.
pub(super) type Rows = Vec<(Range<usize>, usize)>;

/// The most members of a row, and the most collections of a file.
const MEMBERS_MAX: usize = 4_096;

/// The rows of a `.json` file, each as the range of its object: for a list under no name, for an object of lists under
/// the collections' names.
pub(super) fn document(text: &str) -> Result<Vec<(Option<String>, Rows)>, Mistake> {
    let mut lines = Lines::new(text);
    match text.trim_start().bytes().next() {
        Some(b'[') => Ok(vec![(None, list(text, text, &mut lines)?)]),
        Some(b'{') => {
            let mut all = Vec::new();
            for (name, raw) in members(text).map_err(|e| syntax(&e, 1))? {
                let line = lines.of(range(text, raw.get()).start);
                if !raw.get().starts_with('[') {
                    let message =
                        format!("{name:?} must be a list of rows; one row is written {{…}} inside […]");
                    return Err(Mistake::at(line, message));
                }
                all.push((Some(name.into_owned()), list(text, raw.get(), &mut lines)?));
            }
            Ok(all)
        }
        _ => Err(Mistake::at(1, "a file of seeds holds a list of objects, or one object of lists")),
    }
}

/// The rows of a `.jsonl` file.
pub(super) fn lines(text: &str) -> Result<Rows, Mistake> {
    let mut rows = Vec::new();
    let mut at = 0;
    for (n, line) in text.split('\n').enumerate() {
        if !line.trim().is_empty() {
            rows.push((at..at + line.len(), n + 1));
        }
        at += line.len() + 1;
    }
    Ok(rows)
}

/// The objects of a list that is part of `text`.
fn list(text: &str, part: &str, lines: &mut Lines<'_>) -> Result<Rows, Mistake> {
    let base = lines.of(range(text, part).start);
    let items: Vec<&RawValue> = serde_json::from_str(part).map_err(|e| syntax(&e, base))?;
    let mut rows = Vec::with_capacity(items.len());
    for item in items {
        let range = range(text, item.get());
        let line = lines.of(range.start);
        if !item.get().starts_with('{') {
            return Err(Mistake::at(line, "a row is an object: {\"column\": value, …}"));
        }
        rows.push((range, line));
    }
    Ok(rows)
}

/// The members of an object in their order, values as they are written. `line` is that of the object's start.
pub(super) fn object(text: &str, line: usize) -> Result<Vec<(Cow<'_, str>, &RawValue)>, Mistake> {
    if !text.trim_start().starts_with('{') {
        return Err(Mistake::at(line, "a row is an object: {\"column\": value, …}"));
    }
    members(text).map_err(|e| syntax(&e, line))
}

fn members(text: &str) -> serde_json::Result<Vec<(Cow<'_, str>, &RawValue)>> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut all: Self::Value = Vec::with_capacity(8);
            while let Some(Key(name)) = map.next_key()? {
                if all.len() == MEMBERS_MAX {
                    return Err(serde::de::Error::custom(format_args!(
                        "an object has at most {MEMBERS_MAX} members here"
                    )));
                }
                if all.iter().any(|(known, _)| *known == name) {
                    return Err(serde::de::Error::custom(format_args!(
                        "{name:?} stands twice in one object"
                    )));
                }
                all.push((name, map.next_value()?));
            }
            Ok(all)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let all = reader.deserialize_map(Members)?;
    reader.end()?;
    Ok(all)
}

/// A member's name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'k>(#[serde(borrow)] Cow<'k, str>);

/// Where a part of `text` stands in it.
fn range(text: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    start..start + part.len()
}

/// A mistake of syntax in a part that starts at a line.
fn syntax(error: &serde_json::Error, base: usize) -> Mistake {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text);
    Mistake::at(base + error.line().saturating_sub(1), message)
}
