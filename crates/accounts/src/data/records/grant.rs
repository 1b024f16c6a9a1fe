//! What a person has granted an application.

use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// What a person has granted an application.
    "Grant" Grant {
        /// The key.
        id: Uuid,
        /// Whose it is.
        account_id: Uuid,
        /// The application.
        client_id: Uuid,
        /// What is asked for, or granted.
        scope: String,
        /// When it was made.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}
