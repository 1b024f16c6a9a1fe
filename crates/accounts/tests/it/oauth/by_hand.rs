//! Identities that somebody who is signed in adds and removes.

use bistro_accounts::Settings;
use serde_json::{Value, json};

use super::way::{CHALLENGE, Trip, VERIFIER, Way, member, verified};
use crate::seat::{Backend, SITE, settings};

const EVE: &str = "eve@example.org";

/// Asks where to go to add an identity.
fn ticket(way: &Way, more: &str, token: &str) -> String {
    let line = format!("GET /user/identities/authorize?provider=idp&skip_http_redirect=true{more}");
    let reply = way.seat.ask(&line, Value::Null, Some(token));
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.at("/url").strip_prefix("https://api.example.org").expect("it is ours").to_owned()
}

/// Goes there from a page of the application.
fn board(way: &Way, url: &str) -> Trip {
    way.on_board(&way.browse(&format!("GET {url}"), &[("referer", &format!("{SITE}/settings"))]))
}

fn identities(way: &Way, token: &str) -> usize {
    way.user(token).body["identities"].as_array().map_or(0, Vec::len)
}

#[test]
fn an_identity_is_added_and_removed_on_every_store() {
    for backend in Backend::ALL {
        let way = Way::on(backend, settings());
        let eve = way.seat.sign_up(EVE);
        let token = eve.at("/access_token");
        let trip = board(&way, &ticket(&way, "", token));
        way.says(&trip, verified("ada@example.org"));
        let linked = way.user_of(&way.come_back(&trip));
        assert_eq!((linked.at("/id"), linked.at("/email")), (eve.at("/user/id"), EVE), "{backend:?}");
        assert_eq!(linked.body["app_metadata"]["providers"], json!(["email", "idp"]));
        assert_eq!(way.user_of(&way.walk("", verified("x@example.org"))).at("/id"), eve.at("/user/id"));
        let id = linked.at("/identities/1/identity_id");
        assert_eq!(
            way.seat.ask(&format!("DELETE /user/identities/{id}"), Value::Null, Some(token)).status,
            200
        );
        assert_eq!(identities(&way, token), 1);
        let last = linked.at("/identities/0/identity_id");
        let reply = way.seat.ask(&format!("DELETE /user/identities/{last}"), Value::Null, Some(token));
        assert_eq!(reply.told(), "422 single_identity_not_deletable");
    }
}

#[test]
fn with_a_proof_key_an_identity_is_added_when_the_code_is_exchanged() {
    let way = Way::new();
    let eve = way.seat.sign_up(EVE);
    let token = eve.at("/access_token");
    let pkce = format!("&code_challenge={CHALLENGE}&code_challenge_method=s256");
    // A stranger's browser is led there: it has no verifier, and nothing is added.
    let trip = way.on_board(&way.browse(&format!("GET {}", ticket(&way, &pkce, token)), &[]));
    way.says(&trip, verified("ada@example.org"));
    let to = way.come_back(&trip);
    assert!(to.starts_with(&format!("{SITE}?code=")), "{to}");
    assert_eq!(way.exchange(&to, CHALLENGE).told(), "400 bad_code_verifier");
    assert_eq!(identities(&way, token), 1);
    let trip = board(&way, &ticket(&way, &pkce, token));
    way.says(&trip, verified("ada@example.org"));
    let session = way.exchange(&way.come_back(&trip), VERIFIER);
    assert_eq!((session.status, session.at("/user/id")), (200, eve.at("/user/id")), "{}", session.text);
    assert_eq!(identities(&way, token), 2);
}

#[test]
fn nobody_is_led_into_adding_an_identity_to_another_account() {
    let way = Way::new();
    let eve = way.seat.sign_up(EVE);
    let refused = |headers: &[(&str, &str)]| {
        let url = ticket(&way, "", eve.at("/access_token"));
        let reply = way.browse(&format!("GET {url}"), headers);
        assert_eq!(reply.told(), "400 bad_oauth_state", "{headers:?} {}", reply.text);
    };
    refused(&[]);
    refused(&[("referer", "https://evil.example/")]);
    refused(&[("referer", "https://app.example.org.evil.example/")]);
    refused(&[("referer", "https://other.example.org/")]);
    // Of a page on another host, browsers tell the host alone.
    let url = ticket(&way, "&redirect_to=https%3A%2F%2Fother.example.org%2Fback", eve.at("/access_token"));
    way.on_board(&way.browse(&format!("GET {url}"), &[("referer", "https://other.example.org/")]));
}

#[test]
fn a_ticket_is_used_once_and_in_time() {
    let way = Way::new();
    let eve = way.seat.sign_up(EVE);
    let url = ticket(&way, "", eve.at("/access_token"));
    let from = [("referer", SITE)];
    // Before a browser has come with the ticket, its trip cannot end.
    let state = member(&url, "ticket");
    let reply = way.browse(&format!("GET /callback?code=c&state={state}"), &[]);
    assert_eq!(member(reply.header("location"), "error_code"), "bad_oauth_state");
    board(&way, &url);
    assert_eq!(way.browse(&format!("GET {url}"), &from).told(), "400 bad_oauth_state");
    let url = ticket(&way, "", eve.at("/access_token"));
    way.seat.pass(600);
    assert_eq!(way.browse(&format!("GET {url}"), &from).told(), "400 bad_oauth_state");
    assert_eq!(way.browse("GET /authorize?ticket=x", &from).told(), "400 bad_oauth_state");
}

#[test]
fn an_identity_belongs_to_one_account() {
    let way = Way::new();
    way.walk("", verified("ada@example.org"));
    let eve = way.seat.sign_up(EVE);
    let trip = board(&way, &ticket(&way, "", eve.at("/access_token")));
    way.says(&trip, verified("ada@example.org"));
    let to = way.come_back(&trip);
    assert_eq!(member(&to, "error_code"), "identity_already_exists", "{to}");
    assert_eq!(identities(&way, eve.at("/access_token")), 1);
}

#[test]
fn identities_are_removed_by_their_owner_alone() {
    let way = Way::new();
    let to = way.walk("", verified("ada@example.org"));
    let ada = way.user_of(&to);
    let eve = way.seat.sign_up(EVE);
    let id = ada.at("/identities/0/identity_id");
    for path in [id, "nonsense", "01920000-0000-7000-8000-000000000000"] {
        let line = format!("DELETE /user/identities/{path}");
        let reply = way.seat.ask(&line, Value::Null, Some(eve.at("/access_token")));
        assert_eq!(reply.told(), "422 identity_not_found", "{path}");
    }
    let line = format!("DELETE /user/identities/{id}");
    assert_eq!(way.seat.ask(&line, Value::Null, None).told(), "401 no_authorization");
}

#[test]
fn without_its_own_address_an_account_has_no_password() {
    let way = Way::new();
    let eve = way.seat.sign_up(EVE);
    let token = eve.at("/access_token");
    let trip = board(&way, &ticket(&way, "", token));
    way.says(&trip, verified("ada@example.org"));
    let linked = way.user_of(&way.come_back(&trip));
    let id = linked.at("/identities/0/identity_id");
    assert_eq!(way.seat.ask(&format!("DELETE /user/identities/{id}"), Value::Null, Some(token)).status, 200);
    assert_eq!(way.user(token).at("/email"), "ada@example.org");
    for email in [EVE, "ada@example.org"] {
        let body = json!({"email": email, "password": crate::seat::PASSWORD});
        let reply = way.seat.ask("POST /token?grant_type=password", body, None);
        assert_eq!(reply.told(), "400 invalid_credentials", "{email}");
    }
}

#[test]
fn linking_by_hand_is_off_unless_it_is_on() {
    let way = Way::new();
    let off = Settings { manual_linking: false, ..way.seat.accounts.settings.clone() };
    let seat = crate::seat::Seat::new(off);
    let eve = seat.sign_up(EVE);
    let token = Some(eve.at("/access_token"));
    for line in ["GET /user/identities/authorize?provider=idp", "DELETE /user/identities/x"] {
        assert_eq!(seat.ask(line, Value::Null, token).told(), "404 manual_linking_disabled", "{line}");
    }
}

#[test]
fn an_anonymous_account_becomes_one_like_others() {
    let way = Way::by(Settings { anonymous: true, ..settings() });
    let guest = way.seat.ask("POST /signup", json!({}), None);
    assert_eq!(guest.status, 200, "{}", guest.text);
    let trip = board(&way, &ticket(&way, "", guest.at("/access_token")));
    way.says(&trip, verified("ada@example.org"));
    let user = way.user_of(&way.come_back(&trip));
    assert_eq!((user.at("/id"), user.at("/email")), (guest.at("/user/id"), "ada@example.org"));
    assert_eq!(user.body["is_anonymous"], json!(false));
}
