use serde_json::{Value, json};

use super::{code, follow, open, quick, sign_in};
use crate::seat::{Backend, PASSWORD, Reply, SCHEMA, SITE, Seat, settings};

use bistro_accounts::Settings;

const OLD: &str = "ada@example.org";
const NEW: &str = "lovelace@example.org";

fn wish(seat: &Seat, token: &str, email: &str) -> Reply {
    seat.ask("PUT /user", json!({"email": email}), Some(token))
}

fn email_of(seat: &Seat, token: &str) -> String {
    seat.ask("GET /user", Value::Null, Some(token)).at("/email").to_owned()
}

#[test]
fn an_address_is_changed_when_both_sides_have_confirmed_on_every_store() {
    for backend in Backend::ALL {
        for first in [OLD, NEW] {
            let second = if first == OLD { NEW } else { OLD };
            let seat = Seat::on(backend, SCHEMA, quick());
            let token = seat.sign_up(OLD).at("/access_token").to_owned();
            let asked = wish(&seat, &token, NEW);
            assert_eq!((asked.status, asked.at("/email"), asked.at("/new_email")), (200, OLD, NEW));
            let half = follow(&seat, first);
            let expected = format!("{SITE}#message=Confirmation%20link%20accepted");
            assert!(half.header("location").starts_with(&expected), "{backend:?} {:?}", half.headers);
            assert!(half.header("location").ends_with("&sb="), "{:?}", half.headers);
            assert_eq!(email_of(&seat, &token), OLD);
            // The same side once more is no second side.
            assert!(follow(&seat, first).header("location").contains("otp_expired"));
            let whole = follow(&seat, second);
            assert!(
                whole.header("location").contains("&type=email_change"),
                "{backend:?} {:?}",
                whole.headers
            );
            assert_eq!(email_of(&seat, &token), NEW);
            assert_eq!(sign_in(&seat, OLD, PASSWORD).told(), "400 invalid_credentials");
            assert_eq!(sign_in(&seat, NEW, PASSWORD).status, 200);
        }
    }
}

#[test]
fn codes_confirm_too() {
    let seat = Seat::new(quick());
    let token = seat.sign_up(OLD).at("/access_token").to_owned();
    wish(&seat, &token, NEW);
    let half = code(&seat, "email_change", OLD, &seat.mail(OLD).0);
    assert_eq!((half.status, half.at("/code"), half.at("/access_token")), (200, "200", ""), "{}", half.text);
    assert!(half.at("/msg").starts_with("Confirmation link accepted"));
    let whole = code(&seat, "email_change", NEW, &seat.mail(NEW).0);
    assert_eq!((whole.status, whole.at("/user/email")), (200, NEW), "{}", whole.text);
}

#[test]
fn an_address_of_another_account_is_never_taken() {
    for reference_answers in [false, true] {
        let seat = Seat::new(Settings { reference_answers, ..quick() });
        seat.sign_up(NEW);
        let token = seat.sign_up(OLD).at("/access_token").to_owned();
        seat.mails.clear();
        let asked = wish(&seat, &token, NEW);
        assert_eq!(asked.told(), if reference_answers { "422 email_exists" } else { "200" });
        if !reference_answers {
            assert!(seat.mails.last_to(NEW).unwrap().subject.contains("already"));
            follow(&seat, OLD);
        }
        assert_eq!(email_of(&seat, &token), OLD);
    }
}

#[test]
fn an_address_that_was_taken_meanwhile_is_refused() {
    let seat = Seat::new(quick());
    let token = seat.sign_up(OLD).at("/access_token").to_owned();
    wish(&seat, &token, NEW);
    let (_, new_side) = seat.mail(NEW);
    seat.sign_up(NEW);
    follow(&seat, OLD);
    let refused = open(&seat, &new_side);
    assert!(refused.header("location").contains("error_code=email_exists"), "{:?}", refused.headers);
    assert_eq!(email_of(&seat, &token), OLD);
}

#[test]
fn regress_a_link_of_an_earlier_change_confirms_no_other_address() {
    let seat = Seat::new(quick());
    seat.sign_up("victim@example.org");
    let token = seat.sign_up("eve@example.org").at("/access_token").to_owned();
    wish(&seat, &token, "eve-two@example.org");
    let (_, own) = seat.mail("eve-two@example.org");
    // The address is somebody's, so that no mail of this change replaces the one before.
    wish(&seat, &token, "victim@example.org");
    follow(&seat, "eve@example.org");
    let reply = open(&seat, &own);
    assert!(reply.header("location").contains("otp_expired"), "{:?}", reply.headers);
    assert_eq!(email_of(&seat, &token), "eve@example.org");
}

#[test]
fn regress_what_was_mailed_to_the_address_before_opens_nothing() {
    let seat = Seat::new(quick());
    let token = seat.sign_up(OLD).at("/access_token").to_owned();
    wish(&seat, &token, NEW);
    let (_, old_side) = seat.mail(OLD);
    seat.ask("POST /recover", json!({"email": OLD}), None);
    let (_, recovery) = seat.mail(OLD);
    open(&seat, &old_side);
    follow(&seat, NEW);
    assert_eq!(email_of(&seat, &token), NEW);
    assert!(open(&seat, &recovery).header("location").contains("otp_expired"));
}

#[test]
fn the_mails_of_a_change_are_sent_again() {
    let seat = Seat::new(quick());
    let token = seat.sign_up(OLD).at("/access_token").to_owned();
    wish(&seat, &token, NEW);
    let (_, before) = seat.mail(NEW);
    follow(&seat, OLD);
    seat.mails.clear();
    let body = json!({"type": "email_change", "email": OLD});
    assert_eq!(seat.ask("POST /resend", body, None).status, 200);
    // The side that has confirmed is not asked again.
    assert!(seat.mails.last_to(OLD).is_none());
    assert!(open(&seat, &before).header("location").contains("otp_expired"));
    follow(&seat, NEW);
    assert_eq!(email_of(&seat, &token), NEW);
}

#[test]
fn mails_to_strangers_are_few() {
    let seat = Seat::new(settings());
    let token = seat.sign_up(OLD).at("/access_token").to_owned();
    seat.pass(61);
    assert_eq!(wish(&seat, &token, NEW).told(), "200");
    assert_eq!(wish(&seat, &token, "other@example.org").told(), "429 over_email_send_rate_limit");
}

#[test]
fn without_confirmation_an_address_changes_at_once() {
    let seat = Seat::new(Settings { confirm_email: false, ..quick() });
    let token = seat.sign_up(OLD).at("/access_token").to_owned();
    assert_eq!(wish(&seat, &token, NEW).at("/email"), NEW);
    seat.sign_up("other@example.org");
    assert_eq!(wish(&seat, &token, "other@example.org").told(), "422 email_exists");
}
