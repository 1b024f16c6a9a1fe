//! What hostile readers found once.

use bistro_accounts::Settings;
use serde_json::{Value, json};

use crate::mfa::{Device, sign_in};
use crate::provider::application::{Application, claims};
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
        manual_linking: true,
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
        ("GET /user/identities/authorize?provider=idp", Value::Null),
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
    assert!(page.text.contains("not begun here") && !page.text.contains("0900"), "{}", page.text);
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

#[test]
fn regress_signing_in_forgets_no_factor_that_is_being_set_up() {
    let seat = seat();
    let first = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    let phone = Device::enrolled(&seat, &first, "phone");
    let high = phone.proves(&seat, &first).at("/access_token").to_owned();
    let second = Device::enrolled(&seat, &high, "second");
    seat.pass(60);
    assert_eq!(phone.tried(&seat, &sign_in(&seat)), "200");
    assert_eq!(second.tried(&seat, &high), "200");
}

#[test]
fn regress_an_applications_token_says_no_more_than_was_agreed_to() {
    let seat = seat();
    let body = json!({"email": "ada@example.org", "password": PASSWORD, "data": {"phone_private": "0900"}});
    let person = seat.ask("POST /signup", body, None).at("/access_token").to_owned();
    let application = Application::new(&seat);
    let said = |scope: &str| {
        let tokens = application.tokens(&seat, &person, &[("scope", scope)]);
        let token = tokens.at("/access_token").to_owned();
        let rules: Value = serde_json::from_str(&seat.caller(&token).unwrap().claims).unwrap();
        // What rules ask is the whole, whatever the token says.
        assert_eq!(rules["email"], "ada@example.org", "{rules}");
        assert_eq!(rules["user_metadata"]["phone_private"], "0900", "{rules}");
        let shown = claims(&token);
        assert_eq!(shown["app_metadata"], json!({}), "{shown}");
        (shown["email"] == "ada@example.org", shown["user_metadata"]["phone_private"] == "0900")
    };
    assert_eq!(said("openid"), (false, false));
    assert_eq!(said("openid email"), (true, false));
    assert_eq!(said("openid profile email"), (true, true));
}

#[test]
fn regress_a_first_address_lets_nobody_in_from_before() {
    let check = |steps: &[Value]| {
        let seat = Seat::new(Settings { anonymous: true, mail_interval_s: 0, ..settings() });
        let stranger = seat.ask("POST /signup", json!({}), None).at("/access_token").to_owned();
        for step in steps {
            assert_eq!(seat.ask("PUT /user", step.clone(), Some(&stranger)).status, 200, "{step}");
        }
        let (code, _) = seat.mail("ada@example.org");
        let body = json!({"type": "email_change", "email": "ada@example.org", "token": code});
        let owner = seat.ask("POST /verify", body, None);
        assert_eq!(owner.status, 200, "{}", owner.text);
        let body = json!({"email": "ada@example.org", "password": PASSWORD});
        let by_password = seat.ask("POST /token?grant_type=password", body, None).told();
        assert_eq!(by_password, "400 invalid_credentials", "{steps:?}");
        assert!(seat.caller(&stranger).is_err(), "{steps:?}");
        let chosen = json!({"password": "der regen war warm"});
        assert_eq!(seat.ask("PUT /user", chosen, Some(owner.at("/access_token"))).status, 200);
    };
    let (address, password) = (json!({"email": "ada@example.org"}), json!({"password": PASSWORD}));
    check(&[json!({"email": "ada@example.org", "password": PASSWORD})]);
    check(&[password, address]);
}

#[test]
fn regress_too_much_is_refused_whether_the_address_is_known_or_not() {
    let told = |prepare: &dyn Fn(&Seat), line: &str, size: usize| {
        let seat = Seat::new(Settings { mail_interval_s: 0, ..settings() });
        prepare(&seat);
        let data = json!({"x": "x".repeat(size)});
        let body = json!({"email": "ada@example.org", "password": PASSWORD, "data": data});
        seat.ask(line, body, None).told()
    };
    let confirmed: &dyn Fn(&Seat) = &|seat| drop(seat.sign_up("ada@example.org"));
    let waiting: &dyn Fn(&Seat) = &|seat| {
        seat.ask("POST /signup", json!({"email": "ada@example.org", "password": PASSWORD}), None);
    };
    for line in ["POST /signup", "POST /otp"] {
        for size in [100, 3_800, 3_900, 3_950, 3_990, 4_050, 5_000] {
            let unknown = told(&|_| {}, line, size);
            assert_eq!(told(confirmed, line, size), unknown, "{line} {size}");
            assert_eq!(told(waiting, line, size), unknown, "{line} {size}");
        }
        assert_eq!(told(confirmed, line, 5_000), "422 validation_failed");
        assert_eq!(told(confirmed, line, 3_800), "200");
    }
}
