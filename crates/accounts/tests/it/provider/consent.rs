//! People decide: by the page, or by an application of the project's own.

use serde_json::{Value, json};

use super::application::{Application, BACK, browser, member, post, seat};
use crate::mfa::{Device, sign_in};
use crate::seat::{Reply, Seat, URL};

fn decide(seat: &Seat, id: &str, action: &str, token: &str) -> Reply {
    seat.ask(&format!("POST /oauth/authorizations/{id}/consent"), json!({ "action": action }), Some(token))
}

fn details(seat: &Seat, id: &str, token: &str) -> Reply {
    seat.ask(&format!("GET /oauth/authorizations/{id}"), Value::Null, Some(token))
}

#[test]
fn a_person_sees_what_is_asked_and_decides_once() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let token = person.at("/access_token");
    let application = Application::new(&seat);
    let id = application.asked(&seat, &[]);
    let shown = details(&seat, &id, token);
    assert_eq!((shown.at("/authorization_id"), shown.at("/client/name")), (id.as_str(), "Calendar"));
    assert_eq!(
        (shown.at("/user/email"), shown.at("/scope")),
        ("ada@example.org", "openid email offline_access")
    );
    assert_eq!((shown.at("/redirect_uri"), shown.at("/client/id")), (BACK, application.id.as_str()));
    assert_eq!(decide(&seat, &id, "maybe", token).told(), "400 validation_failed");
    let on = decide(&seat, &id, "approve", token).at("/redirect_url").to_owned();
    assert!(on.starts_with(&format!("{BACK}?code=")), "{on}");
    assert_eq!((member(&on, "state"), member(&on, "iss")), ("s t&te".to_owned(), format!("{URL}/auth/v1")));
    for action in ["approve", "deny"] {
        assert_eq!(decide(&seat, &id, action, token).told(), "404 oauth_authorization_not_found");
    }
    let again = details(&seat, &application.asked(&seat, &[]), token);
    assert!(!member(again.at("/redirect_url"), "code").is_empty(), "{}", again.text);
    let asked = application.asked(&seat, &[("prompt", "consent")]);
    assert_eq!(details(&seat, &asked, token).at("/authorization_id"), asked);
    let refused = decide(&seat, &asked, "deny", token).at("/redirect_url").to_owned();
    assert_eq!(
        (member(&refused, "error").as_str(), member(&refused, "code").as_str()),
        ("access_denied", "")
    );
}

#[test]
fn a_request_is_decided_in_time_by_who_saw_it_first() {
    let seat = seat();
    let (ada, eve) = (seat.sign_up("ada@example.org"), seat.sign_up("eve@example.org"));
    let application = Application::new(&seat);
    let id = application.asked(&seat, &[]);
    assert_eq!(details(&seat, &id, ada.at("/access_token")).status, 200);
    assert_eq!(details(&seat, &id, eve.at("/access_token")).told(), "404 oauth_authorization_not_found");
    let decided = decide(&seat, &id, "approve", eve.at("/access_token"));
    assert_eq!(decided.told(), "404 oauth_authorization_not_found");
    seat.pass(600);
    let late = decide(&seat, &id, "approve", ada.at("/access_token"));
    assert_eq!(late.told(), "404 oauth_authorization_not_found");
    assert_eq!(details(&seat, "nothing", ada.at("/access_token")).status, 404);
}

#[test]
fn a_sign_in_that_is_asked_for_comes_first() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let application = Application::new(&seat);
    seat.pass(10);
    let id = application.asked(&seat, &[("prompt", "login")]);
    assert_eq!(
        decide(&seat, &id, "approve", person.at("/access_token")).told(),
        "400 reauthentication_needed"
    );
    let body = json!({"email": "ada@example.org", "password": crate::seat::PASSWORD});
    let fresh = seat.ask("POST /token?grant_type=password", body, None);
    assert_eq!(decide(&seat, &id, "approve", fresh.at("/access_token")).status, 200);
}

#[test]
fn the_page_lets_a_signed_in_person_decide() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let application = Application::with(&seat, json!({"client_name": "<b>Calendar</b>"}));
    let id = application.asked(&seat, &[]);
    let line = format!("GET /ui/consent?authorization_id={id}");
    let unknown = seat.call(&line, &[], Value::Null);
    let sign_in =
        format!("{URL}/auth/v1/ui/sign-in?next=%2Fauth%2Fv1%2Fui%2Fconsent%3Fauthorization_id%3D{id}");
    assert_eq!((unknown.status, unknown.header("location")), (303, sign_in.as_str()));
    let cookie = browser(&seat, person.at("/access_token"));
    let page = seat.call(&line, &[("cookie", &cookie)], Value::Null);
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("&lt;b&gt;Calendar") && !page.text.contains("<b>"), "{}", page.text);
    assert!(
        page.header("content-security-policy").contains("form-action 'self' https://client.example.org;")
    );
    let csrf = page.text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let decide = |origin: &str, csrf: &str| {
        let members = [("authorization_id", id.as_str()), ("csrf", csrf), ("action", "approve")];
        post(&seat, "/ui/consent", &[("cookie", &cookie), ("origin", origin)], &members)
    };
    assert_eq!(decide(URL, "").status, 403);
    assert_eq!(decide(URL, &csrf.replace(&csrf[..1], "*")).status, 403);
    assert_eq!(decide("https://evil.example", csrf).status, 403);
    let on = decide(URL, csrf);
    assert!(on.status == 303 && on.header("location").starts_with(&format!("{BACK}?code=")), "{}", on.text);
    assert_eq!(decide(URL, csrf).status, 404);
    assert_eq!(seat.call(&line, &[("cookie", &cookie)], Value::Null).status, 404);
    seat.ask("POST /logout", Value::Null, Some(person.at("/access_token")));
    assert_eq!(seat.call(&line, &[("cookie", &cookie)], Value::Null).status, 303, "signed out");
}

#[test]
fn cookies_are_taken_that_we_made() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let application = Application::new(&seat);
    let line = format!("GET /ui/consent?authorization_id={}", application.asked(&seat, &[]));
    let good = browser(&seat, person.at("/access_token"));
    let check = |cookie: &str| {
        assert_eq!(seat.call(&line, &[("cookie", cookie)], Value::Null).status, 303, "{cookie}");
    };
    check("__Host-bistro-session=");
    check("__Host-bistro-session=AAAA");
    check(&good[..good.len() - 2]);
    check(&good.replace("__Host-bistro-session", "bistro-session"));
    let other = application.tokens(&seat, person.at("/access_token"), &[]);
    check(&browser(&seat, other.at("/access_token")));
}

#[test]
fn who_has_a_second_factor_needs_it_to_let_an_application_in() {
    let seat = seat();
    let first = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    let device = Device::enrolled(&seat, &first, "phone");
    let high = device.proves(&seat, &first).at("/access_token").to_owned();
    let low = sign_in(&seat);
    let application = Application::new(&seat);
    let id = application.asked(&seat, &[]);
    assert_eq!(details(&seat, &id, &low).told(), "403 insufficient_aal");
    assert_eq!(decide(&seat, &id, "approve", &low).told(), "403 insufficient_aal");
    let page = seat.call(
        &format!("GET /ui/consent?authorization_id={id}"),
        &[("cookie", &browser(&seat, &low))],
        Value::Null,
    );
    let step = format!("{URL}/auth/v1/ui/mfa?next=%2Fauth%2Fv1%2Fui%2Fconsent%3Fauthorization_id%3D{id}");
    assert_eq!((page.status, page.header("location")), (303, step.as_str()));
    let silent = seat.call(
        &application.asks(&[("prompt", "none")]),
        &[("cookie", &browser(&seat, &low))],
        Value::Null,
    );
    assert_eq!(member(silent.header("location"), "error"), "login_required");
    assert_eq!(details(&seat, &id, &high).status, 200);
    assert_eq!(decide(&seat, &id, "approve", &high).status, 200);
    // Who refuses gives nothing away.
    let id = application.asked(&seat, &[]);
    assert_eq!(decide(&seat, &id, "deny", &low).status, 200);
}

#[test]
fn regress_who_is_asked_to_sign_in_again_may_come_back_as_somebody_else() {
    let seat = seat();
    let ada = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    let application = Application::new(&seat);
    seat.pass(5);
    let id = application.asked(&seat, &[("prompt", "select_account")]);
    let line = format!("GET /ui/consent?authorization_id={id}");
    let again = seat.call(&line, &[("cookie", &browser(&seat, &ada))], Value::Null);
    assert!(
        again.header("location").contains("/ui/sign-in?") && again.header("location").contains("again=1")
    );
    seat.pass(5);
    let eve = seat.sign_up("eve@example.org").at("/access_token").to_owned();
    let page = seat.call(&line, &[("cookie", &browser(&seat, &eve))], Value::Null);
    assert!(page.status == 200 && page.text.contains("eve@example.org"), "{}", page.text);
    let other = seat.call(&line, &[("cookie", &browser(&seat, &ada))], Value::Null);
    assert_eq!(other.status, 404, "from now on it is hers");
}
