//! An address or a device from which somebody has signed in to an account.

use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// An address or a device from which somebody has signed in to an account.
    "KnownDevice" KnownDevice {
        /// The key.
        id: Uuid,
        /// Whose it is.
        account_id: Uuid,
        /// A keyed hash in hexadecimal of the account's address and of where from.
        tag: String,
        /// When it signed somebody in, to within a day.
        seen_at: Time,
    }
}
