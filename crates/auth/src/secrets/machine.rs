//! Keys of machines: shown once, kept as a hash, with roles and an end of their own.

use serde::{Deserialize, Serialize};

use super::Secrets;
use crate::digest::{hex, random_text, sha256};
use crate::error::AuthError;

/// A machine's key as the file keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineKey {
    /// The part of the key that finds it; not secret.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// SHA-256 of the whole key in hexadecimal. The key has 190 random bits, so a slow hash would add nothing.
    pub hash: String,
    /// Its roles: names that the schema declares, `authenticated`, or `anon`.
    pub roles: Vec<String>,
    /// When it was made, in seconds since the epoch.
    pub created: i64,
    /// When it ends, in seconds since the epoch; never without it.
    pub expires: Option<i64>,
}

/// A key just made: the only moment at which its text is known.
#[derive(Clone)]
pub struct AddedKey {
    /// What people call it.
    pub name: String,
    /// `sb_secret_<8 id>_<32 random>`.
    pub key: String,
}

impl Secrets {
    /// Adds a key for a machine. `ttl_s` is its life in seconds. Errors if the name is taken or unusable, if no role is
    /// given, or for `service_role` and `admin`: rules apply to machines.
    pub fn add_machine(
        &mut self,
        name: &str,
        roles: &[String],
        ttl_s: Option<i64>,
        now_s: i64,
    ) -> Result<AddedKey, AuthError> {
        let printable = !name.is_empty() && name.len() <= 64 && !name.chars().any(char::is_control);
        if !printable {
            return Err(AuthError::Input("a key's name has 1 to 64 printable characters".to_owned()));
        }
        if self.machines.iter().any(|m| m.name == name) {
            return Err(AuthError::NameTaken(name.to_owned()));
        }
        if roles.is_empty() {
            return Err(AuthError::Input("a machine's key needs a role: --role NAME".to_owned()));
        }
        if roles.iter().any(|r| r == "service_role" || r == "admin") {
            let why =
                "only the project's own secret key passes the rules; give the machine a role of the schema";
            return Err(AuthError::Input(why.to_owned()));
        }
        if ttl_s.is_some_and(|s| s <= 0) {
            return Err(AuthError::Input(
                "a key's life must be longer than nothing: --expires 90d".to_owned(),
            ));
        }
        let id = self.free_id()?;
        let key = format!("sb_secret_{id}_{}", random_text(32)?);
        self.machines.push(MachineKey {
            id,
            name: name.to_owned(),
            hash: hex(&sha256(key.as_bytes())),
            roles: roles.to_vec(),
            created: now_s,
            expires: ttl_s.map(|s| now_s.saturating_add(s)),
        });
        Ok(AddedKey { name: name.to_owned(), key })
    }

    /// Removes a machine's key by name. Errors if there is none.
    pub fn revoke_machine(&mut self, name: &str) -> Result<MachineKey, AuthError> {
        match self.machines.iter().position(|m| m.name == name) {
            Some(at) => Ok(self.machines.remove(at)),
            None => {
                let known: Vec<&str> = self.machines.iter().map(|m| m.name.as_str()).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                Err(AuthError::NoSuchKey { name: name.to_owned(), known })
            }
        }
    }

    /// An id that no other key has.
    fn free_id(&self) -> Result<String, AuthError> {
        loop {
            let id = random_text(8)?;
            if self.machines.iter().all(|m| m.id != id) {
                return Ok(id);
            }
        }
    }
}
