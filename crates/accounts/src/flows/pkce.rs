//! Proof keys (RFC 7636): the browser that began a flow is the one that ends it.

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_problem::{Code, Problem};

use crate::http::Fields;

/// A challenge that came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The challenge.
    pub text: String,
    /// `s256` or `plain`.
    pub method: &'static str,
}

impl Challenge {
    /// That of a body, if it has one.
    ///
    /// # Errors
    /// `validation_failed` for one of the pair without the other, another method, or a challenge of another form.
    pub fn of(fields: &Fields) -> Result<Option<Self>, Problem> {
        Self::read(fields.text("code_challenge")?, fields.text("code_challenge_method")?)
    }

    /// From its two parts.
    ///
    /// # Errors
    /// As [`Challenge::of`].
    pub fn read(text: Option<&str>, method: Option<&str>) -> Result<Option<Self>, Problem> {
        let wrong = |why: &str| Problem::new(Code::ValidationFailed, why);
        let (text, method) = match (text.unwrap_or(""), method.unwrap_or("")) {
            ("", "") => return Ok(None),
            ("", _) | (_, "") => {
                return Err(wrong("PKCE flow requires code_challenge_method and code_challenge"));
            }
            pair => pair,
        };
        let method = match method.to_ascii_lowercase().as_str() {
            "s256" => "s256",
            "plain" => "plain",
            _ => return Err(wrong("code_challenge_method must be s256 or plain")),
        };
        match well_formed(text) {
            true => Ok(Some(Self { text: text.to_owned(), method })),
            false => {
                Err(wrong("code challenge has to be between 43 and 128 characters of A-Z a-z 0-9 - . _ ~"))
            }
        }
    }

    /// Whether the verifier is that of a challenge.
    pub fn fits(challenge: &str, method: &str, verifier: &str) -> bool {
        let made = match method {
            "plain" => verifier.to_owned(),
            _ => URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes())),
        };
        well_formed(verifier)
            && constant_time::verify_slices_are_equal(made.as_bytes(), challenge.as_bytes()).is_ok()
    }
}

fn well_formed(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::Challenge;

    #[test]
    fn a_verifier_fits_its_challenge_alone() {
        // The example of RFC 7636, appendix B.
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let check = |challenge: &str, method: &str, verifier: &str, fits: bool| {
            assert_eq!(Challenge::fits(challenge, method, verifier), fits, "{challenge} {method} {verifier}");
        };
        check(challenge, "s256", verifier, true);
        check(challenge, "plain", verifier, false);
        check(verifier, "plain", verifier, true);
        check(challenge, "s256", challenge, false);
        check(challenge, "s256", "", false);
        check("", "plain", "", false);
    }

    #[test]
    fn challenges_come_whole() {
        let long = "a".repeat(43);
        let check = |text: Option<&str>, method: Option<&str>, expected: Result<bool, ()>| {
            let read = Challenge::read(text, method).map(|c| c.is_some()).map_err(|_| ());
            assert_eq!(read, expected, "{text:?} {method:?}");
        };
        check(None, None, Ok(false));
        check(Some(""), Some(""), Ok(false));
        check(Some(&long), Some("S256"), Ok(true));
        check(Some(&long), Some("plain"), Ok(true));
        check(Some(&long), None, Err(()));
        check(None, Some("s256"), Err(()));
        check(Some("short"), Some("s256"), Err(()));
        check(Some(&long), Some("md5"), Err(()));
        check(Some(&format!("{long}+")), Some("s256"), Err(()));
    }
}
