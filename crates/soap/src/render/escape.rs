//! Text between tags: escaped, and without what XML cannot carry.

use crate::envelope::is_character;

/// Appends text. `false` where a character that XML cannot carry was replaced.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) -> bool {
    let (mut whole, mut from) = (true, 0);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let written: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            // A reader would make a line feed of it.
            b'\r' => b"&#13;",
            b'\t' | b'\n' => continue,
            0..0x20 => {
                whole = false;
                REPLACEMENT
            }
            // U+FFFE and U+FFFF.
            0xEF if matches!(bytes[at..], [_, 0xBF, 0xBE | 0xBF, ..]) => {
                whole = false;
                out.extend_from_slice(&bytes[from..at]);
                out.extend_from_slice(REPLACEMENT);
                from = at + 3;
                continue;
            }
            _ => continue,
        };
        out.extend_from_slice(&bytes[from..at]);
        out.extend_from_slice(written);
        from = at + 1;
    }
    out.extend_from_slice(&bytes[from..]);
    debug_assert!(whole == text.chars().all(is_character));
    whole
}

/// U+FFFD.
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();
