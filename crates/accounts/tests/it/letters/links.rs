use serde_json::{Value, json};

use super::{follow, open, quick, sign_in};
use crate::seat::{Backend, SCHEMA, SITE, Seat, URL};

use bistro_accounts::Settings;

/// A verifier and its `s256` challenge (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn members(fragment: &str) -> Vec<&str> {
    fragment.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name)).collect()
}

#[test]
fn a_link_brings_a_session_in_the_fragment() {
    let seat = Seat::new(quick());
    seat.sign_up("ada@example.org");
    for (line, kind) in [("POST /otp", "magiclink"), ("POST /recover", "recovery")] {
        seat.ask(line, json!({"email": "ada@example.org"}), None);
        let reply = follow(&seat, "ada@example.org");
        assert_eq!((reply.status, reply.header("cache-control")), (303, "no-store"), "{}", reply.text);
        let (to, fragment) = reply.header("location").split_once('#').unwrap();
        assert_eq!(to, SITE);
        let expected =
            ["access_token", "expires_at", "expires_in", "refresh_token", "sb", "token_type", "type"];
        assert_eq!(members(fragment), expected);
        assert!(fragment.ends_with(&format!("&sb=&token_type=bearer&type={kind}")), "{fragment}");
        let again = follow(&seat, "ada@example.org");
        let expected = "#error=access_denied&error_code=otp_expired&error_description=Email%20link%20is%20invalid%20or%20has%20expired&sb=";
        assert_eq!(again.header("location"), format!("{SITE}{expected}"));
    }
}

#[test]
fn a_link_goes_back_only_where_the_list_says() {
    let check = |wanted: &str, expected: &str| {
        let seat = Seat::new(quick());
        let line = format!("POST /otp?redirect_to={wanted}");
        seat.ask(&line, json!({"email": "ada@example.org"}), None);
        let reply = follow(&seat, "ada@example.org");
        let to = reply.header("location").split('#').next().unwrap().to_owned();
        assert_eq!(to, expected, "{wanted}");
    };
    check("", SITE);
    check("https%3A%2F%2Fapp.example.org%2Fin%3Fa%3D1", "https://app.example.org/in?a=1");
    check("https%3A%2F%2Fother.example.org%2Fback", "https://other.example.org/back");
    check("https%3A%2F%2Fevil.example%2F", SITE);
    check("%2F%2Fevil.example", SITE);
    check("https%3A%2F%2Fapp.example.org%40evil.example", SITE);
}

#[test]
fn another_address_in_a_link_that_was_mailed_counts_for_nothing() {
    let seat = Seat::new(quick());
    seat.ask("POST /otp", json!({"email": "ada@example.org"}), None);
    let (_, link) = seat.mail("ada@example.org");
    let changed =
        link.split("&redirect_to=").next().unwrap().to_owned() + "&redirect_to=https://evil.example";
    let reply = open(&seat, &changed);
    assert!(reply.header("location").starts_with(&format!("{SITE}#access_token=")), "{:?}", reply.headers);
}

#[test]
fn a_link_with_a_proof_key_brings_a_code_that_is_exchanged_once() {
    let seat = Seat::new(quick());
    let body =
        json!({"email": "ada@example.org", "code_challenge": CHALLENGE, "code_challenge_method": "S256"});
    seat.ask("POST /otp?redirect_to=https%3A%2F%2Fapp.example.org%2Fin%3Fa%3D1", body, None);
    let (_, link) = seat.mail("ada@example.org");
    assert!(link.contains("token=pkce_"), "{link}");
    let reply = open(&seat, &link);
    let code =
        reply.header("location").strip_prefix("https://app.example.org/in?a=1&code=").unwrap().to_owned();
    let exchange = |verifier: &str| {
        let body = json!({"auth_code": code, "code_verifier": verifier});
        seat.ask("POST /token?grant_type=pkce", body, None)
    };
    let session = exchange(VERIFIER);
    assert_eq!((session.status, session.at("/user/email")), (200, "ada@example.org"), "{}", session.text);
    assert_eq!(exchange(VERIFIER).told(), "404 flow_state_not_found");
    let error = open(&seat, &link);
    let expected = "https://app.example.org/in?a=1&error=access_denied&error_code=otp_expired";
    assert!(error.header("location").starts_with(expected), "{:?}", error.headers);
    assert!(error.header("location").ends_with("&sb="), "{:?}", error.headers);
}

#[test]
fn a_code_of_a_flow_is_over_after_a_wrong_verifier_or_five_minutes() {
    let check = |pause: i64, verifier: &str, expected: &str| {
        let seat = Seat::new(quick());
        let body =
            json!({"email": "ada@example.org", "code_challenge": CHALLENGE, "code_challenge_method": "s256"});
        seat.ask("POST /otp", body, None);
        let to = follow(&seat, "ada@example.org").header("location").to_owned();
        let code = to.split("code=").nth(1).unwrap().to_owned();
        seat.pass(pause);
        let exchange = |verifier: &str| {
            let body = json!({"auth_code": code, "code_verifier": verifier});
            seat.ask("POST /token?grant_type=pkce", body, None).told()
        };
        assert_eq!(exchange(verifier), expected);
        if expected != "200" {
            assert_eq!(exchange(VERIFIER), "404 flow_state_not_found");
        }
    };
    check(0, VERIFIER, "200");
    check(299, VERIFIER, "200");
    check(300, VERIFIER, "422 flow_state_expired");
    check(0, &"x".repeat(43), "400 bad_code_verifier");
    check(0, CHALLENGE, "400 bad_code_verifier");
}

#[test]
fn a_token_hash_is_shown_by_a_server() {
    for challenge in [Value::Null, json!(CHALLENGE)] {
        let seat = Seat::new(quick());
        let method = challenge.as_str().map(|_| "s256");
        let body =
            json!({"email": "ada@example.org", "code_challenge": challenge, "code_challenge_method": method});
        seat.ask("POST /otp", body, None);
        let (_, link) = seat.mail("ada@example.org");
        let hash = link.split("token=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let show = || seat.ask("POST /verify", json!({"type": "email", "token_hash": hash}), None);
        let session = show();
        assert!(session.status == 200 && !session.at("/refresh_token").is_empty(), "{}", session.text);
        assert_eq!(show().told(), "403 otp_expired");
    }
}

#[test]
fn of_many_who_follow_a_link_at_one_moment_one_signs_in_on_every_store() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, quick());
        seat.sign_up("ada@example.org");
        seat.ask("POST /otp", json!({"email": "ada@example.org"}), None);
        let (_, link) = seat.mail("ada@example.org");
        let follow = || open(&seat, &link).header("location").contains("#access_token=");
        let signed_in = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(follow)).collect();
            all.into_iter().filter_map(|one| one.join().ok()).filter(|signed_in| *signed_in).count()
        });
        assert_eq!(signed_in, 1, "{backend:?}");
    }
}

#[test]
fn head_uses_nothing_up() {
    let seat = Seat::new(quick());
    seat.ask("POST /otp", json!({"email": "ada@example.org"}), None);
    let (_, link) = seat.mail("ada@example.org");
    let target = link.strip_prefix(URL).unwrap();
    for _ in 0..3 {
        let reply = seat.call(&format!("HEAD {target}"), &[], Value::Null);
        assert_eq!((reply.status, reply.header("location")), (200, ""));
    }
    assert!(open(&seat, &link).header("location").contains("#access_token="));
}

#[test]
fn a_page_may_stand_before_a_link_takes_effect() {
    let seat = Seat::new(Settings { confirm_page: true, ..quick() });
    seat.ask(
        "POST /otp?redirect_to=https%3A%2F%2Fother.example.org%2Fback",
        json!({"email": "ada@example.org"}),
        None,
    );
    let (_, link) = seat.mail("ada@example.org");
    for _ in 0..2 {
        let page = open(&seat, &link);
        assert_eq!((page.status, page.header("location")), (200, ""));
        assert!(page.text.contains("<form method=\"get\" action=\"/auth/v1/verify\">"), "{}", page.text);
        assert!(page.text.contains("<button>"), "{}", page.text);
        // Browsers hold the whole way of a form to this, the redirect at its end too.
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://other.example.org;"), "{policy}");
    }
    let done = open(&seat, &format!("{link}&confirmed=1"));
    assert!(
        done.header("location").starts_with("https://other.example.org/back#access_token="),
        "{:?}",
        done.headers
    );
}

#[test]
fn where_tokens_never_travel_in_addresses_a_bare_link_only_confirms() {
    let seat = Seat::new(Settings { pkce_only: true, ..quick() });
    let body = json!({"email": "ada@example.org", "password": crate::seat::PASSWORD});
    seat.ask("POST /signup", body, None);
    assert_eq!(follow(&seat, "ada@example.org").header("location"), SITE);
    let session = sign_in(&seat, "ada@example.org", crate::seat::PASSWORD);
    assert_eq!(session.status, 200, "{}", session.text);
    let sessions = seat.ask("GET /user/sessions", Value::Null, Some(session.at("/access_token")));
    let all =
        sessions.body.as_array().or_else(|| sessions.body.pointer("/sessions").and_then(Value::as_array));
    assert_eq!(all.map(Vec::len), Some(1), "{}", sessions.text);
}

#[test]
fn what_is_stored_opens_nothing() {
    let seat = Seat::new(quick());
    seat.ask("POST /otp", json!({"email": "ada@example.org"}), None);
    let (code, link) = seat.mail("ada@example.org");
    let hash = link.split("token=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let found = bistro_accounts::data::Filter::default();
    let rows = crate::seat::RUNTIME
        .block_on(seat.accounts.data.find::<bistro_accounts::data::records::OneTimeToken>(found))
        .unwrap();
    assert_eq!(rows.len(), 1);
    let stored = format!("{rows:?}");
    assert!(!stored.contains(&hash) && !stored.contains(&code), "{stored}");
    let shown = json!({"type": "email", "token_hash": rows[0].tag});
    assert_eq!(seat.ask("POST /verify", shown, None).told(), "403 otp_expired");
}
