//! Trips that are refused, each for its own reason.

use bistro_accounts::Settings;
use serde_json::{Value, json};

use super::way::{COOKIE, Trip, Way, member, verified};
use crate::seat::{SITE, settings};

/// Where the browser ends, and with which code.
fn ends(to: &str, at: &str, error: &str, code: &str) {
    let told = (member(to, "error"), member(to, "error_code"));
    assert_eq!(told, (error.to_owned(), code.to_owned()), "{to}");
    assert!(to.starts_with(&format!("{at}?error=")) && to.contains("#error="), "{to}");
    assert!(!to.contains("access_token"), "{to}");
}

#[test]
fn trips_that_cannot_begin() {
    let way = Way::new();
    let check = |query: &str, words: &str| {
        let reply = way.browse(&format!("GET /authorize{query}"), &[]);
        assert_eq!(reply.told(), "400 validation_failed", "{query} {}", reply.text);
        assert!(reply.at("/msg").contains(words), "{query} {}", reply.text);
    };
    check("", "Unsupported provider: missing provider");
    check("?provider=google", "Unsupported provider: provider is not enabled");
    check("?provider=email", "Unsupported provider");
    check("?provider=idp&code_challenge=short&code_challenge_method=s256", "between 43 and 128");
    check("?provider=idp&code_challenge_method=s256", "PKCE flow requires");
    let strict = Way::by(Settings { pkce_only: true, ..settings() });
    let reply = strict.browse("GET /authorize?provider=idp", &[]);
    assert!(reply.at("/msg").contains("PKCE only"), "{}", reply.text);
    let plain = Way::by(Settings { public_url: "http://api.example.org".into(), ..settings() });
    let reply = plain.browse("GET /authorize?provider=idp", &[]);
    assert!(reply.at("/msg").contains("needs https"), "{}", reply.text);
}

#[test]
fn a_state_is_used_once_in_time_by_its_browser() {
    let way = Way::new();
    let check = |query: &str, cookie: &str| {
        let reply = way.browse(&format!("GET /callback?{query}"), &[("cookie", cookie)]);
        assert_eq!(reply.status, 302, "{query}");
        ends(reply.header("location"), SITE, "access_denied", "bad_oauth_state");
    };
    let ready = || {
        let trip = way.set_out("&redirect_to=https%3A%2F%2Fother.example.org%2Fback");
        way.says(&trip, verified("ada@example.org"));
        trip
    };
    let Trip { state, cookie, .. } = ready();
    let other = way.set_out("").cookie;
    check("code=c", &cookie);
    check("code=c&state=", &cookie);
    check("code=c&state=nonsense", &cookie);
    check("code=c&state=01920000-0000-7000-8000-000000000000", &cookie);
    check(&format!("code=c&state={state}&state={state}"), &cookie);
    check(&format!("code=c&state={state}"), "");
    check(&format!("code=c&state={state}"), &other);
    check(&format!("code=c&state={state}"), &format!("{COOKIE}=short"));
    check(&format!("code=c&state={state}"), &cookie.replace("__Host-", ""));
    assert_eq!(way.idp.asked("/token"), 0, "no code went to the provider");
    // None of these used it up.
    way.user_of(&way.come_back(&Trip { state: state.clone(), cookie: cookie.clone(), nonce: String::new() }));
    check(&format!("code=c&state={state}"), &cookie);
    assert_eq!(way.idp.asked("/token"), 1);
    let late = ready();
    way.seat.pass(600);
    check(&format!("code=c&state={}", late.state), &late.cookie);
}

#[test]
fn what_the_provider_refuses_is_told_where_the_trip_began() {
    let way = Way::new();
    let back = "https://other.example.org/back";
    let check = |query: &str, error: &str, description: &str| {
        let trip = way.set_out("&redirect_to=https%3A%2F%2Fother.example.org%2Fback");
        let line = format!("GET /callback?state={}&{query}", trip.state);
        let reply = way.browse(&line, &[("cookie", &trip.cookie)]);
        let to = reply.header("location");
        ends(to, back, error, "bad_oauth_callback");
        assert_eq!(member(to, "error_description"), description, "{query}");
    };
    check("error=access_denied&error_description=no+way", "access_denied", "no way");
    check("error=access_denied", "access_denied", "The provider refused the sign-in");
    check("error=interaction_required", "server_error", "The provider refused the sign-in");
    check("error=x%26evil%3D1&error_description=%0d%0aSet-Cookie", "server_error", "Set-Cookie");
    check("", "access_denied", "OAuth callback with missing authorization code");
    check("code=", "access_denied", "OAuth callback with missing authorization code");
}

#[test]
fn answers_that_do_not_fit_are_refused() {
    let way = Way::new();
    let check = |tokens: Value, error: &str, code: &str| {
        let trip = way.set_out("");
        way.idp.put("/token", &tokens);
        ends(&way.come_back(&trip), SITE, error, code);
    };
    let now = way.seat.now() / 1_000_000;
    let with = |claims: Value| json!({"access_token": "a", "id_token": way.idp.token("a", now, &claims)});
    // The nonce of another trip: somebody injected a code of their own.
    check(with(json!({"nonce": "another"})), "access_denied", "bad_oauth_callback");
    check(with(json!({})), "access_denied", "bad_oauth_callback");
    check(json!({"access_token": "a"}), "access_denied", "bad_oauth_callback");
    check(json!({"error": "invalid_grant"}), "access_denied", "bad_oauth_callback");
    check(json!("no tokens"), "server_error", "unexpected_failure");
}

#[test]
fn an_answer_of_another_issuer_is_refused_before_its_code_is_sent() {
    let way = Way::new();
    let trip = way.set_out("");
    way.says(&trip, verified("ada@example.org"));
    let line = format!("GET /callback?code=c&state={}&iss=https%3A%2F%2Fevil.example", trip.state);
    let reply = way.browse(&line, &[("cookie", &trip.cookie)]);
    ends(reply.header("location"), SITE, "access_denied", "bad_oauth_callback");
    assert_eq!(way.idp.asked("/token"), 0);
}

#[test]
fn nobody_signs_up_where_signing_up_is_off() {
    let way = Way::by(Settings { disable_signup: true, ..settings() });
    ends(&way.walk("", verified("ada@example.org")), SITE, "access_denied", "signup_disabled");
}

#[test]
fn a_banned_account_stays_outside() {
    let way = Way::new();
    let to = way.walk("", verified("ada@example.org"));
    let id = way.user_of(&to).at("/id").to_owned();
    way.ban(&id);
    ends(&way.walk("", verified("ada@example.org")), SITE, "access_denied", "user_banned");
}

#[test]
fn a_provider_that_is_away_is_said_to_be() {
    let way = Way::new();
    let trip = way.set_out("");
    let reply =
        way.browse(&format!("GET /callback?code=c&state={}", trip.state), &[("cookie", &trip.cookie)]);
    ends(reply.header("location"), SITE, "server_error", "unexpected_failure");
}
