//! Percent-encoding of what a reply puts into URLs.

use std::fmt::Write as _;

/// Text as one path segment or one query value: letters, digits and `-_.~` stay as they are.
pub(crate) fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push(text, &mut out);
    out
}

/// Appends text, percent-encoded.
pub(crate) fn push(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a string takes all text");
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_url_cannot_hold_is_encoded() {
        for (text, expected) in [("posts", "posts"), ("a b,c/ä", "a%20b%2Cc%2F%C3%A4"), ("%", "%25")] {
            assert_eq!(super::segment(text), expected);
        }
    }
}
