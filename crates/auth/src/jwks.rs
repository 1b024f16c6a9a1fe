//! A set of public keys (RFC 7517) of whoever signs the users' tokens.

use std::path::Path;

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use crate::error::AuthError;
use crate::keyring::VerifyingKey;

/// The most keys of one set.
const KEYS_MAX: usize = 64;

/// Public keys, each with one algorithm.
pub struct Jwks {
    pub(crate) keys: Vec<VerifyingKey>,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<serde::de::IgnoredAny>,
    k: Option<serde::de::IgnoredAny>,
}

impl Jwks {
    /// JSON text if the setting starts with `{`, otherwise a file, relative to `base`. This crate fetches nothing: whoever
    /// has an address fetches its text and calls [`Jwks::parse`].
    pub fn load(setting: &str, base: &Path) -> Result<Self, AuthError> {
        let setting = setting.trim();
        if setting.starts_with('{') {
            return Self::parse(setting);
        }
        let path = base.join(setting.strip_prefix("file://").unwrap_or(setting));
        let text = std::fs::read_to_string(&path).map_err(|source| AuthError::File {
            action: "read the key set",
            path: path.clone(),
            source,
        })?;
        Self::parse(&text)
    }

    /// Reads a key set. Errors name the key that cannot be used and why; keys for encryption are passed over.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        let set: Set = serde_json::from_str(text)
            .map_err(|error| AuthError::Jwks(format!("not a key set {{\"keys\":[…]}}: {error}")))?;
        if set.keys.len() > KEYS_MAX {
            return Err(AuthError::Jwks(format!("{} keys; at most {KEYS_MAX} are read", set.keys.len())));
        }
        let mut keys: Vec<VerifyingKey> = Vec::new();
        for (n, key) in set.keys.iter().enumerate().filter(|(_, key)| key.purpose.as_deref() != Some("enc")) {
            let fail = |why: String| {
                AuthError::Jwks(format!("key {n} ({}): {why}", key.kid.as_deref().unwrap_or("no kid")))
            };
            let (algorithm, decoding) = verifying(key).map_err(fail)?;
            if key.kid.is_some() && keys.iter().any(|k| k.kid == key.kid) {
                return Err(fail("another key has the same kid".to_owned()));
            }
            keys.push(VerifyingKey {
                kid: key.kid.clone(),
                algorithm,
                key: decoding,
                until: None,
                own: false,
                accounts: false,
            });
        }
        if keys.is_empty() {
            return Err(AuthError::Jwks("it holds no key that verifies signatures".to_owned()));
        }
        Ok(Self { keys })
    }
}

/// The key and its one algorithm.
fn verifying(key: &Key) -> Result<(Algorithm, DecodingKey), String> {
    if key.d.is_some() || key.k.is_some() {
        return Err(
            "it is private; a key set holds public keys only (for HS256 set auth.jwt_secret)".to_owned()
        );
    }
    let member = |name: &str, value: &Option<String>| value.clone().ok_or(format!("`{name}` is missing"));
    let (name, algorithm, decoding) = match (key.kty.as_str(), key.crv.as_deref()) {
        ("RSA", _) => {
            let (n, e) = (member("n", &key.n)?, member("e", &key.e)?);
            // 2048 bits are 342 characters of base64url.
            if n.len() < 342 {
                return Err("an RSA key needs at least 2048 bits".to_owned());
            }
            ("RS256", Algorithm::RS256, DecodingKey::from_rsa_components(&n, &e))
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (member("x", &key.x)?, member("y", &key.y)?);
            ("ES256", Algorithm::ES256, DecodingKey::from_ec_components(&x, &y))
        }
        ("OKP", Some("Ed25519")) => {
            ("EdDSA", Algorithm::EdDSA, DecodingKey::from_ed_components(&member("x", &key.x)?))
        }
        (kty, crv) => {
            return Err(format!("kty {kty} {} is not read; use RS256, ES256 or EdDSA", crv.unwrap_or("")));
        }
    };
    if key.alg.as_deref().is_some_and(|alg| alg != name && !(name == "EdDSA" && alg == "Ed25519")) {
        return Err(format!(
            "alg {} is not read; a key of this kind is for {name}",
            key.alg.as_deref().unwrap_or("")
        ));
    }
    let decoding = decoding.map_err(|_| "its numbers are not base64url".to_owned())?;
    Ok((algorithm, decoding))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Jwks;

    #[test]
    fn unusable_sets_say_what_is_wrong() {
        let short = format!(r#"{{"keys":[{{"kty":"RSA","kid":"k","n":"{}","e":"AQAB"}}]}}"#, "A".repeat(171));
        let twice =
            r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let twice = format!(r#"{{"keys":[{twice},{twice}]}}"#);
        let cases = [
            ("{", "not a key set"),
            (r#"{"keys":[]}"#, "no key"),
            (r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#, "auth.jwt_secret"),
            (r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}]}"#, "private"),
            (r#"{"keys":[{"kty":"EC","crv":"P-521","x":"AA","y":"AA"}]}"#, "P-521"),
            (r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AA"}]}"#, "`y` is missing"),
            (r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","alg":"RS256"}]}"#, "alg RS256"),
            (r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"*"}]}"#, "base64url"),
            (short.as_str(), "2048"),
            (twice.as_str(), "same kid"),
            ("missing.json", "missing.json"),
        ];
        for (setting, expected) in cases {
            let error = Jwks::load(setting, Path::new("/nowhere")).err().unwrap().to_string();
            assert!(error.contains(expected), "{setting}: {error}");
        }
    }
}
