//! A JSON body: one object, or an array of objects with the same members.

use std::borrow::Cow;
use std::fmt;

use bistro_engine::misread;
use bistro_problem::{Code, Problem};
use bistro_schema::literal::json::DEPTH_MAX;
use bistro_schema::{FieldId, Kind, Value};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Reader, Rows, pointer};

/// Reads a JSON body.
pub(super) fn read(reader: &Reader<'_>, text: &str) -> Result<Rows, Problem> {
    check_depth(text)?;
    let payload: Payload<'_> = serde_json::from_str(text).map_err(|e| fault(&e))?;
    let (objects, many) = match payload {
        Payload::One(object) => (vec![object], false),
        Payload::Many(objects) => (objects, true),
    };
    for (row, object) in objects.iter().enumerate() {
        check_duplicates(object, many.then_some(row))?;
    }
    match &reader.columns {
        Some(columns) => chosen(reader, columns.clone(), &objects, many),
        None => uniform(reader, &objects, many),
    }
}

fn fault(error: &serde_json::Error) -> Problem {
    Problem::new(Code::Body, "Empty or invalid json").details(error.to_string())
}

/// All objects have the members of the first.
fn uniform(reader: &Reader<'_>, objects: &[Object<'_>], many: bool) -> Result<Rows, Problem> {
    let Some(first) = objects.first() else { return Ok(Rows::default()) };
    let columns = reader.fields(first.0.iter().map(|(name, _)| name.as_ref()))?;
    let mut rows = Vec::with_capacity(objects.len());
    for (at, object) in objects.iter().enumerate() {
        let place = many.then_some(at);
        if object.0.len() != first.0.len() {
            return Err(unequal(at));
        }
        let mut row = Vec::with_capacity(columns.len());
        for (i, (name, _)) in first.0.iter().enumerate() {
            let raw = object.member(i, name).ok_or_else(|| unequal(at))?;
            let value = value(reader, columns[i], raw).map_err(|p| p.pointer(pointer(place, name)))?;
            row.push(Some(value));
        }
        rows.push(row);
    }
    Ok(Rows { columns, rows })
}

fn unequal(row: usize) -> Problem {
    Problem::new(Code::Body, "All object keys must match")
        .hint("Give every object the same members, or name the columns to fill in columns=.")
        .pointer(format!("/{row}"))
}

/// The columns that `columns=` names; other members do not count.
fn chosen(
    reader: &Reader<'_>,
    columns: Vec<FieldId>,
    objects: &[Object<'_>],
    many: bool,
) -> Result<Rows, Problem> {
    let of = reader.view.schema().ty(reader.ty);
    let mut rows = Vec::with_capacity(objects.len());
    for (at, object) in objects.iter().enumerate() {
        let mut row = Vec::with_capacity(columns.len());
        for column in &columns {
            let field = of.field(*column);
            let means = |name: &str| name == field.name || field.alias.as_deref() == Some(name);
            let mut found = object.0.iter().filter(|(name, _)| means(name));
            row.push(match (found.next(), found.next()) {
                (None, _) => reader.absent(),
                (Some((name, raw)), None) => {
                    let place = pointer(many.then_some(at), name);
                    Some(value(reader, *column, raw.get()).map_err(|p| p.pointer(place))?)
                }
                (Some(_), Some((name, _))) => {
                    let message = format!("The column '{}' is given twice: once as '{name}'", field.name);
                    return Err(Problem::new(Code::Body, message));
                }
            });
        }
        rows.push(row);
    }
    Ok(Rows { columns, rows })
}

/// A member's value, read by the column's type: strings by what they say, everything else by its own text.
fn value(reader: &Reader<'_>, field: FieldId, raw: &str) -> Result<Value, Problem> {
    let scalar = reader.scalar(field);
    if raw == "null" {
        return Ok(Value::Null);
    }
    if scalar.kind == Kind::Json && !scalar.list {
        return reader.parse(field, raw);
    }
    match raw.as_bytes().first() {
        Some(b'"') => {
            let Text(text) = serde_json::from_str(raw).map_err(|e| fault(&e))?;
            reader.parse(field, &text)
        }
        Some(b'{' | b'[') if scalar.kind.is_text() && !scalar.list => {
            let text = bistro_schema::literal::json::compact(raw).map_err(|e| misread(&e))?;
            reader.parse(field, &text)
        }
        _ => reader.parse(field, raw),
    }
}

fn check_duplicates(object: &Object<'_>, row: Option<usize>) -> Result<(), Problem> {
    let mut names: Vec<&str> = object.0.iter().map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => {
            let message = format!("The member '{}' is given twice", pair[0]);
            Err(Problem::new(Code::Body, message).pointer(pointer(row, pair[0])))
        }
        None => Ok(()),
    }
}

/// Brackets are counted before anything is parsed, so that no depth can exhaust the stack.
fn check_depth(text: &str) -> Result<(), Problem> {
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                if depth > DEPTH_MAX {
                    let message = format!("The body nests deeper than the limit of {DEPTH_MAX}");
                    return Err(Problem::new(Code::TooComplex, message));
                }
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

enum Payload<'a> {
    One(Object<'a>),
    Many(Vec<Object<'a>>),
}

/// The members of an object in the caller's order, each with its text.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl Object<'_> {
    /// The member `name`, which mostly stands where it stood in the first object.
    fn member(&self, likely: usize, name: &str) -> Option<&str> {
        let here = self.0.get(likely).filter(|(n, _)| n == name);
        here.or_else(|| self.0.iter().find(|(n, _)| n == name)).map(|(_, raw)| raw.get())
    }
}

/// A string that borrows where it can.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl<'de> Visitor<'de> for Reads {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Reads)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl<'de> Visitor<'de> for Reads {
            type Value = Object<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Object<'de>, M::Error> {
                members(map)
            }
        }
        deserializer.deserialize_map(Reads)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Payload<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl<'de> Visitor<'de> for Reads {
            type Value = Payload<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or an array of objects")
            }
            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Payload<'de>, M::Error> {
                members(map).map(Payload::One)
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Payload<'de>, S::Error> {
                let mut objects = Vec::new();
                while let Some(object) = seq.next_element()? {
                    objects.push(object);
                }
                Ok(Payload::Many(objects))
            }
        }
        deserializer.deserialize_any(Reads)
    }
}

/// How many members one object may have.
const MEMBERS_MAX: usize = 2_000;

fn members<'de, M: MapAccess<'de>>(mut map: M) -> Result<Object<'de>, M::Error> {
    let mut members = Vec::new();
    while let Some(Text(name)) = map.next_key()? {
        if members.len() == MEMBERS_MAX {
            return Err(M::Error::custom(format_args!("an object has more than {MEMBERS_MAX} members")));
        }
        members.push((name, map.next_value()?));
    }
    Ok(Object(members))
}
