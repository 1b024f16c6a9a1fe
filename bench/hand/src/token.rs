//! Who calls: an HS256 bearer token, verified once and then remembered by its whole text.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, header};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The API key of a caller without a token.
const ANON_KEY: &str = "hand-anon";

/// Somebody who may ask: a user, or anybody holding the public key.
#[derive(Clone, Copy)]
pub(crate) enum Caller {
    User(Uuid),
    Anonymous,
}

impl Caller {
    /// The caller's key; none matches no row's author.
    pub(crate) fn id(&self) -> Option<Uuid> {
        match self {
            Caller::User(id) => Some(*id),
            Caller::Anonymous => None,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: Uuid,
    role: String,
    exp: u64,
}

/// Verified tokens, the newest ten thousand of them.
pub(crate) struct Tokens {
    key: DecodingKey,
    rules: Validation,
    known: Cache<Box<str>, (Uuid, u64)>,
}

impl Tokens {
    pub(crate) fn new(secret: &str) -> Self {
        Self {
            key: DecodingKey::from_secret(secret.as_bytes()),
            rules: Validation::new(Algorithm::HS256),
            known: Cache::new(10_000),
        }
    }

    /// The caller of a request, or nothing where neither token nor key is good.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            let key = headers.get("apikey")?;
            return (key == ANON_KEY).then_some(Caller::Anonymous);
        };
        let token = value.to_str().ok()?.strip_prefix("Bearer ")?;
        let (sub, expires) = match self.known.get(token) {
            Some(known) => known,
            None => self.verify(token)?,
        };
        (expires > now()).then_some(Caller::User(sub))
    }

    fn verify(&self, token: &str) -> Option<(Uuid, u64)> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.key, &self.rules).ok()?.claims;
        if claims.role != "authenticated" {
            return None;
        }
        self.known.insert(token.into(), (claims.sub, claims.exp));
        Some((claims.sub, claims.exp))
    }
}

/// A token for the user, valid for 12 hours.
pub(crate) fn mint(secret: &str, sub: Uuid) -> jsonwebtoken::errors::Result<String> {
    let claims = Claims { sub, role: "authenticated".into(), exp: now() + 12 * 3600 };
    jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
}

/// Seconds since 1970; the kernel answers without a system call.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
