//! A code for the day on which the device is lost.

use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// A code for the day on which the device is lost.
    "RecoveryCode" RecoveryCode {
        /// The key.
        id: Uuid,
        /// Whose it is.
        account_id: Uuid,
        /// A keyed hash in hexadecimal.
        tag: String,
        /// When it was used.
        used_at: Option<Time>,
        /// When it was made.
        created_at: Time,
    }
}
