//! The secrets in the form that requests need: keys to compare, keys to verify with.

use std::collections::HashMap;

use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use crate::digest::{same, sha256, unhex};
use crate::error::AuthError;
use crate::jwks::Jwks;
use crate::pepper::Pepper;
use crate::secrets::{self, MachineKey, Secrets, SigningSecret};
use crate::token_keys::TokenKeys;

/// The least length of a secret for HS256, in bytes: that of its hash.
const SECRET_MIN: usize = 32;

/// All keys of a project.
pub struct Keyring {
    publishable: String,
    secret: String,
    machines: HashMap<String, (MachineKey, [u8; 32])>,
    verifying: Vec<VerifyingKey>,
    signing: SigningSecret,
    tokens: TokenKeys,
    token_algorithm: Algorithm,
    pepper: Pepper,
}

/// A key that verifies tokens, with the one algorithm that it is for.
pub(crate) struct VerifyingKey {
    /// The id in token headers.
    pub(crate) kid: Option<String>,
    /// The one algorithm.
    pub(crate) algorithm: Algorithm,
    /// The key.
    pub(crate) key: DecodingKey,
    /// When it verifies nothing any more, in seconds since the epoch.
    pub(crate) until: Option<i64>,
    /// Whether it is the project's own secret, which alone may sign API keys.
    pub(crate) own: bool,
    /// Whether it is a key pair of our own, which signs tokens of accounts and nothing else.
    pub(crate) accounts: bool,
}

/// What an `sb_` key names.
#[derive(Debug)]
pub enum KeyOwner<'k> {
    /// The publishable key.
    Publishable,
    /// The project's secret key.
    Secret,
    /// A machine's key; it may have ended.
    Machine(&'k MachineKey),
}

impl Keyring {
    /// From the project's secrets, the configured `auth.jwt_secret` (which signs in place of the made one) and key set.
    /// Errors if the configured secret is too short.
    pub fn new(secrets: &Secrets, jwt_secret: Option<&str>, jwks: Option<Jwks>) -> Result<Self, AuthError> {
        let configured = match jwt_secret {
            Some(text) if text.len() < SECRET_MIN => {
                return Err(AuthError::SecretTooShort { length: text.len() });
            }
            Some(text) => vec![SigningSecret {
                kid: "configured".into(),
                secret: text.to_owned(),
                created: CONFIGURED_SINCE,
            }],
            None => Vec::new(),
        };
        let signers = if configured.is_empty() { &secrets.signing } else { &configured };
        let mut verifying: Vec<VerifyingKey> = signers.iter().map(own).collect();
        let tokens = TokenKeys::read(secrets);
        verifying.extend(tokens.verifying());
        verifying.extend(jwks.into_iter().flat_map(|set| set.keys));
        let hashed = |m: &MachineKey| Some((m.id.clone(), (m.clone(), unhex(&m.hash)?)));
        Ok(Self {
            publishable: secrets.publishable.clone(),
            secret: secrets.secret.clone(),
            machines: secrets.machines.iter().filter_map(hashed).collect(),
            verifying,
            signing: signers[0].clone(),
            tokens,
            token_algorithm: Algorithm::ES256,
            pepper: Pepper::new(secrets.pepper.as_bytes()),
        })
    }

    /// The same with another algorithm for the tokens of accounts: `ES256`, `EdDSA`, `RS256` or `HS256`.
    #[must_use]
    pub fn signing_with(mut self, algorithm: &str) -> Self {
        self.token_algorithm = secrets::algorithm(algorithm).unwrap_or(Algorithm::HS256);
        self
    }

    /// Signs claims of an account's token with the key in force at a time (seconds since the epoch).
    pub(crate) fn sign_token(&self, claims: &Map<String, Value>, now_s: i64) -> Result<String, AuthError> {
        if self.token_algorithm == Algorithm::HS256 {
            return crate::mint::sign(self, claims);
        }
        self.tokens.sign_user(self.token_algorithm, claims, now_s)
    }

    /// The key pairs.
    pub(crate) fn tokens(&self) -> &TokenKeys {
        &self.tokens
    }

    /// The public halves of the key pairs as a key set (RFC 7517): those that sign, those that will soon, and those whose
    /// tokens may still be alive at a time (seconds since the epoch).
    pub fn jwks(&self, now_s: i64) -> String {
        self.tokens.jwks(now_s)
    }

    /// What keyed hashes and seals are made with.
    pub fn pepper(&self) -> &Pepper {
        &self.pepper
    }

    /// Who an `sb_` key belongs to; `None` if it is no key of this project.
    pub fn owner(&self, key: &str) -> Option<KeyOwner<'_>> {
        if same(key.as_bytes(), self.publishable.as_bytes()) {
            return Some(KeyOwner::Publishable);
        }
        if same(key.as_bytes(), self.secret.as_bytes()) {
            return Some(KeyOwner::Secret);
        }
        let (id, _) = key.strip_prefix("sb_secret_")?.split_once('_')?;
        let (machine, hash) = self.machines.get(id)?;
        same(&sha256(key.as_bytes()), hash).then_some(KeyOwner::Machine(machine))
    }

    /// The keys that could have signed a token with this algorithm and key id. A token without an id may be of the
    /// project's secret, and of the only foreign key of its algorithm; our key pairs never leave it out.
    pub(crate) fn verifying<'k>(
        &'k self,
        algorithm: Algorithm,
        kid: Option<&str>,
        now_s: i64,
    ) -> Vec<&'k VerifyingKey> {
        let named = |key: &VerifyingKey| match kid {
            Some(kid) => key.kid.as_deref() == Some(kid),
            None => !key.accounts,
        };
        let fits = |key: &&VerifyingKey| {
            key.algorithm == algorithm && named(key) && key.until.is_none_or(|end| now_s < end)
        };
        let found: Vec<&VerifyingKey> = self.verifying.iter().filter(fits).collect();
        let several_foreign = kid.is_none() && found.iter().filter(|k| !k.own).count() > 1;
        match found.is_empty() && algorithm == Algorithm::HS256 {
            // Tokens made elsewhere with the project's secret carry ids that we do not know.
            true => self.verifying.iter().filter(|k| k.own).collect(),
            false if several_foreign => found.into_iter().filter(|k| k.own).collect(),
            false => found,
        }
    }

    /// The secret that signs.
    pub(crate) fn signing(&self) -> &SigningSecret {
        &self.signing
    }

    /// The publishable key.
    pub fn publishable(&self) -> &str {
        &self.publishable
    }

    /// The project's secret key.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

/// When a configured secret counts as made (2026-01-01), so that the API keys signed by it are the same at each start.
const CONFIGURED_SINCE: i64 = 1_767_225_600;

/// A signing secret as a key that verifies.
fn own(secret: &SigningSecret) -> VerifyingKey {
    VerifyingKey {
        kid: Some(secret.kid.clone()),
        algorithm: Algorithm::HS256,
        key: DecodingKey::from_secret(secret.secret.as_bytes()),
        until: None,
        own: true,
        accounts: false,
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (machines, verifying) = (self.machines.len(), self.verifying.len());
        f.debug_struct("Keyring")
            .field("machines", &machines)
            .field("verifying", &verifying)
            .finish_non_exhaustive()
    }
}
