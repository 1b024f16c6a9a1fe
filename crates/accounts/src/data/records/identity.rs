//! A way to sign in: the account's own address, or a subject at a provider.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// A way to sign in: the account's own address, or a subject at a provider.
    "Identity" Identity {
        /// The key.
        id: Uuid,
        /// Whose it is.
        account_id: Uuid,
        /// `email`, or the name of a provider.
        provider: String,
        /// Whose subject it is; empty for `email`.
        issuer: String,
        /// Who it is there.
        subject: String,
        /// What the provider says.
        data: Map<String, Value>,
        /// An address in lower case.
        email: Option<String>,
        /// When it signed somebody in last.
        last_sign_in_at: Option<Time>,
        /// When it was made.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}
