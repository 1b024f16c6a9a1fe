use serde_json::{Value, json};

use super::{quick, sign_in, wrong};
use crate::seat::{Reply, Seat};

const EMAIL: &str = "ada@example.org";
const DAY: i64 = 86_400;

/// A session that is a day old, and the nonce that was mailed.
fn aged(seat: &Seat) -> (String, String) {
    let refresh = seat.sign_up(EMAIL).at("/refresh_token").to_owned();
    seat.pass(DAY);
    let body = json!({"refresh_token": refresh});
    let token = seat.ask("POST /token?grant_type=refresh_token", body, None).at("/access_token").to_owned();
    assert_eq!(seat.ask("GET /reauthenticate", Value::Null, Some(&token)).status, 200);
    let mail = seat.mails.last_to(EMAIL).unwrap();
    let nonce = mail.subject.split(' ').next().unwrap().to_owned();
    (token, nonce)
}

fn change(seat: &Seat, token: &str, mut body: Value) -> Reply {
    body["password"] = json!("another kolibri flies");
    seat.ask("PUT /user", body, Some(token))
}

#[test]
fn a_nonce_proves_who_changes_the_password_once() {
    let seat = Seat::new(quick());
    let (token, nonce) = aged(&seat);
    assert_eq!(change(&seat, &token, json!({})).told(), "400 reauthentication_needed");
    let changed = change(&seat, &token, json!({"nonce": nonce}));
    assert_eq!(changed.told(), "200", "{}", changed.text);
    assert_eq!(sign_in(&seat, EMAIL, "another kolibri flies").status, 200);
    assert!(seat.mails.last_to(EMAIL).unwrap().subject.contains("changed"));
    let body = json!({"nonce": nonce, "password": "a third kolibri flies"});
    assert_eq!(seat.ask("PUT /user", body, Some(&token)).told(), "422 reauthentication_not_valid");
}

#[test]
fn regress_wrong_nonces_stay_counted() {
    let seat = Seat::new(quick());
    let (token, nonce) = aged(&seat);
    for _ in 0..5 {
        let told = change(&seat, &token, json!({"nonce": wrong(&nonce)})).told();
        assert_eq!(told, "422 reauthentication_not_valid");
    }
    assert_eq!(change(&seat, &token, json!({"nonce": nonce})).told(), "422 reauthentication_not_valid");
}

#[test]
fn regress_an_account_without_a_password_needs_a_proof_that_holds() {
    let seat = Seat::new(quick());
    seat.ask("POST /otp", json!({"email": EMAIL}), None);
    let (code, _) = seat.mail(EMAIL);
    let body = json!({"type": "email", "email": EMAIL, "token": code});
    let refresh = seat.ask("POST /verify", body, None).at("/refresh_token").to_owned();
    seat.pass(DAY);
    let body = json!({"refresh_token": refresh});
    let token = seat.ask("POST /token?grant_type=refresh_token", body, None).at("/access_token").to_owned();
    let made_up = json!({"current_password": "x", "nonce": "123456"});
    assert_eq!(change(&seat, &token, made_up).told(), "422 reauthentication_not_valid");
    let made_up = json!({"current_password": "x"});
    assert_eq!(change(&seat, &token, made_up).told(), "400 reauthentication_needed");
}

#[test]
fn a_nonce_of_somebody_else_proves_nothing() {
    let seat = Seat::new(quick());
    let eve = seat.sign_up("eve@example.org").at("/access_token").to_owned();
    let (_, nonce) = aged(&seat);
    assert_eq!(change(&seat, &eve, json!({"nonce": nonce})).told(), "403 bad_jwt");
    let fresh = sign_in(&seat, "eve@example.org", crate::seat::PASSWORD).at("/access_token").to_owned();
    assert_eq!(change(&seat, &fresh, json!({"nonce": nonce})).told(), "422 reauthentication_not_valid");
}
