//! SHA-256 of a document's text, as clients name documents by it.

use aws_lc_rs::digest::{SHA256, digest};

/// A hash of a text.
pub(crate) type Hash = [u8; 32];

/// The hash of a text.
pub(crate) fn hash(text: impl AsRef<[u8]>) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(digest(&SHA256, text.as_ref()).as_ref());
    hash
}

/// A hash that is written in 64 hexadecimal digits.
pub(super) fn parse(text: &str) -> Option<Hash> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = Hash::default();
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
        *byte = digit(pair[0])? * 16 + digit(pair[1])?;
    }
    Some(hash)
}

/// The hash in hexadecimal digits.
pub(super) fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_read_as_they_are_written() {
        let text = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";
        assert_eq!(hex(&hash("{__typename}")), text);
        assert_eq!(parse(text), Some(hash("{__typename}")));
        assert_eq!(parse(&text.to_uppercase()), Some(hash("{__typename}")));
        for bad in ["", "ecf4", &format!("{text}0"), &text.replace('e', "g"), &"é".repeat(32)] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
