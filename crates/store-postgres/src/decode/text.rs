//! Texts that have to be made: documents without insignificant space, other types in words.

use super::{Wire, integer};

/// A JSON document without white space between its tokens. The server prints one space after each comma and colon.
pub(super) fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut inside) = (text, false);
    loop {
        let stop = rest.find(|c: char| {
            c == '"' || (!inside && matches!(c, ' ' | '\n' | '\t' | '\r')) || (inside && c == '\\')
        });
        let Some(stop) = stop else {
            out.push_str(rest);
            return out;
        };
        out.push_str(&rest[..stop]);
        // Each of the characters that stop is one byte long; an escaped one follows a backslash.
        match rest.as_bytes()[stop] {
            b'"' => {
                out.push('"');
                inside = !inside;
                rest = &rest[stop + 1..];
            }
            b'\\' => {
                let after = rest[stop + 1..].chars().next().map_or(0, char::len_utf8);
                out.push_str(&rest[stop..=stop + after]);
                rest = &rest[stop + 1 + after..];
            }
            _ => rest = &rest[stop + 1..],
        }
    }
}

/// The float nearest to a number's text.
pub(super) fn float(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// A value of another type as text.
pub(super) fn plain(bytes: &[u8], wire: Wire) -> Option<String> {
    Some(match wire {
        Wire::Uuid => {
            let uuid = bistro_schema::text::uuid_text(bytes.try_into().ok()?);
            String::from_utf8_lossy(&uuid).into_owned()
        }
        Wire::Bool => if bytes.first()? == &0 { "false" } else { "true" }.to_owned(),
        Wire::Char => char::from(*bytes.first()?).to_string(),
        wire => integer(bytes, wire)?.to_string(),
    })
}
