//! The form of a token and its signature: three parts, a header without surprises, one key that fits.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_problem::{Code, Problem};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use crate::keyring::Keyring;

/// Header members that bring keys of their own or change how a token is read; a token with one of them is refused.
const REFUSED_MEMBERS: [&str; 4] = ["jwk", "jku", "x5u", "crit"];

/// Claims whose signature holds.
pub(crate) struct Verified {
    /// The payload.
    pub(crate) claims: Map<String, Value>,
    /// Whether the project's own secret signed it.
    pub(crate) own: bool,
    /// Whether a key pair of the project signed it, which signs tokens of accounts and nothing else.
    pub(crate) accounts: bool,
}

/// Verifies form and signature; counts in `unknown` a token whose key id no key has. Errors are `PGRST301` in the words
/// that clients of the dialect know.
pub(crate) fn verify(
    keys: &Keyring,
    token: &str,
    now_s: i64,
    unknown: &AtomicU64,
) -> Result<Verified, Problem> {
    if token.is_empty() {
        return Err(invalid("Empty JWT is sent in Authorization header"));
    }
    let parts: Vec<&str> = token.split('.').take(16).collect();
    let [header, payload, signature] = parts[..] else {
        let count = token.bytes().filter(|b| *b == b'.').count() + 1;
        return Err(invalid(format!("Expected 3 parts in JWT; got {count}")));
    };
    let header = object(header).ok_or_else(broken)?;
    let algorithm = algorithm(&header)?;
    let kid = header.get("kid").and_then(Value::as_str);
    let candidates = keys.verifying(algorithm, kid, now_s);
    if candidates.is_empty() {
        if kid.is_some() {
            unknown.fetch_add(1, Ordering::Relaxed);
        }
        return Err(unsuitable());
    }
    let message = &token.as_bytes()[..token.len() - signature.len() - 1];
    let fits = |key: &&&crate::keyring::VerifyingKey| {
        jsonwebtoken::crypto::verify(signature, message, &key.key, key.algorithm).unwrap_or(false)
    };
    let Some(key) = candidates.iter().find(fits) else {
        return Err(unsuitable().details("None of the keys was able to decode the JWT"));
    };
    let claims = object(payload).ok_or_else(broken)?;
    Ok(Verified { claims, own: key.own, accounts: key.accounts })
}

/// The algorithm of a header that has no member which we refuse.
fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, Problem> {
    if let Some(member) = REFUSED_MEMBERS.iter().find(|m| header.contains_key(**m)) {
        return Err(unsuitable().details(format!("The header member {member} is refused")));
    }
    match header.get("alg").and_then(Value::as_str) {
        Some("HS256") => Ok(Algorithm::HS256),
        Some("RS256") => Ok(Algorithm::RS256),
        Some("ES256") => Ok(Algorithm::ES256),
        Some("EdDSA") => Ok(Algorithm::EdDSA),
        _ => Err(unsuitable().details("Tokens are signed with HS256, RS256, ES256 or EdDSA")),
    }
}

/// A part that is base64url of a JSON object.
fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    }
}

fn invalid(message: impl Into<String>) -> Problem {
    Problem::new(Code::TokenInvalid, message)
}

fn broken() -> Problem {
    invalid("JWT cryptographic operation failed")
}

fn unsuitable() -> Problem {
    invalid("No suitable key or wrong key type")
}

#[cfg(test)]
mod tests;
