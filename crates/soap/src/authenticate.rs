//! Who judges the credentials that envelopes bring: the shell, which knows keys and accounts.

use std::net::IpAddr;

use bistro_ir::Caller;
use bistro_problem::Problem;
use bistro_wire::Headers;
use futures_util::future::BoxFuture;

use crate::security::UserName;

/// From where an envelope came, for who judges its credentials.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The id of the request.
    pub request: String,
    /// The time of the request in microseconds since the epoch.
    pub now: i64,
    /// Whether nobody on the way could read it.
    pub confidential: bool,
}

/// The tokens of somebody who signed in.
#[derive(Clone)]
pub struct SignedIn {
    /// For the header `Authorization`.
    pub access_token: String,
    /// `bearer`.
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: i64,
    /// When it ends, in seconds since the epoch.
    pub expires_at: i64,
    /// For the next access token.
    pub refresh_token: String,
}

/// Judges the credentials of envelopes.
pub trait Authenticate: Send + Sync {
    /// Who a UsernameToken names. A nonce counts once.
    fn user_name(&self, shown: UserName, visit: Visit) -> BoxFuture<'static, Result<Caller, Problem>>;

    /// Signs somebody in by e-mail address and password.
    fn sign_in(
        &self,
        email: String,
        password: String,
        visit: Visit,
    ) -> BoxFuture<'static, Result<SignedIn, Problem>>;

    /// Whether nobody on the way of a request could read it.
    fn is_confidential(&self, headers: &dyn Headers, ip: Option<IpAddr>) -> bool;
}
