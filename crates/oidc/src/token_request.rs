//! The token endpoint: a code becomes tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_outgoing::{Answer, Client};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::apple::client_secret;
use crate::error::OidcError;
use crate::metadata::Metadata;
use crate::settings::{Secret, Settings, TokenAuth};

/// What the id and the secret leave as it is in the header of basic authentication (RFC 6749 2.3.1).
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The most characters of an error's text that are told on.
const WORDS_MOST: usize = 300;

/// The tokens of a sign-in.
#[derive(Clone, Deserialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) id_token: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: Option<serde_json::Value>,
    #[serde(default)]
    error_description: String,
}

/// Exchanges a code.
pub(crate) async fn exchange(
    http: &Client,
    metadata: &Metadata,
    settings: &Settings,
    (code, verifier, redirect_uri): (&str, &str, &str),
    now_s: i64,
) -> Result<Tokens, OidcError> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier),
    ];
    let secret = match &settings.secret {
        Secret::None => None,
        Secret::Text(text) => Some(text.clone()),
        Secret::Apple(key) => Some(client_secret(key, &metadata.issuer, &settings.client_id, now_s)?),
    };
    let basic = match (&secret, settings.token_auth.unwrap_or_else(|| metadata.token_auth())) {
        (Some(secret), TokenAuth::Basic) => Some(basic(&settings.client_id, secret)),
        (secret, _) => {
            form.push(("client_id", &settings.client_id));
            form.extend(secret.as_deref().map(|secret| ("client_secret", secret)));
            None
        }
    };
    let mut headers = vec![("accept", "application/json")];
    headers.extend(basic.as_deref().map(|header| ("authorization", header)));
    let answer = http.post_form(&metadata.token_endpoint, &headers, &form).await;
    read(&answer.map_err(OidcError::asking("the token endpoint"))?)
}

/// The tokens of an answer. GitHub says no with status 200.
fn read(answer: &Answer) -> Result<Tokens, OidcError> {
    if answer.status == 200
        && let Ok(tokens) = answer.json::<Tokens>()
    {
        return Ok(tokens);
    }
    let refusal = answer.json::<Refusal>().ok().and_then(|r| Some((r.error?, r.error_description)));
    Err(match refusal {
        // Facebook's errors are objects.
        Some((error, words)) => OidcError::Refused {
            error: short(error.as_str().or_else(|| error.get("type")?.as_str()).unwrap_or("an error")),
            description: short(error.get("message").and_then(|m| m.as_str()).unwrap_or(&words)),
        },
        None => OidcError::Unavailable {
            what: "the token endpoint",
            reason: format!("it answers {} and no tokens", answer.status),
        },
    })
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(WORDS_MOST).collect()
}

fn basic(id: &str, secret: &str) -> String {
    let pair = format!("{}:{}", utf8_percent_encode(id, FORM), utf8_percent_encode(secret, FORM));
    format!("Basic {}", STANDARD.encode(pair))
}

#[cfg(test)]
mod tests {
    use bistro_outgoing::Answer;

    use super::{basic, read};

    #[test]
    fn refusals_are_told_in_the_providers_words() {
        let check = |status: u16, body: &str, expected: &str| {
            let said = read(&Answer { status, body: body.into() }).err().map(|error| error.to_string());
            assert_eq!(said.as_deref().unwrap_or("tokens"), expected, "{body}");
        };
        check(200, r#"{"access_token":"a","token_type":"bearer"}"#, "tokens");
        check(
            400,
            r#"{"error":"invalid_grant","error_description":"no such code"}"#,
            "the provider answers invalid_grant: no such code",
        );
        check(200, r#"{"error":"bad_verification_code"}"#, "the provider answers bad_verification_code: ");
        check(
            400,
            r#"{"error":{"message":"expired","type":"OAuthException"}}"#,
            "the provider answers OAuthException: expired",
        );
        check(502, "<html>", "the token endpoint: it answers 502 and no tokens");
        check(200, "{}", "the token endpoint: it answers 200 and no tokens");
        check(401, r#"{"access_token":"a"}"#, "the token endpoint: it answers 401 and no tokens");
    }

    #[test]
    fn ids_and_secrets_are_encoded_before_they_are_joined() {
        // "a%3Ab:c%20d"
        assert_eq!(basic("a:b", "c d"), "Basic YSUzQWI6YyUyMGQ=");
    }
}
