//! What applications may ask, and where browsers are sent.

use serde_json::{Value, json};

use super::application::{Application, BACK, CHALLENGE, browser, member, post, seat};
use crate::seat::URL;

#[test]
fn a_browser_is_sent_nowhere_that_was_not_registered() {
    let seat = seat();
    let application = Application::new(&seat);
    let check = |more: &[(&str, &str)]| {
        let reply = seat.call(&application.asks(more), &[], Value::Null);
        assert_eq!((reply.status, reply.header("location")), (400, ""), "{more:?}");
        assert!(reply.header("content-type").starts_with("text/html"), "{more:?}");
    };
    check(&[("client_id", "")]);
    check(&[("client_id", "nobody")]);
    check(&[("client_id", "00000000-0000-4000-8000-000000000000")]);
    check(&[("redirect_uri", "")]);
    check(&[("redirect_uri", "https://client.example.org/back/")]);
    check(&[("redirect_uri", "https://client.example.org/back?x=1")]);
    check(&[("redirect_uri", "https://client.example.org.evil.example/back")]);
    check(&[("redirect_uri", "<script>")]);
    check(&[("redirect_uri", BACK), ("redirect_uri", "https://evil.example/")]);
}

#[test]
fn what_an_application_asks_wrongly_it_is_told() {
    let seat = seat();
    let application = Application::new(&seat);
    let check = |more: &[(&str, &str)], expected: &str| {
        let reply = seat.call(&application.asks(more), &[], Value::Null);
        let to = reply.header("location");
        assert!(to.starts_with(&format!("{BACK}?")), "{more:?} {to} {}", reply.text);
        assert_eq!(member(to, "error"), expected, "{more:?} {to}");
        assert_eq!(member(to, "iss"), format!("{URL}/auth/v1"), "{more:?}");
        assert_eq!(member(to, "code"), "", "{more:?}");
    };
    check(&[("response_type", "")], "invalid_request");
    check(&[("response_type", "token")], "unsupported_response_type");
    check(&[("response_type", "code id_token")], "unsupported_response_type");
    check(&[("response_mode", "fragment")], "invalid_request");
    check(&[("code_challenge", "")], "invalid_request");
    check(&[("code_challenge", "short")], "invalid_request");
    check(&[("code_challenge_method", "")], "invalid_request");
    check(&[("code_challenge_method", "plain")], "invalid_request");
    check(&[("scope", "openid admin")], "invalid_scope");
    check(&[("scope", "data:write")], "invalid_scope");
    check(&[("scope", "data:posts:write")], "invalid_scope");
    check(&[("request", "e30.e30.")], "request_not_supported");
    check(&[("request_uri", "https://client.example.org/r")], "request_uri_not_supported");
    check(&[("prompt", "none login")], "invalid_request");
    check(&[("prompt", "maybe")], "invalid_request");
    check(&[("prompt", "none")], "login_required");
    check(&[("max_age", "soon")], "invalid_request");
    check(&[("nonce", &"n".repeat(501))], "invalid_request");
    check(&[("state", &"s".repeat(2_001))], "invalid_request");
}

#[test]
fn a_request_is_kept_until_somebody_decides() {
    let seat = seat();
    let application = Application::new(&seat);
    let check = |more: &[(&str, &str)]| {
        let reply = seat.call(&application.asks(more), &[], Value::Null);
        let to = reply.header("location");
        let page = format!("{URL}/auth/v1/ui/consent?authorization_id=");
        assert!(reply.status == 303 && to.starts_with(&page), "{more:?} {to}");
    };
    check(&[]);
    check(&[("scope", "")]);
    check(&[("scope", "data:posts:read")]);
    check(&[("redirect_uri", "http://127.0.0.1:49152/back")]);
    check(&[("prompt", "select_account consent")]);
    check(&[("max_age", "0")]);
    check(&[("resource", "https://a.example"), ("resource", "https://b.example")]);
    let members = [
        ("client_id", application.id.as_str()),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    assert_eq!(post(&seat, "/oauth/authorize", &[], &members).status, 303);
}

#[test]
fn nobody_is_troubled_who_has_granted_it_before() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let application = Application::new(&seat);
    let cookie = browser(&seat, person.at("/access_token"));
    let check = |more: &[(&str, &str)], expected: &str| {
        let all = [&[("prompt", "none")], more].concat();
        let reply = seat.call(&application.asks(&all), &[("cookie", &cookie)], Value::Null);
        let to = reply.header("location");
        assert_eq!(
            (member(to, "error").as_str(), member(to, "code").is_empty()),
            (expected, !expected.is_empty()),
            "{to}"
        );
    };
    check(&[], "consent_required");
    application.code(&seat, person.at("/access_token"), &[]);
    check(&[], "");
    check(&[("scope", "openid profile")], "consent_required");
    seat.pass(100);
    check(&[("max_age", "1000")], "");
    check(&[("max_age", "10")], "login_required");
    // Any program on the machine can listen there, but this one has a secret.
    check(&[("redirect_uri", "http://127.0.0.1:8080/back")], "");
}

#[test]
fn a_public_application_on_the_own_machine_asks_each_time() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let application = Application::with(&seat, json!({"token_endpoint_auth_method": "none"}));
    let cookie = browser(&seat, person.at("/access_token"));
    let check = |to: &str, expected: &str| {
        application.code(&seat, person.at("/access_token"), &[("redirect_uri", to)]);
        let asks = application.asks(&[("prompt", "none"), ("redirect_uri", to)]);
        let reply = seat.call(&asks, &[("cookie", &cookie)], Value::Null);
        assert_eq!(member(reply.header("location"), "error"), expected, "{to}");
    };
    check("http://127.0.0.1:8080/back", "consent_required");
}
