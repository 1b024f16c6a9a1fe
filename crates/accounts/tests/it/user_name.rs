//! Who shows an address and a password with each request, as SOAP clients do.

use std::time::{Duration, Instant};

use bistro_accounts::data::all;
use bistro_accounts::data::records::{AuditEntry, Session};
use bistro_accounts::flows::{Issued, token};
use bistro_accounts::limits::Rates;
use bistro_accounts::{Followed, Settings, Visit};
use bistro_ir::Caller;
use bistro_password::Cost;
use bistro_problem::{Code, Problem};
use serde_json::{Value, json};

use crate::mfa::Device;
use crate::seat::{Backend, PASSWORD, RUNTIME, SCHEMA, Seat, settings};

const ADA: &str = "ada@example.org";
const HOME: &str = "192.0.2.1";
const STRANGER: &str = "198.51.100.9";
const SIGNED_IN: &str = "User [authenticated]";
const WRONG: &str = "400 invalid_credentials";

fn caller(seat: &Seat, ip: &str, name: &str, password: &str) -> Result<Caller, Problem> {
    let visit = Visit::new(Some(ip.parse().unwrap()), "a SOAP client", "test", seat.now());
    RUNTIME.block_on(seat.accounts.user_name_token(&visit, name, password))
}

/// Who that is as one line, or status and code of the refusal.
fn from(seat: &Seat, ip: &str, name: &str, password: &str) -> String {
    match caller(seat, ip, name, password) {
        Ok(caller) => {
            format!("{:?} [{}]", caller.kind, seat.engine.schema().role_names(caller.roles).join(" "))
        }
        Err(problem) => format!("{} {}", problem.status, problem.code.text()),
    }
}

fn ask(seat: &Seat, name: &str, password: &str) -> String {
    from(seat, HOME, name, password)
}

/// A seat where Ada has signed up, her id, and a token of hers.
fn with_ada(backend: Backend) -> (Seat, String, String) {
    let seat = Seat::on(backend, SCHEMA, settings());
    let reply = seat.sign_up(ADA);
    let (id, token) = (reply.at("/user/id").to_owned(), reply.at("/access_token").to_owned());
    (seat, id, token)
}

fn admin(seat: &Seat, line: &str, body: Value) {
    let reply = seat.admin(line, body);
    assert_eq!(reply.status, 200, "{line}: {}", reply.text);
}

#[test]
fn an_address_and_its_password_stand_for_the_account_on_every_store() {
    for backend in Backend::ALL {
        let (seat, ..) = with_ada(backend);
        let sessions = || RUNTIME.block_on(seat.accounts.data.count::<Session>(all())).unwrap();
        let before = sessions();
        for name in [ADA, " ADA@example.org ", ADA] {
            assert_eq!(ask(&seat, name, PASSWORD), SIGNED_IN, "{backend:?} {name}");
        }
        for (name, password) in [
            (ADA, "not the password"),
            (ADA, ""),
            (ADA, &PASSWORD.to_uppercase()),
            ("nobody@example.org", PASSWORD),
            ("no address", PASSWORD),
            ("", PASSWORD),
        ] {
            assert_eq!(ask(&seat, name, password), WRONG, "{backend:?} {name:?} {password:?}");
        }
        assert_eq!(ask(&seat, ADA, &"x".repeat(2_000)), "400 validation_failed");
        assert_eq!(sessions(), before, "{backend:?}: nobody got a session");
    }
}

#[test]
fn rules_see_the_claims_of_a_token_but_for_its_session() {
    let (seat, _, token) = with_ada(Backend::Sqlite);
    let claims = |caller: &Caller| -> Value {
        let mut claims: Value = serde_json::from_str(&caller.claims).unwrap();
        for own in ["iat", "exp", "session_id"] {
            claims.as_object_mut().unwrap().remove(own);
        }
        claims
    };
    let by_token =
        seat.ask("POST /token?grant_type=password", json!({"email": ADA, "password": PASSWORD}), None);
    let by_token = seat.caller(by_token.at("/access_token")).unwrap();
    let by_name = caller(&seat, HOME, ADA, PASSWORD).unwrap();
    assert_eq!(claims(&by_name), claims(&by_token));
    assert!(!by_name.claims.contains("session_id") && by_name.session.is_none());
    let who = |caller: &Caller| (caller.kind, caller.role, caller.roles, caller.id);
    assert_eq!(who(&by_name), who(&by_token));
    assert_eq!(by_name.ip, Some(HOME.parse().unwrap()));
    // What the person says of herself since.
    assert_eq!(seat.ask("PUT /user", json!({"data": {"name": "Countess"}}), Some(&token)).status, 200);
    assert!(caller(&seat, HOME, ADA, PASSWORD).unwrap().claims.contains("Countess"));
}

#[test]
fn what_changes_is_seen_with_the_next_request() {
    let put = |body: Value| {
        move |seat: &Seat, id: &str| admin(seat, &format!("PUT /admin/users/{id}"), body.clone())
    };
    let roles = |roles: Value| put(json!({"app_metadata": {"roles": roles}}));
    let changed = |name: &str, what: &dyn Fn(&Seat, &str), expected: &str, then: (&str, &str, &str)| {
        let (seat, id, _) = with_ada(Backend::Sqlite);
        assert_eq!(ask(&seat, ADA, PASSWORD), SIGNED_IN);
        what(&seat, &id);
        assert_eq!(ask(&seat, ADA, PASSWORD), expected, "{name}");
        let (address, password, after) = then;
        assert_eq!(ask(&seat, address, password), after, "{name}");
    };
    let new = "a new kolibri";
    let own = |seat: &Seat, _: &str| {
        let reply =
            seat.ask("POST /token?grant_type=password", json!({"email": ADA, "password": PASSWORD}), None);
        let token = reply.at("/access_token").to_owned();
        assert_eq!(seat.ask("PUT /user", json!({"password": new}), Some(&token)).status, 200);
    };
    changed("a password of her own", &own, WRONG, (ADA, new, SIGNED_IN));
    changed("another's password", &put(json!({"password": new})), WRONG, (ADA, new, SIGNED_IN));
    let moved = put(json!({"email": "countess@example.org"}));
    changed("an address", &moved, WRONG, ("countess@example.org", PASSWORD, SIGNED_IN));
    changed("a ban", &put(json!({"ban_duration": "1h"})), "400 user_banned", (ADA, "wrong", WRONG));
    let editor = "User [authenticated moderator editor]";
    changed("a role", &roles(json!(["editor"])), editor, (ADA, PASSWORD, editor));
    let gone = |seat: &Seat, id: &str| admin(seat, &format!("DELETE /admin/users/{id}"), json!({}));
    changed("the end", &gone, WRONG, (ADA, PASSWORD, WRONG));
    let softly = |seat: &Seat, id: &str| {
        admin(seat, &format!("DELETE /admin/users/{id}"), json!({"should_soft_delete": true}));
    };
    changed("a soft end", &softly, WRONG, (ADA, PASSWORD, WRONG));
    // A ban that runs out, though its account was just looked at.
    let (seat, id, _) = with_ada(Backend::Sqlite);
    put(json!({"ban_duration": "1h"}))(&seat, &id);
    assert_eq!(ask(&seat, ADA, PASSWORD), "400 user_banned");
    seat.pass(3_600);
    assert_eq!(ask(&seat, ADA, PASSWORD), SIGNED_IN);
}

#[test]
fn what_changes_is_seen_on_other_nodes_that_follow() {
    for backend in [Backend::Postgres, Backend::Mysql] {
        let (one, id, _) = with_ada(backend);
        let other = one.node_with_own_keys();
        let mut followed = Followed::default();
        for node in [&one, &other] {
            assert_eq!(ask(node, ADA, PASSWORD), SIGNED_IN, "{backend:?}");
        }
        let mut after = |body: Value, expected: &str| {
            admin(&one, &format!("PUT /admin/users/{id}"), body.clone());
            RUNTIME.block_on(other.accounts.follow(&mut followed, other.now())).unwrap();
            assert_eq!(ask(&other, ADA, PASSWORD), expected, "{backend:?} {body}");
        };
        after(json!({"app_metadata": {"roles": ["moderator"]}}), "User [authenticated moderator]");
        after(json!({"ban_duration": "1h"}), "400 user_banned");
        after(json!({"ban_duration": "none"}), "User [authenticated moderator]");
        after(json!({"password": "a new kolibri"}), WRONG);
    }
}

#[test]
fn who_has_not_confirmed_the_address_is_told_so_if_they_know_the_password() {
    let seat = Seat::new(settings());
    assert_eq!(seat.ask("POST /signup", json!({"email": ADA, "password": PASSWORD}), None).status, 200);
    assert_eq!(ask(&seat, ADA, PASSWORD), "400 email_not_confirmed");
    assert_eq!(ask(&seat, ADA, "wrong"), WRONG);
    let (code, _) = seat.mail(ADA);
    let body = json!({"type": "signup", "email": ADA, "token": code});
    assert_eq!(seat.ask("POST /verify", body, None).status, 200);
    assert_eq!(ask(&seat, ADA, PASSWORD), SIGNED_IN);
}

#[test]
fn a_second_factor_is_not_proved_by_a_password() {
    let (seat, id, token) = with_ada(Backend::Sqlite);
    admin(&seat, &format!("PUT /admin/users/{id}"), json!({"app_metadata": {"roles": ["admin", "editor"]}}));
    assert_eq!(ask(&seat, ADA, PASSWORD), "User [authenticated admin moderator editor]");
    let device = Device::enrolled(&seat, &token, "phone");
    assert_eq!(device.proves(&seat, &token).status, 200);
    assert_eq!(ask(&seat, ADA, PASSWORD), "User [authenticated moderator editor]", "at once");
    let claims: Value = serde_json::from_str(&caller(&seat, HOME, ADA, PASSWORD).unwrap().claims).unwrap();
    assert_eq!((&claims["aal"], &claims["amr"][0]["method"]), (&json!("aal1"), &json!("password")));
}

#[test]
fn a_verified_password_is_not_hashed_again_for_five_minutes() {
    let seat = Seat::hashing(settings(), Cost { memory: 32 * 1_024, passes: 3 });
    seat.sign_up(ADA);
    let takes = || -> Duration {
        let began = Instant::now();
        assert_eq!(ask(&seat, ADA, PASSWORD), SIGNED_IN);
        began.elapsed()
    };
    // The quickest of a few, as the machine does other things too.
    let remembered = || (0..10).map(|_| takes()).min().unwrap();
    let mut hashed = takes();
    assert!(remembered() * 5 < hashed, "{:?} and {hashed:?}", remembered());
    seat.pass(299);
    assert!(remembered() * 5 < hashed);
    seat.pass(2);
    hashed = takes();
    assert!(remembered() * 5 < hashed, "it is hashed again, and remembered again");
}

#[test]
fn only_failures_count_and_those_of_a_sign_in_too() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, settings());
        seat.sign_up(ADA);
        for n in 0..30 {
            assert_eq!(from(&seat, STRANGER, ADA, PASSWORD), SIGNED_IN, "{backend:?} {n}");
        }
        let fail = |n: usize| match n % 2 {
            0 => from(&seat, STRANGER, ADA, "wrong"),
            _ => {
                let body = json!({"email": ADA, "password": "wrong"});
                seat.from(STRANGER, "POST /token?grant_type=password", &[], body).told()
            }
        };
        let told: Vec<_> = (0..12).map(fail).collect();
        assert_eq!(told.iter().filter(|told| *told == WRONG).count(), 10, "{backend:?} {told:?}");
        assert_eq!(from(&seat, STRANGER, ADA, PASSWORD), SIGNED_IN, "{backend:?}: it is remembered");
        assert_eq!(from(&seat, STRANGER, "eve@example.org", "guess"), WRONG, "{backend:?}");
        seat.accounts.keys.replace_keys(seat.keyring());
        assert_eq!(from(&seat, STRANGER, ADA, PASSWORD), "429 over_request_rate_limit", "{backend:?}");
        assert_eq!(from(&seat, HOME, ADA, PASSWORD), SIGNED_IN, "{backend:?}: from elsewhere");
        seat.pass(60);
        assert_eq!(from(&seat, STRANGER, ADA, PASSWORD), SIGNED_IN, "{backend:?}");
    }
}

#[test]
fn a_client_that_verified_once_is_not_locked_out_by_strangers() {
    let (seat, ..) = with_ada(Backend::Sqlite);
    let client = "203.0.113.7";
    assert_eq!(from(&seat, client, ADA, PASSWORD), SIGNED_IN);
    for n in 0..120 {
        from(&seat, &format!("198.51.100.{n}"), ADA, "wrong");
    }
    seat.accounts.keys.replace_keys(seat.keyring());
    assert_eq!(
        from(&seat, "203.0.113.8", ADA, PASSWORD),
        "429 over_request_rate_limit",
        "who was never here"
    );
    assert_eq!(from(&seat, client, ADA, PASSWORD), SIGNED_IN);
}

#[test]
fn many_at_once_are_all_let_in() {
    let rates = Rates { failed_sign_ins: "4/min".parse().unwrap(), ..Rates::default() };
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, Settings { rates, ..settings() });
        seat.sign_up(ADA);
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..24).map(|_| scope.spawn(|| ask(&seat, ADA, PASSWORD))).collect();
            for one in all {
                assert_eq!(one.join().unwrap(), SIGNED_IN, "{backend:?}");
            }
        });
    }
}

#[test]
fn the_log_has_the_first_success_and_every_failure() {
    let (seat, ..) = with_ada(Backend::Sqlite);
    let logged = || -> Vec<AuditEntry> {
        let all = RUNTIME.block_on(seat.accounts.data.find::<AuditEntry>(all().oldest("at"))).unwrap();
        all.into_iter().filter(|entry| entry.user_agent.as_deref() == Some("a SOAP client")).collect()
    };
    for _ in 0..5 {
        ask(&seat, ADA, PASSWORD);
    }
    ask(&seat, ADA, "a password that is wrong");
    ask(&seat, ADA, "a password that is wrong");
    let logged = logged();
    let told: Vec<_> = logged.iter().map(|entry| (entry.action.as_str(), entry.ip.as_deref())).collect();
    let failed = ("sign_in_failed", Some(HOME));
    assert_eq!(told, [("sign_in", Some(HOME)), failed, failed]);
    assert!(!format!("{logged:?}").contains("a password that is wrong"));
}

#[test]
fn other_surfaces_sign_in_as_the_endpoint_does() {
    let (seat, id, _) = with_ada(Backend::Sqlite);
    let sign_in = |email: &str, password: &str| {
        let visit = Visit::new(Some(STRANGER.parse().unwrap()), "a SOAP client", "test", seat.now());
        RUNTIME.block_on(token::with_password(&seat.accounts, &visit, email, password))
    };
    let issued = sign_in(ADA, PASSWORD).unwrap();
    assert_eq!((issued.expires_in, issued.expires_at), (3_600, seat.now() / 1_000_000 + 3_600));
    assert_eq!(Issued::TOKEN_TYPE, "bearer");
    let caller = seat.caller(&issued.access_token).unwrap();
    assert_eq!(
        (caller.id, caller.session),
        (Some(issued.account.id.into_bytes()), Some(issued.session.into_bytes()))
    );
    let refreshed = json!({ "refresh_token": issued.refresh_token });
    assert_eq!(seat.ask("POST /token?grant_type=refresh_token", refreshed, None).status, 200);
    let code = |email: &str, password: &str| sign_in(email, password).map(|_| ()).map_err(|p| p.code);
    admin(&seat, &format!("PUT /admin/users/{id}"), json!({"ban_duration": "1h"}));
    assert_eq!(code(ADA, PASSWORD), Err(Code::UserBanned));
    for n in 0..11 {
        let expected = if n < 10 { Code::InvalidCredentials } else { Code::OverRequestRate };
        assert_eq!(code(ADA, "wrong"), Err(expected), "{n}");
    }
}
