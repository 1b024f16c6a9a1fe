//! What hostile readers found once.

use bistro_accounts::Settings;
use serde_json::{Value, json};

use crate::mfa::{Device, sign_in};
use crate::seat::{PASSWORD, Reply, Seat, settings};

/// Where addresses count at once.
fn seat() -> Seat {
    Seat::new(Settings { confirm_email: false, anonymous: true, ..settings() })
}

/// What the log says of somebody, the newest first.
fn log(seat: &Seat) -> Vec<String> {
    let log = seat.admin("GET /admin/audit", Value::Null);
    let entries = log.body["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn regress_a_factor_enrolled_before_is_proved_only_with_the_second_factor() {
    let seat = seat();
    let thief = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    let planted = Device::enrolled(&seat, &thief, "planted");
    let owner = sign_in(&seat);
    let high = Device::enrolled(&seat, &owner, "phone").proves(&seat, &owner).at("/access_token").to_owned();
    let back = sign_in(&seat);
    let refused = planted.tried(&seat, &back);
    assert_eq!(refused, "404 mfa_factor_not_found", "what was never proved went with the first proof");
    // One that is set up at the same moment does not get in either.
    let late = Device::enrolled(&seat, &high, "late");
    assert_eq!(late.tried(&seat, &back), "403 insufficient_aal");
    assert_eq!(late.tried(&seat, &high), "200");
    let old = Device::enrolled(&seat, &high, "old");
    seat.pass(3_601);
    let high = late.proves(&seat, &sign_in(&seat)).at("/access_token").to_owned();
    assert_eq!(old.tried(&seat, &high), "404 mfa_factor_not_found");
}

#[test]
fn regress_two_sign_ups_tell_nothing_of_an_address() {
    let answers = |prepare: &dyn Fn(&Seat)| {
        let seat = Seat::new(settings());
        prepare(&seat);
        let sign_up = || {
            seat.pass(61);
            let body = json!({"email": "ada@example.org", "password": PASSWORD});
            seat.ask("POST /signup", body, None)
        };
        let told = |reply: &Reply| {
            let same = |a: &str, b: &str| reply.at(a) == reply.at(b);
            (
                reply.status,
                same("/id", "/user_metadata/sub"),
                same("/id", "/identities/0/user_id"),
                same("/id", "/identities/0/identity_data/sub"),
                same("/created_at", "/confirmation_sent_at"),
                reply.body.as_object().unwrap().keys().cloned().collect::<Vec<_>>(),
            )
        };
        let (first, second) = (sign_up(), sign_up());
        (told(&first), told(&second), first.at("/id") == second.at("/id"))
    };
    let unknown = answers(&|_| {});
    let waiting = answers(&|seat| {
        let body = json!({"email": "ada@example.org", "password": PASSWORD});
        assert_eq!(seat.ask("POST /signup", body, None).status, 200);
    });
    let confirmed = answers(&|seat| drop(seat.sign_up("ada@example.org")));
    assert_eq!(unknown, waiting);
    assert_eq!(unknown, confirmed);
}

#[test]
fn regress_what_is_said_of_an_account_fits_into_its_tokens() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let (token, id) = (person.at("/access_token"), person.at("/user/id"));
    let long = "x".repeat(5_000);
    let check = |reply: Reply| {
        assert_eq!(reply.told(), "422 validation_failed", "{}", reply.text);
        assert!(reply.text.contains("4096 bytes"), "{}", reply.text);
    };
    check(seat.ask("PUT /user", json!({"data": {"x": long}}), Some(token)));
    let body = json!({"email": "eve@example.org", "password": PASSWORD, "data": {"x": long}});
    check(seat.ask("POST /signup", body, None));
    for part in ["user_metadata", "app_metadata"] {
        check(seat.admin(&format!("PUT /admin/users/{id}"), json!({ part: {"x": long} })));
    }
    for n in 0..20 {
        let piece = json!({"data": {format!("n{n}"): "x".repeat(500)}});
        seat.ask("PUT /user", piece, Some(token));
    }
    let size = seat.ask("GET /user", Value::Null, Some(token)).body["user_metadata"].to_string().len();
    assert!((3_000..4_500).contains(&size), "{size}");
}

#[test]
fn regress_nobody_says_of_themselves_what_the_account_knows() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let data = json!({"email": "ceo@example.org", "email_verified": false, "sub": "x", "city": "London"});
    let said = seat.ask("PUT /user", json!({ "data": data }), Some(person.at("/access_token")));
    let metadata = &said.body["user_metadata"];
    assert_eq!(metadata["email"], "ada@example.org", "{}", said.text);
    assert_eq!((&metadata["email_verified"], &metadata["city"]), (&json!(true), &json!("London")));
    assert_eq!(metadata["sub"], person.body["user"]["id"]);
}

#[test]
fn regress_a_change_that_cannot_be_made_is_no_oracle_for_the_password() {
    let seat = seat();
    let token = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    seat.sign_up("eve@example.org");
    let guess = |password: &str| {
        let body = json!({"password": password, "email": "eve@example.org"});
        seat.ask("PUT /user", body, Some(&token)).told()
    };
    let told: Vec<String> = (0..12).map(|n| guess(&format!("der zaun ist blau {n}"))).collect();
    assert_eq!(told.iter().filter(|told| *told == "422 email_exists").count(), 10, "{told:?}");
    assert_eq!(guess(PASSWORD), "429 over_request_rate_limit");
}

#[test]
fn regress_a_session_of_long_ago_adds_no_way_in() {
    let seat = Seat::new(Settings {
        confirm_email: false,
        token_ttl_s: 200_000,
        webauthn_id: Some("example.org".to_owned()),
        webauthn_origins: vec!["https://app.example.org".to_owned()],
        ..settings()
    });
    let token = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    seat.pass(90_000);
    for (line, body) in [
        ("PUT /user", json!({"password": "der zaun ist blau"})),
        ("PUT /user", json!({"email": "eve@example.org"})),
        ("POST /factors", json!({"factor_type": "totp"})),
        ("POST /passkeys/registration/options", json!({})),
    ] {
        assert_eq!(seat.ask(line, body, Some(&token)).told(), "400 reauthentication_needed", "{line}");
    }
    assert_eq!(seat.ask("POST /factors", json!({"factor_type": "totp"}), Some(&sign_in(&seat))).status, 200);
}

#[test]
fn regress_right_sign_ins_at_one_moment_are_all_let_in() {
    let seat = seat();
    seat.sign_up("ada@example.org");
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    let told: Vec<String> = std::thread::scope(|scope| {
        let ask = || seat.ask("POST /token?grant_type=password", body.clone(), None).told();
        let all: Vec<_> = (0..40).map(|_| scope.spawn(ask)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(told.iter().all(|told| told == "200"), "{told:?}");
}

#[test]
fn regress_who_has_no_account_is_told_of_signing_up() {
    let seat = Seat::new(Settings { anonymous: true, ..settings() });
    let token = seat.ask("POST /signup", json!({}), None).at("/access_token").to_owned();
    assert_eq!(seat.ask("PUT /user", json!({"email": "ada@example.org"}), Some(&token)).status, 200);
    let asked = seat.mails.last_to("ada@example.org").unwrap().subject;
    seat.ask("POST /signup", json!({"email": "eve@example.org", "password": PASSWORD}), None);
    assert_eq!(asked, seat.mails.last_to("eve@example.org").unwrap().subject);
}

#[test]
fn regress_failures_are_in_the_log() {
    let seat = Seat::new(settings());
    let wrong = json!({"type": "email", "email": "ada@example.org", "token": "000000"});
    assert_eq!(seat.ask("POST /verify", wrong, None).status, 403);
    assert_eq!(log(&seat)[0], "code_failed");
    seat.ask("POST /signup", json!({"email": "eve@example.org", "password": PASSWORD}), None);
    let body = json!({"email": "eve@example.org", "password": PASSWORD});
    assert_eq!(seat.ask("POST /token?grant_type=password", body, None).told(), "400 email_not_confirmed");
    assert_eq!(log(&seat)[0], "sign_in_refused");
    let token = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    let body = json!({"password": "der zaun ist blau", "current_password": "wrong password"});
    assert_eq!(seat.ask("PUT /user", body, Some(&token)).status, 400);
    assert_eq!(log(&seat)[0], "password_change_failed");
    let device = Device::enrolled(&seat, &token, "phone");
    let high = device.proves(&seat, &token).at("/access_token").to_owned();
    assert_eq!(device.proves(&seat, &high).told(), "422 mfa_verification_failed", "a code is taken once");
    assert_eq!(log(&seat)[0], "factor_failed");
    let code = json!({"code": "aaaa-bbbb-cccc"});
    assert_eq!(seat.ask("POST /factors/recovery-codes/verify", code, Some(&high)).status, 422);
    assert_eq!(log(&seat)[0], "factor_failed");
}

#[test]
fn regress_what_is_not_served_has_the_codes_of_the_dialect() {
    let seat = seat();
    let check = |reply: Reply, expected: &str| assert_eq!(reply.told(), expected, "{}", reply.text);
    check(seat.ask("POST /sso", json!({"domain": "example.org"}), None), "422 provider_disabled");
    let role = json!({"email": "ada@example.org", "role": "service_role"});
    check(seat.admin("POST /admin/users", role), "400 validation_failed");
}

#[test]
fn regress_nobody_writes_on_our_pages() {
    let seat = seat();
    let said = "error=x&error_description=Ring+up+0900+123";
    let page = seat.call(&format!("GET /ui/arrive?{said}"), &[], Value::Null);
    assert!(page.status == 400 && !page.text.contains("0900"), "{}", page.text);
}

#[test]
fn regress_a_path_is_one_path() {
    let seat = seat();
    for (path, status) in [
        ("/auth/v1/settings", 200),
        ("/auth/v1/settings/", 200),
        ("/auth/v1//settings", 404),
        ("/auth/v1/settings//", 404),
        ("/auth/v1//admin/users", 404),
    ] {
        assert_eq!(seat.admin(&format!("GET {path}"), Value::Null).status, status, "{path}");
    }
}
