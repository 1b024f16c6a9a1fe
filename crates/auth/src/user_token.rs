//! The access tokens of our own sessions.

use bistro_problem::Problem;
use futures_util::future::BoxFuture;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value, json};

use crate::authenticator::Authenticator;
use crate::error::AuthError;
use crate::session::SessionId;

/// What an access token says.
#[derive(Clone, Debug)]
pub struct UserClaims {
    /// `sub`.
    pub account: [u8; 16],
    /// `session_id`; `None` where nobody has a session, and no token says this.
    pub session: Option<SessionId>,
    /// The address, or nothing.
    pub email: String,
    /// The number, or nothing.
    pub phone: String,
    /// What the server says of the account, its roles among it.
    pub app_metadata: Map<String, Value>,
    /// What its owner says of it.
    pub user_metadata: Map<String, Value>,
    /// `aal1` or `aal2`.
    pub aal: String,
    /// How the person signed in, and when (seconds since the epoch), newest first.
    pub amr: Vec<(String, i64)>,
    /// Whether it is an anonymous account.
    pub is_anonymous: bool,
    /// `iat`, in seconds since the epoch.
    pub issued_s: i64,
    /// Its life, in seconds.
    pub ttl_s: i64,
    /// The application, if the session is one's.
    pub client_id: Option<String>,
    /// What the application may do.
    pub scope: Option<String>,
    /// `aud`.
    pub audience: String,
    /// `iss`.
    pub issuer: String,
}

/// A token of our own whose signature and times hold. Whether its session does is another question.
#[derive(Clone, Debug)]
pub struct OwnToken {
    /// `sub`.
    pub account: [u8; 16],
    /// `session_id`.
    pub session: SessionId,
    /// All claims.
    pub claims: Map<String, Value>,
}

/// The algorithm of an application's ID tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdTokenAlgorithm {
    /// What every OpenID client reads.
    Rs256,
    /// Shorter, for those that registered for it.
    Es256,
}

impl IdTokenAlgorithm {
    /// Its name in the header of a token.
    pub const fn name(self) -> &'static str {
        match self {
            IdTokenAlgorithm::Rs256 => "RS256",
            IdTokenAlgorithm::Es256 => "ES256",
        }
    }

    pub(crate) const fn algorithm(self) -> Algorithm {
        match self {
            IdTokenAlgorithm::Rs256 => Algorithm::RS256,
            IdTokenAlgorithm::Es256 => Algorithm::ES256,
        }
    }
}

/// Who makes the keys for ID tokens, keeps them, and hands the authenticator a keyring with them.
pub trait KeyMaker: Send + Sync {
    /// Makes the first key of an algorithm, unless there is one.
    fn make(&self, algorithm: IdTokenAlgorithm) -> BoxFuture<'static, Result<(), Problem>>;
}

impl UserClaims {
    /// The claims as a token says them.
    pub fn object(&self) -> Map<String, Value> {
        let uuid = |bytes: [u8; 16]| uuid::Uuid::from_bytes(bytes).to_string();
        let amr: Vec<Value> =
            self.amr.iter().map(|(method, at)| json!({"method": method, "timestamp": at})).collect();
        let claims = json!({
            "iss": self.issuer,
            "sub": uuid(self.account),
            "aud": self.audience,
            "exp": self.issued_s.saturating_add(self.ttl_s),
            "iat": self.issued_s,
            "email": self.email,
            "phone": self.phone,
            "app_metadata": self.app_metadata,
            "user_metadata": self.user_metadata,
            "role": "authenticated",
            "aal": self.aal,
            "amr": amr,
            "is_anonymous": self.is_anonymous,
        });
        let Value::Object(mut claims) = claims else { return Map::new() };
        if let Some(session) = self.session {
            claims.insert("session_id".to_owned(), json!(uuid(session)));
        }
        if let Some(client) = &self.client_id {
            claims.insert("client_id".to_owned(), json!(client));
        }
        if let Some(scope) = &self.scope {
            claims.insert("scope".to_owned(), json!(scope));
        }
        claims
    }
}

impl Authenticator {
    /// Signs an access token with the key that signs at its `iat`.
    ///
    /// # Errors
    /// If the system fails to sign.
    pub fn mint_user(&self, claims: &UserClaims) -> Result<String, AuthError> {
        self.keys().sign_token(&claims.object(), claims.issued_s)
    }

    /// Signs an ID token for an application, after [`Authenticator::ready_to_sign`].
    ///
    /// # Errors
    /// If there is no key of the algorithm, or the system fails to sign.
    pub fn sign_id_token(
        &self,
        algorithm: IdTokenAlgorithm,
        claims: &Map<String, Value>,
        now_s: i64,
    ) -> Result<String, AuthError> {
        self.keys().tokens().sign(algorithm.algorithm(), claims, now_s)
    }
}

#[cfg(test)]
mod tests;
