//! What arrives from browsers and clients, as bytes of strangers.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod cookies;
mod tokens;

use bistro_auth::claims::Expected;
use bistro_auth::{Authenticator, CookieRules, Keyring, Options, Secrets};

/// 2026-11-23T00:00:00Z, in seconds.
pub(crate) const NOW: i64 = 1_795_392_000;
/// The server's own origin.
pub(crate) const OWN: &str = "https://api.example.org";

/// A project's keys, signing with one algorithm.
pub(crate) fn authenticator(algorithm: &str) -> Authenticator {
    let mut secrets = Secrets::generate(NOW).unwrap();
    secrets.complete(algorithm, NOW).unwrap();
    let keys = Keyring::new(&secrets, None, None).unwrap().signing_with(algorithm);
    let cookies = CookieRules { own: OWN.to_owned(), origins: vec!["https://app.example.org".to_owned()] };
    let expected = Expected { own_issuer: Some(format!("{OWN}/auth/v1")), ..Expected::default() };
    Authenticator::new(keys, Options { expected, cookies, ..Options::default() })
}

/// A text that was changed: at each place, something is put there, taken away or replaced.
pub(crate) fn changed(text: &str, changes: &[(usize, u8, String)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (at, how, what) in changes {
        let at = at % (chars.len() + 1);
        let end = match how % 4 {
            0 => at,
            1 => (at + 1).min(chars.len()),
            2 => (at + what.chars().count()).min(chars.len()),
            _ => chars.len(),
        };
        let inserted = if how % 4 == 1 { String::new() } else { what.clone() };
        chars.splice(at..end, inserted.chars());
    }
    chars.into_iter().collect()
}
