//! What a sign-in comes to.

use uuid::Uuid;

use crate::data::records::{Account, Factor, Identity};

/// A session's tokens, for the client that signed in.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The session.
    pub session: Uuid,
    /// Which turn of it this is.
    pub turn: i64,
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// The life of the access token, in seconds.
    pub expires_in: i64,
    /// When it ends, in seconds since the epoch.
    pub expires_at: i64,
    /// Whose session it is.
    pub account: Account,
    /// The account's ways to sign in.
    pub identities: Vec<Identity>,
    /// The account's factors.
    pub factors: Vec<Factor>,
    /// The provider's access token, once, after signing in there.
    pub provider_token: Option<String>,
    /// The provider's refresh token, once.
    pub provider_refresh_token: Option<String>,
}

impl Issued {
    /// How the access token is sent, in the word of OAuth.
    pub const TOKEN_TYPE: &str = "bearer";
}
