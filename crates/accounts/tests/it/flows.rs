//! Signing up, signing in, going on and signing out.

use serde_json::{Value, json};

use crate::seat::{Backend, PASSWORD, SCHEMA, SITE, Seat, settings};

use bistro_accounts::Settings;

fn at_once() -> Settings {
    Settings { confirm_email: false, ..settings() }
}

#[test]
fn a_person_signs_up_confirms_signs_in_and_out_on_every_store() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, settings());
        let body =
            json!({"email": " Ada@Example.ORG", "password": PASSWORD, "data": {"name": "Ada", "karma": 9}});
        let made = seat.ask("POST /signup", body, None);
        assert_eq!((made.status, made.at("/email")), (200, "ada@example.org"), "{backend:?} {}", made.text);
        assert!(made.body.get("access_token").is_none() && !made.at("/confirmation_sent_at").is_empty());
        let password = json!({"email": "ada@example.org", "password": PASSWORD});
        assert_eq!(
            seat.ask("POST /token?grant_type=password", password.clone(), None).told(),
            "400 email_not_confirmed"
        );
        let (_, link) = seat.mail("ada@example.org");
        let target = link.strip_prefix("https://api.example.org").unwrap();
        let followed = seat.call(&format!("GET {target}"), &[], Value::Null);
        assert_eq!(followed.status, 303, "{backend:?} {}", followed.text);
        let to = followed.header("location");
        assert!(to.starts_with(&format!("{SITE}#access_token=")) && to.ends_with("&type=signup"), "{to}");
        assert!(
            seat.call(&format!("GET {target}"), &[], Value::Null).header("location").contains("otp_expired")
        );
        let session = seat.ask("POST /token?grant_type=password", password, None);
        assert_eq!(session.status, 200, "{backend:?} {}", session.text);
        let token = session.at("/access_token").to_owned();
        let user = seat.ask("GET /user", Value::Null, Some(&token));
        assert_eq!(
            (user.at("/id"), user.at("/user_metadata/name")),
            (made.at("/id"), "Ada"),
            "{}",
            user.text
        );
        assert!(seat.caller(&token).is_ok());
        assert_eq!(seat.ask("POST /logout", Value::Null, Some(&token)).status, 204);
        assert!(seat.caller(&token).is_err());
        assert_eq!(seat.ask("GET /user", Value::Null, Some(&token)).told(), "403 session_not_found");
    }
}

#[test]
fn signing_up_refuses_what_cannot_be() {
    let seat = Seat::new(at_once());
    let check = |body: Value, expected: &str| {
        let reply = seat.ask("POST /signup", body.clone(), None);
        assert_eq!(reply.told(), expected, "{body} {}", reply.text);
    };
    check(json!({"email": "a@example.org", "password": PASSWORD}), "200");
    check(json!({"email": "A@example.org", "password": PASSWORD}), "422 user_already_exists");
    check(json!({"email": "b@example.org", "password": "short"}), "422 weak_password");
    check(json!({"email": "b@example.org", "password": "password123"}), "422 weak_password");
    check(json!({"email": "b@example.org", "password": "b@example.org"}), "422 weak_password");
    check(json!({"email": "b@example.org", "password": "x".repeat(1_025)}), "400 validation_failed");
    check(json!({"email": "b@example.org", "password": ""}), "400 validation_failed");
    check(json!({"email": "no address", "password": PASSWORD}), "400 validation_failed");
    check(json!({"email": 7, "password": PASSWORD}), "400 validation_failed");
    check(json!({"email": "b@example.org", "password": PASSWORD, "data": []}), "400 validation_failed");
    check(
        json!({"email": "b@example.org", "password": PASSWORD, "data": {"a": "\0"}}),
        "400 validation_failed",
    );
    check(json!({"phone": "+491701234567", "password": PASSWORD}), "422 phone_provider_disabled");
    check(json!({}), "422 anonymous_provider_disabled");
    check(json!("[1]"), "400 bad_json");
    check(json!("{"), "400 bad_json");
    check(json!({"email": null, "password": null, "data": null}), "422 anonymous_provider_disabled");
    let closed = Seat::new(Settings { disable_signup: true, ..at_once() });
    let body = json!({"email": "a@example.org", "password": PASSWORD});
    assert_eq!(closed.ask("POST /signup", body.clone(), None).told(), "422 signup_disabled");
    let without_mail = Seat::new(Settings { mail: false, ..settings() });
    assert_eq!(without_mail.ask("POST /signup", body, None).told(), "422 email_provider_disabled");
}

#[test]
fn known_and_unknown_addresses_answer_alike() {
    let seat = Seat::new(settings());
    seat.sign_up("known@example.org");
    let shape = |value: &Value| -> Vec<String> {
        value.as_object().unwrap().iter().map(|(k, v)| format!("{k}:{}", v.is_string())).collect()
    };
    let ask = |email: &str, line: &str, body: Value| {
        let mut body = body;
        body["email"] = json!(email);
        let reply = seat.ask(line, body, None);
        let members = if reply.body.is_object() { shape(&reply.body) } else { Vec::new() };
        (reply.told(), members)
    };
    let cases = [
        ("POST /signup", json!({"password": "another kolibri!"})),
        ("POST /token?grant_type=password", json!({"password": "a wrong password"})),
        ("POST /recover", json!({})),
        ("POST /otp", json!({"create_user": false})),
        ("POST /resend", json!({"type": "signup"})),
        ("POST /verify", json!({"type": "recovery", "token": "000000"})),
    ];
    for (n, (line, body)) in cases.into_iter().enumerate() {
        seat.pass(120);
        let unknown = ask(&format!("unknown{n}@example.org"), line, body.clone());
        assert_eq!(ask("known@example.org", line, body), unknown, "{line}");
    }
    let mail = seat.mails.last_to("known@example.org").unwrap();
    assert!(!mail.subject.is_empty());
}

#[test]
fn a_refresh_token_is_used_once_and_a_copy_ends_the_session() {
    let seat = Seat::new(at_once());
    let first = seat.sign_up("ada@example.org");
    let refresh =
        |token: &str| seat.ask("POST /token?grant_type=refresh_token", json!({"refresh_token": token}), None);
    let one = first.at("/refresh_token").to_owned();
    let second = refresh(&one);
    let two = second.at("/refresh_token").to_owned();
    assert!(second.status == 200 && two != one, "{}", second.text);
    // The reply was lost: the token before answers the one in force.
    seat.pass(60);
    assert_eq!(refresh(&one).at("/refresh_token"), two);
    let three = refresh(&two).at("/refresh_token").to_owned();
    // Several tabs: within the interval older ones still do.
    assert_eq!(refresh(&one).at("/refresh_token"), three);
    seat.pass(11);
    assert_eq!(refresh(&one).told(), "400 refresh_token_already_used");
    assert_eq!(refresh(&three).told(), "400 refresh_token_not_found");
    let token = first.at("/access_token");
    assert!(seat.caller(token).is_err());
    for nonsense in ["x", "AAAA", &format!("{}A", &three[..three.len() - 1])] {
        assert_eq!(refresh(nonsense).told(), "400 refresh_token_not_found", "{nonsense}");
    }
    assert_eq!(refresh("").told(), "400 invalid_request");
}

#[test]
fn sessions_end_by_scope_and_one_by_one() {
    let check = |scope: &str, expected: [bool; 3]| {
        let seat = Seat::new(at_once());
        let one = seat.sign_up("ada@example.org").at("/access_token").to_owned();
        let sign_in = || {
            let body = json!({"email": "ada@example.org", "password": PASSWORD});
            seat.ask("POST /token?grant_type=password", body, None).at("/access_token").to_owned()
        };
        let tokens = [one, sign_in(), sign_in()];
        assert!(tokens.iter().all(|token| seat.caller(token).is_ok()));
        let reply = seat.ask(&format!("POST /logout{scope}"), Value::Null, Some(&tokens[0]));
        assert_eq!(reply.status, 204, "{}", reply.text);
        assert_eq!(tokens.each_ref().map(|token| seat.caller(token).is_ok()), expected, "{scope}");
    };
    check("?scope=local", [false, true, true]);
    check("?scope=others", [true, false, false]);
    check("?scope=global", [false, false, false]);
    check("", [false, false, false]);
}

#[test]
fn a_password_is_changed_by_who_proves_it() {
    let seat = Seat::new(at_once());
    let session = seat.sign_up("ada@example.org");
    let token = session.at("/access_token").to_owned();
    let other = {
        let body = json!({"email": "ada@example.org", "password": PASSWORD});
        seat.ask("POST /token?grant_type=password", body, None).at("/access_token").to_owned()
    };
    let put = |body: Value| seat.ask("PUT /user", body.clone(), Some(&token)).told();
    assert_eq!(put(json!({"password": PASSWORD})), "422 same_password");
    assert_eq!(put(json!({"password": "short"})), "422 weak_password");
    assert_eq!(put(json!({"password": "der zaun ist blau"})), "200");
    assert!(seat.caller(&token).is_ok() && seat.caller(&other).is_err(), "the others end, this one goes on");
    assert_eq!(seat.mails.last_to("ada@example.org").unwrap().subject, "Your password was changed");
    assert_eq!(put(json!({"app_metadata": {"roles": ["admin"]}})), "403 not_admin");
    let strict = Seat::new(Settings { require_current_password: true, ..at_once() });
    let token = strict.sign_up("ada@example.org").at("/access_token").to_owned();
    let put = |body: Value| strict.ask("PUT /user", body.clone(), Some(&token)).told();
    assert_eq!(put(json!({"password": "der zaun ist blau"})), "400 current_password_required");
    assert_eq!(
        put(json!({"password": "der zaun ist blau", "current_password": "nope"})),
        "400 current_password_invalid"
    );
    assert_eq!(put(json!({"password": "der zaun ist blau", "current_password": PASSWORD})), "200");
}

#[test]
fn an_old_session_needs_a_fresh_proof() {
    let seat = Seat::new(Settings { token_ttl_s: 7 * 86_400, ..at_once() });
    let token = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    seat.pass(25 * 3_600);
    let put = |body: Value| seat.ask("PUT /user", body.clone(), Some(&token)).told();
    assert_eq!(put(json!({"password": "der zaun ist blau"})), "400 reauthentication_needed");
    assert_eq!(seat.ask("GET /reauthenticate", Value::Null, Some(&token)).status, 200);
    let (nonce, _) = seat.mail("ada@example.org");
    assert_eq!(
        put(json!({"password": "der zaun ist blau", "nonce": "000000"})),
        "422 reauthentication_not_valid"
    );
    assert_eq!(put(json!({"password": "der zaun ist blau", "nonce": nonce})), "200");
    assert_eq!(
        put(json!({"password": "der zaun ist rot!", "nonce": nonce})),
        "422 reauthentication_not_valid"
    );
}

#[test]
fn errors_take_the_form_of_the_clients_version() {
    let seat = Seat::new(at_once());
    let body = json!({"email": "a@example.org", "password": "wrong wrong wrong"});
    let line = "POST /token?grant_type=password";
    let key = ("apikey", seat.publishable.as_str());
    let old = seat.call(line, &[key], body.clone());
    assert_eq!(
        old.body,
        json!({"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"})
    );
    let new = seat.call(line, &[key, ("x-supabase-api-version", "2024-01-01")], body.clone());
    assert_eq!(new.body, json!({"code": "invalid_credentials", "message": "Invalid login credentials"}));
    assert_eq!(new.header("x-supabase-api-version"), "2024-01-01");
    let none = seat.call(line, &[], body.clone());
    assert_eq!((none.status, none.at("/message")), (401, "No API key found in request"));
    let bad = seat.call(line, &[("apikey", "sb_publishable_x")], body.clone());
    assert_eq!((bad.status, bad.at("/message")), (401, "Invalid authentication credentials"));
    // A stale token beside a good key does not matter.
    let stale = seat.call(line, &[key, ("authorization", "Bearer e30.e30.x")], body);
    assert_eq!(stale.told(), "400 invalid_credentials");
    let weak = seat.ask("POST /signup", json!({"email": "a@example.org", "password": "x"}), None);
    assert_eq!(weak.body["weak_password"]["reasons"][0], json!("length"));
    assert_eq!(seat.ask("GET /user", Value::Null, None).told(), "401 no_authorization");
    assert_eq!(seat.ask("GET /user", Value::Null, Some("a.b.c")).told(), "403 bad_jwt");
    assert_eq!(seat.ask("GET /nothing", Value::Null, None).status, 404);
}
