//! What happened, in order; rows are added and never changed.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// What happened, in order; rows are added and never changed.
    "AuditEntry" AuditEntry {
        /// The key.
        id: Uuid,
        /// When.
        at: Time,
        /// sign_in, sign_in_failed, sign_up, password_changed …
        action: String,
        /// Who did it; null for somebody unknown or the secret key.
        actor_id: Option<Uuid>,
        /// anonymous, user, service, command.
        actor_kind: String,
        /// Whom it is about.
        account_id: Option<Uuid>,
        /// The address of the client.
        ip: Option<String>,
        /// What the client calls itself.
        user_agent: Option<String>,
        /// The id of the request.
        request_id: Option<String>,
        /// What else is worth knowing.
        details: Map<String, Value>,
    }
}
