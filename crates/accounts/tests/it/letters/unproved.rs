use serde_json::json;

use super::{code, follow, quick, sign_in};
use crate::seat::{PASSWORD, Seat};

const EMAIL: &str = "ada@example.org";

#[test]
fn regress_a_password_set_before_the_address_was_proved_by_others_is_dropped() {
    // How the owner of the address comes in, after somebody else signed up with it.
    let ways = [("POST /otp", "magiclink"), ("POST /recover", "recovery")];
    for (line, kind) in ways {
        for by_link in [false, true] {
            let seat = Seat::new(quick());
            seat.ask("POST /signup", json!({"email": EMAIL, "password": PASSWORD}), None);
            assert_eq!(seat.ask(line, json!({"email": EMAIL}), None).status, 200);
            if by_link {
                assert!(follow(&seat, EMAIL).header("location").contains("#access_token="), "{line}");
            } else {
                let session = code(&seat, kind, EMAIL, &seat.mail(EMAIL).0);
                assert!(!session.at("/user/email_confirmed_at").is_empty(), "{line} {}", session.text);
            }
            assert_eq!(sign_in(&seat, EMAIL, PASSWORD).told(), "400 invalid_credentials", "{line}");
        }
    }
}

#[test]
fn who_confirms_the_own_sign_up_keeps_the_password() {
    let seat = Seat::new(quick());
    seat.sign_up(EMAIL);
    assert_eq!(sign_in(&seat, EMAIL, PASSWORD).status, 200);
    // Recovering an address that was confirmed takes nothing away.
    seat.ask("POST /recover", json!({"email": EMAIL}), None);
    follow(&seat, EMAIL);
    assert_eq!(sign_in(&seat, EMAIL, PASSWORD).status, 200);
}

#[test]
fn the_mail_of_a_sign_up_is_sent_again() {
    let seat = Seat::new(quick());
    seat.ask("POST /signup", json!({"email": EMAIL, "password": PASSWORD}), None);
    let (_, before) = seat.mail(EMAIL);
    seat.mails.clear();
    let again = json!({"type": "signup", "email": EMAIL});
    assert_eq!(seat.ask("POST /resend", again.clone(), None).status, 200);
    assert!(super::open(&seat, &before).header("location").contains("otp_expired"));
    assert!(follow(&seat, EMAIL).header("location").contains("&type=signup"));
    assert_eq!(sign_in(&seat, EMAIL, PASSWORD).status, 200);
    // Nothing is left to confirm.
    seat.mails.clear();
    assert_eq!(seat.ask("POST /resend", again, None).status, 200);
    assert!(seat.mails.last_to(EMAIL).is_none());
}
