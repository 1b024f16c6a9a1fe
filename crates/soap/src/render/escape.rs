//! Text between tags: escaped, and without what XML cannot carry.

use crate::characters::plain_run;

/// U+FFFD.
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// Appends text. `false` where a character that XML cannot carry was replaced.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) -> bool {
    let (mut whole, mut rest) = (true, text.as_bytes());
    out.reserve(rest.len());
    loop {
        let run = plain_run::<true>(rest);
        out.extend_from_slice(&rest[..run]);
        let Some(byte) = rest.get(run) else { return whole };
        let (written, length): (&[u8], usize) = match byte {
            b'&' => (b"&amp;", 1),
            b'<' => (b"&lt;", 1),
            b'>' => (b"&gt;", 1),
            // A reader would make a line feed of it.
            b'\r' => (b"&#13;", 1),
            b'\t' => (b"\t", 1),
            b'\n' => (b"\n", 1),
            0xEF if !matches!(rest[run..], [_, 0xBF, 0xBE | 0xBF, ..]) => (&rest[run..run + 3], 3),
            0xEF => (REPLACEMENT, 3),
            _ => (REPLACEMENT, 1),
        };
        whole &= written != REPLACEMENT || &rest[run..run + length] == REPLACEMENT;
        out.extend_from_slice(written);
        rest = &rest[run + length..];
    }
}
