//! What can go wrong with a provider.

use bistro_outgoing::OutgoingError;

/// Why nobody was signed in. The texts go to the log; callers say less.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The provider cannot be asked now, or answers nonsense.
    #[error("{what}: {reason}")]
    Unavailable {
        /// What was asked for.
        what: &'static str,
        /// Why it did not come.
        reason: String,
    },
    /// The provider refuses.
    #[error("the provider answers {error}: {description}")]
    Refused {
        /// Its code, such as `invalid_grant`.
        error: String,
        /// Its words.
        description: String,
    },
    /// What came cannot be believed.
    #[error("{0}")]
    Untrusted(&'static str),
    /// The settings do not fit the provider.
    #[error("{0}")]
    Settings(&'static str),
}

impl OidcError {
    pub(crate) fn asking(what: &'static str) -> impl FnOnce(OutgoingError) -> Self {
        move |error| Self::Unavailable { what, reason: error.to_string() }
    }
}
