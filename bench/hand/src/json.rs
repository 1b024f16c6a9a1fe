//! JSON written straight into the reply's buffer.

use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// Writes a key of 16 bytes as a quoted UUID.
pub(crate) fn uuid(out: &mut Vec<u8>, key: &[u8]) {
    let key: [u8; 16] = key.try_into().unwrap_or_default();
    let mut text = [0; Hyphenated::LENGTH];
    out.push(b'"');
    out.extend_from_slice(Uuid::from_bytes(key).hyphenated().encode_lower(&mut text).as_bytes());
    out.push(b'"');
}

/// Writes UTF-8 as a JSON string, copying whole runs that need no escape.
pub(crate) fn string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    let mut rest = text;
    loop {
        let clean = clean_prefix(rest);
        out.extend_from_slice(&rest[..clean]);
        let Some(&byte) = rest.get(clean) else { break };
        escape(out, byte);
        rest = &rest[clean + 1..];
    }
    out.push(b'"');
}

/// How many bytes come before the first one that JSON wants escaped.
fn clean_prefix(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(chunk) = text.get(at..at + 8) {
        let word = u64::from_le_bytes(chunk.try_into().expect("the slice has eight bytes"));
        if needs_escape(word) {
            break;
        }
        at += 8;
    }
    at + text[at..].iter().take_while(|&&byte| byte >= 0x20 && byte != b'"' && byte != b'\\').count()
}

/// Whether any of the eight bytes is a quote, a backslash or below 0x20 (may err towards true).
fn needs_escape(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let below = |limit: u64, word: u64| word.wrapping_sub(ONES * limit) & !word;
    let quote = word ^ (ONES * u64::from(b'"'));
    let backslash = word ^ (ONES * u64::from(b'\\'));
    (below(0x20, word) | below(1, quote) | below(1, backslash)) & TOPS != 0
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str) {
        let mut out = Vec::new();
        string(&mut out, text.as_bytes());
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }

    #[test]
    fn every_ascii_byte_and_more_survives() {
        for byte in 0..128u8 {
            let odd = char::from(byte);
            check(&format!("{odd}"));
            check(&format!("1234567{odd}89012345{odd}"));
        }
        check("naïve – 日本語 \u{10ffff} \u{0}");
        check("");
    }
}
