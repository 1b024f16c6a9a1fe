//! ID tokens that apps bring.

use serde_json::{Value, json};

use super::way::{Way, unverified, verified};
use crate::seat::{Reply, Seat};

/// The SHA-256 of `raw`, as a provider puts it into the token.
const HASHED: &str = "sha256-of-raw";

fn hashed() -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"raw");
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn show(way: &Way, claims: &Value, more: &Value) -> Reply {
    let mut claims = claims.clone();
    if claims.get("nonce") == Some(&json!(HASHED)) {
        claims["nonce"] = json!(hashed());
    }
    let token = way.idp.token("a", way.seat.now() / 1_000_000, &claims);
    let mut body = json!({"provider": "idp", "id_token": token});
    for (name, value) in more.as_object().expect("the table holds objects") {
        body[name] = value.clone();
    }
    way.seat.ask("POST /token?grant_type=id_token", body, None)
}

#[test]
fn an_app_signs_somebody_in() {
    let way = Way::new();
    let session = show(&way, &verified("ada@example.org"), &json!({"access_token": "pa"}));
    assert_eq!((session.status, session.at("/user/email")), (200, "ada@example.org"), "{}", session.text);
    assert_eq!(session.at("/provider_token"), "pa");
    let again = way.user_of(&way.walk("", verified("ada@example.org")));
    assert_eq!(again.at("/id"), session.at("/user/id"));
}

#[test]
fn tokens_that_do_not_fit_are_refused() {
    let way = Way::new();
    let check = |claims: Value, more: Value, expected: &str| {
        let reply = show(&way, &claims, &more);
        assert_eq!(reply.told(), expected, "{claims} {more} {}", reply.text);
    };
    let ada = |name: &str, value: Value| {
        let mut claims = verified("ada@example.org");
        claims[name] = value;
        claims
    };
    check(ada("nonce", json!(HASHED)), json!({"nonce": "raw"}), "200");
    check(ada("nonce", json!(HASHED)), json!({"nonce": "other"}), "400 invalid_request");
    check(ada("nonce", json!(HASHED)), json!({}), "400 invalid_request");
    check(verified("ada@example.org"), json!({"nonce": "raw"}), "400 invalid_request");
    check(ada("aud", json!("you")), json!({}), "400 invalid_request");
    check(ada("iss", json!("https://evil.example")), json!({}), "400 invalid_request");
    check(ada("exp", json!(1)), json!({}), "400 invalid_request");
    check(ada("at_hash", json!("x")), json!({"access_token": "pa"}), "400 invalid_request");
    check(json!({}), json!({"id_token": "a.b.c"}), "400 invalid_request");
    check(json!({}), json!({"id_token": null}), "400 invalid_request");
    check(json!({}), json!({"provider": null}), "400 invalid_request");
    check(json!({}), json!({"provider": "google"}), "400 oauth_provider_not_supported");
    let mut eve = unverified("eve@example.org");
    eve["sub"] = json!("eve");
    check(eve, json!({}), "422 provider_email_needs_verification");
}

#[test]
fn an_app_adds_an_identity() {
    let way = Way::new();
    let eve = way.seat.sign_up("eve@example.org");
    let token = way.idp.token("a", way.seat.now() / 1_000_000, &verified("ada@example.org"));
    let body = json!({"provider": "idp", "id_token": token, "link_identity": true});
    let ask = |bearer: Option<&str>| way.seat.ask("POST /token?grant_type=id_token", body.clone(), bearer);
    assert_eq!(ask(None).told(), "401 no_authorization");
    let linked = ask(Some(eve.at("/access_token")));
    assert_eq!((linked.status, linked.at("/user/id")), (200, eve.at("/user/id")), "{}", linked.text);
    assert_eq!(ask(Some(eve.at("/access_token"))).told(), "422 identity_already_exists");
    let off = bistro_accounts::Settings { manual_linking: false, ..way.seat.accounts.settings.clone() };
    let seat = Seat::new(off);
    let eve = seat.sign_up("eve@example.org");
    let reply = seat.ask("POST /token?grant_type=id_token", body.clone(), Some(eve.at("/access_token")));
    assert_eq!(reply.told(), "404 manual_linking_disabled");
}
