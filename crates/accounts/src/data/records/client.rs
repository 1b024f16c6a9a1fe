//! An application that may act for people: OAuth 2.1.

use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// An application that may act for people: OAuth 2.1.
    "Client" Client {
        /// The key.
        id: Uuid,
        /// What people call it.
        name: String,
        /// SHA-256 of the secret in hexadecimal; null for public applications.
        secret: Option<String>,
        /// Where codes may be sent, to the letter.
        redirect_uris: Vec<String>,
        /// The ways in which it may get tokens.
        grant_types: Vec<String>,
        /// What it may ask for.
        scopes: Vec<String>,
        /// Its home page.
        uri: Option<String>,
        /// Its picture.
        logo_uri: Option<String>,
        /// `RS256` or `ES256`.
        id_token_algorithm: String,
        /// When it was made.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}
