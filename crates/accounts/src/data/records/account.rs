//! An account: who may sign in, and what is remembered of them. Its id is `sub`, and the key of the `@account` row.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// An account: who may sign in, and what is remembered of them. Its id is `sub`, and the key of the `@account` row.
    "Account" Account {
        /// The key.
        id: Uuid,
        /// In lower case.
        email: Option<String>,
        /// A phone number in international form.
        phone: Option<String>,
        /// A PHC string or an imported form; null where there is no password.
        password: Option<String>,
        /// When its address was confirmed; null until then.
        email_confirmed_at: Option<Time>,
        /// When its phone number was confirmed.
        phone_confirmed_at: Option<Time>,
        /// When it was invited.
        invited_at: Option<Time>,
        /// When the mail that confirms its address was sent last.
        confirmation_sent_at: Option<Time>,
        /// When the mail that recovers its password was sent last.
        recovery_sent_at: Option<Time>,
        /// When the last nonce was sent.
        reauthentication_sent_at: Option<Time>,
        /// The address to come, while a change waits for its confirmations.
        new_email: Option<String>,
        /// When the mails of the change were sent.
        email_change_sent_at: Option<Time>,
        /// Which sides have confirmed: 1 the present address, 2 the new one.
        email_change_confirmed: i64,
        /// When it signed somebody in last.
        last_sign_in_at: Option<Time>,
        /// When its password was set last.
        password_changed_at: Option<Time>,
        /// Until when it is banned.
        banned_until: Option<Time>,
        /// When it was deleted softly.
        deleted_at: Option<Time>,
        /// What the server says of it; never written by its owner.
        app_metadata: Map<String, Value>,
        /// What its owner says of it.
        user_metadata: Map<String, Value>,
        /// Roles of the schema, and `admin`.
        roles: Vec<String>,
        /// Whether nobody can sign in to it again: no address, no password.
        is_anonymous: bool,
        /// When it was made.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}
