//! Paths under `/rest/v1`: a collection, one of its rows, or a function.

use std::borrow::Cow;

use bistro_problem::{Code, Problem};
use bistro_schema::{Action, FieldId, SchemaView, TypeId, names};

use super::query::decode;

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path<'a> {
    /// `/rest/v1` itself.
    Root,
    /// `/rest/v1/posts`, decoded.
    Collection(Cow<'a, str>),
    /// `/rest/v1/posts/<key>`: the collection decoded, the key as it stands.
    Item(Cow<'a, str>, &'a str),
    /// `/rest/v1/rpc/<function>`, decoded.
    Function(Cow<'a, str>),
}

/// Reads what follows `/rest/v1`, still percent-encoded; PGRST125 for anything else.
pub fn split(rest: &str) -> Result<Path<'_>, Problem> {
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let mut parts = rest.split('/');
    let text = |part: &'_ str| -> Result<(), Problem> {
        decode(part, false)
            .map(|_| ())
            .ok_or_else(|| Problem::new(Code::BadText, "The path holds NUL or bytes that are not UTF-8"))
    };
    let decoded = |part| decode(part, false).unwrap_or(Cow::Borrowed(part));
    match (parts.next(), parts.next(), parts.next()) {
        (None | Some(""), None, _) => Ok(Path::Root),
        (Some(collection), None | Some(""), None) if !collection.is_empty() => {
            text(collection)?;
            Ok(Path::Collection(decoded(collection)))
        }
        (Some("rpc"), Some(function), None) if !function.is_empty() => {
            text(function)?;
            Ok(Path::Function(decoded(function)))
        }
        (Some(collection), Some(key), None) if !collection.is_empty() && !key.is_empty() => {
            text(collection)?;
            Ok(Path::Item(decoded(collection), key))
        }
        _ => Err(invalid()),
    }
}

/// PGRST125.
pub(crate) fn invalid() -> Problem {
    Problem::new(Code::Path, "Invalid path specified in request URL")
}

/// The type with this collection name, or PGRST205.
pub fn collection(view: &SchemaView, name: &str) -> Result<TypeId, Problem> {
    view.by_collection(name).ok_or_else(|| {
        let near = names::nearest(name, view.types().map(|(_, ty)| ty.collection.as_str()));
        let message = format!("Could not find the table 'public.{name}' in the schema cache");
        Problem::new(Code::UnknownTable, message)
            .hint_opt(near.map(|n| format!("Perhaps you meant the table 'public.{n}'")))
    })
}

/// The fields of the key and their texts, from the last segment of an item's path.
pub(crate) fn key<'a>(
    view: &SchemaView,
    ty: TypeId,
    segment: &'a str,
) -> Result<Vec<(FieldId, Cow<'a, str>)>, Problem> {
    let fields = &view.schema().ty(ty).key;
    let texts: Vec<&str> = key_texts(segment).collect();
    let readable = fields.iter().all(|f| view.field_allows(ty, *f, Action::Read));
    if fields.is_empty() || !readable || texts.len() != fields.len() {
        return Err(invalid());
    }
    let decoded = texts.iter().map(|text| {
        decode(text, false)
            .ok_or_else(|| Problem::new(Code::BadText, "The path holds NUL or bytes that are not UTF-8"))
    });
    fields.iter().copied().zip(decoded).map(|(field, text)| Ok((field, text?))).collect()
}

/// The parts of a key as they stand: a comma inside one is percent-encoded.
pub(crate) fn key_texts(segment: &str) -> impl Iterator<Item = &str> {
    segment.split(',')
}
