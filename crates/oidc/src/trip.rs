//! The secrets of one trip to a provider and back.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What is remembered until the browser comes back. Whoever keeps it binds it to the browser and uses it once.
#[derive(Clone, PartialEq, Eq)]
pub struct Trip {
    /// What the provider hands back.
    pub state: String,
    /// What the ID token must hold.
    pub nonce: String,
    /// Of PKCE: what proves that who exchanges the code is who asked for it.
    pub verifier: String,
}

impl std::fmt::Debug for Trip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trip")
    }
}

impl Trip {
    /// A new trip under a state of the caller's.
    pub fn new(state: String) -> Self {
        Self { state, nonce: random(), verifier: random() }
    }

    /// The challenge of PKCE: S256.
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier.as_bytes()))
    }
}

/// 256 random bits in base64url.
fn random() -> String {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::Trip;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let trip = Trip {
            state: String::new(),
            nonce: String::new(),
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
        };
        assert_eq!(trip.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(Trip::new("s".into()) != Trip::new("s".into()));
    }
}
