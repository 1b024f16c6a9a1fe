//! Whole trips against a provider on loopback that answers what a test puts there.

use std::time::Duration;

use bistro_outgoing::{Allow, Client};
use bistro_testkit::Idp;
use serde_json::{Value, json};

use super::{Callback, IdToken, Provider};
use crate::preset::Preset;
use crate::settings::{Secret, Settings};
use crate::trip::Trip;

const NOW: i64 = 1_000_000;

fn provider(idp: &Idp, preset: Preset) -> Provider {
    let settings = Settings {
        name: "id".into(),
        preset,
        client_id: "me".into(),
        client_ids: vec!["my-app".into()],
        secret: Secret::Text("secret".into()),
        issuer: idp.address.clone(),
        scopes: None,
        token_auth: None,
    };
    Provider::new(settings, Client::new(Allow::default().and_loopback()))
}

fn trip() -> Trip {
    Trip { state: "s".into(), nonce: "n".into(), verifier: "v".into() }
}

fn callback<'c>() -> Callback<'c> {
    Callback { code: "c", issuer: None, user: None, redirect_uri: "https://me.example/callback" }
}

#[tokio::test]
async fn a_trip_ends_with_a_person() {
    let idp = Idp::start();
    let token =
        idp.token("a", NOW, &json!({"nonce": "n", "email": "Ada@Example.org", "email_verified": true}));
    idp.put("/token", &json!({"access_token": "a", "refresh_token": "r", "id_token": token}));
    let provider = provider(&idp, Preset::Oidc);
    let address =
        provider.authorization(&trip(), "https://me.example/callback", "", &[]).await.expect("it is known");
    assert!(address.starts_with(&format!("{}/authorize?client_id=me&", idp.address)), "{address}");
    let found = provider.redeem(&trip(), &callback(), NOW).await.expect("all fits");
    assert_eq!(found.person.subject, "ada");
    assert_eq!((found.person.email.as_deref(), found.person.email_verified), (Some("ada@example.org"), true));
    assert_eq!((found.access_token.as_str(), found.refresh_token.as_deref()), ("a", Some("r")));
    provider.redeem(&trip(), &callback(), NOW).await.expect("the documents are kept");
    assert_eq!(
        (idp.asked("/.well-known/openid-configuration"), idp.asked("/keys"), idp.asked("/me")),
        (1, 1, 0)
    );
    let sent = idp.last();
    assert!(sent.contains("authorization: Basic bWU6c2VjcmV0\r\n"), "{sent}");
    let form = "grant_type=authorization_code&code=c&redirect_uri=https%3A%2F%2Fme.example%2Fcallback&code_verifier=v";
    assert!(sent.ends_with(form), "{sent}");
}

#[tokio::test]
async fn what_the_id_token_leaves_out_is_asked_for() {
    let idp = Idp::start();
    idp.put("/token", &json!({"access_token": "a", "id_token": idp.token("a", NOW, &json!({"nonce": "n"}))}));
    let provider = provider(&idp, Preset::Oidc);
    let told = json!({"sub": "ada", "email": "ada@example.org", "email_verified": true, "iss": "https://evil.example"});
    idp.put("/me", &told);
    let found = provider.redeem(&trip(), &callback(), NOW).await.expect("all fits").person;
    assert_eq!((found.email.as_deref(), found.email_verified), (Some("ada@example.org"), true));
    assert_eq!(found.issuer, idp.address);
    assert!(idp.last().contains("authorization: Bearer a\r\n"), "{}", idp.last());
    idp.put("/me", &json!({"sub": "eve", "email": "ada@example.org", "email_verified": true}));
    let error = provider.redeem(&trip(), &callback(), NOW).await.err().expect("somebody else").to_string();
    assert!(error.contains("somebody else"), "{error}");
}

#[tokio::test]
async fn answers_that_do_not_fit_the_trip_are_refused() {
    let idp = Idp::start();
    let provider = provider(&idp, Preset::Oidc);
    let good = idp.token("a", NOW, &json!({"nonce": "n", "email": "ada@example.org"}));
    let cases = [
        (json!({"access_token": "a", "id_token": idp.token("a", NOW, &json!({"nonce": "m"}))}), "nonce"),
        (json!({"access_token": "a", "id_token": idp.token("a", NOW, &json!({}))}), "nonce"),
        (
            json!({"access_token": "a", "id_token": idp.token("a", NOW, &json!({"nonce": "n", "aud": "my-app"}))}),
            "another client",
        ),
        (json!({"access_token": "a"}), "no ID token"),
        (json!({"id_token": good}), "no tokens"),
        (json!({"error": "invalid_grant"}), "invalid_grant"),
    ];
    for (tokens, words) in cases {
        idp.put("/token", &tokens);
        let error =
            provider.redeem(&trip(), &callback(), NOW).await.err().expect("it does not fit").to_string();
        assert!(error.contains(words), "{tokens}: {error}");
    }
}

#[tokio::test]
async fn answers_of_another_issuer_are_refused_before_the_code_is_sent() {
    let check = async |supported: bool, iss: Option<&str>, expected: Result<(), &str>| {
        let idp = Idp::start();
        let mut document = idp.document();
        document["authorization_response_iss_parameter_supported"] = json!(supported);
        idp.put("/.well-known/openid-configuration", &document);
        let token = idp.token("a", NOW, &json!({"nonce": "n", "email": "ada@example.org"}));
        idp.put("/token", &json!({"access_token": "a", "id_token": token}));
        let own = idp.address.clone();
        let issuer = iss.map(|iss| if iss == "own" { own.as_str() } else { iss });
        let found =
            provider(&idp, Preset::Oidc).redeem(&trip(), &Callback { issuer, ..callback() }, NOW).await;
        match (found.err().map(|error| error.to_string()), expected) {
            (None, Ok(())) => {}
            (Some(said), Err(words)) => {
                assert!(said.contains(words), "{iss:?}: {said}");
                assert_eq!(idp.asked("/token"), 0, "the code stays here");
            }
            (said, _) => panic!("{supported} {iss:?}: {said:?}"),
        }
    };
    check(true, Some("own"), Ok(())).await;
    check(false, Some("own"), Ok(())).await;
    check(false, None, Ok(())).await;
    check(true, None, Err("names no issuer")).await;
    check(true, Some("https://evil.example"), Err("another issuer")).await;
    check(false, Some("https://evil.example"), Err("another issuer")).await;
}

#[tokio::test]
async fn a_rotated_key_is_found_and_strangers_do_not_make_us_ask() {
    let idp = Idp::start();
    let mut provider = provider(&idp, Preset::Oidc);
    let shown = async |provider: &Provider, kid: &str| {
        let token = idp.token(kid, NOW, &json!({}));
        provider.believe(&IdToken { token: &token, access_token: None, nonce: None }, NOW).await.is_ok()
    };
    assert!(shown(&provider, "a").await);
    for _ in 0..5 {
        assert!(!shown(&provider, "b").await);
    }
    assert_eq!(idp.asked("/keys"), 1, "the keys are new enough");
    provider.documents.pause = Duration::ZERO;
    idp.put("/keys", &idp.keys("b"));
    assert!(shown(&provider, "b").await);
    assert!(!shown(&provider, "a").await);
    assert_eq!(idp.asked("/keys"), 3);
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_is_refused() {
    let idp = Idp::start();
    let mut document = idp.document();
    document["issuer"] = json!("https://evil.example");
    idp.put("/.well-known/openid-configuration", &document);
    let found = provider(&idp, Preset::Oidc).authorization(&trip(), "https://me.example/", "", &[]).await;
    let error = found.expect_err("another issuer").to_string();
    assert!(error.contains("another issuer"), "{error}");
}

#[tokio::test]
async fn apps_bring_id_tokens_of_their_own() {
    let idp = Idp::start();
    let provider = provider(&idp, Preset::Oidc);
    // SHA-256 of "raw".
    let hashed = "9f6a93bb32b53aee9b5eabf01a59b53bd6b21a0a9ef8b8b9c0da9a21b84bd1aa";
    let real = super::hexadecimal(super::digest(&super::SHA256, b"raw").as_ref());
    let check = async |claims: Value, nonce: Option<&str>, good: bool| {
        let token = idp.token("a", NOW, &claims);
        let found = provider.believe(&IdToken { token: &token, access_token: None, nonce }, NOW).await;
        assert_eq!(found.is_ok(), good, "{claims} {nonce:?}");
    };
    check(json!({}), None, true).await;
    check(json!({"aud": "my-app"}), None, true).await;
    check(json!({"aud": "your-app"}), None, false).await;
    check(json!({"nonce": real}), Some("raw"), true).await;
    check(json!({"nonce": hashed}), Some("raw"), false).await;
    check(json!({"nonce": real}), None, false).await;
    check(json!({"nonce": "raw"}), Some("raw"), false).await;
    check(json!({}), Some("raw"), false).await;
    check(json!({"exp": NOW - 61}), None, false).await;
}

#[tokio::test]
async fn github_is_asked_for_its_addresses() {
    let idp = Idp::start();
    idp.put("/login/oauth/access_token", &json!({"access_token": "a"}));
    idp.put("/api/v3/user", &json!({"id": 7, "login": "ada", "email": "shown@example.org"}));
    idp.put("/api/v3/user/emails", &json!([{"email": "ada@example.org", "primary": true, "verified": true}]));
    let provider = provider(&idp, Preset::Github);
    let found = provider.redeem(&trip(), &callback(), NOW).await.expect("all fits").person;
    assert_eq!((found.subject.as_str(), found.email.as_deref()), ("7", Some("ada@example.org")));
    assert!(found.email_verified);
    let error = provider.believe(&IdToken { token: "a.b.c", access_token: None, nonce: None }, NOW).await;
    assert!(error.expect_err("GitHub signs none").to_string().contains("signs no ID tokens"));
}

#[tokio::test]
async fn an_issuer_that_is_away_is_not_asked_again_at_once() {
    let idp = Idp::start();
    let provider = provider(&idp, Preset::Oidc);
    let path = "/.well-known/openid-configuration";
    idp.put(path, &json!("no document"));
    for _ in 0..2 {
        provider.authorization(&trip(), "https://me.example/", "", &[]).await.expect_err("no document");
    }
    assert_eq!(idp.asked(path), 2, "it answers, so it is asked");
    idp.take_away(path);
    for _ in 0..3 {
        let error = provider.authorization(&trip(), "https://me.example/", "", &[]).await;
        assert!(error.expect_err("it is away").to_string().starts_with("the discovery document: it "));
    }
    assert_eq!(idp.asked(path), 3);
}
