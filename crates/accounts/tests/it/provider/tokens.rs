//! Codes, tokens, and what they are good for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::application::{Application, BACK, VERIFIER, claims, post, seat};
use crate::mfa::Device;
use crate::seat::{Backend, SCHEMA, Seat, URL, settings};

use bistro_accounts::Settings;

#[test]
fn a_code_becomes_tokens_on_every_store() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, Settings { confirm_email: false, ..settings() });
        let person = seat.sign_up("ada@example.org");
        let application = Application::new(&seat);
        let tokens = application.tokens(&seat, person.at("/access_token"), &[]);
        assert_eq!(
            (tokens.at("/token_type"), tokens.at("/scope")),
            ("Bearer", "openid email offline_access")
        );
        assert_eq!(tokens.header("cache-control"), "no-store");
        let access = claims(tokens.at("/access_token"));
        assert_eq!((&access["client_id"], &access["scope"]), (&json!(application.id), &tokens.body["scope"]));
        let id = claims(tokens.at("/id_token"));
        assert_eq!((&id["iss"], &id["aud"]), (&json!(format!("{URL}/auth/v1")), &json!(application.id)));
        assert_eq!((&id["sub"], &id["nonce"]), (&person.body["user"]["id"], &json!("n1")), "{backend:?}");
        assert_eq!((&id["email"], id.get("role")), (&json!("ada@example.org"), None));
        let members = [("grant_type", "refresh_token"), ("refresh_token", tokens.at("/refresh_token"))];
        let next = application.posts(&seat, "/oauth/token", &members);
        assert_eq!(next.status, 200, "{backend:?} {}", next.text);
        assert_ne!(next.at("/refresh_token"), tokens.at("/refresh_token"));
        assert!(seat.caller(next.at("/access_token")).is_ok());
        let grants = seat.ask("GET /user/oauth/grants", Value::Null, Some(person.at("/access_token")));
        assert_eq!((grants.at("/0/client/id"), grants.at("/0/scopes/1")), (application.id.as_str(), "email"));
        let withdraw = format!("DELETE /user/oauth/grants?client_id={}", application.id);
        assert_eq!(seat.ask(&withdraw, Value::Null, Some(person.at("/access_token"))).status, 204);
        assert!(seat.caller(next.at("/access_token")).is_err(), "{backend:?}: withdrawn at once");
        assert!(seat.caller(person.at("/access_token")).is_ok());
        let again = seat.ask(&withdraw, Value::Null, Some(person.at("/access_token")));
        assert_eq!(again.told(), "404 oauth_client_not_found");
    }
}

#[test]
fn a_code_that_comes_twice_ends_what_it_made() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, Settings { confirm_email: false, ..settings() });
        let person = seat.sign_up("ada@example.org");
        let application = Application::new(&seat);
        let code = application.code(&seat, person.at("/access_token"), &[]);
        let tokens = application.exchanges(&seat, &code);
        assert!(seat.caller(tokens.at("/access_token")).is_ok(), "{backend:?} {}", tokens.text);
        seat.pass(3_000);
        assert_eq!(application.exchanges(&seat, &code).told(), "400 invalid_grant", "{backend:?}");
        assert!(seat.caller(tokens.at("/access_token")).is_err(), "{backend:?}");
        assert!(seat.caller(person.at("/access_token")).is_ok(), "{backend:?}: the person's own goes on");
    }
}

#[test]
fn codes_are_exchanged_by_whom_they_are_for() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let (application, other) = (Application::new(&seat), Application::new(&seat));
    let code = application.code(&seat, person.at("/access_token"), &[]);
    assert_eq!(other.exchanges(&seat, &code).told(), "400 invalid_grant", "another application's code");
    let check = |name: &str, value: &str, expected: &str| {
        let mut members = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        members.retain(|(known, _)| *known != name);
        members.extend((!value.is_empty()).then_some((name, value)));
        let reply = application.posts(&seat, "/oauth/token", &members);
        assert_eq!(reply.told(), expected, "{name}={value} {}", reply.text);
        assert_eq!(reply.at("/error"), expected.split(' ').nth(1).unwrap_or(""), "{}", reply.text);
    };
    check("code", "", "400 invalid_request");
    check("code", "wrong", "400 invalid_grant");
    check("code_verifier", "", "400 invalid_request");
    check("code_verifier", &"a".repeat(43), "400 invalid_grant");
    check("redirect_uri", "http://127.0.0.1/back", "400 invalid_grant");
    check("grant_type", "", "400 invalid_request");
    check("grant_type", "password", "400 unsupported_grant_type");
    check("grant_type", "client_credentials", "400 unsupported_grant_type");
    check("client_secret", "", "200");
    let late = application.code(&seat, person.at("/access_token"), &[]);
    seat.pass(60);
    assert_eq!(application.exchanges(&seat, &late).told(), "400 invalid_grant", "after 60 s");
    let left = application.code(&seat, person.at("/access_token"), &[]);
    seat.ask("POST /logout", Value::Null, Some(person.at("/access_token")));
    assert_eq!(application.exchanges(&seat, &left).told(), "400 invalid_grant", "after signing out");
}

#[test]
fn applications_prove_themselves_as_they_are_registered() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let application = Application::new(&seat);
    let public = Application::with(&seat, json!({"token_endpoint_auth_method": "none"}));
    let secret = application.secret.clone().unwrap();
    let basic = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let check = |header: Option<String>, body: &[(&str, &str)], expected: &str| {
        let of = if body.iter().any(|(_, value)| *value == public.id) { &public } else { &application };
        let code = of.code(&seat, person.at("/access_token"), &[]);
        let mut members =
            vec![("grant_type", "authorization_code"), ("code", &code), ("code_verifier", VERIFIER)];
        members.extend(body);
        let headers: Vec<_> = header.as_deref().map(|header| ("authorization", header)).into_iter().collect();
        let reply = post(&seat, "/oauth/token", &headers, &members);
        assert_eq!(reply.told(), expected, "{header:?} {body:?} {}", reply.text);
        if reply.status == 401 {
            assert_eq!(reply.header("www-authenticate"), "Basic");
        }
    };
    let id = application.id.as_str();
    check(Some(basic(id, &secret)), &[], "200");
    check(None, &[("client_id", id), ("client_secret", &secret)], "200");
    check(None, &[("client_id", &public.id)], "200");
    check(None, &[], "400 invalid_request");
    check(None, &[("client_id", id)], "401 invalid_client");
    check(None, &[("client_id", id), ("client_secret", "wrong")], "401 invalid_client");
    check(None, &[("client_id", &public.id), ("client_secret", "any")], "401 invalid_client");
    check(None, &[("client_id", "nobody")], "401 invalid_client");
    check(Some(basic(id, "wrong")), &[], "401 invalid_client");
    check(Some("Basic ***".to_owned()), &[], "400 invalid_request");
    check(Some(basic(id, &secret)), &[("client_secret", &secret)], "400 invalid_request");
    check(None, &[("client_id", id), ("client_id", id), ("client_secret", &secret)], "400 invalid_request");
}

#[test]
fn a_refresh_token_is_its_applications() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let (application, other) = (Application::new(&seat), Application::new(&seat));
    let tokens = application.tokens(&seat, person.at("/access_token"), &[]);
    let refresh = |by: &Application, token: &str, more: &[(&str, &str)]| {
        let members = [&[("grant_type", "refresh_token"), ("refresh_token", token)], more].concat();
        by.posts(&seat, "/oauth/token", &members)
    };
    let first = tokens.at("/refresh_token");
    assert_eq!(refresh(&other, first, &[]).told(), "400 invalid_grant");
    assert_eq!(refresh(&application, person.at("/refresh_token"), &[]).told(), "400 invalid_grant");
    let outside = seat.ask("POST /token?grant_type=refresh_token", json!({"refresh_token": first}), None);
    assert_eq!(outside.told(), "400 refresh_token_not_found");
    assert_eq!(refresh(&application, first, &[("scope", "openid data:read")]).told(), "400 invalid_scope");
    let second = refresh(&application, first, &[("scope", "email openid offline_access")]);
    assert_eq!(second.status, 200, "{}", second.text);
    assert_eq!(refresh(&application, first, &[]).status, 200, "two requests at once");
    seat.pass(60);
    assert_eq!(refresh(&application, first, &[]).told(), "400 invalid_grant", "a copy");
    assert_eq!(refresh(&application, second.at("/refresh_token"), &[]).told(), "400 invalid_grant");
    assert!(seat.caller(second.at("/access_token")).is_err(), "the family is over");
}

#[test]
fn without_offline_access_a_session_ends_with_its_token() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let application = Application::new(&seat);
    let tokens = application.tokens(&seat, person.at("/access_token"), &[("scope", "openid")]);
    assert!(tokens.body.get("refresh_token").is_none(), "{}", tokens.text);
    assert!(seat.caller(tokens.at("/access_token")).is_ok());
    let plain = application.tokens(&seat, person.at("/access_token"), &[("scope", "email")]);
    assert!(plain.body.get("id_token").is_none(), "{}", plain.text);
    let online = Application::with(&seat, json!({"grant_types": ["authorization_code"]}));
    let tokens = online.tokens(&seat, person.at("/access_token"), &[]);
    assert_eq!((tokens.at("/scope"), tokens.at("/refresh_token")), ("openid email", ""));
    let members = [("grant_type", "refresh_token"), ("refresh_token", "any")];
    assert_eq!(online.posts(&seat, "/oauth/token", &members).told(), "400 unauthorized_client");
}

#[test]
fn an_application_cannot_manage_the_account() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let application = Application::new(&seat);
    let tokens = application.tokens(&seat, person.at("/access_token"), &[("scope", "openid data:read")]);
    let id = application.asked(&seat, &[]);
    let lines = [
        "GET /user",
        "PUT /user",
        "POST /logout",
        "GET /user/sessions",
        "GET /user/oauth/grants",
        "POST /factors",
        "POST /factors/recovery-codes",
        "GET /reauthenticate",
        &format!("DELETE /user/oauth/grants?client_id={}", application.id),
        &format!("POST /oauth/authorizations/{id}/consent"),
        &format!("GET /oauth/authorizations/{id}"),
    ];
    for line in lines {
        let reply = seat.ask(line, Value::Null, Some(tokens.at("/access_token")));
        assert_eq!(reply.told(), "403 insufficient_scope", "{line}");
    }
    let admin = seat.ask("GET /admin/users", Value::Null, Some(tokens.at("/access_token")));
    assert_eq!(admin.told(), "403 not_admin");
    let caller = seat.caller(tokens.at("/access_token")).unwrap();
    let scopes = caller.scopes.unwrap();
    assert!(scopes.reads("users") && !scopes.writes("users"));
    let id_token = seat.caller(tokens.at("/id_token"));
    assert!(id_token.is_err(), "an ID token opens nothing");
}

#[test]
fn the_person_is_told_of_by_scope() {
    let seat = seat();
    let body = json!({"email": "ada@example.org", "password": crate::seat::PASSWORD,
        "data": {"full_name": "Ada", "avatar_url": "https://a.example/a.png", "email_verified": "no", "secret": 1}});
    let person = seat.ask("POST /signup", body, None);
    let application = Application::new(&seat);
    let told = |scope: &str| {
        let tokens = application.tokens(&seat, person.at("/access_token"), &[("scope", scope)]);
        let bearer = format!("Bearer {}", tokens.at("/access_token"));
        seat.call("GET /oauth/userinfo", &[("authorization", &bearer)], Value::Null)
    };
    let check = |scope: &str, names: &[&str]| {
        let reply = told(scope);
        let mut found: Vec<_> = reply.body.as_object().unwrap().keys().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, names, "{scope} {}", reply.text);
        assert_eq!(reply.at("/sub"), person.at("/user/id"));
    };
    check("openid", &["sub"]);
    check("openid email", &["email", "email_verified", "sub"]);
    check("openid profile", &["name", "picture", "sub", "updated_at"]);
    assert_eq!(told("email").told(), "403 insufficient_scope");
    let stranger = seat.call("GET /oauth/userinfo", &[("authorization", "Bearer x")], Value::Null);
    assert_eq!((stranger.status, stranger.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(seat.call("GET /oauth/userinfo", &[], Value::Null).status, 401);
}

#[test]
fn tokens_are_looked_at_and_ended_by_their_application() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let (application, other) = (Application::new(&seat), Application::new(&seat));
    let public = Application::with(&seat, json!({"token_endpoint_auth_method": "none"}));
    let tokens = application.tokens(&seat, person.at("/access_token"), &[]);
    let look = |by: &Application, token: &str| by.posts(&seat, "/oauth/introspect", &[("token", token)]);
    let shown = look(&application, tokens.at("/access_token"));
    assert_eq!(
        (&shown.body["active"], shown.at("/username")),
        (&json!(true), "ada@example.org"),
        "{}",
        shown.text
    );
    assert_eq!((shown.at("/sub"), shown.at("/scope")), (person.at("/user/id"), tokens.at("/scope")));
    assert_eq!(look(&application, tokens.at("/refresh_token")).body["active"], json!(true));
    let nothing = json!({"active": false});
    assert_eq!(look(&other, tokens.at("/access_token")).body, nothing);
    assert_eq!(look(&application, person.at("/access_token")).body, nothing);
    assert_eq!(look(&application, tokens.at("/id_token")).body, nothing);
    assert_eq!(look(&application, "nothing").body, nothing);
    assert_eq!(look(&public, tokens.at("/access_token")).told(), "401 invalid_client");
    let keyed = [("apikey", seat.secret.as_str())];
    let by_key = |key: &[(&str, &str)]| {
        post(&seat, "/oauth/introspect", key, &[("token", tokens.at("/access_token"))])
    };
    assert_eq!(by_key(&keyed).body["active"], json!(true));
    assert_eq!(by_key(&[("apikey", &seat.publishable)]).told(), "403 not_admin");
    let end = |by: &Application, token: &str| by.posts(&seat, "/oauth/revoke", &[("token", token)]).status;
    assert_eq!((end(&other, tokens.at("/refresh_token")), end(&application, "nothing")), (200, 200));
    assert_eq!(end(&application, person.at("/refresh_token")), 200);
    assert!(
        seat.caller(tokens.at("/access_token")).is_ok() && seat.caller(person.at("/access_token")).is_ok()
    );
    assert_eq!(end(&application, tokens.at("/refresh_token")), 200);
    assert!(seat.caller(tokens.at("/access_token")).is_err());
    assert_eq!(look(&application, tokens.at("/access_token")).body, nothing);
}

#[test]
fn everything_is_found_by_discovery() {
    let seat = seat();
    let check = |path: &str| {
        let found = seat.call(&format!("GET /auth/v1/.well-known/{path}"), &[], Value::Null);
        assert_eq!((found.status, found.at("/issuer")), (200, format!("{URL}/auth/v1").as_str()), "{path}");
        assert_eq!(found.at("/token_endpoint"), format!("{URL}/auth/v1/oauth/token"));
        assert_eq!(found.body["code_challenge_methods_supported"], json!(["S256"]));
    };
    check("openid-configuration");
    check("oauth-authorization-server");
    check("oauth-authorization-server/auth/v1");
    assert_eq!(seat.call("GET /auth/v1/.well-known/other", &[], Value::Null).status, 404);
}

#[test]
fn applications_are_told_how_somebody_signed_in() {
    let seat = seat();
    let first = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    let application = Application::new(&seat);
    let check = |token: &str, acr: &str, amr: &[&str]| {
        let since = seat.now() / 1_000_000;
        seat.pass(100);
        let tokens = application.tokens(&seat, token, &[]);
        seat.pass(100);
        let members = [("grant_type", "refresh_token"), ("refresh_token", tokens.at("/refresh_token"))];
        let next = application.posts(&seat, "/oauth/token", &members);
        for (tokens, nonce) in [(&tokens, json!("n1")), (&next, Value::Null)] {
            let id = claims(tokens.at("/id_token"));
            assert_eq!((&id["acr"], &id["amr"]), (&json!(acr), &json!(amr)), "{}", tokens.text);
            assert_eq!((&id["auth_time"], &id["nonce"]), (&json!(since), &nonce));
            assert_eq!(claims(tokens.at("/access_token"))["aal"], json!(acr), "rules see it too");
        }
    };
    check(&first, "aal1", &["pwd"]);
    let device = Device::enrolled(&seat, &first, "phone");
    let raised = device.proves(&seat, &first).at("/access_token").to_owned();
    check(&raised, "aal2", &["mfa", "otp", "pwd"]);
}
