//! Ways into JSON documents, by scanning their text: numbers keep every digit, and nothing is built of what is passed by.

use std::fmt;

use bistro_schema::literal::json_order;
use rusqlite::Result;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{On, broken, define, text_at};

pub(super) fn register(on: &On<'_>) -> Result<()> {
    define(on, "bistro_json", 2, |c| {
        let (Some(document), Some(path)) = (text_at(c, 0)?, text_at(c, 1)?) else { return Ok(None) };
        let steps = c.get_or_create_aux(1, |_| serde_json::from_str::<Vec<Step>>(path))?;
        Ok(follow(document, &steps)?.map(str::to_owned))
    })?;
    define(on, "bistro_json_text", 2, |c| {
        let (Some(document), Some(path)) = (text_at(c, 0)?, text_at(c, 1)?) else { return Ok(None) };
        let steps = c.get_or_create_aux(1, |_| serde_json::from_str::<Vec<Step>>(path))?;
        match follow(document, &steps)? {
            None | Some("null") => Ok(None),
            Some(text) if text.starts_with('"') => {
                serde_json::from_str::<String>(text).map(Some).map_err(broken)
            }
            Some(other) => Ok(Some(other.to_owned())),
        }
    })
}

/// Keys that compare as documents and lists do, for a store whose engine knows them as text.
pub(super) fn register_keys(on: &On<'_>) -> Result<()> {
    define(on, "bistro_json_key", 1, |c| Ok(text_at(c, 0)?.map(json_order::sort_key)))?;
    define(on, "bistro_list_key", 1, |c| Ok(text_at(c, 0)?.map(json_order::array_sort_key)))
}

/// One step of a path, which statements hold as a JSON array.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
enum Step {
    Index(i64),
    Key(String),
}

/// The part that the steps lead to.
fn follow<'d>(document: &'d str, steps: &[Step]) -> Result<Option<&'d str>> {
    let mut here = document.trim();
    for step in steps {
        let next = match (step, here.as_bytes().first()) {
            (Step::Key(key), Some(b'{')) => within(here, Member(key)),
            (Step::Index(index), Some(b'[')) if *index >= 0 => within(here, Element(*index as usize)),
            (Step::Index(index), Some(b'[')) => {
                let items: Vec<&RawValue> = serde_json::from_str(here).map_err(broken)?;
                let back = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
                Ok(items.len().checked_sub(back).map(|at| items[at].get()))
            }
            _ => return Ok(None),
        };
        match next.map_err(broken)? {
            Some(text) => here = text,
            None => return Ok(None),
        }
    }
    Ok(Some(here))
}

fn within<'d, S>(text: &'d str, seed: S) -> serde_json::Result<Option<&'d str>>
where
    S: DeserializeSeed<'d, Value = Option<&'d RawValue>>,
{
    let mut reader = serde_json::Deserializer::from_str(text);
    Ok(seed.deserialize(&mut reader)?.map(RawValue::get))
}

/// Finds a member; the last of several counts.
struct Member<'k>(&'k str);

impl<'d> DeserializeSeed<'d> for Member<'_> {
    type Value = Option<&'d RawValue>;

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> std::result::Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'d> Visitor<'d> for Member<'_> {
    type Value = Option<&'d RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'d>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(is) = map.next_key_seed(Same(self.0))? {
            if is {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Whether a name is the wanted one, without keeping it.
struct Same<'k>(&'k str);

impl<'d> DeserializeSeed<'d> for Same<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> std::result::Result<bool, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Same<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> std::result::Result<bool, E> {
        Ok(name == self.0)
    }
}

/// Finds an element.
struct Element(usize);

impl<'d> DeserializeSeed<'d> for Element {
    type Value = Option<&'d RawValue>;

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> std::result::Result<Self::Value, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'d> Visitor<'d> for Element {
    type Value = Option<&'d RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut items: A) -> std::result::Result<Self::Value, A::Error> {
        let (mut at, mut found) = (0, None);
        while let Some(item) = items.next_element::<&RawValue>()? {
            if at == self.0 {
                found = Some(item);
            }
            at += 1;
        }
        Ok(found)
    }
}
