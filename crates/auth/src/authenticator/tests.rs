use bistro_ir::Caller;
use bistro_schema::model::Role;
use bistro_schema::{Roles, Schema};
use futures_util::FutureExt as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{Authenticator, Credentials, Options};
use crate::claims::Expected;
use crate::jwks::Jwks;
use crate::keyring::Keyring;
use crate::mint::{MintRequest, legacy_keys, mint};
use crate::secrets::Secrets;

const NOW: i64 = 1_800_000_000;
const SECRET: &str = "a secret of the project, long enough to sign";
const ADA: &str = "0190f0a0-0000-7000-8000-00000000ada0";

/// Public keys whose private halves sign in these tests alone.
const RSA_SIGNED: &str = include_str!("fixtures/foreign.json");

fn schema() -> Schema {
    let role = |name: &str, closure: Roles| Role { name: name.to_owned(), closure, description: None };
    let (writer, editor) = (Roles::declared(0), Roles::declared(1));
    Schema { roles: vec![role("writer", writer), role("editor", writer.with(editor))], ..Schema::default() }
}

struct Project {
    secrets: Secrets,
    auth: Authenticator,
}

fn project(options: Options) -> Project {
    let mut secrets = Secrets::generate(NOW).unwrap();
    secrets.publishable = format!("sb_publishable_{}", "p".repeat(32));
    secrets.secret = format!("sb_secret_{}", "s".repeat(40));
    let keys = Keyring::new(&secrets, Some(SECRET), None).unwrap();
    Project { secrets, auth: Authenticator::new(keys, options) }
}

fn sign(header: &Value, claims: &Value, secret: &str) -> String {
    use base64::Engine as _;
    let part = |v: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(v.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn token(claims: Value) -> String {
    sign(&json!({"alg": "HS256", "typ": "JWT"}), &claims, SECRET)
}

/// A user's claims with some of them changed; null removes one.
fn claims(changes: Value) -> Value {
    let mut all =
        json!({"sub": ADA, "role": "authenticated", "aud": "authenticated", "iat": NOW, "exp": NOW + 3600});
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => all.as_object_mut().unwrap().remove(name),
            value => all.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    all
}

fn user(changes: Value) -> String {
    format!("Bearer {}", token(claims(changes)))
}

/// A caller as one line, or a problem as status, code and message.
fn ask(auth: &Authenticator, apikey: Option<&str>, authorization: Option<&str>, now_s: i64) -> String {
    let schema = std::sync::Arc::new(schema());
    let shown = Credentials { apikey, authorization, ..Credentials::default() };
    let asked = auth.caller(&schema, &shown, now_s, None).map(|asked| asked.wait().now_or_never());
    match asked.and_then(|caller| caller.expect("these sources answer at once")) {
        Ok(Caller { kind, role, roles, id, .. }) => {
            let id = if id.is_some() { " id" } else { "" };
            format!("{kind:?} {role} [{}]{id}", schema.role_names(roles).join(" "))
        }
        Err(problem) => format!("{} {} {}", problem.status, problem.code.wire_text(), problem.message),
    }
}

#[test]
fn keys_and_bearers_follow_the_resolution_rule() {
    let p = project(Options::default());
    let (publishable, secret) = (p.secrets.publishable.as_str(), p.secrets.secret.as_str());
    let (anon, service) = legacy_keys(&p.auth.keys()).unwrap();
    let bearer = |key: &str| format!("Bearer {key}");
    let other = format!("sb_secret_{}", "x".repeat(40));
    let signed_in = user(json!({}));
    let user_token = signed_in.strip_prefix("Bearer ").unwrap();
    let (no_key, bad_key) =
        ("401 BIS-301 No API key found in request", "401 BIS-302 Invalid authentication credentials");
    let (anonymous, everything) = ("Anonymous anon [anon]", "Service service_role [service_role]");
    let ada = "User authenticated [authenticated] id";
    let cases: &[(Option<&str>, Option<String>, &str)] = &[
        (None, None, no_key),
        (Some(publishable), None, anonymous),
        (Some(secret), None, everything),
        (Some(&anon), None, anonymous),
        (Some(&service), None, everything),
        (None, Some(bearer(publishable)), anonymous),
        (None, Some(bearer(secret)), everything),
        (None, Some(bearer(&anon)), anonymous),
        (None, Some(bearer(&service)), everything),
        // What the clients send when nobody is signed in: the key twice.
        (Some(publishable), Some(bearer(publishable)), anonymous),
        (Some(secret), Some(bearer(secret)), everything),
        // An sb_ bearer leaves the decision to apikey, any other one takes it.
        (Some(publishable), Some(bearer(secret)), anonymous),
        (Some(secret), Some(bearer(publishable)), everything),
        (Some(publishable), Some(signed_in.clone()), ada),
        (Some(secret), Some(signed_in.clone()), ada),
        (Some("nonsense"), Some(signed_in.clone()), ada),
        (
            None,
            Some(signed_in.to_lowercase().replacen(&signed_in.to_lowercase()[6..], &signed_in[6..], 1)),
            ada,
        ),
        (Some(&other), None, bad_key),
        (Some(""), None, bad_key),
        (Some("nonsense"), None, bad_key),
        (Some(user_token), None, bad_key),
        (Some("sb_publishable_"), None, bad_key),
        (None, Some(bearer(&other)), bad_key),
        (None, Some("Basic YXBpa2V5OmtleQ==".to_owned()), bad_key),
        (None, Some("Bearer".to_owned()), "401 PGRST301 Empty JWT is sent in Authorization header"),
        (
            Some(publishable),
            Some("Bearer ".to_owned()),
            "401 PGRST301 Empty JWT is sent in Authorization header",
        ),
        (None, Some("Bearer sb_nothing".to_owned()), bad_key),
    ];
    for (apikey, authorization, expected) in cases {
        assert_eq!(
            ask(&p.auth, *apikey, authorization.as_deref(), NOW),
            *expected,
            "{apikey:?} {authorization:?}"
        );
    }
}

#[test]
fn a_key_from_another_place_is_judged_like_that_of_a_header() {
    let p = project(Options::default());
    let (anon, service) = legacy_keys(&p.auth.keys()).unwrap();
    let cases = [
        (p.secrets.publishable.clone(), Ok("Anonymous anon")),
        (p.secrets.secret.clone(), Ok("Service service_role")),
        (anon, Ok("Anonymous anon")),
        (service, Ok("Service service_role")),
        (token(claims(json!({}))), Err("BIS-302")),
        (String::new(), Err("BIS-302")),
        ("sb_secret_none_of_ours".to_owned(), Err("BIS-302")),
    ];
    let ip = Some(std::net::IpAddr::from([192, 0, 2, 1]));
    for (key, expected) in cases {
        let told = p.auth.key_caller(&schema(), &key, NOW, ip);
        let told = told.map(|caller| (format!("{:?} {}", caller.kind, caller.role), caller.ip));
        let told = told.map_err(|problem| problem.code.wire_text().to_owned());
        let expected = expected.map(|who| (who.to_owned(), ip)).map_err(str::to_owned);
        assert_eq!(told, expected, "{key}");
    }
}

#[test]
fn tokens_are_judged_by_their_claims() {
    let ada = "User authenticated [authenticated] id";
    let claim = |text: &str| format!("401 PGRST303 {text}");
    let cases: Vec<(Value, String)> = vec![
        (json!({}), ada.to_owned()),
        (json!({"aud": null, "iat": null}), ada.to_owned()),
        (json!({"sub": "user_42"}), "User authenticated [authenticated]".to_owned()),
        (json!({"exp": NOW - 30}), ada.to_owned()),
        (json!({"exp": NOW - 31}), claim("JWT expired")),
        (json!({"exp": 1.5}), claim("JWT expired")),
        (json!({"exp": 1e300}), ada.to_owned()),
        (json!({"exp": null}), claim("The JWT 'exp' claim must be a number")),
        (json!({"exp": "soon"}), claim("The JWT 'exp' claim must be a number")),
        (json!({"nbf": NOW + 30}), ada.to_owned()),
        (json!({"nbf": NOW + 31}), claim("JWT not yet valid")),
        (json!({"nbf": []}), claim("The JWT 'nbf' claim must be a number")),
        (json!({"iat": NOW + 31}), claim("JWT issued at future")),
        (json!({"iat": true}), claim("The JWT 'iat' claim must be a number")),
        (json!({"aud": 1}), claim("The JWT 'aud' claim must be a string or an array of strings")),
        (json!({"aud": ["a", 1]}), claim("The JWT 'aud' claim must be a string or an array of strings")),
        (json!({"sub": null}), claim("The JWT 'sub' claim must be a string")),
        (json!({"sub": 5}), claim("The JWT 'sub' claim must be a string")),
        (json!({"role": "anon"}), "Anonymous anon [anon] id".to_owned()),
        (json!({"role": null}), "Anonymous anon [anon] id".to_owned()),
        (
            json!({"role": "service_role"}),
            claim("The role service_role belongs to the project's own API keys"),
        ),
        (json!({"role": "service_role", "sub": null}), "Service service_role [service_role]".to_owned()),
        (json!({"role": "editor"}), "401 22023 role \"editor\" does not exist".to_owned()),
        (json!({"role": 7}), "401 22023 role \"7\" does not exist".to_owned()),
        (
            json!({"app_metadata": {"roles": ["writer"]}}),
            "User authenticated [authenticated writer] id".to_owned(),
        ),
        (
            json!({"app_metadata": {"roles": ["editor"]}}),
            "User authenticated [authenticated writer editor] id".to_owned(),
        ),
        (
            json!({"app_metadata": {"roles": ["admin"]}}),
            "User authenticated [authenticated admin] id".to_owned(),
        ),
        (json!({"app_metadata": {"roles": ["service_role", "nobody", 3]}}), ada.to_owned()),
        (json!({"app_metadata": {"roles": "editor"}}), ada.to_owned()),
        (json!({"user_metadata": {"roles": ["editor"]}}), ada.to_owned()),
        (
            json!({"role": "anon", "app_metadata": {"roles": ["editor"]}}),
            "Anonymous anon [anon] id".to_owned(),
        ),
    ];
    let p = project(Options::default());
    for (changes, expected) in cases {
        // Twice: the second time the token comes from the cache.
        for _ in 0..2 {
            assert_eq!(ask(&p.auth, None, Some(&user(changes.clone())), NOW), expected, "{changes}");
        }
    }
}

#[test]
fn forged_and_broken_tokens_are_refused() {
    let p = project(Options::default());
    let good = token(claims(json!({})));
    let parts: Vec<&str> = good.split('.').collect();
    let with = |header: Value| sign(&header, &claims(json!({})), SECRET);
    let (unsuitable, broken) =
        ("401 PGRST301 No suitable key or wrong key type", "401 PGRST301 JWT cryptographic operation failed");
    let cases: Vec<(String, &str)> = vec![
        ("x".into(), "401 PGRST301 Expected 3 parts in JWT; got 1"),
        ("a.b".into(), "401 PGRST301 Expected 3 parts in JWT; got 2"),
        ("a.b.c.d.e".into(), "401 PGRST301 Expected 3 parts in JWT; got 5"),
        (".".repeat(40), "401 PGRST301 Expected 3 parts in JWT; got 41"),
        ("a.b.c".into(), broken),
        ("..".into(), broken),
        (format!("{}.{}.", parts[0], parts[1]), unsuitable),
        (format!("{}.{}.{}", parts[0], parts[1], "AAAA"), unsuitable),
        (format!("{}.{}.{}", parts[0], parts[1].replace('e', "f"), parts[2]), unsuitable),
        (
            sign(&json!({"alg": "HS256"}), &claims(json!({})), "another secret, which is not the project's"),
            unsuitable,
        ),
        (with(json!({"alg": "none"})), unsuitable),
        (with(json!({"alg": "None"})), unsuitable),
        (with(json!({"alg": "HS512"})), unsuitable),
        (with(json!({"alg": "RS256"})), unsuitable),
        (with(json!({"typ": "JWT"})), unsuitable),
        (with(json!({"alg": "HS256", "jwk": {}})), unsuitable),
        (with(json!({"alg": "HS256", "jku": "https://example.com"})), unsuitable),
        (with(json!({"alg": "HS256", "x5u": "https://example.com"})), unsuitable),
        (with(json!({"alg": "HS256", "crit": ["exp"]})), unsuitable),
        (with(json!([1])), broken),
        (sign(&json!({"alg": "HS256"}), &json!("text"), SECRET), broken),
    ];
    for (token, expected) in cases {
        assert_eq!(ask(&p.auth, None, Some(&format!("Bearer {token}")), NOW), expected, "{token}");
    }
}

#[test]
fn no_other_spelling_of_a_token_is_accepted() {
    let p = project(Options::default());
    let good = token(claims(json!({})));
    let mut refused = 0;
    for at in 0..good.len() {
        for other in ["A", "B", "_", ".", "=", "+", "\u{e9}", "", " "] {
            let changed = format!("{}{other}{}", &good[..at], &good[at + 1..]);
            // White space around a token is not part of it.
            if changed.trim() != good {
                let answer = ask(&p.auth, None, Some(&format!("Bearer {changed}")), NOW);
                assert!(answer.starts_with("401 PGRST301 "), "{changed}: {answer}");
                refused += 1;
            }
        }
    }
    assert!(refused > 1000);
}

#[test]
fn a_token_that_was_over_once_stays_over() {
    let p = project(Options::default());
    let bearer = user(json!({}));
    let asked = |now: i64| ask(&p.auth, None, Some(&bearer), now);
    assert_eq!(asked(NOW), "User authenticated [authenticated] id");
    assert_eq!(asked(NOW + 4000), "401 PGRST303 JWT expired");
    assert_eq!(asked(NOW), "401 PGRST303 JWT expired");
}

#[test]
fn other_keys_end_what_the_old_ones_verified() {
    let mut secrets = Secrets::generate(NOW).unwrap();
    let auth = Authenticator::new(Keyring::new(&secrets, None, None).unwrap(), Options::default());
    let request =
        MintRequest { sub: Some(ADA), role: "editor", roles: &[], claims: Some("{\"team\":7}"), ttl_s: 60 };
    let bearer = format!("Bearer {}", mint(&auth.keys(), &request, NOW).unwrap());
    let editor = "User authenticated [authenticated writer editor] id";
    assert_eq!(ask(&auth, None, Some(&bearer), NOW), editor);

    let old = secrets.signing[0].kid.clone();
    secrets.rotate_secret(NOW).unwrap();
    auth.replace_keys(Keyring::new(&secrets, None, None).unwrap());
    assert_eq!(ask(&auth, None, Some(&bearer), NOW), editor);

    secrets.revoke_signing(&old, NOW).unwrap();
    auth.replace_keys(Keyring::new(&secrets, None, None).unwrap());
    assert_eq!(ask(&auth, None, Some(&bearer), NOW), "401 PGRST301 No suitable key or wrong key type");
}

#[test]
fn machine_keys_have_their_own_roles_and_end() {
    let mut secrets = Secrets::generate(NOW).unwrap();
    let importer = secrets.add_machine("importer", &["writer".to_owned()], Some(60), NOW).unwrap().key;
    let reader = secrets.add_machine("reader", &["anon".to_owned()], None, NOW).unwrap().key;
    secrets
        .machines
        .push(crate::secrets::MachineKey { roles: vec!["admin".into()], ..secrets.machines[0].clone() });
    let auth = Authenticator::new(Keyring::new(&secrets, None, None).unwrap(), Options::default());
    let cases = [
        (reader.as_str(), NOW + 9_000_000, "Machine anon [anon]"),
        (importer.as_str(), NOW + 61, "401 BIS-302 Invalid authentication credentials"),
        (&importer[..importer.len() - 1], NOW, "401 BIS-302 Invalid authentication credentials"),
        // The same key with the role admin written into the file by hand: rules apply all the same.
        (importer.as_str(), NOW, "Machine anon [anon]"),
    ];
    for (key, now, expected) in cases {
        assert_eq!(ask(&auth, Some(key), None, now), expected);
    }
    secrets.machines.pop();
    auth.replace_keys(Keyring::new(&secrets, None, None).unwrap());
    assert_eq!(ask(&auth, Some(&importer), None, NOW), "Machine authenticated [authenticated writer]");
    let claims = |key: &str| {
        let shown = Credentials { apikey: Some(key), authorization: None, ..Credentials::default() };
        match auth.caller(&std::sync::Arc::new(schema()), &shown, NOW, None) {
            Ok(super::Asked::Known(caller)) => caller.claims,
            _ => panic!("a key needs no look"),
        }
    };
    assert_ne!(claims(&importer), claims(&reader), "nothing tells two machines apart");
    secrets.revoke_machine("importer").unwrap();
    auth.replace_keys(Keyring::new(&secrets, None, None).unwrap());
    assert_eq!(ask(&auth, Some(&importer), None, NOW), "401 BIS-302 Invalid authentication credentials");
}

#[test]
fn the_open_server_serves_those_who_send_nothing() {
    let p = project(Options { open: true, ..Options::default() });
    assert_eq!(ask(&p.auth, None, None, NOW), "Service service_role [service_role]");
    assert_eq!(ask(&p.auth, Some(&p.secrets.publishable), None, NOW), "Anonymous anon [anon]");
    assert_eq!(ask(&p.auth, Some("x"), None, NOW), "401 BIS-302 Invalid authentication credentials");
    assert_eq!(ask(&p.auth, None, Some("Bearer x"), NOW), "401 PGRST301 Expected 3 parts in JWT; got 1");
}

#[test]
fn foreign_keys_verify_by_algorithm_and_id() {
    let fixture: Value = serde_json::from_str(RSA_SIGNED).unwrap();
    let jwks = fixture["jwks"].to_string();
    let expected = Expected {
        issuer: Some("https://id.example".into()),
        audience: Some("authenticated".into()),
        own_issuer: None,
    };
    let secrets = Secrets::generate(NOW).unwrap();
    let keys = Keyring::new(&secrets, Some(SECRET), Some(Jwks::parse(&jwks).unwrap())).unwrap();
    let auth = Authenticator::new(keys, Options { expected, ..Options::default() });
    let cases = fixture["tokens"].as_array().unwrap();
    assert!(cases.len() >= 8);
    for case in cases {
        let bearer = format!("Bearer {}", case["token"].as_str().unwrap());
        assert_eq!(
            ask(&auth, None, Some(&bearer), NOW),
            case["expect"].as_str().unwrap(),
            "{}",
            case["about"]
        );
    }
    // A public key is no HS256 secret: the classic confusion of algorithms.
    let public = fixture["jwks"]["keys"][0]["n"].as_str().unwrap();
    let forged =
        sign(&json!({"alg": "HS256", "kid": fixture["jwks"]["keys"][0]["kid"]}), &claims(json!({})), public);
    let refused = "401 PGRST301 No suitable key or wrong key type";
    assert_eq!(ask(&auth, None, Some(&format!("Bearer {forged}")), NOW), refused);
}

#[test]
fn mints_say_what_was_asked_and_refuse_the_rest() {
    let p = project(Options::default());
    let keys = p.auth.keys();
    let base = MintRequest { sub: Some(ADA), role: "authenticated", roles: &[], claims: None, ttl_s: 60 };
    let refuse = |request: &MintRequest<'_>| mint(&keys, request, NOW).unwrap_err().to_string();
    let cases = [
        (MintRequest { sub: None, ..base.clone() }, "--sub"),
        (MintRequest { role: "service_role", ..base.clone() }, "leave out --sub"),
        (MintRequest { ttl_s: 0, ..base.clone() }, "--ttl"),
        (MintRequest { claims: Some("[1]"), ..base.clone() }, "must be a JSON object"),
        (MintRequest { claims: Some("{"), ..base.clone() }, "not JSON"),
        (MintRequest { claims: Some("{\"role\":\"x\"}"), ..base.clone() }, "cannot set role"),
        (
            MintRequest { role: "editor", claims: Some("{\"app_metadata\":1}"), ..base.clone() },
            "app_metadata",
        ),
    ];
    for (request, expected) in cases {
        let message = refuse(&request);
        assert!(message.contains(expected), "{message}");
    }
    let header = jsonwebtoken::decode_header(mint(&keys, &base, NOW).unwrap()).unwrap();
    assert_eq!(header, Header { kid: Some("configured".into()), ..Header::new(Algorithm::HS256) });
}

#[test]
fn tokens_of_unknown_keys_are_counted() {
    let p = project(Options::default());
    // The header of a token, and how many are counted after it.
    let cases = [
        (json!({"alg": "ES256", "kid": "new"}), 1),
        (json!({"alg": "EdDSA", "kid": "new"}), 2),
        (json!({"alg": "ES256"}), 2),
        // A secret of the project's own is tried whatever the id says.
        (json!({"alg": "HS256", "kid": "new"}), 2),
        (json!({"alg": "none", "kid": "new"}), 2),
    ];
    for (header, expected) in cases {
        let bearer = format!("Bearer {}", sign(&header, &claims(json!({})), "another secret"));
        let said = ask(&p.auth, None, Some(&bearer), NOW);
        assert!(said.starts_with("401 PGRST301"), "{header}: {said}");
        assert_eq!(p.auth.unknown_key_ids(), expected, "{header}");
    }
}
