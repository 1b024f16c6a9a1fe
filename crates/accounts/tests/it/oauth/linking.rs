//! Which account somebody signs in to, where an address is known already.

use bistro_accounts::Settings;
use serde_json::{Value, json};

use super::way::{Way, member, unverified, verified};
use crate::seat::{PASSWORD, settings};

const ADA: &str = "ada@example.org";

fn sign_in(way: &Way, password: &str) -> String {
    let body = json!({"email": ADA, "password": password});
    way.seat.ask("POST /token?grant_type=password", body, None).told()
}

#[test]
fn an_address_that_both_sides_have_verified_joins() {
    let way = Way::new();
    let own = way.seat.sign_up(ADA);
    let joined = way.user_of(&way.walk("", verified(ADA)));
    assert_eq!(joined.at("/id"), own.at("/user/id"));
    assert_eq!(joined.body["app_metadata"]["providers"], json!(["email", "idp"]));
    assert_eq!(sign_in(&way, PASSWORD), "200");
    way.user(own.at("/access_token"));
}

#[test]
fn an_address_that_the_provider_has_not_verified_joins_nothing() {
    let way = Way::new();
    let own = way.seat.sign_up(ADA);
    let to = way.walk("", unverified(ADA));
    assert_eq!(member(&to, "error_code"), "provider_email_needs_verification", "{to}");
    assert!(!to.contains("access_token"));
    let user = way.user(own.at("/access_token"));
    assert_eq!(user.body["identities"].as_array().map(Vec::len), Some(1));
    // Its owner hears of it.
    let mail = way.seat.mails.last_to(ADA).expect("a mail");
    assert!(!mail.text.contains("code "), "{}", mail.text);
}

#[test]
fn who_waits_under_somebody_elses_address_is_put_out() {
    let way = Way::new();
    let body = json!({"email": ADA, "password": PASSWORD, "data": {"name": "Eve"}});
    assert_eq!(way.seat.ask("POST /signup", body, None).status, 200);
    let (code, _) = way.seat.mail(ADA);
    let mut eve = unverified(ADA);
    eve["sub"] = json!("eve");
    assert!(way.walk("", eve.clone()).contains("provider_email_needs_verification"));
    let user = way.user_of(&way.walk("", verified(ADA)));
    assert_eq!(user.at("/user_metadata/name"), "Ada");
    assert_eq!(user.body["app_metadata"]["providers"], json!(["idp"]));
    assert_eq!(sign_in(&way, PASSWORD), "400 invalid_credentials");
    let late = json!({"type": "signup", "email": ADA, "token": code});
    assert_eq!(way.seat.ask("POST /verify", late, None).told(), "403 otp_expired");
    assert!(!way.walk("", eve).contains("access_token"));
}

#[test]
fn an_identity_with_a_false_address_does_not_keep_the_account() {
    let way = Way::new();
    let mut eve = unverified(ADA);
    eve["sub"] = json!("eve");
    assert!(way.walk("", eve.clone()).contains("provider_email_needs_verification"));
    let user = way.user_of(&way.walk("", verified(ADA)));
    assert_eq!(user.body["identities"].as_array().map(Vec::len), Some(1), "{}", user.text);
    assert_eq!(user.at("/identities/0/id"), "ada");
    assert!(!way.walk("", eve).contains("access_token"));
}

#[test]
fn where_nothing_is_confirmed_an_address_proves_nothing() {
    let way = Way::by(Settings { confirm_email: false, ..settings() });
    let eve = way.seat.sign_up(ADA);
    let user = way.user_of(&way.walk("", verified(ADA)));
    assert_eq!(user.at("/id"), eve.at("/user/id"));
    assert_eq!(sign_in(&way, PASSWORD), "400 invalid_credentials");
    let over = way.seat.ask("GET /user", Value::Null, Some(eve.at("/access_token")));
    assert_eq!(over.told(), "403 session_not_found");
    assert!(way.seat.caller(eve.at("/access_token")).is_err());
}

#[test]
fn an_address_that_the_provider_has_not_verified_is_confirmed_by_mail() {
    let way = Way::new();
    assert_eq!(member(&way.walk("", unverified(ADA)), "error_code"), "provider_email_needs_verification");
    let (code, _) = way.seat.mail(ADA);
    let confirmed =
        way.seat.ask("POST /verify", json!({"type": "signup", "email": ADA, "token": code}), None);
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let user = way.user_of(&way.walk("", unverified(ADA)));
    assert_eq!(user.at("/id"), confirmed.at("/user/id"));
}

#[test]
fn mails_to_unverified_addresses_are_few() {
    let way = Way::new();
    for _ in 0..3 {
        assert!(way.walk("", unverified(ADA)).contains("provider_email_needs_verification"));
    }
    assert_eq!(way.seat.mails.all().iter().filter(|caught| caught.mail.to == ADA).count(), 1);
}

#[test]
fn regress_who_signs_up_over_an_identity_that_waits_does_not_get_in_with_it() {
    let way = Way::new();
    assert!(way.walk("", unverified(ADA)).contains("provider_email_needs_verification"));
    // Mails to one address are a minute apart.
    way.seat.pass(60);
    let body = json!({"email": ADA, "password": PASSWORD, "data": {"name": "Eve"}});
    assert_eq!(way.seat.ask("POST /signup", body, None).status, 200);
    // The address is verified at the provider meanwhile.
    let user = way.user_of(&way.walk("", verified(ADA)));
    assert_eq!((user.at("/identities/0/id"), user.at("/user_metadata/name")), ("ada", "Ada"));
    assert_eq!(user.body["app_metadata"]["providers"], json!(["idp"]));
    assert_eq!(sign_in(&way, PASSWORD), "400 invalid_credentials");
}

#[test]
fn regress_whether_an_address_is_verified_is_said_where_the_address_is() {
    let way = Way::new();
    let owner = way.seat.sign_up("ada@example.org");
    let trip = way.set_out("");
    way.says(&trip, json!({"email_verified": true}));
    way.idp.put("/me", &json!({"sub": "ada", "email": "ada@example.org", "email_verified": false}));
    let to = way.come_back(&trip);
    assert!(to.contains("provider_email_needs_verification"), "{to}");
    let user = way.seat.ask("GET /user", Value::Null, Some(owner.at("/access_token")));
    assert_eq!(user.body["identities"].as_array().map(Vec::len), Some(1), "{}", user.text);
}

#[test]
fn regress_who_proves_an_address_lets_nobody_in_who_came_with_it_before() {
    // How the owner of the address comes in, after somebody else came with it from a provider.
    let ways = [
        ("POST /otp", json!({"email": ADA}), "magiclink"),
        ("POST /signup", json!({"email": ADA, "password": PASSWORD}), "signup"),
    ];
    for (line, body, kind) in ways {
        let way = Way::new();
        assert!(way.walk("", unverified(ADA)).contains("provider_email_needs_verification"));
        // Mails to one address are a minute apart.
        way.seat.pass(61);
        way.seat.mails.clear();
        assert_eq!(way.seat.ask(line, body, None).status, 200, "{line}");
        let shown = json!({"type": kind, "email": ADA, "token": way.seat.mail(ADA).0});
        assert_eq!(way.seat.ask("POST /verify", shown, None).status, 200, "{line}");
        assert!(!way.walk("", unverified(ADA)).contains("access_token"), "{line}");
    }
}
