//! A second factor or a passkey.

use serde_json::Value;
use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// A second factor or a passkey.
    "Factor" Factor {
        /// The key.
        id: Uuid,
        /// Whose it is.
        account_id: Uuid,
        /// totp, webauthn or passkey.
        kind: String,
        /// What its owner calls it.
        friendly_name: Option<String>,
        /// Whether it has been proved once.
        verified: bool,
        /// Sealed.
        secret: Option<Vec<u8>>,
        /// The time step of the last code that was taken; no code of it or before is taken again.
        last_step: i64,
        /// What WebAuthn remembers of a key, and its id in base64url.
        credential: Option<Value>,
        /// Its credential id.
        credential_id: Option<String>,
        /// When it was asked last.
        last_challenged_at: Option<Time>,
        /// When it was made.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}
