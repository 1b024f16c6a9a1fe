//! An application as it meets the server.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::seat::{Reply, Seat, settings};

use bistro_accounts::Settings;
use bistro_auth::SessionCookie;

/// Where the application gets its codes.
pub(crate) const BACK: &str = "https://client.example.org/back";
/// The proof key of RFC 7636, appendix B, and its challenge.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Accounts that need no confirmation.
pub(crate) fn seat() -> Seat {
    Seat::new(Settings { confirm_email: false, ..settings() })
}

/// A registered application.
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
}

impl Application {
    /// One with a secret that may ask for everything.
    pub(crate) fn new(seat: &Seat) -> Self {
        Self::with(seat, json!({}))
    }

    /// One that is described further.
    pub(crate) fn with(seat: &Seat, more: Value) -> Self {
        let mut body = json!({
            "client_name": "Calendar", "redirect_uris": [BACK, "http://127.0.0.1/back"],
            "scope": "openid profile email offline_access data:read",
            "id_token_signed_response_alg": "ES256",
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let made = seat.admin("POST /admin/oauth/clients", body);
        assert_eq!(made.status, 201, "{}", made.text);
        let secret = Some(made.at("/client_secret").to_owned()).filter(|secret| !secret.is_empty());
        Self { id: made.at("/client_id").to_owned(), secret }
    }

    /// The address with which it asks; `more` adds to it or replaces in it.
    pub(crate) fn asks(&self, more: &[(&str, &str)]) -> String {
        let mut all = vec![
            ("client_id", self.id.as_str()),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", "openid email offline_access"),
            ("state", "s t&te"),
            ("nonce", "n1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        all.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        all.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        format!("GET /oauth/authorize?{}", encoded(&all))
    }

    /// Asks and is let to the page of consent: the id of its request.
    pub(crate) fn asked(&self, seat: &Seat, more: &[(&str, &str)]) -> String {
        let reply = seat.call(&self.asks(more), &[], Value::Null);
        let to = reply.header("location").to_owned();
        let id = to.split_once("/ui/consent?authorization_id=").map(|(_, id)| id.to_owned());
        id.unwrap_or_else(|| panic!("{to} {}", reply.text))
    }

    /// The code that it gets when this person agrees.
    pub(crate) fn code(&self, seat: &Seat, token: &str, more: &[(&str, &str)]) -> String {
        let id = self.asked(seat, more);
        let body = json!({"action": "approve"});
        let reply = seat.ask(&format!("POST /oauth/authorizations/{id}/consent"), body, Some(token));
        assert_eq!(reply.status, 200, "{}", reply.text);
        member(reply.at("/redirect_url"), "code")
    }

    /// Posts a form with its credentials.
    pub(crate) fn posts(&self, seat: &Seat, path: &str, members: &[(&str, &str)]) -> Reply {
        let mut all = members.to_vec();
        if !members.iter().any(|(name, _)| *name == "client_id") {
            all.push(("client_id", &self.id));
            all.extend(self.secret.as_deref().map(|secret| ("client_secret", secret)));
        }
        post(seat, path, &[], &all)
    }

    /// Exchanges a code.
    pub(crate) fn exchanges(&self, seat: &Seat, code: &str) -> Reply {
        let members = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        self.posts(seat, "/oauth/token", &members)
    }

    /// The tokens that it gets when this person agrees.
    pub(crate) fn tokens(&self, seat: &Seat, token: &str, more: &[(&str, &str)]) -> Reply {
        let reply = self.exchanges(seat, &self.code(seat, token, more));
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply
    }
}

/// Posts a form.
pub(crate) fn post(seat: &Seat, path: &str, headers: &[(&str, &str)], members: &[(&str, &str)]) -> Reply {
    let mut headers = headers.to_vec();
    headers.push(("content-type", "application/x-www-form-urlencoded"));
    seat.call(&format!("POST {path}"), &headers, Value::String(encoded(members)))
}

/// Members as a form.
pub(crate) fn encoded(members: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish()
}

/// A member of an address; empty if it has none.
pub(crate) fn member(address: &str, name: &str) -> String {
    let url = url::Url::parse(address).unwrap_or_else(|_| panic!("no address: {address}"));
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The claims of a token, unverified.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The header with the cookie of the browser in which a person is signed in.
pub(crate) fn browser(seat: &Seat, token: &str) -> String {
    let claims = claims(token);
    let [session, account] = ["session_id", "sub"]
        .map(|name| Uuid::parse_str(claims[name].as_str().unwrap()).unwrap().into_bytes());
    let keys = &seat.accounts.keys;
    format!("{}={}", keys.cookies().name(), SessionCookie { session, account, turn: 0 }.text(&keys.pepper()))
}
