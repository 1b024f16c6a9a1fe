//! Signing secrets: one signs, older ones verify until they are revoked.

use serde::{Deserialize, Serialize};

use super::Secrets;
use crate::digest::random_text;
use crate::error::AuthError;

/// A secret for HS256.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningSecret {
    /// Its id, which tokens carry in their header.
    pub kid: String,
    /// The secret: its bytes as text are the key.
    pub secret: String,
    /// When it was made, in seconds since the epoch.
    pub created: i64,
}

impl SigningSecret {
    /// A new one.
    pub fn generate(now_s: i64) -> Result<Self, AuthError> {
        Ok(Self { kid: random_text(8)?, secret: random_text(48)?, created: now_s })
    }
}

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningSecret")
            .field("kid", &self.kid)
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}

impl Secrets {
    /// Makes a new secret that signs from now on; the others still verify. Answers its id.
    pub fn rotate_secret(&mut self, now_s: i64) -> Result<String, AuthError> {
        let new = SigningSecret::generate(now_s)?;
        let kid = new.kid.clone();
        self.signing.insert(0, new);
        Ok(kid)
    }

    /// Drops a signing secret or a key pair: what it signed is refused from now on. If it was the one that signs, another
    /// takes its place. Errors if there is none of this id.
    pub fn revoke_signing(&mut self, kid: &str, now_s: i64) -> Result<(), AuthError> {
        if self.revoke_token_key(kid, now_s)? {
            return Ok(());
        }
        let Some(at) = self.signing.iter().position(|s| s.kid == kid) else {
            let known = self.signing.iter().map(|s| &s.kid).chain(self.tokens.iter().map(|key| &key.kid));
            let known: Vec<&str> = known.map(String::as_str).collect();
            return Err(AuthError::NoSuchKey { name: kid.to_owned(), known: known.join(", ") });
        };
        self.signing.remove(at);
        if at == 0 {
            self.signing.insert(0, SigningSecret::generate(now_s)?);
        }
        Ok(())
    }
}
