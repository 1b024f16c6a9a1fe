//! How long an answer takes tells nobody whether there is an account.

use std::time::{Duration, Instant};

use bistro_accounts::Visit;
use bistro_password::Cost;
use bistro_problem::Code;
use serde_json::{Value, json};

use crate::seat::{PASSWORD, RUNTIME, Seat, settings};

/// How many rounds noise is given to pass by. What takes longer by itself does so in each of them.
const ROUNDS: usize = 4;
/// How much longer the median of one may be, in percent. A hash that is left out is several times this.
const MORE: u128 = 20;

/// A password's hash costs some milliseconds here, and is most of what a sign-in does.
fn seat() -> Seat {
    Seat::hashing(settings(), Cost { memory: 16 * 1_024, passes: 2 })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The medians of two questions, each asked so often and by turns, until they are alike or the rounds are over.
fn medians(
    times: usize,
    mut one: impl FnMut() -> Duration,
    mut other: impl FnMut() -> Duration,
) -> Result<String, String> {
    let mut told = Vec::new();
    for _ in 0..ROUNDS {
        let (left, right): (Vec<_>, Vec<_>) = (0..times).map(|_| (one(), other())).unzip();
        let (left, right) = (median(left), median(right));
        let (less, more) = (left.min(right).as_nanos(), left.max(right).as_nanos());
        told.push(format!("{left:?} and {right:?}"));
        if more * 100 <= less * (100 + MORE) {
            return Ok(told.join(", "));
        }
    }
    Err(told.join(", "))
}

/// How long a question takes, an hour after the last one, so that no limit answers for it.
fn takes(seat: &Seat, line: &str, body: Value, expected: &str) -> Duration {
    seat.pass(3_600);
    let began = Instant::now();
    let reply = seat.ask(line, body, None);
    let took = began.elapsed();
    assert_eq!(reply.told(), expected, "{line}: {}", reply.text);
    took
}

#[test]
fn a_failed_sign_in_takes_as_long_whoever_it_is() {
    let seat = seat();
    seat.sign_up("known@example.org");
    let waits = json!({"email": "waits@example.org", "password": PASSWORD});
    assert_eq!(seat.ask("POST /signup", waits, None).status, 200);
    let body = json!({"email": "without@example.org", "email_confirm": true});
    assert_eq!(seat.admin("POST /admin/users", body).status, 200);
    let banned = json!({"email": "banned@example.org", "password": PASSWORD, "email_confirm": true, "ban_duration": "90000h"});
    assert_eq!(seat.admin("POST /admin/users", banned).status, 200);
    let asks = |email: &'static str| {
        let body = json!({"email": email, "password": "a wrong password"});
        let seat = &seat;
        move || takes(seat, "POST /token?grant_type=password", body.clone(), "400 invalid_credentials")
    };
    for known in
        ["known@example.org", "waits@example.org", "without@example.org", "banned@example.org", "no address"]
    {
        let judged = medians(21, asks(known), asks("unknown@example.org"));
        assert!(judged.is_ok(), "{known}: {judged:?}");
    }
    // This can fail: a password that is never hashed is seen, even in the quickest of a few answers.
    let long = json!({"email": "known@example.org", "password": "x".repeat(10_000)});
    let unhashed = || takes(&seat, "POST /token?grant_type=password", long.clone(), "400 validation_failed");
    let hashed = asks("known@example.org");
    let (hashed, unhashed) = ((0..9).map(|_| hashed()).min(), (0..9).map(|_| unhashed()).min());
    assert!(hashed > unhashed.map(|time| time * 2), "{hashed:?} and {unhashed:?}");
}

#[test]
fn a_password_with_each_request_takes_as_long_to_refuse_whoever_it_is() {
    let seat = seat();
    seat.sign_up("known@example.org");
    let waits = json!({"email": "waits@example.org", "password": PASSWORD});
    assert_eq!(seat.ask("POST /signup", waits, None).status, 200);
    let asks = |name: &'static str| {
        let seat = &seat;
        move || {
            seat.pass(3_600);
            let visit = Visit::new(Some([192, 0, 2, 1].into()), "", "test", seat.now());
            let began = Instant::now();
            let told = RUNTIME.block_on(seat.accounts.user_name_token(&visit, name, "a wrong password"));
            let took = began.elapsed();
            assert_eq!(told.unwrap_err().code, Code::InvalidCredentials);
            took
        }
    };
    for known in ["known@example.org", "waits@example.org", "no address"] {
        let judged = medians(21, asks(known), asks("unknown@example.org"));
        assert!(judged.is_ok(), "{known}: {judged:?}");
    }
}

#[test]
fn asking_for_mail_takes_as_long_whoever_it_is() {
    let seat = seat();
    seat.sign_up("known@example.org");
    let cases = [
        ("POST /signup", json!({"password": "another kolibri!"})),
        ("POST /recover", json!({})),
        ("POST /otp", json!({})),
        ("POST /resend", json!({"type": "signup"})),
    ];
    for (line, body) in cases {
        let mut count = 0;
        let asks = |email: String| {
            let mut body = body.clone();
            body["email"] = json!(email);
            takes(&seat, line, body, "200")
        };
        let known = || asks("known@example.org".to_owned());
        let unknown = || {
            count += 1;
            asks(format!("unknown{count}{}@example.org", line.len()))
        };
        // Each answer waits for a tenth of a second to end: fewer will do.
        let judged = medians(9, known, unknown);
        assert!(judged.is_ok(), "{line}: {judged:?}");
    }
}
