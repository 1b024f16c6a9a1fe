//! An issuer's public keys (RFC 7517), each with one algorithm.

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use crate::error::OidcError;

/// The most keys of a set.
const KEYS_MAX: usize = 64;

/// Base64url of a modulus of 2048 bits.
const RSA_LEAST: usize = 342;

/// The keys of an issuer.
#[derive(Clone)]
pub(crate) struct Keys(Vec<Key>);

/// A key.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) kid: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Member {
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
}

impl Keys {
    /// The keys of a set that can be used; others are passed over, since issuers list what other clients need.
    pub(crate) fn read(body: &[u8]) -> Result<Self, OidcError> {
        let set: Set = serde_json::from_slice(body)
            .map_err(|_| OidcError::Untrusted("the issuer's key set cannot be read"))?;
        let members = set.keys.into_iter().take(KEYS_MAX).map(serde_json::from_value::<Member>);
        Ok(Self(members.filter_map(Result::ok).filter_map(key).collect()))
    }

    /// The keys that may have signed a token with this algorithm and key id.
    pub(crate) fn fitting(&self, algorithm: Algorithm, kid: Option<&str>) -> Vec<&Key> {
        let fits = |key: &&Key| {
            key.algorithm == algorithm && (kid.is_none() || key.kid.is_none() || key.kid.as_deref() == kid)
        };
        self.0.iter().filter(fits).collect()
    }
}

/// The key and its one algorithm: the one that it names, otherwise the usual one of its kind.
fn key(member: Member) -> Option<Key> {
    if member.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let (algorithm, key) = match (member.kty.as_str(), member.crv.as_deref()) {
        ("RSA", _) => {
            let n = member.n.filter(|n| n.len() >= RSA_LEAST)?;
            (rsa(member.alg.as_deref())?, DecodingKey::from_rsa_components(&n, &member.e?))
        }
        ("EC", Some("P-256")) => (
            only(member.alg.as_deref(), "ES256", Algorithm::ES256)?,
            DecodingKey::from_ec_components(&member.x?, &member.y?),
        ),
        ("EC", Some("P-384")) => (
            only(member.alg.as_deref(), "ES384", Algorithm::ES384)?,
            DecodingKey::from_ec_components(&member.x?, &member.y?),
        ),
        ("OKP", Some("Ed25519")) => (
            only(member.alg.as_deref(), "EdDSA", Algorithm::EdDSA)?,
            DecodingKey::from_ed_components(&member.x?),
        ),
        _ => return None,
    };
    Some(Key { kid: member.kid, algorithm, key: key.ok()? })
}

fn rsa(alg: Option<&str>) -> Option<Algorithm> {
    algorithm(alg.unwrap_or("RS256")).filter(|found| {
        matches!(
            found,
            Algorithm::RS256
                | Algorithm::RS384
                | Algorithm::RS512
                | Algorithm::PS256
                | Algorithm::PS384
                | Algorithm::PS512
        )
    })
}

fn only(alg: Option<&str>, name: &str, algorithm: Algorithm) -> Option<Algorithm> {
    alg.is_none_or(|alg| alg == name).then_some(algorithm)
}

/// An algorithm of public keys by its name. `none` and those of shared secrets are not among them.
pub(crate) fn algorithm(name: &str) -> Option<Algorithm> {
    Some(match name {
        "RS256" => Algorithm::RS256,
        "RS384" => Algorithm::RS384,
        "RS512" => Algorithm::RS512,
        "PS256" => Algorithm::PS256,
        "PS384" => Algorithm::PS384,
        "PS512" => Algorithm::PS512,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "EdDSA" => Algorithm::EdDSA,
        _ => return None,
    })
}
