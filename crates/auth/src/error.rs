//! What can be wrong with the file of secrets, a key set or an order to the key commands.

use std::path::PathBuf;

/// A failure that is told to whoever runs the server, never to a caller.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried: `read`, `write` …
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The file of secrets is not what it must be.
    #[error("{} cannot be read as keys: {reason}; restore it from a backup, or remove it to make new keys", path.display())]
    SecretsFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The record of secrets in a database is not what it must be.
    #[error(
        "the keys in the database cannot be read: {reason}; restore the record from a backup, or remove it to make new keys"
    )]
    SecretsRecord {
        /// What is wrong with it.
        reason: String,
    },
    /// The file of secrets can be read by others.
    #[error("{} can be read by other users; run: chmod 600 {}", path.display(), path.display())]
    SecretsOpen {
        /// The file.
        path: PathBuf,
    },
    /// The configured secret is too short to sign with.
    #[error(
        "auth.jwt_secret has {length} bytes; at least 32 are needed, for example from: openssl rand -base64 32"
    )]
    SecretTooShort {
        /// Its length in bytes.
        length: usize,
    },
    /// The key set cannot be used.
    #[error("auth.jwks: {0}")]
    Jwks(String),
    /// A machine key of this name exists.
    #[error("a key called {0:?} exists; revoke it first, or choose another name")]
    NameTaken(String),
    /// No such machine key or signing key.
    #[error("no key is called {name:?}; there are: {known}")]
    NoSuchKey {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A name, role, time or claim that cannot be used.
    #[error("{0}")]
    Input(String),
    /// The system gave no random bytes, or a signature failed.
    #[error("cryptography failed: {0}")]
    Crypto(&'static str),
}
