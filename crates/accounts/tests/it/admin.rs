//! What administrators do to the accounts of others, and who may.

use serde_json::{Value, json};

use crate::seat::{Backend, PASSWORD, RUNTIME, SCHEMA, Seat, settings};

use bistro_accounts::Settings;
use bistro_accounts::data::is;
use bistro_accounts::data::records::Account;
use bistro_password::{Cost, Hasher, Password};

fn seat() -> Seat {
    Seat::new(Settings { confirm_email: false, ..settings() })
}

fn make(seat: &Seat, body: Value) -> String {
    let made = seat.admin("POST /admin/users", body);
    assert_eq!(made.status, 200, "{}", made.text);
    made.at("/id").to_owned()
}

#[test]
fn only_the_secret_key_and_administrators_may() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let token = person.at("/access_token");
    let id = person.at("/user/id").to_owned();
    let lines = [
        "GET /admin/users".to_owned(),
        "POST /admin/users".to_owned(),
        format!("GET /admin/users/{id}"),
        format!("PUT /admin/users/{id}"),
        format!("DELETE /admin/users/{id}"),
        "POST /admin/generate_link".to_owned(),
        "GET /admin/audit".to_owned(),
        "POST /invite".to_owned(),
    ];
    for line in &lines {
        assert_eq!(seat.ask(line, json!({}), None).told(), "403 not_admin", "{line}");
        assert_eq!(seat.ask(line, json!({}), Some(token)).told(), "403 not_admin", "{line}");
        assert_eq!(seat.call(line, &[], json!({})).status, 401, "{line}");
    }
    // An administrator is one from the next request on, and no longer than that.
    let roles = |roles: Value| {
        let reply = seat.admin(&format!("PUT /admin/users/{id}"), json!({"app_metadata": {"roles": roles}}));
        assert_eq!(reply.status, 200, "{}", reply.text);
    };
    roles(json!(["admin"]));
    assert_eq!(seat.ask("GET /admin/users", Value::Null, Some(token)).status, 200);
    roles(json!(["editor"]));
    assert_eq!(seat.ask("GET /admin/users", Value::Null, Some(token)).told(), "403 not_admin");
    roles(json!(null));
    assert!(seat.caller(token).is_ok());
}

#[test]
fn accounts_are_made_as_they_are_said_to_be() {
    let seat = seat();
    let check = |body: Value, expected: &str| {
        let reply = seat.admin("POST /admin/users", body.clone());
        assert_eq!(reply.told(), expected, "{body} {}", reply.text);
    };
    check(json!({"email": "a@example.org", "password": PASSWORD, "email_confirm": true}), "200");
    check(json!({"email": "A@example.org"}), "422 email_exists");
    check(json!({}), "400 validation_failed");
    check(json!({"email": "b@example.org", "password": "short"}), "422 weak_password");
    check(
        json!({"email": "b@example.org", "password": PASSWORD, "password_hash": "x"}),
        "400 validation_failed",
    );
    check(json!({"email": "b@example.org", "password_hash": "plain text"}), "400 validation_failed");
    check(json!({"email": "b@example.org", "app_metadata": {"roles": ["king"]}}), "400 validation_failed");
    check(json!({"email": "b@example.org", "app_metadata": {"roles": "admin"}}), "400 validation_failed");
    check(json!({"email": "b@example.org", "ban_duration": "soon"}), "400 validation_failed");
    check(json!({"email": "b@example.org", "id": "seven"}), "400 validation_failed");
    check(json!({"phone": "+491701234567"}), "422 phone_provider_disabled");
    let id = "0192aaaa-0000-7000-8000-000000000001";
    let body = json!({"id": id, "email": "c@example.org", "user_metadata": {"name": "Cy"}, "app_metadata": {"roles": ["moderator"], "plan": "free"}});
    assert_eq!(make(&seat, body), id);
    check(json!({"id": id, "email": "d@example.org"}), "422 user_already_exists");
    let found = seat.admin(&format!("GET /admin/users/{id}"), Value::Null);
    assert_eq!(
        (found.at("/user_metadata/name"), found.at("/app_metadata/plan")),
        ("Cy", "free"),
        "{}",
        found.text
    );
    assert_eq!(found.body["app_metadata"]["roles"], json!(["moderator"]));
    assert_eq!(seat.admin("GET /admin/users/nobody", Value::Null).told(), "404 validation_failed");
    let unknown = "GET /admin/users/0192aaaa-0000-7000-8000-00000000ffff";
    assert_eq!(seat.admin(unknown, Value::Null).told(), "404 user_not_found");
}

#[test]
fn hashes_of_other_systems_sign_in_and_are_made_anew() {
    let seat = seat();
    let other = Hasher::new(Cost { memory: 128, passes: 1 }, 1, 1).unwrap();
    let hash = RUNTIME.block_on(other.hash(Password::of(PASSWORD).unwrap())).unwrap();
    let id = make(&seat, json!({"email": "a@example.org", "password_hash": hash, "email_confirm": true}));
    let sign_in = |password: &str| {
        let body = json!({"email": "a@example.org", "password": password});
        seat.ask("POST /token?grant_type=password", body, None).told()
    };
    let stored = || {
        let found = seat.accounts.data.one::<Account>(is("id", id.parse::<uuid::Uuid>().unwrap()));
        RUNTIME.block_on(found).unwrap().unwrap().password.unwrap()
    };
    assert_eq!(
        (sign_in("der zaun ist blau"), stored() == hash),
        ("400 invalid_credentials".to_owned(), true)
    );
    assert_eq!(sign_in(PASSWORD), "200");
    assert!(stored().contains("m=64,t=1"), "{}", stored());
    assert_eq!(sign_in(PASSWORD), "200");
}

#[test]
fn a_ban_acts_at_once_and_ends_by_itself() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let (id, token) = (person.at("/user/id").to_owned(), person.at("/access_token").to_owned());
    let sign_in = || {
        let body = json!({"email": "ada@example.org", "password": PASSWORD});
        seat.ask("POST /token?grant_type=password", body, None).told()
    };
    let ban = |duration: &str| {
        let reply = seat.admin(&format!("PUT /admin/users/{id}"), json!({"ban_duration": duration}));
        assert_eq!(reply.status, 200, "{}", reply.text);
    };
    assert!(seat.caller(&token).is_ok());
    ban("1h");
    assert!(seat.caller(&token).is_err());
    assert_eq!(sign_in(), "400 user_banned");
    let refresh = json!({"refresh_token": person.at("/refresh_token")});
    assert_eq!(seat.ask("POST /token?grant_type=refresh_token", refresh, None).told(), "400 user_banned");
    ban("none");
    assert_eq!(sign_in(), "200");
    ban("30m");
    seat.pass(1_801);
    assert_eq!(sign_in(), "200");
    // Whoever had a session before comes back by signing in alone.
    assert!(seat.caller(&token).is_err());
    assert_eq!(seat.ask("GET /user", json!({}), Some(&token)).told(), "403 session_not_found");
    let refresh = json!({"refresh_token": person.at("/refresh_token")});
    assert_eq!(seat.ask("POST /token?grant_type=refresh_token", refresh, None).told(), "400 session_expired");
}

#[test]
fn what_administrators_change_counts_at_once() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let (id, token) = (person.at("/user/id").to_owned(), person.at("/access_token").to_owned());
    let put = |body: Value| seat.admin(&format!("PUT /admin/users/{id}"), body);
    let reply = put(json!({"email": "Grace@example.org", "user_metadata": {"name": "Grace", "x": 1}}));
    assert_eq!(
        (reply.at("/email"), reply.at("/user_metadata/name")),
        ("grace@example.org", "Grace"),
        "{}",
        reply.text
    );
    assert_eq!(put(json!({"user_metadata": {"x": null}})).body["user_metadata"].get("x"), None);
    assert!(seat.caller(&token).is_ok());
    assert_eq!(put(json!({"password": "der zaun ist blau"})).status, 200);
    assert!(seat.caller(&token).is_err(), "another password ends the sessions");
    let body = json!({"email": "grace@example.org", "password": "der zaun ist blau"});
    let again = seat.ask("POST /token?grant_type=password", body.clone(), None);
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(seat.admin(&format!("DELETE /admin/users/{id}"), json!({})).status, 200);
    assert!(seat.caller(again.at("/access_token")).is_err());
    assert_eq!(seat.ask("POST /token?grant_type=password", body, None).told(), "400 invalid_credentials");
    assert_eq!(seat.admin(&format!("DELETE /admin/users/{id}"), json!({})).told(), "404 user_not_found");
    let other = make(&seat, json!({"email": "eve@example.org", "password": PASSWORD, "email_confirm": true}));
    let softly = json!({"should_soft_delete": true});
    assert_eq!(seat.admin(&format!("DELETE /admin/users/{other}"), softly).status, 200);
    let body = json!({"email": "eve@example.org", "password": PASSWORD});
    assert_eq!(seat.ask("POST /token?grant_type=password", body, None).told(), "400 invalid_credentials");
    make(&seat, json!({"email": "eve@example.org"}));
}

#[test]
fn lists_come_in_pages_that_clients_read() {
    let seat = seat();
    for n in 0..7 {
        make(&seat, json!({"email": format!("p{n}@example.org")}));
        seat.pass(1);
    }
    let page = |query: &str| seat.admin(&format!("GET /admin/users{query}"), Value::Null);
    let first = page("?page=1&per_page=3");
    let emails: Vec<&str> =
        first.body["users"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap()).collect();
    assert_eq!(emails, ["p6@example.org", "p5@example.org", "p4@example.org"]);
    assert_eq!(first.header("x-total-count"), "7");
    let links =
        "</admin/users?page=2&per_page=3>; rel=\"next\", </admin/users?page=3&per_page=3>; rel=\"last\"";
    assert_eq!(first.header("link"), links);
    let last = page("?page=3&per_page=3");
    assert_eq!(last.body["users"].as_array().unwrap().len(), 1);
    assert_eq!(last.header("link"), "</admin/users?page=3&per_page=3>; rel=\"last\"");
    assert_eq!(page("").body["users"].as_array().unwrap().len(), 7);
    assert_eq!(page("?page=9").body["users"].as_array().unwrap().len(), 0);
    assert_eq!(page("?page=x").told(), "400 validation_failed");
    assert_eq!(page("?per_page=5000").told(), "400 validation_failed");
}

#[test]
fn invitations_and_links_lead_in() {
    let seat = Seat::new(settings());
    let invited = seat.admin("POST /invite", json!({"email": "new@example.org", "data": {"name": "New"}}));
    assert!(!invited.at("/invited_at").is_empty(), "{}", invited.text);
    let (code, _) = seat.mail("new@example.org");
    let accept = json!({"type": "invite", "email": "new@example.org", "token": code});
    let session = seat.ask("POST /verify", accept, None);
    assert_eq!((session.status, session.at("/user/user_metadata/name")), (200, "New"), "{}", session.text);
    assert_eq!(seat.admin("POST /invite", json!({"email": "new@example.org"})).told(), "422 email_exists");
    let mails = seat.mails.all().len();
    let check = |body: Value, expected: &str| {
        let reply = seat.admin("POST /admin/generate_link", body.clone());
        assert_eq!(reply.told(), expected, "{body} {}", reply.text);
        reply
    };
    for kind in ["magiclink", "recovery"] {
        let link = check(json!({"type": kind, "email": "new@example.org"}), "200");
        assert_eq!((link.at("/verification_type"), link.at("/email")), (kind, "new@example.org"));
        let shown = json!({"type": kind, "token_hash": link.at("/hashed_token")});
        assert_eq!(seat.ask("POST /verify", shown.clone(), None).status, 200, "{kind}");
        assert_eq!(seat.ask("POST /verify", shown, None).told(), "403 otp_expired", "{kind}");
    }
    let signup = json!({"type": "signup", "email": "other@example.org", "password": PASSWORD});
    let link = check(signup, "200");
    assert!(link.at("/action_link").starts_with("https://api.example.org/auth/v1/verify?token="));
    assert_eq!(seat.mails.all().len(), mails, "links are not mailed");
    check(json!({"type": "recovery", "email": "nobody@example.org"}), "404 user_not_found");
    check(json!({"type": "signup", "email": "third@example.org"}), "400 validation_failed");
    check(json!({"type": "email_change_new", "email": "new@example.org"}), "400 validation_failed");
    check(json!({"type": "wave", "email": "new@example.org"}), "400 validation_failed");
}

#[test]
fn every_act_is_in_the_log() {
    let seat = seat();
    let id = make(&seat, json!({"email": "ada@example.org", "password": PASSWORD, "email_confirm": true}));
    let body = json!({"email": "ada@example.org", "password": "a wrong password"});
    seat.ask("POST /token?grant_type=password", body, None);
    seat.ask(
        "POST /token?grant_type=password",
        json!({"email": "ada@example.org", "password": PASSWORD}),
        None,
    );
    seat.admin(&format!("PUT /admin/users/{id}"), json!({"app_metadata": {"roles": ["editor"]}}));
    seat.admin(&format!("DELETE /admin/users/{id}"), json!({}));
    let log = seat.admin("GET /admin/audit?per_page=10", Value::Null);
    let entries = log.body["entries"].as_array().unwrap();
    let told: Vec<String> = entries
        .iter()
        .map(|e| {
            format!(
                "{} {} {}",
                e["action"].as_str().unwrap(),
                e["actor_kind"].as_str().unwrap(),
                e["ip_address"].as_str().unwrap_or("nowhere")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "user_deleted service 192.0.2.1",
            // Its row went first, and the account with it.
            "user_updated service 192.0.2.1",
            "sign_in user 192.0.2.1",
            "sign_in_failed anonymous 192.0.2.1",
            "user_created service 192.0.2.1",
        ]
    );
    assert!(!log.text.contains("wrong password"), "what was typed for a password is not there");
    let of_user = seat.admin(&format!("GET /admin/audit?user={id}&action=sign_in"), Value::Null);
    assert_eq!(of_user.header("x-total-count"), "1");
}

#[test]
fn regress_the_log_says_who_changed_an_address() {
    let seat = seat();
    let id = make(&seat, json!({"email": "ada@example.org", "email_confirm": true}));
    seat.admin(&format!("PUT /admin/users/{id}"), json!({"email": "grace@example.org"}));
    let log = seat.admin(&format!("GET /admin/audit?user={id}&action=email_changed"), Value::Null);
    assert_eq!(log.at("/entries/0/actor_kind"), "service", "{}", log.text);
}

#[test]
fn regress_pages_of_the_log_stay_narrowed() {
    let seat = seat();
    let id = make(&seat, json!({"email": "ada@example.org"}));
    for plan in ["free", "paid"] {
        seat.admin(&format!("PUT /admin/users/{id}"), json!({"app_metadata": {"plan": plan}}));
    }
    let query = format!("GET /admin/audit?per_page=1&user={id}&action=user_updated");
    let link = seat.admin(&query, Value::Null).header("link").to_owned();
    let next = format!("</admin/audit?page=2&per_page=1&user={id}&action=user_updated>; rel=\"next\"");
    assert!(link.starts_with(&next), "{link}");
}

/// A password that a stranger chose.
const STRANGE: &str = "der zaun ist blau und lang";

fn signs_in(seat: &Seat, password: &str) -> String {
    let body = json!({"email": "ada@example.org", "password": password});
    seat.ask("POST /token?grant_type=password", body, None).told()
}

#[test]
fn regress_a_link_of_a_sign_up_keeps_nothing_of_who_came_before() {
    let seat = Seat::new(settings());
    let body = json!({"email": "ada@example.org", "password": STRANGE});
    assert_eq!(seat.ask("POST /signup", body, None).status, 200);
    let link = |password: Value| {
        let body = json!({"type": "signup", "email": "ada@example.org", "password": password});
        seat.admin("POST /admin/generate_link", body)
    };
    assert_eq!(link(Value::Null).told(), "400 validation_failed");
    let made = link(json!(PASSWORD));
    let shown = json!({"type": "signup", "token_hash": made.at("/hashed_token")});
    assert_eq!(seat.ask("POST /verify", shown, None).status, 200);
    assert_eq!(signs_in(&seat, STRANGE), "400 invalid_credentials");
    assert_eq!(signs_in(&seat, PASSWORD), "200");
}

#[test]
fn regress_who_signs_up_last_does_not_choose_for_who_confirms() {
    // The passwords of sign-ups before the address is confirmed, and the one that holds then.
    let cases: [(&[&str], Option<&str>); 4] = [
        (&[PASSWORD], Some(PASSWORD)),
        (&[PASSWORD, PASSWORD], Some(PASSWORD)),
        (&[PASSWORD, STRANGE], None),
        (&[STRANGE, PASSWORD, PASSWORD], None),
    ];
    for (passwords, holds) in cases {
        let seat = Seat::new(settings());
        for password in passwords {
            let body = json!({"email": "ada@example.org", "password": password});
            assert_eq!(seat.ask("POST /signup", body, None).status, 200);
            seat.pass(61);
        }
        let (code, _) = seat.mail("ada@example.org");
        let body = json!({"type": "signup", "email": "ada@example.org", "token": code});
        let session = seat.ask("POST /verify", body, None);
        assert_eq!(session.status, 200, "{}", session.text);
        for password in [PASSWORD, STRANGE] {
            let expected = if holds == Some(password) { "200" } else { "400 invalid_credentials" };
            assert_eq!(signs_in(&seat, password), expected, "{passwords:?} {password}");
        }
        let chosen = json!({"password": "der regen war warm"});
        assert_eq!(seat.ask("PUT /user", chosen, Some(session.at("/access_token"))).status, 200);
    }
}

#[test]
fn regress_a_soft_deletion_frees_the_address_and_hides_the_account() {
    for address in ["email: Email! @unique", "email: Email @unique", "email: Email"] {
        let schema = format!("type User @account @allow(to: [READ]) {{ id: ID! {address} }}");
        let seat = Seat::on(Backend::Sqlite, &schema, Settings { confirm_email: false, ..settings() });
        let id = make(&seat, json!({"email": "eve@example.org", "email_confirm": true}));
        let line = format!("DELETE /admin/users/{id}");
        assert_eq!(seat.admin(&line, json!({"should_soft_delete": true})).status, 200, "{address}");
        make(&seat, json!({"email": "eve@example.org"}));
        for line in [format!("GET /admin/users/{id}"), format!("PUT /admin/users/{id}")] {
            assert_eq!(seat.admin(&line, json!({})).told(), "404 user_not_found", "{address} {line}");
        }
        assert_eq!(seat.admin("GET /admin/users", Value::Null).header("x-total-count"), "1");
        assert_eq!(seat.admin(&line, json!({"should_soft_delete": true})).told(), "404 user_not_found");
        assert_eq!(seat.admin(&line, json!({})).status, 200, "for good");
    }
}

#[test]
fn regress_a_deletion_is_noted_once_by_who_did_it() {
    let seat = seat();
    let admin = seat.sign_up("admin@example.org");
    let line = format!("PUT /admin/users/{}", admin.at("/user/id"));
    assert_eq!(seat.admin(&line, json!({"app_metadata": {"roles": ["admin"]}})).status, 200);
    for body in [json!({}), json!({"should_soft_delete": true})] {
        for token in [None, Some(admin.at("/access_token"))] {
            let id = make(&seat, json!({"email": "ada@example.org"}));
            let line = format!("DELETE /admin/users/{id}");
            let gone = match token {
                None => seat.admin(&line, body.clone()),
                Some(token) => seat.ask(&line, body.clone(), Some(token)),
            };
            assert_eq!(gone.status, 200, "{}", gone.text);
            let log = seat.admin(&format!("GET /admin/audit?user={id}&action=user_deleted"), Value::Null);
            assert_eq!(log.header("x-total-count"), "1", "{}", log.text);
            let expected = if token.is_some() { "user" } else { "service" };
            assert_eq!(log.at("/entries/0/actor_kind"), expected, "{}", log.text);
        }
    }
}

#[test]
fn accounts_are_found_by_a_part_of_the_address() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, Settings { confirm_email: false, ..settings() });
        for email in ["ada@example.org", "grace@navy.example", "a_b%c@example.org"] {
            make(&seat, json!({"email": email}));
        }
        let cases = [
            ("filter=example.org", "2"),
            ("filter=GRACE", "1"),
            ("filter=%25", "1"),
            ("filter=_b", "1"),
            ("filter=%5C", "0"),
            ("filter=nobody", "0"),
            ("filter=", "3"),
        ];
        for (query, total) in cases {
            let found = seat.admin(&format!("GET /admin/users?{query}"), Value::Null);
            assert_eq!(found.header("x-total-count"), total, "{backend:?} {query}: {}", found.text);
        }
        let first = seat.admin("GET /admin/users?filter=example.org&per_page=1", Value::Null);
        let next = "</admin/users?page=2&per_page=1&filter=example.org>; rel=\"next\"";
        assert!(first.header("link").starts_with(next), "{}", first.header("link"));
        let long = format!("GET /admin/users?filter={}", "x".repeat(400));
        assert_eq!(seat.admin(&long, Value::Null).told(), "400 validation_failed");
    }
}

#[test]
fn regress_a_code_is_typed_within_ten_minutes_and_its_link_holds_longer() {
    for (after, code, link) in
        [(599, "200", "200"), (601, "403 otp_expired", "200"), (3_601, "403 otp_expired", "403 otp_expired")]
    {
        let answers = |by_link: bool| {
            let seat = Seat::new(settings());
            let body = json!({"email": "ada@example.org", "password": PASSWORD});
            assert_eq!(seat.ask("POST /signup", body, None).status, 200);
            let (code, link) = seat.mail("ada@example.org");
            let hash = link.split("token=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
            seat.pass(after);
            let shown = match by_link {
                true => json!({"type": "signup", "token_hash": hash}),
                false => json!({"type": "signup", "email": "ada@example.org", "token": code}),
            };
            seat.ask("POST /verify", shown, None).told()
        };
        assert_eq!((answers(false).as_str(), answers(true).as_str()), (code, link), "after {after} s");
    }
}
