//! People with accounts: signed up and signed in over HTTP, as a client would.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::case::{Slots, Template};
use super::http;

/// People who sign in; few enough that making them takes no time, more than cores, so that they do not wait for each other.
const PEOPLE: usize = 16;
/// Everybody's password.
const PASSWORD: &str = "copper-orchard-between-7-letters";

/// What the server is told, so that only its work bounds the benchmark: no mail, and rates that nobody meets.
pub(super) const SETTINGS: [(&str, &str); 6] = [
    ("BISTRO_AUTH__CONFIRM_EMAIL", "false"),
    ("BISTRO_AUTH__TOKEN_TTL", "43200"),
    ("BISTRO_LIMITS__SIGN_UPS", "1000000/s"),
    ("BISTRO_LIMITS__FAILED_SIGN_INS", "1000000/s"),
    ("BISTRO_LIMITS__FAILED_SIGN_INS_ADDRESS", "1000000/s"),
    ("BISTRO_LIMITS__FAILED_SIGN_INS_ACCOUNT", "1000000/s"),
];

/// An address; all are equally long.
fn address_of(person: usize) -> String {
    format!("person{person:03}@example.com")
}

/// Signs everybody up; the access token of the first.
pub(super) fn sign_up(server: SocketAddr, apikey: &str) -> Result<String> {
    let mut token = None;
    for person in 0..PEOPLE {
        let body = json!({ "email": address_of(person), "password": PASSWORD }).to_string();
        let length = body.len();
        let head = post("/auth/v1/signup", apikey, length);
        let answer = http::ask(server, format!("{head}{body}").as_bytes())?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == 200, "signing up answers {}: {text}", answer.status);
        let session: Value = serde_json::from_str(&text).context("signing up answers no JSON")?;
        let found = session["access_token"].as_str().map(str::to_owned);
        token = token.or(found);
    }
    token.context("signing up opens no session")
}

/// The request that signs somebody in with their password.
pub(super) fn sign_in(apikey: &str) -> Vec<Template> {
    let (start, end) = (r#"{"email":""#, format!(r#"","password":"{PASSWORD}"}}"#));
    let people = Arc::new(Slots::of((0..PEOPLE).map(address_of)));
    let length = start.len() + people.width() + end.len();
    let head = post("/auth/v1/token?grant_type=password", apikey, length);
    vec![Template {
        head: format!("{head}{start}").into_bytes(),
        gap: Some(people),
        tail: end.into_bytes(),
        expected: 200,
        share: 100,
    }]
}

fn post(path: &str, apikey: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{apikey}Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_says_how_long_it_is() {
        let template = &sign_in("apikey: k\r\n")[0];
        for random in [0, 7, u64::MAX] {
            let request = String::from_utf8(template.rendered(random)).unwrap();
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{request}");
            let body: Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["password"], PASSWORD);
        }
    }
}
