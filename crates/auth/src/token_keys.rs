//! The project's key pairs in the form that requests need: one signs, others are published, all verify their own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value, json};

use crate::error::AuthError;
use crate::keyring::VerifyingKey;
use crate::own_key::OwnKey;
use crate::secrets::{self, Secrets};

/// The key pairs.
pub(crate) struct TokenKeys(Vec<Pair>);

struct Pair {
    kid: String,
    algorithm: Algorithm,
    key: OwnKey,
    signs_from: i64,
    /// When the last token that it signed is over; `None` while no other one has taken its place.
    until: Option<i64>,
}

impl TokenKeys {
    /// Those of the file.
    pub(crate) fn read(secrets: &Secrets) -> Self {
        let read = |key: &secrets::TokenKey| {
            let (algorithm, pair) = key.pair()?;
            let until = secrets.verifies_until(key);
            Some(Pair { kid: key.kid.clone(), algorithm, key: pair, signs_from: key.signs_from, until })
        };
        Self(secrets.tokens.iter().filter_map(read).collect())
    }

    /// The public halves, for verifying.
    pub(crate) fn verifying(&self) -> impl Iterator<Item = VerifyingKey> {
        self.0.iter().filter_map(|pair| {
            let (kid, key) = (Some(pair.kid.clone()), pair.key.decoding()?);
            let (algorithm, until) = (pair.algorithm, pair.until);
            Some(VerifyingKey { kid, algorithm, key, until, own: false, accounts: true })
        })
    }

    /// Whether there is a key of the algorithm.
    pub(crate) fn has(&self, algorithm: Algorithm) -> bool {
        self.0.iter().any(|pair| pair.algorithm == algorithm)
    }

    /// Signs claims of an account's token at a time (seconds since the epoch). While the first key of another algorithm is
    /// being made known, the one before goes on.
    pub(crate) fn sign_user(
        &self,
        chosen: Algorithm,
        claims: &Map<String, Value>,
        now_s: i64,
    ) -> Result<String, AuthError> {
        let in_force = |pair: &&Pair| pair.signs_from <= now_s;
        let others = || self.0.iter().filter(in_force).max_by_key(|pair| pair.signs_from);
        let pair = self.in_force(chosen, now_s).or_else(others).or_else(|| self.first(chosen));
        pair.ok_or_else(|| no_key(chosen))?.sign(claims)
    }

    /// Signs claims with the key of an algorithm that is in force at a time (seconds since the epoch).
    pub(crate) fn sign(
        &self,
        algorithm: Algorithm,
        claims: &Map<String, Value>,
        now_s: i64,
    ) -> Result<String, AuthError> {
        // A clock that was put back finds no key in force: the first one then signs.
        let pair = self.in_force(algorithm, now_s).or_else(|| self.first(algorithm));
        pair.ok_or_else(|| no_key(algorithm))?.sign(claims)
    }

    fn of(&self, algorithm: Algorithm) -> impl Iterator<Item = &Pair> {
        self.0.iter().filter(move |pair| pair.algorithm == algorithm)
    }

    fn in_force(&self, algorithm: Algorithm, now_s: i64) -> Option<&Pair> {
        self.of(algorithm).filter(|pair| pair.signs_from <= now_s).max_by_key(|pair| pair.signs_from)
    }

    fn first(&self, algorithm: Algorithm) -> Option<&Pair> {
        self.of(algorithm).min_by_key(|pair| pair.signs_from)
    }

    /// The public halves as a key set (RFC 7517): those that sign, those that will soon, and those whose tokens may still
    /// be alive at a time (seconds since the epoch).
    pub(crate) fn jwks(&self, now_s: i64) -> String {
        let alive = self.0.iter().filter(|pair| pair.until.is_none_or(|end| now_s < end));
        let keys: Vec<Value> = alive.map(|pair| pair.key.jwk(&pair.kid)).collect();
        json!({ "keys": keys }).to_string()
    }
}

impl Pair {
    fn sign(&self, claims: &Map<String, Value>) -> Result<String, AuthError> {
        let header = json!({ "alg": secrets::name(self.algorithm), "typ": "JWT", "kid": self.kid });
        let part = |value: &[u8]| URL_SAFE_NO_PAD.encode(value);
        let payload = serde_json::to_vec(claims).map_err(|_| AuthError::Crypto("the claims are no JSON"))?;
        let message = format!("{}.{}", part(header.to_string().as_bytes()), part(&payload));
        let signature = self.key.sign(message.as_bytes())?;
        Ok(format!("{message}.{}", part(&signature)))
    }
}

fn no_key(algorithm: Algorithm) -> AuthError {
    AuthError::Input(format!("no key signs with {} yet", secrets::name(algorithm)))
}

#[cfg(test)]
mod tests;
