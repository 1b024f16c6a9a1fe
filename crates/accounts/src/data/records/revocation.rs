//! What other nodes must look at again; kept for an hour.

use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// What other nodes must look at again; kept for an hour.
    "Revocation" Revocation {
        /// The key.
        id: Uuid,
        /// All sessions of this account, or one session.
        account_id: Option<Uuid>,
        /// The session.
        session_id: Option<Uuid>,
        /// When.
        at: Time,
    }
}
