//! The secrets in the form that requests need: keys to compare, keys to verify with.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value, json};

use crate::digest::{same, sha256, unhex};
use crate::error::AuthError;
use crate::jwks::Jwks;
use crate::own_key::OwnKey;
use crate::pepper::Pepper;
use crate::secrets::{self, MachineKey, Secrets, SigningSecret, TOKEN_TTL_MAX_S};

/// The least length of a secret for HS256, in bytes: that of its hash.
const SECRET_MIN: usize = 32;

/// All keys of a project.
pub struct Keyring {
    publishable: String,
    secret: String,
    machines: HashMap<String, (MachineKey, [u8; 32])>,
    verifying: Vec<VerifyingKey>,
    signing: SigningSecret,
    tokens: Vec<SigningKey>,
    token_algorithm: Algorithm,
    pepper: Pepper,
}

/// A key pair that signs tokens of accounts.
struct SigningKey {
    kid: String,
    algorithm: Algorithm,
    key: OwnKey,
    signs_from: i64,
}

/// A key that verifies tokens, with the one algorithm that it is for.
pub(crate) struct VerifyingKey {
    /// The id in token headers.
    pub(crate) kid: Option<String>,
    /// The one algorithm.
    pub(crate) algorithm: Algorithm,
    /// The key.
    pub(crate) key: DecodingKey,
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
        let tokens = signing_keys(secrets);
        verifying.extend(tokens.iter().filter_map(|pair| {
            let (kid, key) = (Some(pair.kid.clone()), pair.key.decoding()?);
            Some(VerifyingKey { kid, algorithm: pair.algorithm, key, own: false, accounts: true })
        }));
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
        self.sign_with(self.token_algorithm, claims, now_s)
    }

    /// Signs claims with the key pair of an algorithm that is in force at a time.
    pub(crate) fn sign_with(
        &self,
        algorithm: Algorithm,
        claims: &Map<String, Value>,
        now_s: i64,
    ) -> Result<String, AuthError> {
        let of_it = || self.tokens.iter().filter(|pair| pair.algorithm == algorithm);
        let in_force = of_it().filter(|pair| pair.signs_from <= now_s).max_by_key(|pair| pair.signs_from);
        // A clock that was put back finds no key in force: the first one then signs.
        let pair = in_force.or_else(|| of_it().min_by_key(|pair| pair.signs_from));
        let pair = pair.ok_or(AuthError::Crypto("no key signs tokens of this algorithm"))?;
        let header = json!({ "alg": secrets::name(algorithm), "typ": "JWT", "kid": pair.kid });
        let part = |value: &[u8]| URL_SAFE_NO_PAD.encode(value);
        let payload = serde_json::to_vec(claims).map_err(|_| AuthError::Crypto("the claims are no JSON"))?;
        let message = format!("{}.{}", part(header.to_string().as_bytes()), part(&payload));
        let signature = pair.key.sign(message.as_bytes())?;
        Ok(format!("{message}.{}", part(&signature)))
    }

    /// Whether a token that this key verified is an account's: its claims then name a session.
    pub(crate) fn signs_accounts(&self, key: &VerifyingKey) -> bool {
        key.accounts || (key.own && self.token_algorithm == Algorithm::HS256)
    }

    /// The public halves of the key pairs as a key set (RFC 7517): those that sign, those that will soon, and those whose
    /// tokens may still be alive at a time (seconds since the epoch).
    pub fn jwks(&self, now_s: i64) -> String {
        let over = |pair: &SigningKey| {
            let later = self
                .tokens
                .iter()
                .filter(|p| p.algorithm == pair.algorithm && p.signs_from > pair.signs_from);
            later.map(|p| p.signs_from).min().is_some_and(|from| from.saturating_add(TOKEN_TTL_MAX_S) < now_s)
        };
        let keys: Vec<Value> =
            self.tokens.iter().filter(|pair| !over(pair)).map(|pair| pair.key.jwk(&pair.kid)).collect();
        json!({ "keys": keys }).to_string()
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

    /// The keys that could have signed a token with this algorithm and key id. A token without an id may be of any key
    /// of the project's own, and of the only foreign key of its algorithm.
    pub(crate) fn verifying<'k>(&'k self, algorithm: Algorithm, kid: Option<&str>) -> Vec<&'k VerifyingKey> {
        let fits =
            |key: &&VerifyingKey| key.algorithm == algorithm && (kid.is_none() || key.kid.as_deref() == kid);
        let found: Vec<&VerifyingKey> = self.verifying.iter().filter(fits).collect();
        let several_foreign = kid.is_none() && found.iter().filter(|k| !k.own && !k.accounts).count() > 1;
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
        own: true,
        accounts: false,
    }
}

/// The key pairs of the file.
fn signing_keys(secrets: &Secrets) -> Vec<SigningKey> {
    let read = |key: &secrets::TokenKey| {
        let (algorithm, pair) = key.pair()?;
        Some(SigningKey { kid: key.kid.clone(), algorithm, key: pair, signs_from: key.signs_from })
    };
    secrets.tokens.iter().filter_map(read).collect()
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
