//! Each way in which an ID token may be wrong, alone.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Expected, half_hash, header, verify};
use crate::keys::Keys;

const NOW: i64 = 1_000_000;

fn pair() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key")
}

fn jwk(pair: &EcdsaKeyPair, kid: &str) -> Value {
    let point = pair.public_key().as_ref();
    let [x, y] = [&point[1..33], &point[33..]].map(|half| URL_SAFE_NO_PAD.encode(half));
    json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": x, "y": y})
}

fn keys(members: &[Value]) -> Keys {
    Keys::read(json!({ "keys": members }).to_string().as_bytes()).expect("it is a set")
}

fn token(pair: &EcdsaKeyPair, head: &Value, claims: &Value) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(head.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).expect("it signs");
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn head() -> Value {
    json!({"alg": "ES256", "kid": "a"})
}

fn claims() -> Value {
    json!({
        "iss": "https://id.example", "sub": "ada", "aud": "me", "exp": NOW + 300, "iat": NOW - 1, "nonce": "n",
    })
}

fn expected<'e>() -> Expected<'e> {
    Expected {
        issuer: "https://id.example",
        audiences: &["me", "my-app"],
        nonce: Some("n"),
        access_token: Some("access"),
        now_s: NOW,
    }
}

/// What is said of a token: nothing if it is believed.
fn said(token: &str, keys: &Keys, expected: &Expected<'_>) -> String {
    let found = header(token).and_then(|header| verify(token, &header, keys, expected));
    found.err().map_or_else(String::new, |error| error.to_string())
}

#[test]
fn claims_must_fit_the_trip() {
    let pair = pair();
    let keys = keys(&[jwk(&pair, "a")]);
    let check = |changes: Value, words: &str| {
        let mut claims = claims();
        for (name, value) in changes.as_object().expect("the table holds objects") {
            match value {
                Value::Null => drop(claims.as_object_mut().expect("an object").remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        let said = said(&token(&pair, &head(), &claims), &keys, &expected());
        assert!(said.contains(words) && said.is_empty() == words.is_empty(), "{changes}: {said}");
    };
    check(json!({}), "");
    check(json!({"iss": "https://id.example/"}), "another issuer");
    check(json!({"iss": "https://evil.example"}), "another issuer");
    check(json!({"iss": null}), "another issuer");
    check(json!({"sub": null}), "names nobody");
    check(json!({"sub": ""}), "names nobody");
    check(json!({"sub": 7}), "names nobody");
    check(json!({"sub": "x".repeat(256)}), "names nobody");
    check(json!({"aud": "you"}), "another client");
    check(json!({"aud": null}), "another client");
    check(json!({"aud": []}), "another client");
    check(json!({"aud": ["me"]}), "");
    check(json!({"aud": ["me", "you"]}), "another client");
    check(json!({"aud": ["me", "you"], "azp": "me"}), "");
    check(json!({"aud": ["me", "you"], "azp": "you"}), "another client");
    check(json!({"azp": "you"}), "another client");
    check(json!({"azp": "my-app"}), "");
    check(json!({"azp": 7}), "another client");
    check(json!({"exp": NOW - 59}), "");
    check(json!({"exp": NOW - 60}), "is over");
    check(json!({"exp": null}), "is over");
    check(json!({"exp": "9999999999"}), "is over");
    check(json!({"iat": null}), "of the future");
    check(json!({"iat": NOW + 60}), "");
    check(json!({"iat": NOW + 61}), "of the future");
    check(json!({"nbf": NOW + 61}), "not yet good");
    check(json!({"nbf": "soon"}), "not yet good");
    check(json!({"nonce": "m"}), "another sign-in (nonce)");
    check(json!({"nonce": null}), "another sign-in (nonce)");
    check(json!({"at_hash": half_hash(jsonwebtoken::Algorithm::ES256, "access")}), "");
    check(json!({"at_hash": half_hash(jsonwebtoken::Algorithm::ES256, "other")}), "at_hash");
    check(json!({"at_hash": 7}), "at_hash");
}

#[test]
fn a_token_without_a_nonce_is_for_those_who_sent_none() {
    let pair = pair();
    let keys = keys(&[jwk(&pair, "a")]);
    let mut without = claims();
    without.as_object_mut().expect("an object").remove("nonce");
    let none = Expected { nonce: None, ..expected() };
    assert_eq!(said(&token(&pair, &head(), &without), &keys, &none), "");
    assert!(said(&token(&pair, &head(), &claims()), &keys, &none).contains("nonce"));
}

#[test]
fn the_issuer_of_a_tenant_is_its_own() {
    let pair = pair();
    let keys = keys(&[jwk(&pair, "a")]);
    let tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let template = Expected { issuer: "https://ms.example/{tenantid}/v2.0", ..expected() };
    let check = |iss: String, tid: &str, good: bool| {
        let mut claims = claims();
        (claims["iss"], claims["tid"]) = (json!(iss), json!(tid));
        assert_eq!(said(&token(&pair, &head(), &claims), &keys, &template).is_empty(), good, "{iss} {tid}");
    };
    check(format!("https://ms.example/{tenant}/v2.0"), tenant, true);
    check("https://ms.example/{tenantid}/v2.0".into(), "{tenantid}", false);
    check("https://ms.example/x/v2.0".into(), tenant, false);
    check("https://ms.example/../v2.0".into(), "..", false);
}

#[test]
fn only_keys_of_the_issuer_count_each_with_its_algorithm() {
    let (own, other) = (pair(), pair());
    let keys = keys(&[jwk(&own, "a"), jwk(&own, "b")]);
    let good = token(&own, &head(), &claims());
    assert_eq!(said(&good, &keys, &expected()), "");
    assert_eq!(said(&token(&own, &json!({"alg": "ES256"}), &claims()), &keys, &expected()), "");
    let changed = {
        let parts: Vec<&str> = good.split('.').collect();
        let claims = URL_SAFE_NO_PAD.encode(json!({"iss": "https://id.example", "sub": "eve"}).to_string());
        format!("{}.{claims}.{}", parts[0], parts[2])
    };
    let unsigned = good.rsplit_once('.').map(|(message, _)| format!("{message}.")).expect("it has parts");
    let with = |head: Value| token(&own, &head, &claims());
    let cases = [
        (token(&other, &head(), &claims()), "no key of the issuer"),
        (with(json!({"alg": "ES256", "kid": "c"})), "no key of the issuer"),
        (with(json!({"alg": "RS256", "kid": "a"})), "no key of the issuer"),
        (changed, "no key of the issuer"),
        (unsigned, "no key of the issuer"),
        (with(json!({"alg": "none"})), "no algorithm of public keys"),
        (with(json!({"alg": "HS256", "kid": "a"})), "no algorithm of public keys"),
        (with(json!({"kid": "a"})), "no algorithm of public keys"),
        (with(json!({"alg": "ES256", "jwk": jwk(&own, "a")})), "a key of its own"),
        (with(json!({"alg": "ES256", "jku": "https://evil.example"})), "a key of its own"),
        (with(json!({"alg": "ES256", "crit": ["b64"]})), "a key of its own"),
        (good.replacen('.', "..", 1), "no signed JWT"),
        ("a.b".into(), "no signed JWT"),
        ("..".into(), "no signed JWT"),
        (format!("{}{good}", "A".repeat(40 << 10)), "no signed JWT"),
    ];
    for (token, words) in cases {
        let said = said(&token, &keys, &expected());
        assert!(said.contains(words), "{}…: {said}", &token[..token.len().min(60)]);
    }
}

#[test]
fn keys_that_cannot_be_used_are_passed_over() {
    let pair = pair();
    let good = jwk(&pair, "a");
    let change = |name: &str, value: Value| {
        let mut key = good.clone();
        key[name] = value;
        key
    };
    let signed = token(&pair, &head(), &claims());
    let odd = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"});
    for (members, good) in [
        (vec![odd, json!({"kty": "oct", "k": "c2VjcmV0"}), json!(7), good.clone()], true),
        (vec![change("use", json!("enc"))], false),
        (vec![change("alg", json!("ES384"))], false),
        (vec![change("alg", json!("HS256"))], false),
        (vec![change("crv", json!("P-384"))], false),
        (vec![], false),
    ] {
        let found = said(&signed, &keys(&members), &expected());
        assert_eq!(found.is_empty(), good, "{members:?}: {found}");
    }
    Keys::read(b"<html>").err().expect("no set");
}
