//! The project's secrets, as `data/keys.json` keeps them: the two project keys, the signing secrets and key pairs,
//! machine keys, and the pepper.
//!
//! Start at [`Secrets::load_or_create`]; the commands change the file through [`Secrets::update`] alone, so that two of
//! them at once lose nothing.

mod file;
mod machine;
mod signing;
mod token_key;

use serde::{Deserialize, Serialize};

use crate::digest::random_text;
use crate::error::AuthError;

pub use machine::{AddedKey, MachineKey};
pub use signing::SigningSecret;
pub use token_key::{ANNOUNCED_S, TOKEN_TTL_MAX_S, TokenKey, TokenKeyState};
pub(crate) use token_key::{algorithm, name};

/// The version of the file that this Bistro writes and reads.
const VERSION: u32 = 1;
/// The letters of the pepper: 285 random bits.
const PEPPER: usize = 48;

/// Everything in the file. `Debug` prints no secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    version: u32,
    /// The key that may be published: role `anon`.
    pub publishable: String,
    /// The key that passes every rule: role `service_role`.
    pub secret: String,
    /// Secrets for HS256, the one that signs first; the others still verify.
    pub signing: Vec<SigningSecret>,
    /// Keys of machines, hashed.
    #[serde(default)]
    pub machines: Vec<MachineKey>,
    /// Key pairs that sign the tokens of accounts; files of older versions have none yet.
    #[serde(default)]
    pub tokens: Vec<TokenKey>,
    /// What keyed hashes and seals are made with; files of older versions have none yet.
    #[serde(default)]
    pub pepper: String,
}

impl Secrets {
    /// New secrets, made at `now_s` (seconds since the epoch). Errors if the system has no random bytes.
    pub fn generate(now_s: i64) -> Result<Self, AuthError> {
        Ok(Self {
            version: VERSION,
            publishable: format!("sb_publishable_{}", random_text(32)?),
            secret: format!("sb_secret_{}", random_text(40)?),
            signing: vec![SigningSecret::generate(now_s)?],
            machines: Vec::new(),
            tokens: Vec::new(),
            pepper: random_text(PEPPER)?,
        })
    }

    /// Makes what a file of an older version, or another choice of algorithm for tokens, leaves to be made: the pepper, and a
    /// key pair of the algorithm (`HS256` needs none). Whether anything was made.
    pub fn complete(&mut self, algorithm: &str, now_s: i64) -> Result<bool, AuthError> {
        let mut made = false;
        if self.pepper.is_empty() {
            self.pepper = random_text(PEPPER)?;
            made = true;
        }
        made |= self.need_user_key(algorithm, now_s)?;
        Ok(made)
    }

    /// Replaces the project's secret key by a new one, for when the old one has leaked.
    pub fn renew_secret(&mut self) -> Result<(), AuthError> {
        self.secret = format!("sb_secret_{}", random_text(40)?);
        Ok(())
    }

    /// Replaces the publishable key by a new one.
    pub fn renew_publishable(&mut self) -> Result<(), AuthError> {
        self.publishable = format!("sb_publishable_{}", random_text(32)?);
        Ok(())
    }

    /// Reads secrets from the text of a record, as [`Secrets::text`] wrote it.
    ///
    /// # Errors
    /// [`AuthError::SecretsRecord`] with what is wrong.
    pub fn parse(text: &[u8]) -> Result<Self, AuthError> {
        let secrets: Self = serde_json::from_slice(text)
            .map_err(|error| AuthError::SecretsRecord { reason: error.to_string() })?;
        secrets.fault().map_or(Ok(secrets), |reason| Err(AuthError::SecretsRecord { reason }))
    }

    /// The secrets as the text of a record.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("secrets hold text and numbers only")
    }

    /// What is wrong with a file that was read, if anything.
    fn fault(&self) -> Option<String> {
        if self.version != VERSION {
            return Some(format!("it has version {}, this Bistro reads version {VERSION}", self.version));
        }
        if !self.publishable.starts_with("sb_publishable_") || self.publishable.len() < 32 {
            return Some(
                "`publishable` must start with sb_publishable_ and be 32 characters or longer".to_owned(),
            );
        }
        if !self.secret.starts_with("sb_secret_") || self.secret.len() < 32 {
            return Some("`secret` must start with sb_secret_ and be 32 characters or longer".to_owned());
        }
        if self.signing.is_empty() {
            return Some("`signing` needs at least one secret".to_owned());
        }
        if let Some(short) = self.signing.iter().find(|s| s.secret.len() < 32) {
            return Some(format!("the signing secret {:?} is shorter than 32 bytes", short.kid));
        }
        if let Some(key) = self.tokens.iter().find(|key| key.pair().is_none()) {
            return Some(format!("the token key {:?} is no private key for {}", key.kid, key.algorithm));
        }
        let broken = self.machines.iter().find(|m| crate::digest::unhex(&m.hash).is_none());
        broken.map(|m| format!("the hash of the key {:?} is not 64 hexadecimal digits", m.name))
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kids: Vec<&str> = self.signing.iter().map(|s| s.kid.as_str()).collect();
        f.debug_struct("Secrets")
            .field("signing", &kids)
            .field("tokens", &self.tokens)
            .field("machines", &self.machines)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
