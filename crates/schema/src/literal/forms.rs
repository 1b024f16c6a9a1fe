//! The written forms of UUIDs, bytes, e-mail addresses and URLs.

use super::{LiteralError, LiteralErrorKind, cut};

/// Reads 32 hexadecimal digits, with a hyphen allowed after each four and braces around all.
pub(super) fn uuid(text: &str) -> Result<[u8; 16], LiteralError> {
    let inner = match (text.strip_prefix('{'), text.ends_with('}')) {
        (Some(rest), true) => rest.strip_suffix('}'),
        (None, false) => Some(text),
        _ => None,
    };
    inner.and_then(|inner| uuid_digits(inner.as_bytes())).ok_or_else(|| LiteralError::syntax("uuid", text))
}

fn uuid_digits(mut rest: &[u8]) -> Option<[u8; 16]> {
    let mut uuid = [0; 16];
    for (n, byte) in uuid.iter_mut().enumerate() {
        if n > 0 && n % 2 == 0 && rest.first() == Some(&b'-') {
            rest = &rest[1..];
        }
        let (high, low, after) = match rest {
            [high, low, after @ ..] => (hex_digit(*high)?, hex_digit(*low)?, after),
            _ => return None,
        };
        *byte = high << 4 | low;
        rest = after;
    }
    rest.is_empty().then_some(uuid)
}

/// Reads `\x` and hexadecimal digits, or `base64:` and base64 text.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, LiteralError> {
    let syntax = |message: String| LiteralError::new(LiteralErrorKind::Syntax, message);
    if let Some(digits) = text.strip_prefix("\\x") {
        return hex(digits).map_err(syntax);
    }
    if let Some(coded) = text.strip_prefix("base64:") {
        return base64(coded.as_bytes())
            .ok_or_else(|| syntax(format!("invalid base64 text: \"{}\"", cut(coded))));
    }
    Err(syntax(format!(
        "invalid input syntax for type bytea: \"{}\" (write \\x and hexadecimal digits, or base64: and base64 text)",
        cut(text)
    )))
}

/// Pairs of digits, white space allowed between the pairs.
fn hex(digits: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(digits.len() / 2);
    let mut high = None;
    for c in digits.chars() {
        if high.is_none() && matches!(c, ' ' | '\n' | '\t' | '\r') {
            continue;
        }
        let digit = u8::try_from(c)
            .ok()
            .and_then(hex_digit)
            .ok_or_else(|| format!("invalid hexadecimal digit: \"{c}\""))?;
        match high.take() {
            None => high = Some(digit),
            Some(first) => out.push(first << 4 | digit),
        }
    }
    if high.is_some() {
        return Err("invalid hexadecimal data: odd number of digits".into());
    }
    Ok(out)
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Decodes base64 of either alphabet, padded or not.
fn base64(coded: &[u8]) -> Option<Vec<u8>> {
    let padding = coded.iter().rev().take_while(|b| **b == b'=').count();
    if padding > 2 || padding > 0 && !coded.len().is_multiple_of(4) {
        return None;
    }
    let coded = &coded[..coded.len() - padding];
    let mut out = Vec::with_capacity(coded.len() / 4 * 3 + 2);
    for group in coded.chunks(4) {
        let mut bits = 0_u32;
        for byte in group {
            bits = bits << 6 | u32::from(base64_digit(*byte)?);
        }
        bits <<= 6 * (4 - group.len());
        let [_, bytes @ ..] = bits.to_be_bytes();
        let whole = match group.len() {
            4 => 3,
            3 => 2,
            2 => 1,
            _ => return None,
        };
        // Bits beyond the last whole byte must be zero: otherwise two texts would mean the same bytes.
        if bytes[whole..].iter().any(|b| *b != 0) {
            return None;
        }
        out.extend_from_slice(&bytes[..whole]);
    }
    Some(out)
}

const fn base64_digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Whether a text looks like an e-mail address: one `@`, no spaces, a dotted domain, at most 254 bytes.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    text.len() <= 254
        && !local.is_empty()
        && local.len() <= 64
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && !domain.contains('@')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
}

/// Whether a text is `scheme://host…`, without spaces, and not of a scheme that runs code in a page.
pub(super) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let runs_code = ["javascript", "vbscript", "data"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let named = !host.is_empty() && !host.starts_with(':');
    scheme_ok && !runs_code && named && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}
