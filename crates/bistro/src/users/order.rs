//! What a command asks to be done, as it travels to a running server.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// An order. `name` is an e-mail address or an id.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Order {
    /// Make an account.
    Add {
        /// The address.
        email: String,
        /// The password as typed.
        password: Option<String>,
        /// Whether a mail invites its owner.
        invite: bool,
        /// Roles of the schema, and `admin`.
        roles: Vec<String>,
        /// What its owner says of it.
        data: Map<String, Value>,
        /// Its id.
        #[serde(with = "id")]
        id: Option<Uuid>,
    },
    /// Show the accounts.
    List {
        /// Whether as JSON.
        json: bool,
    },
    /// Ban an account.
    Ban {
        /// Whose.
        name: String,
        /// For how long; `None` until further notice.
        seconds: Option<i64>,
    },
    /// End a ban.
    Unban {
        /// Whose.
        name: String,
    },
    /// Give and take roles.
    Role {
        /// Whose.
        name: String,
        /// Roles to give.
        add: Vec<String>,
        /// Roles to take.
        remove: Vec<String>,
    },
    /// Make a link that signs in once.
    Reset {
        /// Whose.
        name: String,
    },
}

/// Ids as text.
mod id {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};
    use uuid::Uuid;

    pub(super) fn serialize<S: Serializer>(id: &Option<Uuid>, to: S) -> Result<S::Ok, S::Error> {
        match id {
            Some(id) => to.serialize_some(&id.to_string()),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Option<Uuid>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| Uuid::try_parse(&text).map_err(D::Error::custom)).transpose()
    }
}
