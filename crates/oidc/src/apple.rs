//! Apple's client secrets: tokens of a few minutes that the project signs with its own key.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use crate::error::OidcError;
use crate::settings::AppleKey;

/// How long a secret is good, in seconds.
const TTL_S: i64 = 300;

/// A secret for the client.
pub(crate) fn client_secret(
    key: &AppleKey,
    issuer: &str,
    client_id: &str,
    now_s: i64,
) -> Result<String, OidcError> {
    let unreadable = || OidcError::Settings("the private key is no PKCS#8 PEM of a P-256 key");
    let body: String =
        key.private_key.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let der = STANDARD.decode(body).map_err(|_| unreadable())?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).map_err(|_| unreadable())?;
    let header = json!({"alg": "ES256", "kid": key.key_id});
    let claims = json!({
        "iss": key.team_id, "iat": now_s, "exp": now_s + TTL_S, "aud": issuer, "sub": client_id,
    });
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature = pair.sign(&SystemRandom::new(), message.as_bytes());
    let signature = signature.map_err(|_| OidcError::Settings("the private key cannot sign"))?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey};
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::{AppleKey, ECDSA_P256_SHA256_FIXED_SIGNING, client_secret};

    #[test]
    fn a_secret_is_a_token_that_the_team_signs() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let der = STANDARD.encode(pair.to_pkcs8v1().expect("its form"));
        let private_key = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n");
        let key = AppleKey { team_id: "TEAM".into(), key_id: "KEY".into(), private_key };
        let secret = client_secret(&key, "https://appleid.apple.com", "app", 1_000).expect("it signs");
        let parts: Vec<&str> = secret.split('.').collect();
        let text = |part: &str| {
            String::from_utf8(URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON is UTF-8")
        };
        assert_eq!(text(parts[0]), r#"{"alg":"ES256","kid":"KEY"}"#);
        let claims = r#"{"iss":"TEAM","iat":1000,"exp":1300,"aud":"https://appleid.apple.com","sub":"app"}"#;
        assert_eq!(text(parts[1]), claims);
        let message = format!("{}.{}", parts[0], parts[1]);
        let signature = URL_SAFE_NO_PAD.decode(parts[2]).expect("base64url");
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
        public.verify(message.as_bytes(), &signature).expect("the team has signed it");
        let broken = AppleKey { private_key: "key".into(), ..key };
        client_secret(&broken, "https://appleid.apple.com", "app", 1_000).expect_err("no key");
    }
}
