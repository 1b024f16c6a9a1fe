//! Key pairs for tokens: one signs, the next one is announced before it does, older ones verify while their tokens live.

use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};

use super::Secrets;
use crate::claims::SKEW_S;
use crate::digest::random_text;
use crate::error::AuthError;
use crate::own_key::{self, OwnKey};

/// For so many seconds a key is published before it signs: whoever keeps the key set learns of it meanwhile.
pub const ANNOUNCED_S: i64 = 600;
/// The longest life of an access token, in seconds: so long a key that signs no more is still published.
pub const TOKEN_TTL_MAX_S: i64 = 7 * 86_400;
/// The most key pairs of a project: as many as others read of a key set.
const KEYS_MAX: usize = 64;

/// A private key for tokens.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenKey {
    /// Its id, which tokens carry in their header.
    pub kid: String,
    /// `ES256`, `EdDSA` or `RS256`.
    pub algorithm: String,
    /// PKCS#8 in base64.
    pub private: String,
    /// When it was made, in seconds since the epoch.
    pub created: i64,
    /// From when it signs, in seconds since the epoch.
    pub signs_from: i64,
}

impl TokenKey {
    /// A new one.
    fn generate(algorithm: Algorithm, now_s: i64, signs_from: i64) -> Result<Self, AuthError> {
        let (kid, private) = (random_text(12)?, own_key::generate(algorithm)?);
        Ok(Self { kid, algorithm: name(algorithm).to_owned(), private, created: now_s, signs_from })
    }

    /// The key pair.
    pub(crate) fn pair(&self) -> Option<(Algorithm, OwnKey)> {
        let algorithm = algorithm(&self.algorithm)?;
        OwnKey::read(algorithm, &self.private).map(|key| (algorithm, key))
    }
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// What a key pair is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKeyState {
    /// It is published and will sign.
    Announced,
    /// It signs.
    Signs,
    /// It verifies what it signed, until this time (seconds since the epoch).
    Verifies {
        /// When its last token is over.
        until: i64,
    },
}

impl Secrets {
    /// The key that takes the place of another: the next one of its algorithm.
    fn successor(&self, key: &TokenKey) -> Option<&TokenKey> {
        let later = |k: &&TokenKey| k.algorithm == key.algorithm && k.signs_from > key.signs_from;
        self.tokens.iter().filter(later).min_by_key(|k| k.signs_from)
    }

    /// When the last token of a key is over, in seconds since the epoch; `None` where no other one takes its place.
    pub(crate) fn verifies_until(&self, key: &TokenKey) -> Option<i64> {
        let signs_until = self.successor(key)?.signs_from;
        Some(signs_until.saturating_add(TOKEN_TTL_MAX_S).saturating_add(SKEW_S))
    }

    /// What a key is there for at a time (seconds since the epoch).
    pub fn token_key_state(&self, key: &TokenKey, now_s: i64) -> TokenKeyState {
        match (self.successor(key), self.verifies_until(key)) {
            _ if now_s < key.signs_from => TokenKeyState::Announced,
            (Some(next), Some(until)) if next.signs_from <= now_s => TokenKeyState::Verifies { until },
            _ => TokenKeyState::Signs,
        }
    }

    /// Gives each key that signs a successor: that of `chosen`, which signs tokens of accounts, and those of ID tokens.
    /// Answers the new ones.
    pub fn rotate_token_keys(&mut self, chosen: &str, now_s: i64) -> Result<Vec<TokenKey>, AuthError> {
        self.forget_token_keys(now_s);
        let has = |algorithm: &str| self.tokens.iter().any(|key| key.algorithm == algorithm);
        let of_id_tokens = ["RS256", "ES256"].into_iter().filter(|name| *name != chosen && has(name));
        let mut algorithms: Vec<&str> = of_id_tokens.collect();
        algorithms.insert(0, chosen);
        if self.tokens.len() + algorithms.len() > KEYS_MAX {
            let why =
                "too many keys still verify tokens: wait until they are over, or drop one with --revoke KID";
            return Err(AuthError::Input(why.to_owned()));
        }
        let known = algorithms.into_iter().filter_map(self::algorithm);
        let at = now_s.saturating_add(ANNOUNCED_S);
        let new = known.map(|algorithm| TokenKey::generate(algorithm, now_s, at));
        let new: Vec<TokenKey> = new.collect::<Result<_, _>>()?;
        self.tokens.extend(new.iter().cloned());
        Ok(new)
    }

    /// Makes a first key for tokens of accounts where the algorithm has none. Beside keys of another algorithm it is
    /// announced first, as they go on signing meanwhile. Whether it did.
    pub(super) fn need_user_key(&mut self, algorithm: &str, now_s: i64) -> Result<bool, AuthError> {
        let signs_from = if self.tokens.is_empty() { now_s } else { now_s.saturating_add(ANNOUNCED_S) };
        self.need_key(algorithm, now_s, signs_from)
    }

    /// Makes a first key for ID tokens where the algorithm has none: nobody has a key set without it, since nobody was sent
    /// such a token. Whether it did.
    pub fn need_id_token_key(&mut self, algorithm: &str, now_s: i64) -> Result<bool, AuthError> {
        self.need_key(algorithm, now_s, now_s)
    }

    fn need_key(&mut self, algorithm: &str, now_s: i64, signs_from: i64) -> Result<bool, AuthError> {
        let Some(known) = self::algorithm(algorithm) else { return Ok(false) };
        if self.tokens.iter().any(|key| key.algorithm == algorithm) {
            return Ok(false);
        }
        self.tokens.push(TokenKey::generate(known, now_s, signs_from)?);
        Ok(true)
    }

    /// Drops a key at once: no token of it holds any more. If it was the one that signs, another takes its place.
    pub(super) fn revoke_token_key(&mut self, kid: &str, now_s: i64) -> Result<bool, AuthError> {
        let Some(at) = self.tokens.iter().position(|key| key.kid == kid) else { return Ok(false) };
        let gone = self.tokens.remove(at);
        let same = |key: &&mut TokenKey| key.algorithm == gone.algorithm;
        if self.tokens.iter_mut().filter(same).any(|key| key.signs_from <= now_s) {
            return Ok(true);
        }
        match (
            self.tokens.iter_mut().filter(same).min_by_key(|key| key.signs_from),
            algorithm(&gone.algorithm),
        ) {
            // It has been announced already, if not for as long as it should.
            (Some(next), _) => next.signs_from = now_s,
            (None, Some(algorithm)) => self.tokens.push(TokenKey::generate(algorithm, now_s, now_s)?),
            (None, None) => {}
        }
        Ok(true)
    }

    /// Forgets keys that signed nothing for as long as a token may live.
    fn forget_token_keys(&mut self, now_s: i64) {
        let alive = |key: &&TokenKey| self.verifies_until(key).is_none_or(|until| now_s < until);
        let kept = self.tokens.iter().filter(alive).cloned().collect();
        self.tokens = kept;
    }
}

/// The algorithm of a name; `None` for those without key pairs.
pub(crate) fn algorithm(name: &str) -> Option<Algorithm> {
    match name {
        "ES256" => Some(Algorithm::ES256),
        "EdDSA" => Some(Algorithm::EdDSA),
        "RS256" => Some(Algorithm::RS256),
        _ => None,
    }
}

pub(crate) const fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::ES256 => "ES256",
        Algorithm::EdDSA => "EdDSA",
        Algorithm::HS256 => "HS256",
        _ => "RS256",
    }
}
