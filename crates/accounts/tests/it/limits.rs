//! How often what may happen, for people and for strangers.

use bistro_accounts::Settings;
use bistro_accounts::limits::Rates;
use serde_json::{Value, json};

use crate::seat::{Backend, PASSWORD, SCHEMA, Seat, settings};

const OWNER: &str = "192.0.2.1";
const STRANGER: &str = "198.51.100.9";

fn sign_in(seat: &Seat, ip: &str, email: &str, password: &str) -> String {
    let body = json!({"email": email, "password": password});
    seat.from(ip, "POST /token?grant_type=password", &[], body).told()
}

/// Fails so often, and counts what was answered.
fn fail(seat: &Seat, times: usize, ip: impl Fn(usize) -> String, email: &str) -> (usize, usize) {
    let told = (0..times).map(|n| sign_in(seat, &ip(n), email, "not the password"));
    told.fold((0, 0), |(judged, refused), told| match told.as_str() {
        "400 invalid_credentials" => (judged + 1, refused),
        "429 over_request_rate_limit" => (judged, refused + 1),
        told => panic!("{told}"),
    })
}

#[test]
fn failed_sign_ins_are_refused_after_a_while_on_every_store() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, settings());
        seat.sign_up("ada@example.org");
        // Unknown accounts are counted like known ones.
        for email in ["ada@example.org", "nobody@example.org"] {
            assert_eq!(fail(&seat, 12, |_| STRANGER.into(), email), (10, 2), "{backend:?} {email}");
        }
        let body = json!({"email": "ADA@example.org ", "password": PASSWORD});
        let refused = seat.from(STRANGER, "POST /token?grant_type=password", &[], body);
        assert_eq!(refused.told(), "429 over_request_rate_limit", "{backend:?}");
        assert_eq!((refused.header("retry-after"), refused.at("/msg")), ("7", "Request rate limit reached"));
        seat.pass(7);
        assert_eq!(sign_in(&seat, STRANGER, "ada@example.org", PASSWORD), "200", "{backend:?}");
    }
}

#[test]
fn an_address_that_tries_many_accounts_is_refused() {
    let seat = Seat::new(settings());
    let told: Vec<_> =
        (0..35).map(|n| sign_in(&seat, STRANGER, &format!("p{n}@example.org"), "guess")).collect();
    assert_eq!(told.iter().filter(|told| *told == "400 invalid_credentials").count(), 30);
    assert_eq!(sign_in(&seat, OWNER, "p1@example.org", "guess"), "400 invalid_credentials");
    // One customer of a provider has a whole network.
    let sixth = |n: usize| format!("2001:db8::{n:x}");
    assert_eq!(fail(&seat, 12, sixth, "ada@example.org"), (10, 2));
}

#[test]
fn sign_ins_that_are_right_are_never_counted() {
    let seat = Seat::new(settings());
    seat.sign_up("ada@example.org");
    for n in 0..50 {
        assert_eq!(sign_in(&seat, STRANGER, "ada@example.org", PASSWORD), "200", "{n}");
    }
}

#[test]
fn a_stranger_cannot_lock_anybody_out() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, settings());
        seat.sign_up("ada@example.org");
        let device = [("cookie", "__Host-bistro-device=the-one-from-home")];
        let body = || json!({"email": "ada@example.org", "password": PASSWORD});
        assert_eq!(seat.from(OWNER, "POST /token?grant_type=password", &device, body()).status, 200);
        // So many addresses that the account's own limit is reached.
        let (judged, refused) = fail(&seat, 120, |n| format!("203.0.113.{n}"), "ada@example.org");
        assert_eq!((judged, refused), (100, 20), "{backend:?}");
        let elsewhere = seat.from("198.51.100.77", "POST /token?grant_type=password", &[], body());
        assert_eq!(elsewhere.told(), "429 over_request_rate_limit", "who was never here waits");
        assert_eq!(sign_in(&seat, OWNER, "ada@example.org", PASSWORD), "200", "{backend:?}: at home");
        let travelling = seat.from("198.51.100.77", "POST /token?grant_type=password", &device, body());
        assert_eq!(travelling.status, 200, "{backend:?}: with the device from home");
        let forged = [("cookie", "bistro-device=another")];
        assert_eq!(
            seat.from("198.51.100.78", "POST /token?grant_type=password", &forged, body()).status,
            429
        );
        // And the owner's mails are not used up either.
        let recover = || json!({"email": "ada@example.org"});
        seat.pass(60);
        assert_eq!(seat.from(STRANGER, "POST /recover", &[], recover()).status, 200);
        assert_eq!(
            seat.from(STRANGER, "POST /recover", &[], recover()).told(),
            "429 over_email_send_rate_limit"
        );
        assert_eq!(seat.from(OWNER, "POST /recover", &[], recover()).status, 200, "{backend:?}");
    }
}

#[test]
fn what_else_is_limited() {
    let check = |settings: Settings, line: &str, body: fn(usize) -> Value, passed: usize, code: &str| {
        let seat = Seat::new(settings);
        let told: Vec<_> = (0..passed + 2).map(|n| seat.from(STRANGER, line, &[], body(n)).told()).collect();
        let refused = told.iter().position(|told| told == code);
        assert_eq!(refused, Some(passed), "{line} {told:?}");
        assert_ne!(seat.from(OWNER, line, &[], body(passed + 2)).told(), code, "{line} from elsewhere");
    };
    let new = |n: usize| json!({"email": format!("p{n}@example.org"), "password": PASSWORD});
    check(settings(), "POST /signup", new, 30, "429 over_request_rate_limit");
    check(settings(), "POST /otp", new, 30, "429 over_request_rate_limit");
    let open = Settings { anonymous: true, ..settings() };
    check(open, "POST /signup", |_| json!({}), 30, "429 over_request_rate_limit");
    let code = |_| json!({"type": "email", "email": "ada@example.org", "token": "000000"});
    check(settings(), "POST /verify", code, 30, "429 over_request_rate_limit");
}

#[test]
fn a_recipient_gets_few_mails() {
    let seat = Seat::new(settings());
    seat.sign_up("ada@example.org");
    seat.pass(3_600);
    let told = |pause: i64, email: &str| {
        seat.pass(pause);
        seat.from(STRANGER, "POST /recover", &[], json!({ "email": email })).told()
    };
    for email in ["ada@example.org", "nobody@example.org"] {
        assert_eq!(told(0, email), "200");
        assert_eq!(told(59, email), "429 over_email_send_rate_limit", "{email}");
        for _ in 0..4 {
            assert_eq!(told(60, email), "200", "{email}");
        }
        assert_eq!(told(60, email), "429 over_email_send_rate_limit", "{email}: five an hour");
        assert_eq!(told(720, email), "200", "{email}");
    }
}

#[test]
fn a_session_is_refreshed_so_often() {
    let rates = Rates { refreshes: "2/min".parse().unwrap(), ..Rates::default() };
    let seat = Seat::new(Settings { rates, ..settings() });
    let mut token = seat.sign_up("ada@example.org").at("/refresh_token").to_owned();
    let refresh = |token: &str| {
        seat.from(STRANGER, "POST /token?grant_type=refresh_token", &[], json!({ "refresh_token": token }))
    };
    for _ in 0..2 {
        token = refresh(&token).at("/refresh_token").to_owned();
    }
    // 503, because clients sign out after any other refusal.
    let refused = refresh(&token);
    assert_eq!(
        (refused.told().as_str(), refused.header("retry-after")),
        ("503 over_request_rate_limit", "31")
    );
    seat.pass(31);
    assert_eq!(refresh(&token).status, 200, "the session goes on");
}

#[test]
fn nodes_share_what_they_count() {
    for backend in [Backend::Postgres, Backend::Mysql] {
        let one = Seat::on(backend, SCHEMA, settings());
        let other = one.node();
        let nodes = [&one, &other];
        let told = (0..12).map(|n| sign_in(nodes[n % 2], STRANGER, "ada@example.org", "guess"));
        let judged = told.filter(|told| told == "400 invalid_credentials").count();
        assert_eq!(judged, 10, "{backend:?}");
    }
}

#[test]
fn many_at_a_time_are_no_more_than_one_after_another() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, settings());
        let judged = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..24)
                .map(|_| scope.spawn(|| sign_in(&seat, STRANGER, "ada@example.org", "guess")))
                .collect();
            let told = tries.into_iter().map(|one| one.join().unwrap());
            told.filter(|told| told == "400 invalid_credentials").count()
        });
        assert_eq!(judged, 10, "{backend:?}");
    }
}
