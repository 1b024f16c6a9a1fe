//! A signed-in device. Its refresh token is made from the id and the counter; no token is kept.

use serde_json::Value;
use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// A signed-in device. Its refresh token is made from the id and the counter; no token is kept.
    "Session" Session {
        /// The key.
        id: Uuid,
        /// Whose it is.
        account_id: Uuid,
        /// The assurance level: `aal1` or `aal2`.
        aal: String,
        /// [{method, timestamp}], newest first.
        amr: Value,
        /// Of the refresh token that is in force.
        counter: i64,
        /// When the token was rotated last.
        refreshed_at: Time,
        /// When a token was rotated or a cookie shown, to within a tenth of what idleness may last.
        used_at: Time,
        /// When it ends whatever happens; null for never.
        not_after: Option<Time>,
        /// The factor that made it aal2.
        factor_id: Option<Uuid>,
        /// The address of the client.
        ip: Option<String>,
        /// What the client calls itself.
        user_agent: Option<String>,
        /// The OAuth application that it belongs to, and what that may do.
        client_id: Option<Uuid>,
        /// What is asked for, or granted.
        scope: Option<String>,
        /// When it was made.
        created_at: Time,
    }
}
