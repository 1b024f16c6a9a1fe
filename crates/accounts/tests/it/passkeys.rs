//! Security keys as second factors, and passkeys in place of passwords.

use bistro_accounts::Settings;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::provider::application::{browser, post as form};
use crate::seat::{PASSWORD, Reply, SITE, Seat, URL, settings};

const PARTY: &str = "example.org";

fn seat() -> Seat {
    Seat::new(Settings {
        confirm_email: false,
        webauthn_id: Some(PARTY.to_owned()),
        webauthn_origins: vec![SITE.to_owned()],
        ..settings()
    })
}

fn token_of(seat: &Seat) -> String {
    seat.sign_up("ada@example.org").at("/access_token").to_owned()
}

fn sign_in(seat: &Seat) -> String {
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    seat.ask("POST /token?grant_type=password", body, None).at("/access_token").to_owned()
}

/// Asks for options; the id of the question, and what the browser gets.
fn options(seat: &Seat, ceremony: &str, token: Option<&str>) -> (String, Value) {
    let reply = seat.ask(&format!("POST /passkeys/{ceremony}/options"), json!({}), token);
    assert_eq!(reply.status, 200, "{}", reply.text);
    (reply.at("/challenge_id").to_owned(), reply.body["options"].clone())
}

fn verify(seat: &Seat, ceremony: &str, challenge: &str, credential: Value, token: Option<&str>) -> Reply {
    let body = json!({"challenge_id": challenge, "credential": credential});
    seat.ask(&format!("POST /passkeys/{ceremony}/verify"), body, token)
}

/// A passkey of a signed-in person.
fn passkey(seat: &Seat, token: &str) -> Authenticator {
    let mut key = Authenticator::new(SITE, PARTY);
    let (challenge, asked) = options(seat, "registration", Some(token));
    let answer = key.registers(&asked);
    let reply = verify(seat, "registration", &challenge, answer, Some(token));
    assert_eq!(reply.status, 200, "{}", reply.text);
    key
}

/// A security key that was enrolled, and the session that it raised.
fn security_key(seat: &Seat, token: &str) -> (Authenticator, String, Reply) {
    let enrolled = seat.ask("POST /factors", json!({"factor_type": "webauthn"}), Some(token));
    assert_eq!(enrolled.status, 200, "{}", enrolled.text);
    let id = enrolled.at("/id").to_owned();
    let mut key = Authenticator::new(SITE, PARTY);
    let raised = prove(seat, &id, token, |kind, asked| {
        assert_eq!(kind, "create");
        key.registers(asked)
    });
    (key, id, raised)
}

fn prove(seat: &Seat, id: &str, token: &str, answer: impl FnOnce(&str, &Value) -> Value) -> Reply {
    let asked = seat.ask(&format!("POST /factors/{id}/challenge"), json!({}), Some(token));
    assert_eq!(asked.status, 200, "{}", asked.text);
    let kind = asked.at("/webauthn/type");
    let response = answer(kind, &asked.body["webauthn"]["credential_options"]["publicKey"]);
    let body = json!({
        "challenge_id": asked.at("/id"),
        "webauthn": {"type": kind, "credential_response": response},
    });
    seat.ask(&format!("POST /factors/{id}/verify"), body, Some(token))
}

#[test]
fn a_passkey_signs_in_once_for_each_question() {
    let seat = seat();
    let token = token_of(&seat);
    let mut key = passkey(&seat, &token);
    let (challenge, asked) = options(&seat, "authentication", None);
    assert_eq!(asked["rpId"], PARTY);
    let answer = key.signs(&asked);
    let signed_in = verify(&seat, "authentication", &challenge, answer.clone(), None);
    assert_eq!(
        (signed_in.status, signed_in.at("/user/email")),
        (200, "ada@example.org"),
        "{}",
        signed_in.text
    );
    assert!(seat.caller(signed_in.at("/access_token")).is_ok());
    assert_ne!(verify(&seat, "authentication", &challenge, answer, None).status, 200, "answered before");
    let (late, asked) = options(&seat, "authentication", None);
    seat.pass(301);
    let answer = key.signs(&asked);
    assert_ne!(verify(&seat, "authentication", &late, answer, None).status, 200, "too late");
}

type Change = fn(&mut Authenticator);

#[test]
fn a_passkey_that_does_not_hold_signs_nobody_in() {
    let seat = seat();
    let token = token_of(&seat);
    let check = |name: &str, change: Change| {
        let mut key = passkey(&seat, &token);
        change(&mut key);
        let (challenge, asked) = options(&seat, "authentication", None);
        let answer = key.signs(&asked);
        let reply = verify(&seat, "authentication", &challenge, answer, None);
        assert_eq!(reply.told(), "400 webauthn_verification_failed", "{name}");
    };
    check("another page", |key| key.origin = "https://evil.example");
    check("another party", |key| key.rp_id = "evil.example");
    check("nobody present", |key| key.flags &= !1);
    check("nobody verified", |key| key.flags &= !4);
    check("a key that nobody registered", |key| {
        let mut other = Authenticator::new(SITE, PARTY);
        std::mem::swap(key, &mut other);
    });
    let mut key = passkey(&seat, &token);
    for (counts, expected) in [(true, 200), (false, 400), (true, 200)] {
        let (challenge, asked) = options(&seat, "authentication", None);
        let answer = if counts { key.signs(&asked) } else { key.signs_again(&asked) };
        assert_eq!(verify(&seat, "authentication", &challenge, answer, None).status, expected);
    }
}

#[test]
fn passkeys_are_listed_named_and_taken_away_by_their_owner() {
    let seat = seat();
    let token = token_of(&seat);
    let mut key = passkey(&seat, &token);
    let list = |token: &str| seat.ask("GET /passkeys", Value::Null, Some(token));
    let id = list(&token).at("/0/id").to_owned();
    let line = format!("/passkeys/{id}");
    let stranger = seat.sign_up("eve@example.org").at("/access_token").to_owned();
    assert_eq!(list(&stranger).body, json!([]));
    let named = json!({"friendly_name": "phone"});
    assert_eq!(seat.ask(&format!("PATCH {line}"), named.clone(), Some(&stranger)).status, 404);
    assert_eq!(seat.ask(&format!("DELETE {line}"), Value::Null, Some(&stranger)).status, 404);
    assert_eq!(seat.ask(&format!("PATCH {line}"), named, Some(&token)).at("/friendly_name"), "phone");
    assert!(!list(&token).text.contains("credential"), "{}", list(&token).text);
    // It is no second factor: nothing asks for one.
    assert!(seat.ask("GET /user", Value::Null, Some(&token)).body["factors"].is_null());
    assert_eq!(seat.ask(&format!("DELETE {line}"), Value::Null, Some(&token)).status, 204);
    let (challenge, asked) = options(&seat, "authentication", None);
    let answer = key.signs(&asked);
    assert_eq!(verify(&seat, "authentication", &challenge, answer, None).status, 400);
}

#[test]
fn a_security_key_raises_a_session() {
    let seat = seat();
    let (mut key, id, raised) = security_key(&seat, &token_of(&seat));
    assert_eq!((raised.status, raised.at("/user/factors/0/status")), (200, "verified"), "{}", raised.text);
    let low = sign_in(&seat);
    let again = prove(&seat, &id, &low, |kind, asked| {
        assert_eq!(kind, "request");
        key.signs(asked)
    });
    assert_eq!(again.status, 200, "{}", again.text);
    let low = sign_in(&seat);
    let copied = prove(&seat, &id, &low, |_, asked| key.signs_again(asked));
    assert_eq!(copied.status, 400, "{}", copied.text);
    let foreign = prove(&seat, &id, &low, |_, asked| Authenticator::new(SITE, PARTY).signs(asked));
    assert_eq!(foreign.status, 400, "{}", foreign.text);
}

#[test]
fn regress_a_passkey_is_added_or_removed_only_with_the_second_factor() {
    let seat = seat();
    let (_, _, raised) = security_key(&seat, &token_of(&seat));
    let high = raised.at("/access_token").to_owned();
    passkey(&seat, &high);
    let id = seat.ask("GET /passkeys", Value::Null, Some(&high)).at("/0/id").to_owned();
    let low = sign_in(&seat);
    let told = |line: &str| seat.ask(line, json!({}), Some(&low)).told();
    assert_eq!(told("POST /passkeys/registration/options"), "401 insufficient_aal");
    assert_eq!(told(&format!("DELETE /passkeys/{id}")), "401 insufficient_aal");
}

#[test]
fn an_administrator_takes_a_lost_factor_away() {
    let seat = seat();
    let (_, id, raised) = security_key(&seat, &token_of(&seat));
    let user = raised.at("/user/id");
    let listed = seat.admin(&format!("GET /admin/users/{user}/factors"), Value::Null);
    assert_eq!((listed.at("/0/id"), listed.at("/0/factor_type")), (id.as_str(), "webauthn"));
    let line = format!("/admin/users/{user}/factors/{id}");
    let high = raised.at("/access_token");
    assert_eq!(seat.ask(&format!("DELETE {line}"), Value::Null, Some(high)).told(), "403 not_admin");
    assert_eq!(seat.admin(&format!("DELETE {line}"), Value::Null).at("/id"), id);
    assert_eq!(seat.admin(&format!("DELETE {line}"), Value::Null).told(), "404 mfa_factor_not_found");
    assert_eq!(seat.ask("PUT /user", json!({"password": "der zaun ist blau"}), Some(high)).status, 200);
}

#[test]
fn an_administrator_takes_a_passkey_away() {
    let seat = seat();
    let token = token_of(&seat);
    let mut key = passkey(&seat, &token);
    let user = seat.ask("GET /user", Value::Null, Some(&token)).at("/id").to_owned();
    let all = format!("/admin/users/{user}/passkeys");
    let listed = seat.admin(&format!("GET {all}"), Value::Null);
    let one = format!("{all}/{}", listed.at("/0/id"));
    for line in [format!("GET {all}"), format!("DELETE {one}")] {
        assert_eq!(seat.ask(&line, Value::Null, Some(&token)).told(), "403 not_admin");
    }
    assert_eq!(seat.admin(&format!("DELETE {one}"), Value::Null).status, 204);
    assert_eq!(seat.admin(&format!("DELETE {one}"), Value::Null).status, 404);
    assert_eq!(seat.admin(&format!("GET {all}"), Value::Null).body, json!([]));
    let (challenge, asked) = options(&seat, "authentication", None);
    let answer = key.signs(&asked);
    assert_eq!(verify(&seat, "authentication", &challenge, answer, None).status, 400);
}

#[test]
fn keys_prove_on_our_own_pages_where_these_may_ask_for_them() {
    let with = |origins: &[&str]| {
        let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        Seat::new(Settings {
            confirm_email: false,
            webauthn_id: Some(PARTY.to_owned()),
            webauthn_origins: origins,
            ..settings()
        })
    };
    let seat = with(&[SITE, URL]);
    let (mut key, id, _) = security_key(&seat, &token_of(&seat));
    let jar = browser(&seat, &sign_in(&seat));
    let post = |path: &str, members: &[(&str, &str)]| {
        form(&seat, path, &[("cookie", jar.as_str()), ("origin", URL)], members)
    };
    let page = seat.call("GET /ui/mfa", &[("cookie", &jar)], Value::Null);
    assert!(page.text.contains("data-key=\"factor\"") && page.text.contains(&id), "{}", page.text);
    assert!(page.header("content-security-policy").contains("script-src 'sha256-"));
    let ask = || post("/ui/keys/options", &[("use", "factor"), ("factor", id.as_str())]);
    let asked = ask();
    let wrong = Authenticator::new(SITE, PARTY).signs(&asked.body["options"]).to_string();
    let answer = |asked: &Reply, credential: &str| {
        let challenge = asked.at("/challenge_id");
        post("/ui/mfa", &[("factor", id.as_str()), ("challenge", challenge), ("credential", credential)])
    };
    assert_eq!(answer(&asked, &wrong).status, 400);
    let asked = ask();
    let right = key.signs(&asked.body["options"]).to_string();
    let on = answer(&asked, &right);
    assert_eq!((on.status, on.header("location")), (303, "/auth/v1/ui"), "{}", on.text);
    assert!(on.header("set-cookie").starts_with("__Host-bistro-session="), "the cookie is another one now");
    for (members, status) in [
        (&[("use", "factor"), ("factor", "x")][..], 401),
        (&[("use", "sign-in")][..], 200),
        (&[("use", "add")][..], 401),
        (&[("use", "nothing")][..], 400),
    ] {
        let refused = form(&seat, "/ui/keys/options", &[("origin", URL)], members);
        assert_eq!(refused.status, status, "{}", refused.text);
        assert!(refused.body.is_object(), "{}", refused.text);
    }
    // Where browsers would not let our pages ask, nothing is offered.
    let elsewhere = with(&[SITE]).call("GET /ui/sign-in", &[], Value::Null);
    assert!(
        !elsewhere.text.contains("data-key") && !elsewhere.text.contains("<script"),
        "{}",
        elsewhere.text
    );
}
