//! Whether a password may be chosen: long enough, and none that is guessed first. No rules about kinds of characters
//! (NIST SP 800-63B).

use crate::guess;
use crate::password::Password;

/// What a password must cost somebody who guesses, in tenths of a bit: four million attempts.
const LEAST_EFFORT: u32 = 220;

/// What is asked of new passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The least length, in characters.
    pub length: usize,
}

/// Why a password may not be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Weak {
    /// The words of the dialect: `length`, `pwned`.
    pub reasons: Vec<&'static str>,
    /// What to do, for people.
    pub message: String,
}

/// Judges a new password. `related` are texts that others know of the account: its address, its name, the site's.
///
/// # Errors
/// Every reason against it.
pub fn judge(password: &Password, policy: Policy, related: &[&str]) -> Result<(), Weak> {
    let mut reasons = Vec::new();
    let mut sentences = Vec::new();
    if password.characters() < policy.length {
        reasons.push("length");
        sentences.push(format!("Password should be at least {} characters.", policy.length));
    }
    if guess::effort(password.text(), related) < LEAST_EFFORT {
        reasons.push("pwned");
        sentences.push(
            "Password is known to be weak and easy to guess, please choose a different one.".to_owned(),
        );
    }
    match reasons.is_empty() {
        true => Ok(()),
        false => Err(Weak { reasons, message: sentences.join(" ") }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Policy, judge};
    use crate::password::Password;

    #[test]
    fn what_is_guessed_first_is_refused() {
        let check = |text: &str, reasons: &[&str]| {
            let related = ["ada.lovelace@example.org", "Ada Lovelace", "Bistro"];
            let judged = judge(&Password::of(text).unwrap(), Policy { length: 10 }, &related);
            assert_eq!(judged.err().map_or(Vec::new(), |weak| weak.reasons), reasons, "{text}");
        };
        check("correct horse battery staple", &[]);
        check("dr8-kolibri-im-garten", &[]);
        check("пароль для входа здесь", &[]);
        check("xk9!vb2", &["length"]);
        check("password", &["length", "pwned"]);
        check("password123", &["pwned"]);
        check("P@ssw0rd123", &["pwned"]);
        check("qwertyuiop", &["pwned"]);
        check("1234567890", &["pwned"]);
        check("aaaaaaaaaaaaaaaa", &["pwned"]);
        check("abcdefghijkl", &["pwned"]);
        check("1qaz2wsx3edc", &["pwned"]);
        check("Monkey2024!", &["pwned"]);
        check("19911211!!", &["pwned"]);
        check("1991-12-11", &["pwned"]);
        check("administration", &["pwned"]);
        check("4dm1n1str4t10n", &["pwned"]);
        check("Bistro123456", &["pwned"]);
        check("crocodile7391", &[]);
        check("two umbrellas", &[]);
        check("ada.lovelace", &["pwned"]);
        check("lovelacelovelace", &["pwned"]);
        check("", &["length", "pwned"]);
    }
}
