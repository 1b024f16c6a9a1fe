//! Whether a password may be chosen: long enough, and none that is guessed first. No rules about kinds of characters
//! (NIST SP 800-63B).

use crate::password::Password;

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
    if common(password, related) {
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

/// Whether it is among what is tried first: the lists of common passwords, words and names with the usual changes, rows of
/// keys, repetitions, and what is known of the account.
fn common(password: &Password, related: &[&str]) -> bool {
    let words = related.iter().flat_map(|text| text.split(['@', '.', ' ', '-', '_']));
    let parts = related.iter().copied().chain(related.iter().flat_map(|text| text.split('@'))).chain(words);
    let known: Vec<&str> = parts.filter(|part| part.chars().count() > 2).collect();
    // Fewer than a million guesses.
    zxcvbn::zxcvbn(password.text(), &known).score() < zxcvbn::Score::Two
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
        check("ada.lovelace", &["pwned"]);
        check("lovelacelovelace", &["pwned"]);
        check("", &["length", "pwned"]);
    }
}
