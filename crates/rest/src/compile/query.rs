//! The query string: split at `&`, decoded, in the caller's order, and each parameter's kind.

use std::borrow::Cow;

use bistro_problem::{Code, Problem};

/// A parameter with a value, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter<'a> {
    pub(crate) key: Cow<'a, str>,
    pub(crate) value: Cow<'a, str>,
}

/// What a parameter is, told by its key alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Select,
    Columns,
    OnConflict,
    Order,
    Limit,
    Offset,
    /// `and`, `or`, `not.and`, `not.or`, with or without an embed path.
    Tree,
    Filter,
}

/// What the parameter with this decoded key is.
pub(crate) fn role(key: &str) -> Role {
    match key {
        "select" => return Role::Select,
        "columns" => return Role::Columns,
        "on_conflict" => return Role::OnConflict,
        _ => {}
    }
    match key.rsplit('.').next().unwrap_or(key) {
        "order" => Role::Order,
        "limit" => Role::Limit,
        "offset" => Role::Offset,
        "and" | "or" => Role::Tree,
        _ => Role::Filter,
    }
}

/// The key without its last dotted word: the embed path in front of `order`, `limit` …
pub(crate) fn prefix(key: &str) -> &str {
    key.rsplit_once('.').map_or("", |(path, _)| path)
}

/// Splits and decodes a query string. Parameters without `=` do not count.
pub(crate) fn split(query: &str, most: usize) -> Result<Vec<Parameter<'_>>, Problem> {
    let mut out = Vec::new();
    for pair in query.split('&') {
        let Some((key, value)) = pair.split_once('=') else { continue };
        if out.len() == most {
            let message = format!("The query string has more than {most} parameters");
            return Err(Problem::new(Code::TooComplex, message).hint("Put conditions into one and=(…) tree."));
        }
        let fault = || {
            let message = "The query string holds NUL or bytes that are not UTF-8";
            Problem::new(Code::BadText, message).details(format!("In the parameter beginning {}", cut(pair)))
        };
        let key = decode(key, true).ok_or_else(fault)?;
        let value = decode(value, true).ok_or_else(fault)?;
        out.push(Parameter { key, value });
    }
    Ok(out)
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(60).map_or(text, |(end, _)| &text[..end])
}

/// Decodes `%xx` (and `+` as a space, where asked); an escape that is none stays as it is. `None` where the bytes are
/// not UTF-8 or hold NUL.
pub(crate) fn decode(text: &str, plus: bool) -> Option<Cow<'_, str>> {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|b| *b == b'%' || (plus && *b == b'+')) {
        return (!bytes.contains(&0)).then_some(Cow::Borrowed(text));
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = (bytes.get(at + 1).and_then(|b| hex(*b)), bytes.get(at + 2).and_then(|b| hex(*b)));
        match (byte, pair) {
            (b'%', (Some(high), Some(low))) => {
                out.push(high * 16 + low);
                at += 2;
            }
            (b'+', _) if plus => out.push(b' '),
            (byte, _) => out.push(*byte),
        }
        at += 1;
    }
    if out.contains(&0) { None } else { String::from_utf8(out).ok().map(Cow::Owned) }
}

const fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
