//! A question to a factor, answered once.

use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// A question to a factor, answered once.
    "Challenge" Challenge {
        /// The key.
        id: Uuid,
        /// Whose it is.
        account_id: Option<Uuid>,
        /// The factor.
        factor_id: Option<Uuid>,
        /// What it is.
        kind: String,
        /// What the server must remember, sealed.
        state: Option<Vec<u8>>,
        /// The address of the client.
        ip: Option<String>,
        /// Whether it was answered.
        used: bool,
        /// When it was made.
        created_at: Time,
        /// When it is over.
        expires_at: Time,
    }
}
