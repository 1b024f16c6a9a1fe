//! Administrators register applications.

use serde_json::{Value, json};

use super::application::{Application, BACK, seat};

#[test]
fn an_application_is_registered_changed_and_removed() {
    let seat = seat();
    let body = json!({"client_name": " Calendar ", "redirect_uris": [BACK]});
    let made = seat.admin("POST /admin/oauth/clients", body);
    assert_eq!((made.status, made.at("/client_type")), (201, "confidential"), "{}", made.text);
    assert_eq!((made.at("/client_name"), made.at("/client_secret").len()), ("Calendar", 43));
    let at = format!("/admin/oauth/clients/{}", made.at("/client_id"));
    let got = seat.admin(&format!("GET {at}"), Value::Null);
    assert_eq!((got.status, got.body.get("client_secret")), (200, None), "the secret is told once");
    let changed =
        seat.admin(&format!("PUT {at}"), json!({"client_name": "Diary", "scope": "openid data:read"}));
    assert_eq!((changed.at("/client_name"), changed.at("/scope")), ("Diary", "openid data:read"));
    assert_eq!(changed.body["redirect_uris"], json!([BACK]));
    let listed = seat.admin("GET /admin/oauth/clients?page=1&per_page=1", Value::Null);
    assert_eq!((listed.body["clients"].as_array().unwrap().len(), listed.header("x-total-count")), (1, "1"));
    let again = seat.admin(&format!("POST {at}/regenerate_secret"), Value::Null);
    assert_ne!(again.at("/client_secret"), made.at("/client_secret"));
    assert_eq!(seat.admin(&format!("DELETE {at}"), Value::Null).status, 204);
    assert_eq!(seat.admin(&format!("GET {at}"), Value::Null).told(), "404 oauth_client_not_found");
}

#[test]
fn what_can_be_no_application_is_refused() {
    let seat = seat();
    let check = |more: Value| {
        let mut body = json!({"client_name": "Calendar", "redirect_uris": [BACK]});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let reply = seat.admin("POST /admin/oauth/clients", body.clone());
        assert_eq!(reply.told(), "400 validation_failed", "{body} {}", reply.text);
    };
    check(json!({"client_name": ""}));
    check(json!({"client_name": "a\nb"}));
    check(json!({"client_name": "a".repeat(129)}));
    check(json!({"redirect_uris": null}));
    check(json!({"redirect_uris": []}));
    check(json!({"redirect_uris": ["http://client.example.org/"]}));
    check(json!({"redirect_uris": [format!("{BACK}#x")]}));
    check(json!({"redirect_uris": vec![BACK; 21]}));
    check(json!({"grant_types": ["implicit"]}));
    check(json!({"grant_types": ["refresh_token"]}));
    check(json!({"response_types": ["token"]}));
    check(json!({"scope": "openid everything"}));
    check(json!({"client_uri": "javascript:alert(1)"}));
    check(json!({"logo_uri": "http://client.example.org/logo.png"}));
    check(json!({"token_endpoint_auth_method": "private_key_jwt"}));
    check(json!({"id_token_signed_response_alg": "none"}));
}

#[test]
fn administrators_alone_register_applications() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let application = Application::new(&seat);
    let at = format!("/admin/oauth/clients/{}", application.id);
    for line in [
        "GET /admin/oauth/clients".to_owned(),
        "POST /admin/oauth/clients".to_owned(),
        format!("DELETE {at}"),
    ] {
        let reply = seat.ask(&line, Value::Null, Some(person.at("/access_token")));
        assert_eq!(reply.told(), "403 not_admin", "{line}");
        assert_eq!(seat.ask(&line, Value::Null, None).status, 403, "{line}");
    }
}

#[test]
fn a_removed_application_has_no_sessions() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let application = Application::new(&seat);
    let tokens = application.tokens(&seat, person.at("/access_token"), &[]);
    assert!(seat.caller(tokens.at("/access_token")).is_ok());
    seat.admin(&format!("DELETE /admin/oauth/clients/{}", application.id), Value::Null);
    assert!(seat.caller(tokens.at("/access_token")).is_err());
    assert!(seat.caller(person.at("/access_token")).is_ok());
}
