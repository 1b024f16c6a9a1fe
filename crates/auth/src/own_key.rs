//! The project's own key pairs: they sign what others verify with the public half.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Value, json};

use crate::error::AuthError;

/// A key pair with its one algorithm.
pub(crate) enum OwnKey {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// A new private key for an algorithm of key pairs: PKCS#8 in base64.
pub(crate) fn generate(algorithm: Algorithm) -> Result<String, AuthError> {
    let failed = |_| AuthError::Crypto("a key could not be made");
    let pkcs8 = match algorithm {
        Algorithm::ES256 => {
            let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
            STANDARD.encode(key.to_pkcs8v1().map_err(failed)?)
        }
        Algorithm::EdDSA => {
            let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(failed)?;
            STANDARD.encode(document)
        }
        _ => {
            let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
            let der: Pkcs8V1Der<'_> = key.as_der().map_err(failed)?;
            let bytes: &[u8] = (*der).as_ref();
            STANDARD.encode(bytes)
        }
    };
    Ok(pkcs8)
}

impl OwnKey {
    /// Reads a private key. `None` if it is none for this algorithm.
    pub(crate) fn read(algorithm: Algorithm, text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        match algorithm {
            Algorithm::ES256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes).ok().map(Self::Ec)
            }
            Algorithm::EdDSA => Ed25519KeyPair::from_pkcs8(&bytes).ok().map(Self::Ed),
            Algorithm::RS256 => RsaKeyPair::from_pkcs8(&bytes).ok().map(Self::Rsa),
            _ => None,
        }
    }

    /// Signs a message.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, AuthError> {
        let failed = |_| AuthError::Crypto("a token could not be signed");
        let random = SystemRandom::new();
        match self {
            OwnKey::Ec(key) => key.sign(&random, message).map(|s| s.as_ref().to_vec()).map_err(failed),
            OwnKey::Ed(key) => Ok(key.sign(message).as_ref().to_vec()),
            OwnKey::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
        }
    }

    /// The public half as a JSON Web Key (RFC 7517).
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut key = match self {
            OwnKey::Ec(pair) => {
                // 4, then both coordinates of 32 bytes.
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "x": b64(&point[1..33]), "y": b64(&point[33..65])})
            }
            OwnKey::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": b64(pair.public_key().as_ref())})
            }
            OwnKey::Rsa(pair) => {
                let (n, e) = integers(pair.public_key().as_ref()).unwrap_or_default();
                json!({"kty": "RSA", "alg": "RS256", "n": b64(&n), "e": b64(&e)})
            }
        };
        key["kid"] = json!(kid);
        key["use"] = json!("sig");
        key["key_ops"] = json!(["verify"]);
        key
    }

    /// The public half, for verifying.
    pub(crate) fn decoding(&self) -> Option<DecodingKey> {
        match self {
            OwnKey::Ec(pair) => {
                let point = pair.public_key().as_ref();
                let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
                DecodingKey::from_ec_components(&b64(&point[1..33]), &b64(&point[33..65])).ok()
            }
            OwnKey::Ed(pair) => {
                DecodingKey::from_ed_components(&URL_SAFE_NO_PAD.encode(pair.public_key().as_ref())).ok()
            }
            OwnKey::Rsa(pair) => Some(DecodingKey::from_rsa_der(pair.public_key().as_ref())),
        }
    }
}

/// The two integers of an RSA public key (RFC 8017, A.1.1): a DER sequence of modulus and exponent.
fn integers(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (sequence, _) = element(der, 0x30)?;
    let (modulus, rest) = element(sequence, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    let unsigned = |bytes: &[u8]| bytes[bytes.iter().take_while(|b| **b == 0).count()..].to_vec();
    Some((unsigned(modulus), unsigned(exponent)))
}

/// The content of the element of a kind that stands first, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..0x80 => (usize::from(*first), rest),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0_usize, |all, digit| all << 8 | usize::from(*digit)), rest)
        }
    };
    (*found == tag).then(|| rest.split_at_checked(length)).flatten()
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::Algorithm;

    use super::{OwnKey, generate};
    use crate::jwks::Jwks;

    #[test]
    fn what_a_pair_signs_its_public_half_verifies() {
        for algorithm in [Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256] {
            let key = OwnKey::read(algorithm, &generate(algorithm).unwrap()).unwrap();
            let signature = key.sign(b"message").unwrap();
            let signature = base64::Engine::encode(&super::URL_SAFE_NO_PAD, signature);
            let set = serde_json::json!({ "keys": [key.jwk("one")] }).to_string();
            let published = Jwks::parse(&set).unwrap();
            for public in [&published.keys[0].key, &key.decoding().unwrap()] {
                let holds = |message: &[u8]| {
                    jsonwebtoken::crypto::verify(&signature, message, public, algorithm).unwrap_or(false)
                };
                assert!(holds(b"message") && !holds(b"another"), "{algorithm:?}");
            }
        }
    }
}
