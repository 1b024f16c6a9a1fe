use serde_json::json;

use super::{code, quick, wrong};
use crate::seat::{Backend, SCHEMA, Seat, settings};

use bistro_accounts::Settings;

#[test]
fn a_code_signs_in_once_on_every_store() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, quick());
        let asked = seat.ask("POST /otp", json!({"email": "Ada@example.org", "data": {"name": "Ada"}}), None);
        assert_eq!((asked.status, asked.text.as_str()), (200, "{}"), "{backend:?}");
        let (token, _) = seat.mail("ada@example.org");
        assert_eq!(code(&seat, "email", "ada@example.org", &wrong(&token)).told(), "403 otp_expired");
        assert_eq!(code(&seat, "email", "eve@example.org", &token).told(), "403 otp_expired");
        let session = code(&seat, "email", " ADA@example.org", &format!(" {token} "));
        assert_eq!(
            (session.status, session.at("/user/user_metadata/name")),
            (200, "Ada"),
            "{}",
            session.text
        );
        assert!(!session.at("/user/email_confirmed_at").is_empty());
        assert_eq!(code(&seat, "email", "ada@example.org", &token).told(), "403 otp_expired", "{backend:?}");
    }
}

#[test]
fn each_kind_takes_its_own_codes() {
    // What is asked for, and the types that take its code.
    let cases: [(&str, bool, &[&str]); 3] = [
        ("POST /otp", false, &["signup", "magiclink", "email"]),
        ("POST /otp", true, &["magiclink", "email"]),
        ("POST /recover", true, &["recovery", "email"]),
    ];
    let kinds = ["signup", "magiclink", "email", "recovery", "invite", "email_change"];
    for (line, known, takes) in cases {
        for kind in kinds {
            let seat = Seat::new(quick());
            if known {
                seat.sign_up("ada@example.org");
            }
            assert_eq!(seat.ask(line, json!({"email": "ada@example.org"}), None).status, 200);
            let (token, _) = seat.mail("ada@example.org");
            let expected = if takes.contains(&kind) { "200" } else { "403 otp_expired" };
            assert_eq!(
                code(&seat, kind, "ada@example.org", &token).told(),
                expected,
                "{line} {known} {kind}"
            );
        }
    }
}

#[test]
fn a_code_is_over_after_its_time_or_a_few_tries() {
    let check = |pause: i64, tries: usize, expected: &str| {
        let seat = Seat::new(quick());
        seat.ask("POST /otp", json!({"email": "ada@example.org"}), None);
        let (token, _) = seat.mail("ada@example.org");
        for _ in 0..tries {
            assert_eq!(code(&seat, "email", "ada@example.org", &wrong(&token)).told(), "403 otp_expired");
        }
        seat.pass(pause);
        let shown = code(&seat, "email", "ada@example.org", &token);
        assert_eq!(shown.told(), expected, "{pause} s, {tries} tries");
    };
    check(600, 0, "200");
    check(601, 0, "403 otp_expired");
    check(0, 4, "200");
    check(0, 5, "403 otp_expired");
}

#[test]
fn guesses_at_one_moment_are_counted_one_by_one() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, quick());
        seat.ask("POST /otp", json!({"email": "ada@example.org"}), None);
        let (token, _) = seat.mail("ada@example.org");
        let guess = wrong(&token);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let told = code(&seat, "email", "ada@example.org", &guess).told();
                    assert!(
                        ["403 otp_expired", "409 conflict"].contains(&told.as_str()),
                        "{backend:?} {told}"
                    );
                });
            }
        });
        for _ in 0..5 {
            code(&seat, "email", "ada@example.org", &guess);
        }
        assert_eq!(code(&seat, "email", "ada@example.org", &token).told(), "403 otp_expired", "{backend:?}");
    }
}

#[test]
fn a_newer_code_takes_the_place_of_the_one_before() {
    let seat = Seat::new(quick());
    seat.ask("POST /otp", json!({"email": "ada@example.org"}), None);
    let (first, _) = seat.mail("ada@example.org");
    seat.ask("POST /otp", json!({"email": "ada@example.org"}), None);
    let (second, _) = seat.mail("ada@example.org");
    if first != second {
        assert_eq!(code(&seat, "email", "ada@example.org", &first).told(), "403 otp_expired");
    }
    assert_eq!(code(&seat, "email", "ada@example.org", &second).told(), "200");
}

#[test]
fn requests_are_refused_with_the_reason() {
    let check = |settings: Settings, line: &str, body: serde_json::Value, expected: &str| {
        let seat = Seat::new(settings);
        seat.sign_up("known@example.org");
        seat.pass(61);
        let reply = seat.ask(line, body.clone(), None);
        assert_eq!(reply.told(), expected, "{line} {body} {}", reply.text);
    };
    let unknown = || json!({"email": "unknown@example.org", "create_user": false});
    let reference = || Settings { reference_answers: true, ..settings() };
    check(settings(), "POST /otp", unknown(), "200");
    check(reference(), "POST /otp", unknown(), "422 otp_disabled");
    check(settings(), "POST /otp", json!({"email": "no address"}), "400 validation_failed");
    check(settings(), "POST /otp", json!({}), "400 validation_failed");
    check(settings(), "POST /otp", json!({"phone": "+491701234567"}), "422 phone_provider_disabled");
    check(
        settings(),
        "POST /otp",
        json!({"email": "a@example.org", "data": {"name": "x".repeat(81)}}),
        "422 validation_failed",
    );
    check(
        settings(),
        "POST /otp",
        json!({"email": "known@example.org", "data": {"name": "x".repeat(81)}}),
        "422 validation_failed",
    );
    check(
        settings(),
        "POST /otp",
        json!({"email": "a@example.org", "code_challenge": "short", "code_challenge_method": "s256"}),
        "400 validation_failed",
    );
    check(
        settings(),
        "POST /resend",
        json!({"type": "sms", "email": "known@example.org"}),
        "422 phone_provider_disabled",
    );
    check(
        settings(),
        "POST /resend",
        json!({"type": "magic", "email": "known@example.org"}),
        "400 validation_failed",
    );
    check(settings(), "POST /resend", json!({"type": "signup"}), "400 validation_failed");
    check(settings(), "POST /verify", json!({"type": "email"}), "400 validation_failed");
    check(
        settings(),
        "POST /verify",
        json!({"type": "sms", "phone": "+1", "token": "1"}),
        "422 phone_provider_disabled",
    );
    check(
        settings(),
        "POST /verify",
        json!({"type": "odd", "email": "a@example.org", "token": "1"}),
        "400 validation_failed",
    );
    check(settings(), "POST /verify", json!({"type": "email", "token_hash": "x"}), "403 otp_expired");
}

#[test]
fn where_nobody_signs_up_unknown_addresses_are_answered_like_known_ones() {
    for (reference_answers, expected) in [(false, "200"), (true, "422 signup_disabled")] {
        let seat = Seat::new(Settings { disable_signup: true, reference_answers, ..settings() });
        let reply = seat.ask("POST /otp", json!({"email": "unknown@example.org"}), None);
        assert_eq!(reply.told(), expected);
        assert!(seat.mails.last_to("unknown@example.org").is_none());
    }
}

#[test]
fn without_mail_nothing_is_promised() {
    let seat = Seat::new(Settings { mail: false, confirm_email: false, ..settings() });
    let token = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    let body = json!({"type": "signup", "email": "ada@example.org"});
    for line in ["POST /otp", "POST /recover", "POST /resend", "GET /reauthenticate"] {
        assert_eq!(
            seat.ask(line, body.clone(), Some(&token)).told(),
            "422 email_provider_disabled",
            "{line}"
        );
    }
}

#[test]
fn mails_follow_each_other_after_a_minute_whether_there_is_an_account_or_not() {
    for email in ["known@example.org", "unknown@example.org"] {
        let seat = Seat::new(settings());
        seat.sign_up("known@example.org");
        for (line, body) in [
            ("POST /otp", json!({"email": email, "create_user": false})),
            ("POST /recover", json!({"email": email})),
            ("POST /resend", json!({"email": email, "type": "signup"})),
        ] {
            seat.pass(3_600);
            assert_eq!(seat.ask(line, body.clone(), None).told(), "200", "{line} {email}");
            seat.pass(59);
            let early = seat.ask(line, body.clone(), None);
            assert_eq!(early.told(), "429 over_email_send_rate_limit", "{line} {email}");
            assert!(["1", "2"].contains(&early.header("retry-after")), "{}", early.header("retry-after"));
            seat.pass(2);
            assert_eq!(seat.ask(line, body, None).told(), "200", "{line} {email}");
        }
    }
}
