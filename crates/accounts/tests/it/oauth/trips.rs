//! Trips that end well.

use bistro_accounts::Settings;
use serde_json::{Value, json};

use super::way::{CHALLENGE, VERIFIER, Way, member, verified};
use crate::seat::{Backend, SITE, settings};

#[test]
fn somebody_new_gets_an_account_on_every_store() {
    for backend in Backend::ALL {
        let way = Way::on(backend, settings());
        let to = way.walk("", verified("Ada@Example.org"));
        assert!(to.starts_with(&format!("{SITE}#access_token=")), "{to}");
        let tokens = (member(&to, "provider_token"), member(&to, "provider_refresh_token"));
        assert_eq!(tokens, ("pa".to_owned(), "pr".to_owned()));
        let user = way.user_of(&to);
        assert_eq!(user.at("/email"), "ada@example.org");
        assert!(!user.at("/email_confirmed_at").is_empty());
        assert_eq!(user.at("/app_metadata/provider"), "idp");
        assert_eq!(user.body["app_metadata"].get("roles"), None);
        assert_eq!(user.at("/user_metadata/full_name"), "Ada");
        assert_eq!(user.body["identities"].as_array().map(Vec::len), Some(1), "{}", user.text);
        assert_eq!(user.at("/identities/0/identity_data/sub"), "ada");
        assert_eq!(user.at("/identities/0/identity_data/iss"), way.idp.address);
        let again = way.user_of(&way.walk("", verified("ada@example.org")));
        assert_eq!(again.at("/id"), user.at("/id"), "{backend:?}");
    }
}

#[test]
fn an_identity_stays_an_account_whatever_its_address_becomes() {
    let way = Way::new();
    let first = way.user_of(&way.walk("", verified("ada@example.org")));
    let moved = way.user_of(&way.walk("", verified("lovelace@example.org")));
    assert_eq!((moved.at("/id"), moved.at("/email")), (first.at("/id"), "ada@example.org"));
    assert_eq!(moved.at("/identities/0/email"), "lovelace@example.org");
    let mut other = verified("eve@example.org");
    other["sub"] = json!("eve");
    assert_ne!(way.user_of(&way.walk("", other)).at("/id"), first.at("/id"));
}

#[test]
fn somebody_without_an_address_has_an_account_too() {
    let way = Way::new();
    let user = way.user_of(&way.walk("", json!({"name": "Ada"})));
    assert_eq!((user.at("/email"), user.at("/user_metadata/name")), ("", "Ada"));
    assert_eq!(way.user_of(&way.walk("", json!({}))).at("/id"), user.at("/id"));
}

#[test]
fn the_code_is_exchanged_once_by_who_has_the_verifier() {
    let way = Way::new();
    let pkce = format!("&code_challenge={CHALLENGE}&code_challenge_method=s256");
    let to = way.walk(&pkce, verified("ada@example.org"));
    assert!(to.starts_with(&format!("{SITE}?code=")) && !to.contains('#'), "{to}");
    let session = way.exchange(&to, VERIFIER);
    assert_eq!((session.status, session.at("/provider_token")), (200, "pa"), "{}", session.text);
    assert_eq!((session.at("/provider_refresh_token"), session.at("/user/email")), ("pr", "ada@example.org"));
    assert_eq!(way.exchange(&to, VERIFIER).told(), "404 flow_state_not_found");
    let to = way.walk(&pkce, verified("ada@example.org"));
    assert_eq!(way.exchange(&to, CHALLENGE).told(), "400 bad_code_verifier");
    assert_eq!(way.exchange(&to, VERIFIER).told(), "404 flow_state_not_found");
    let to = way.walk(&pkce, verified("ada@example.org"));
    way.seat.pass(300);
    assert_eq!(way.exchange(&to, VERIFIER).told(), "422 flow_state_expired");
}

#[test]
fn the_browser_ends_where_it_is_allowed_to() {
    let way = Way::new();
    let check = |redirect_to: &str, expected: &str| {
        let to = way.walk(&format!("&redirect_to={redirect_to}"), verified("ada@example.org"));
        assert!(to.starts_with(expected), "{redirect_to}: {to}");
    };
    check("https%3A%2F%2Fother.example.org%2Fback", "https://other.example.org/back#access_token=");
    check("https%3A%2F%2Fapp.example.org%2Fx%3Fy%3D1", "https://app.example.org/x?y=1#access_token=");
    check("https%3A%2F%2Fevil.example", &format!("{SITE}#access_token="));
}

#[test]
fn several_tabs_are_under_way_at_once() {
    let way = Way::new();
    let first = way.set_out("");
    let reply = way.browse("GET /authorize?provider=idp", &[("cookie", &first.cookie)]);
    let second = way.on_board(&reply);
    assert_eq!(first.cookie, second.cookie);
    assert_ne!(first.state, second.state);
    for trip in [first, second] {
        way.says(&trip, verified("ada@example.org"));
        way.user_of(&way.come_back(&trip));
    }
}

#[test]
fn a_provider_may_post_its_answer() {
    let way = Way::new();
    let trip = way.set_out("");
    way.says(&trip, verified("ada@example.org"));
    let form = Value::String(format!("code=c&state={}", trip.state));
    let headers = [("cookie", trip.cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let reply = way.seat.call("POST /callback", &headers, form);
    way.user_of(reply.header("location"));
}

#[test]
fn what_a_provider_says_gives_no_rights() {
    let way = Way::new();
    let mut claims = verified("ada@example.org");
    claims["roles"] = json!(["admin"]);
    claims["app_metadata"] = json!({"roles": ["admin"]});
    claims["karma"] = json!(9);
    let to = way.walk("", claims);
    let caller = way.seat.caller(&member(&to, "access_token")).expect("it is a session");
    assert!(!caller.roles.passes_rules());
    assert_eq!(way.user_of(&to).body["app_metadata"], json!({"provider": "idp", "providers": ["idp"]}));
}

#[test]
fn head_begins_and_ends_nothing() {
    let way = Way::new();
    let begun = way.browse("HEAD /authorize?provider=idp", &[]);
    assert_eq!((begun.status, begun.header("location")), (200, ""));
    let trip = way.set_out("");
    way.says(&trip, verified("ada@example.org"));
    let looked =
        way.browse(&format!("HEAD /callback?code=c&state={}", trip.state), &[("cookie", &trip.cookie)]);
    assert_eq!((looked.status, looked.header("location")), (200, ""));
    way.user_of(&way.come_back(&trip));
}

#[test]
fn settings_list_the_providers() {
    let way = Way::new();
    let settings = way.seat.ask("GET /settings", Value::Null, None);
    assert_eq!(settings.body["external"]["idp"], json!(true));
}

#[test]
fn regress_a_browser_that_calls_this_machine_localhost_brings_its_cookie_back() {
    let way = Way::by(Settings { public_url: "http://127.0.0.1:4000".into(), dev: true, ..settings() });
    let check = |query: &str, host: &str, moved: bool| {
        let reply = way.browse(&format!("GET /authorize?provider=idp{query}"), &[("host", host)]);
        let to = reply.header("location");
        let here = "http://127.0.0.1:4000/auth/v1/authorize?provider=idp";
        assert_eq!((reply.status, to.starts_with(here)), (302, moved), "{host} {to}");
        assert_eq!(reply.header("set-cookie").is_empty(), moved, "{host}");
        if !moved {
            assert!(
                reply.header("set-cookie").ends_with("; HttpOnly; SameSite=Lax") && !to.contains("moved")
            );
        }
    };
    check("", "localhost:4000", true);
    check("&moved=1", "localhost:4000", false);
    check("", "127.0.0.1:4000", false);
    check("", "evil.example", false);
}
