//! A request of an application that waits for a person, then for its code to be exchanged.

use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// A request of an application that waits for a person, then for its code to be exchanged.
    "Authorization" Authorization {
        /// The key.
        id: Uuid,
        /// The application.
        client_id: Uuid,
        /// Whose it is.
        account_id: Option<Uuid>,
        /// The session.
        session_id: Option<Uuid>,
        /// Where the code is sent.
        redirect_uri: String,
        /// What is asked for, or granted.
        scope: String,
        /// What the application wants back.
        state: Option<String>,
        /// What the ID token must repeat.
        nonce: Option<String>,
        /// Of PKCE.
        code_challenge: String,
        /// A keyed hash of the code.
        code: Option<String>,
        /// pending, approved, used or denied.
        status: String,
        /// When the person must have signed in, at the earliest.
        proved_since: Option<Time>,
        /// Whether the person is asked though all of it was granted before.
        ask: bool,
        /// When it was made.
        created_at: Time,
        /// When it is over.
        expires_at: Time,
    }
}
