//! The characters of XML 1.0, and the bytes that need a look on their way in or out, found eight at a time.

/// Whether XML 1.0 can carry the character.
pub(crate) const fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// How many bytes at the start are plain: none below a space, none that begins U+FFFE or U+FFFF, and for text between tags none
/// of `&`, `<` and `>`.
pub(crate) fn plain_run<const TEXT: bool>(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES * 0x80;
    // Marks the bytes that are zero. A borrow can mark bytes above a true one but never below, so the lowest mark is exact.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let (words, tail) = bytes.as_chunks::<8>();
    for (n, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let mut found = control | zeros(word ^ (ONES * 0xEF));
        if TEXT {
            // `<` and `>` differ in one bit.
            found |= zeros(word ^ (ONES * 0x26)) | zeros((word | (ONES * 0x02)) ^ (ONES * 0x3E));
        }
        if found & HIGH != 0 {
            return n * 8 + (found & HIGH).trailing_zeros() as usize / 8;
        }
    }
    let odd = |b: &u8| *b < 0x20 || *b == 0xEF || (TEXT && matches!(b, b'&' | b'<' | b'>'));
    words.len() * 8 + tail.iter().take_while(|b| !odd(b)).count()
}

/// The first character that XML 1.0 cannot carry.
pub(crate) fn first_uncarried(text: &str) -> Option<char> {
    let mut from = 0;
    loop {
        from += plain_run::<false>(&text.as_bytes()[from..]);
        let found = text[from..].chars().next()?;
        if !is_character(found) {
            return Some(found);
        }
        from += found.len_utf8();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_are_found_as_byte_by_byte(text in "[ -~\u{0}-\u{20}ä\u{FFFD}-\u{FFFF}&<>]{0,60}") {
            let odd = |b: &u8| *b < 0x20 || *b == 0xEF;
            let bytes = text.as_bytes();
            prop_assert_eq!(plain_run::<false>(bytes), bytes.iter().take_while(|b| !odd(b)).count());
            let odd = |b: &u8| odd(b) || b"&<>".contains(b);
            prop_assert_eq!(plain_run::<true>(bytes), bytes.iter().take_while(|b| !odd(b)).count());
            prop_assert_eq!(first_uncarried(&text), text.chars().find(|c| !is_character(*c)));
        }
    }
}
