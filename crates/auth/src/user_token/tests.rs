use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::own_key::OwnKey;
use crate::tests::{ADA, ISSUER, NOW, Project, SEAT, SECRET, hs256, part, project};

const EDITOR: &str = "User [authenticated writer editor] seat";

/// Signs whatever is given with the project's first key pair.
fn forge(project: &Project, header: &Value, claims: &Value) -> String {
    let key = &project.secrets.tokens[0];
    let pair = OwnKey::read(Algorithm::ES256, &key.private).unwrap();
    let text = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
    let message = format!("{}.{}", text(header), text(claims));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()).unwrap()))
}

fn header(project: &Project, changes: &[(&str, Value)]) -> Value {
    let mut header = json!({"alg": "ES256", "typ": "JWT", "kid": project.secrets.tokens[0].kid});
    change(&mut header, changes);
    header
}

/// Changes members; null removes one.
fn change(object: &mut Value, changes: &[(&str, Value)]) {
    let members = object.as_object_mut().unwrap();
    for (name, value) in changes {
        match value {
            Value::Null => members.remove(*name),
            value => members.insert((*name).to_owned(), value.clone()),
        };
    }
}

#[test]
fn tokens_of_accounts_are_judged_by_their_records() {
    for algorithm in ["ES256", "EdDSA", "RS256", "HS256"] {
        let p = project(algorithm);
        let token = p.token_at(NOW);
        assert_eq!(part(&token, 0)["alg"], algorithm);
        // The claim says admin; the record says editor.
        for _ in 0..2 {
            assert_eq!(p.ask(&token, NOW), EDITOR, "{algorithm}");
        }
        let own = p.auth.verify_own(&token, NOW).unwrap();
        assert_eq!((own.account, own.session), (ADA, SEAT));
        assert_eq!(own.claims["email"], "ada@example.org");
        assert_eq!(p.ask(&token, NOW + 3_700), "401 PGRST303 JWT expired");
        assert!(p.auth.verify_own(&token, NOW + 3_700).is_err());
    }
}

#[test]
fn every_claim_must_be_there_and_of_its_type() {
    let p = project("ES256");
    let good = part(&p.token_at(NOW), 1);
    let claim = |text: &str| format!("401 PGRST303 {text}");
    let string = |name: &str| claim(&format!("The JWT '{name}' claim must be a string"));
    let uuid = |name: &str| claim(&format!("The JWT '{name}' claim must be a UUID"));
    let number = |name: &str| claim(&format!("The JWT '{name}' claim must be a number"));
    let (issuer, audience) = (claim("JWT not of the expected issuer"), claim("JWT not in audience"));
    let aud_type = claim("The JWT 'aud' claim must be a string or an array of strings");
    let role = claim("The JWT 'role' claim must be authenticated");
    let cases = [
        ("none", json!(1), EDITOR.to_owned()),
        ("aud", json!(["authenticated", "other"]), EDITOR.to_owned()),
        ("exp", Value::Null, number("exp")),
        ("exp", json!("soon"), number("exp")),
        ("exp", json!(NOW - 31), claim("JWT expired")),
        ("iat", json!("now"), number("iat")),
        ("iat", json!(NOW + 31), claim("JWT issued at future")),
        ("nbf", json!({}), number("nbf")),
        ("iss", Value::Null, string("iss")),
        ("iss", json!(1), string("iss")),
        ("iss", json!("https://other.example/auth/v1"), issuer.clone()),
        ("iss", json!(format!("{ISSUER}/")), issuer),
        ("aud", Value::Null, audience.clone()),
        ("aud", json!("client"), audience.clone()),
        ("aud", json!([]), audience),
        ("aud", json!(7), aud_type.clone()),
        ("aud", json!(["authenticated", 7]), aud_type),
        ("sub", Value::Null, string("sub")),
        ("sub", json!([1]), string("sub")),
        ("sub", json!("ada"), uuid("sub")),
        (
            "sub",
            json!("b0b0b0b0-b0b0-b0b0-b0b0-b0b0b0b0b0b0"),
            "401 session_not_found JWT session is over".into(),
        ),
        ("role", Value::Null, string("role")),
        ("role", json!(true), string("role")),
        ("role", json!("anon"), role.clone()),
        ("role", json!("service_role"), role.clone()),
        ("role", json!("editor"), role),
        ("session_id", Value::Null, string("session_id")),
        ("session_id", json!(5), string("session_id")),
        ("session_id", json!("x"), uuid("session_id")),
        (
            "session_id",
            json!("00000000-0000-0000-0000-000000000000"),
            "401 session_not_found JWT session is over".into(),
        ),
    ];
    for (name, value, expected) in cases {
        let mut claims = good.clone();
        change(&mut claims, &[(name, value.clone())]);
        let token = forge(&p, &header(&p, &[]), &claims);
        for _ in 0..2 {
            assert_eq!(p.ask(&token, NOW), expected, "{name}: {value}");
        }
        if let Some(refused) = expected.strip_prefix("401 PGRST303 ") {
            assert_eq!(p.auth.verify_own(&token, NOW).unwrap_err().message, refused, "{name}: {value}");
        }
    }
}

#[test]
fn a_header_brings_no_key_and_no_algorithm_of_its_own() {
    let p = project("ES256");
    let claims = part(&p.token_at(NOW), 1);
    let refused = "401 PGRST301 No suitable key or wrong key type";
    let cases: [&[(&str, Value)]; 14] = [
        &[("alg", json!("none"))],
        &[("alg", json!("None"))],
        &[("alg", json!("HS256"))],
        &[("alg", json!("RS256"))],
        &[("alg", json!("EdDSA"))],
        &[("alg", json!("ES384"))],
        &[("alg", Value::Null)],
        &[("kid", json!("another"))],
        // Our own tokens always carry the id of their key.
        &[("kid", Value::Null)],
        &[("jwk", json!({}))],
        &[("jku", json!("https://example.com"))],
        &[("x5u", json!("https://example.com"))],
        &[("crit", json!(["exp"]))],
        &[("kid", json!("another")), ("jwk", json!({}))],
    ];
    for changes in cases {
        assert_eq!(p.ask(&forge(&p, &header(&p, changes), &claims), NOW), refused, "{changes:?}");
    }
    assert_eq!(p.ask(&forge(&p, &header(&p, &[("x5c", json!([]))]), &claims), NOW), EDITOR);
}

#[test]
fn no_public_half_is_a_secret_and_no_pair_signs_for_another() {
    let p = project("ES256");
    let (claims, refused) = (part(&p.token_at(NOW), 1), "401 PGRST301 No suitable key or wrong key type");
    let set: Value = serde_json::from_str(&p.auth.jwks(NOW)).unwrap();
    let key = &set["keys"][0];
    let kid = p.secrets.tokens[0].kid.clone();
    for secret in [key.to_string(), key["x"].as_str().unwrap().to_owned(), set.to_string()] {
        let header = json!({"alg": "HS256", "typ": "JWT", "kid": kid});
        assert_eq!(p.ask(&hs256(&header, &claims, secret.as_bytes()), NOW), refused);
    }
    // A pair of another project that calls itself by the same id.
    let mut other = project("ES256");
    other.secrets.tokens[0].kid = kid;
    assert_eq!(p.ask(&forge(&other, &header(&p, &[]), &claims), NOW), refused);
    // A signature of one message under another.
    let (one, two) = (p.token_at(NOW), p.token_at(NOW - 1));
    let moved = format!("{}.{}", &one[..one.rfind('.').unwrap()], &two[two.rfind('.').unwrap() + 1..]);
    assert_eq!(p.ask(&moved, NOW), refused);
}

#[test]
fn tokens_of_the_secret_are_accounts_only_where_they_name_us_and_a_session() {
    let session = "5e5e5e5e-5e5e-5e5e-5e5e-5e5e5e5e5e5e";
    let sub = "adadadad-adad-adad-adad-adadadadadad";
    let minted = "User [authenticated admin]";
    let cases = [
        (json!({}), minted),
        (json!({"iss": "https://elsewhere.example/auth/v1", "session_id": session}), minted),
        (json!({"iss": ISSUER, "session_id": session}), EDITOR),
        (json!({"iss": ISSUER, "session_id": 7}), "401 PGRST303 The JWT 'session_id' claim must be a string"),
        (
            json!({"iss": ISSUER, "session_id": session, "sub": null}),
            "401 PGRST303 The JWT 'sub' claim must be a string",
        ),
    ];
    // Whether or not the secret signs tokens of accounts now: it may have done so a moment ago.
    for algorithm in ["ES256", "HS256"] {
        let p = project(algorithm);
        for (changes, expected) in &cases {
            let mut claims = json!({
                "sub": sub, "role": "authenticated", "aud": "authenticated", "exp": NOW + 60,
                "app_metadata": {"roles": ["admin"]},
            });
            let changes: Vec<(&str, Value)> =
                changes.as_object().unwrap().iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
            change(&mut claims, &changes);
            let token = hs256(&json!({"alg": "HS256"}), &claims, SECRET.as_bytes());
            assert_eq!(p.ask(&token, NOW), *expected, "{algorithm} {changes:?}");
            assert_eq!(p.auth.verify_own(&token, NOW).is_ok(), *expected == EDITOR);
        }
    }
}

#[test]
fn an_id_token_opens_nothing() {
    let p = project("ES256");
    let claims = json!({"iss": ISSUER, "sub": "adadadad-adad-adad-adad-adadadadadad", "aud": "client", "exp": NOW + 60, "iat": NOW});
    let claims = claims.as_object().unwrap();
    let token = p.auth.sign_id_token(crate::IdTokenAlgorithm::Es256, claims, NOW).unwrap();
    assert_eq!(p.ask(&token, NOW), "401 PGRST303 JWT not in audience");
    assert!(p.auth.verify_own(&token, NOW).is_err());
    let missing = p.auth.sign_id_token(crate::IdTokenAlgorithm::Rs256, claims, NOW).unwrap_err();
    assert_eq!(missing.to_string(), "no key signs with RS256 yet");
}

#[test]
fn a_users_token_is_no_api_key() {
    let p = project("ES256");
    let token = p.token_at(NOW);
    let shown =
        crate::Credentials { apikey: Some(&token), authorization: None, ..crate::Credentials::default() };
    let problem = p.auth.caller(&crate::tests::schema(), &shown, NOW, None).err().unwrap();
    assert_eq!(problem.code.wire_text(), "BIS-302");
}
