//! The project's secrets, as `data/keys.json` keeps them: the two project keys, the signing secrets, machine keys.
//!
//! Start at [`Secrets::load_or_create`]; the commands change the file through [`Secrets::update`] alone, so that two of
//! them at once lose nothing.

mod file;
mod machine;
mod signing;

use serde::{Deserialize, Serialize};

use crate::digest::random_text;
use crate::error::AuthError;

pub use machine::{AddedKey, MachineKey};
pub use signing::SigningSecret;

/// The version of the file that this Bistro writes and reads.
const VERSION: u32 = 1;

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
        })
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
        let broken = self.machines.iter().find(|m| crate::digest::unhex(&m.hash).is_none());
        broken.map(|m| format!("the hash of the key {:?} is not 64 hexadecimal digits", m.name))
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kids: Vec<&str> = self.signing.iter().map(|s| s.kid.as_str()).collect();
        f.debug_struct("Secrets")
            .field("signing", &kids)
            .field("machines", &self.machines)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
