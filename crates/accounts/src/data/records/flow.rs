//! A sign-in under way in a browser: a mailed link with PKCE, or a trip to a provider.

use uuid::Uuid;

use crate::data::{Time, record};

record! {
    /// A sign-in under way in a browser: a mailed link with PKCE, or a trip to a provider.
    "Flow" Flow {
        /// The key.
        id: Uuid,
        /// Known once somebody has signed in.
        account_id: Option<Uuid>,
        /// A keyed hash of the code that the browser exchanges.
        code: Option<String>,
        /// Of PKCE.
        code_challenge: Option<String>,
        /// `s256` or `plain`.
        code_challenge_method: Option<String>,
        /// How the session will say that one signed in: `otp`, `oauth`, `recovery` …
        method: String,
        /// The name of the provider.
        provider: Option<String>,
        /// What else the trip needs: state, nonce, verifier, tokens of the provider; sealed.
        state: Option<Vec<u8>>,
        /// Where the browser goes in the end.
        redirect_to: Option<String>,
        /// When it was made.
        created_at: Time,
        /// When it is over.
        expires_at: Time,
    }
}
