//! Signing in at other providers: a browser's trip there and back, ID tokens that apps bring, and the identities that an
//! account gathers so.
//!
//! A trip begins at [`authorize`], is kept by [`pending`] while the browser is away, and ends at [`callback`]. Who came back
//! becomes an account in [`enter`], or one more identity of an account in [`link`]. What is said between the servers is
//! `bistro_oidc`'s business.
//!
//! Invariants: a state is used once, by the browser that got it; an identity is the pair of issuer and subject; an address
//! joins identities only where both sides have verified it; what somebody gathered under an address that was not theirs
//! is dropped when its owner comes.

pub mod authorize;
mod browser;
pub mod callback;
mod counted;
mod enter;
pub mod id_token;
pub mod link;
mod pending;
mod takeover;
pub mod unlink;

use bistro_oidc::{OidcError, Provider};
use bistro_problem::{Code, Problem};

use crate::accounts::Accounts;

/// Where providers send browsers back to.
pub fn redirect_uri(accounts: &Accounts) -> String {
    format!("{}/callback", accounts.settings.issuer())
}

/// A provider by the name that a caller gives.
///
/// # Errors
/// `validation_failed`, as clients of the dialect know it.
fn provider<'a>(accounts: &'a Accounts, name: Option<&str>) -> Result<&'a Provider, Problem> {
    let unsupported = |why: &str| {
        Problem::new(Code::ValidationFailed, format!("Unsupported provider: {why}"))
            .hint("GET /auth/v1/settings lists the providers that are on.")
    };
    let name = name.ok_or_else(|| unsupported("missing provider"))?;
    accounts.providers.get(name).ok_or_else(|| unsupported("provider is not enabled"))
}

/// What a caller is told of a trip that failed at the provider; the log has the rest.
fn failed(provider: &Provider, error: &OidcError) -> Problem {
    let name = provider.name();
    tracing::warn!(provider = name, %error, "a sign-in at a provider failed");
    let problem = match error {
        OidcError::Unavailable { .. } => {
            Problem::new(Code::UnexpectedFailure, format!("The provider {name} cannot be reached"))
        }
        OidcError::Settings(_) => {
            Problem::new(Code::UnexpectedFailure, format!("The provider {name} is not set up well"))
        }
        OidcError::Refused { .. } => Problem::new(Code::BadOauthCallback, "Unable to exchange external code"),
        OidcError::Untrusted(_) => {
            Problem::new(Code::BadOauthCallback, format!("The answer of {name} cannot be believed"))
        }
    };
    problem.cause(error.to_string())
}

/// Refuses what needs linking by hand where that is off.
///
/// # Errors
/// `manual_linking_disabled`.
fn may_link(accounts: &Accounts) -> Result<(), Problem> {
    match accounts.settings.manual_linking {
        true => Ok(()),
        false => Err(Problem::new(Code::ManualLinkingDisabled, "Manual linking is disabled")),
    }
}
