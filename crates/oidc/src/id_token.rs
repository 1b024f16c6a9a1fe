//! ID tokens: whose they are, for whom, for which trip, until when (OpenID Connect Core 3.1.3.7, RFC 8725).

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use crate::error::OidcError;
use crate::keys::{Keys, algorithm};
use crate::metadata::TENANT;

/// The largest token, in bytes.
const TOKEN_MOST: usize = 32 << 10;

/// How far two clocks may differ, in seconds.
const SKEW_S: i64 = 60;

/// Header members that bring keys of their own or change how a token is read.
const REFUSED: [&str; 4] = ["jwk", "jku", "x5u", "crit"];

/// What a token must fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'e> {
    /// The issuer, or Microsoft's template of issuers.
    pub(crate) issuer: &'e str,
    /// The ids of the client, one of which it must be for.
    pub(crate) audiences: &'e [&'e str],
    /// The nonce of the trip; `None` where the token must have none.
    pub(crate) nonce: Option<&'e str>,
    /// The access token that came with it.
    pub(crate) access_token: Option<&'e str>,
    /// Now, in seconds since the epoch.
    pub(crate) now_s: i64,
}

/// The header of a token that is worth a look at keys.
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
}

/// The header; refuses `none`, shared secrets and members that bring keys.
pub(crate) fn header(token: &str) -> Result<Header, OidcError> {
    let broken = || OidcError::Untrusted("the ID token is no signed JWT");
    if token.len() > TOKEN_MOST || token.bytes().filter(|b| *b == b'.').count() != 2 {
        return Err(broken());
    }
    let first = token.split('.').next().ok_or_else(broken)?;
    let header = object(first).ok_or_else(broken)?;
    if REFUSED.iter().any(|member| header.contains_key(*member)) {
        return Err(OidcError::Untrusted("the ID token brings a key of its own"));
    }
    let named = header.get("alg").and_then(Value::as_str).and_then(algorithm);
    let algorithm =
        named.ok_or(OidcError::Untrusted("the ID token is signed with no algorithm of public keys"))?;
    Ok(Header { algorithm, kid: header.get("kid").and_then(Value::as_str).map(str::to_owned) })
}

/// The claims of a token that holds.
pub(crate) fn verify(
    token: &str,
    header: &Header,
    keys: &Keys,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, OidcError> {
    let (message, signature) =
        token.rsplit_once('.').ok_or(OidcError::Untrusted("the ID token is no signed JWT"))?;
    let fits = keys.fitting(header.algorithm, header.kid.as_deref()).into_iter().any(|key| {
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.key, key.algorithm).unwrap_or(false)
    });
    if !fits {
        return Err(OidcError::Untrusted("no key of the issuer has signed the ID token"));
    }
    let payload = message.split_once('.').and_then(|(_, payload)| object(payload));
    let claims = payload.ok_or(OidcError::Untrusted("the ID token has no claims"))?;
    judge(&claims, header.algorithm, expected)?;
    Ok(claims)
}

fn judge(
    claims: &Map<String, Value>,
    algorithm: Algorithm,
    expected: &Expected<'_>,
) -> Result<(), OidcError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let number = |name: &str| claims.get(name).and_then(Value::as_f64).map(|seconds| seconds as i64);
    let issuer = issuer(expected.issuer, text("tid"));
    let checks = [
        (issuer.is_some() && text("iss") == issuer.as_deref(), "the ID token is of another issuer"),
        (text("sub").is_some_and(|sub| !sub.is_empty() && sub.len() <= 255), "the ID token names nobody"),
        (audience(claims, expected.audiences), "the ID token is for another client"),
        (
            number("exp").is_some_and(|exp| expected.now_s < exp.saturating_add(SKEW_S)),
            "the ID token is over",
        ),
        (number("iat").is_some_and(|iat| iat <= expected.now_s + SKEW_S), "the ID token is of the future"),
        (
            !claims.contains_key("nbf") || number("nbf").is_some_and(|nbf| nbf <= expected.now_s + SKEW_S),
            "the ID token is not yet good",
        ),
        (claims.get("nonce").is_none_or(Value::is_string), "the ID token's nonce is no text"),
        (text("nonce") == expected.nonce, "the ID token is of another sign-in (nonce)"),
        (
            match (claims.get("at_hash"), expected.access_token) {
                (None, _) | (_, None) => true,
                (Some(hash), Some(token)) => hash.as_str() == Some(&half_hash(algorithm, token)),
            },
            "the ID token is of another access token (at_hash)",
        ),
    ];
    match checks.into_iter().find(|(holds, _)| !holds) {
        Some((_, why)) => Err(OidcError::Untrusted(why)),
        None => Ok(()),
    }
}

/// The issuer that the token must name: of Microsoft's template with the token's own tenant.
fn issuer(expected: &str, tenant: Option<&str>) -> Option<String> {
    if !expected.contains(TENANT) {
        return Some(expected.to_owned());
    }
    let tenant =
        tenant.filter(|id| id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'))?;
    Some(expected.replace(TENANT, tenant))
}

/// Whether a token is for the client: alone, or among others as the party that it was issued to.
fn audience(claims: &Map<String, Value>, ours: &[&str]) -> bool {
    let own = |value: &Value| value.as_str().is_some_and(|id| ours.contains(&id));
    let (named, alone) = match claims.get("aud") {
        Some(single @ Value::String(_)) => (own(single), true),
        Some(Value::Array(several)) => (several.iter().any(own), several.len() == 1),
        _ => (false, false),
    };
    match claims.get("azp") {
        Some(azp) => named && own(azp),
        None => named && alone,
    }
}

/// The left half of a hash, as `at_hash` has it.
fn half_hash(algorithm: Algorithm, text: &str) -> String {
    let hash = match algorithm {
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => &SHA384,
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA => &SHA512,
        _ => &SHA256,
    };
    let whole = digest(hash, text.as_bytes());
    let bytes = whole.as_ref();
    URL_SAFE_NO_PAD.encode(&bytes[..bytes.len() / 2])
}

fn object(part: &str) -> Option<Map<String, Value>> {
    match serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
