//! Bytes → text: UTF-8, or UTF-16 with a mark at its beginning, as WS-I's Basic Profile asks.

use std::borrow::Cow;

use bistro_problem::Problem;

use super::read::refused;

/// The text of a body.
pub(crate) fn decode(body: &[u8]) -> Result<Cow<'_, str>, Problem> {
    match body {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        // `<` without a mark, which XML lets go where the header names the encoding.
        [0x00, 0x3C, ..] => utf16(body, u16::from_be_bytes),
        [0x3C, 0x00, ..] => utf16(body, u16::from_le_bytes),
        rest => utf8(rest),
    }
}

/// Whether texts of an encoding are read, whatever the case of its name; many write `utf8`.
pub(crate) fn is_read(encoding: &str) -> bool {
    const READ: [&str; 6] = ["utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii"];
    READ.iter().any(|read| encoding.eq_ignore_ascii_case(read))
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Problem> {
    let text = std::str::from_utf8(bytes).map(Cow::Borrowed);
    text.map_err(|error| refused(format!("The body is not UTF-8 at byte {}", error.valid_up_to())))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, Problem> {
    let (units, odd) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(units.iter().map(|u| unit(*u))).collect();
    match text {
        Ok(text) if odd.is_empty() => Ok(Cow::Owned(text)),
        _ => Err(refused("The body is not UTF-16")),
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn texts_come_in_utf_8_and_utf_16() {
        let check = |bytes: &[u8], expected: Option<&str>| {
            assert_eq!(decode(bytes).ok().as_deref(), expected, "{bytes:?}");
        };
        let units =
            |text: &str, one: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(one).collect::<Vec<u8>>();
        check("<ä🍲/>".as_bytes(), Some("<ä🍲/>"));
        check("\u{feff}<ä/>".as_bytes(), Some("<ä/>"));
        check(&units("\u{feff}<ä🍲/>", u16::to_le_bytes), Some("<ä🍲/>"));
        check(&units("\u{feff}<ä🍲/>", u16::to_be_bytes), Some("<ä🍲/>"));
        check(&units("<ä/>", u16::to_le_bytes), Some("<ä/>"));
        check(&units("<ä/>", u16::to_be_bytes), Some("<ä/>"));
        check(&[0xFF, 0xFE, 0x3C], None);
        check(&[0xFF, 0xFE, 0x00, 0xD8], None);
        check(&[0x3C, 0xC3, 0x28], None);
        check(b"", Some(""));
    }
}
