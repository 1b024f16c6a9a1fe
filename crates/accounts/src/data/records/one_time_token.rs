//! Something that was mailed and may be used once.

use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// Something that was mailed and may be used once.
    "OneTimeToken" OneTimeToken {
        /// The key.
        id: Uuid,
        /// Whose it is.
        account_id: Uuid,
        /// confirmation, recovery, magiclink, invite, email_change_current, email_change_new, reauthentication.
        kind: String,
        /// A keyed hash in hexadecimal of the address and the code: what links carry.
        tag: String,
        /// The address that it was sent to.
        email: String,
        /// Of PKCE: what the code that follows must be exchanged with.
        code_challenge: Option<String>,
        /// `s256` or `plain`.
        code_challenge_method: Option<String>,
        /// How often a wrong code was tried.
        attempts: i64,
        /// When it was made.
        created_at: Time,
        /// When it is over.
        expires_at: Time,
    }
}
