//! A password as it is hashed.

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The longest password, in bytes of UTF-8.
pub const LONGEST: usize = 1_024;

/// A password in Unicode's composed form (NFC), so that it is the same from every keyboard. Wiped when dropped; `Debug` does
/// not print it.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// The password is longer than [`LONGEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a password has at most {LONGEST} bytes")]
pub struct TooLong;

impl Password {
    /// Reads a password; nothing is cut off.
    ///
    /// # Errors
    /// If it is longer than [`LONGEST`].
    pub fn of(text: &str) -> Result<Self, TooLong> {
        // Composing never makes a text longer than threefold; the bound keeps the work small.
        if text.len() > LONGEST {
            return Err(TooLong);
        }
        let composed: String = text.nfc().collect();
        if composed.len() > LONGEST {
            return Err(TooLong);
        }
        Ok(Self(Zeroizing::new(composed)))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Its length in characters.
    pub fn characters(&self) -> usize {
        self.0.chars().count()
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Password, TooLong};

    #[test]
    fn passwords_have_one_form_and_a_longest() {
        let same = |a: &str, b: &str| Password::of(a).unwrap().text() == Password::of(b).unwrap().text();
        assert!(same("caf\u{e9}", "cafe\u{301}"));
        assert!(!same("cafe", "café"));
        assert!(same(" a ", " a ") && !same(" a", "a"));
        assert_eq!(Password::of(&"a".repeat(LONGEST)).map(|p| p.characters()), Ok(LONGEST));
        assert_eq!(Password::of(&"a".repeat(LONGEST + 1)).err(), Some(TooLong));
        assert_eq!(Password::of("äöü🔑").unwrap().characters(), 4);
        assert!(!format!("{:?}", Password::of("hidden").unwrap()).contains("hidden"));
    }
}
