//! Applications: what is registered of one, and how it is printed.

use bistro_problem::{Code, Problem};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{redirect_uri, scope, secret};
use crate::data::records::Client;
use crate::data::{Rows as _, Time, Tx};
use crate::http::Fields;
use crate::redirect;

/// The ways to tokens that there are.
pub(super) const GRANT_TYPES: [&str; 2] = ["authorization_code", "refresh_token"];
/// How an application may prove itself where it gets tokens.
pub(super) const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];
/// How ID tokens may be signed.
pub(super) const ALGORITHMS: [&str; 2] = ["RS256", "ES256"];
/// The most addresses of an application.
const ADDRESSES_MOST: usize = 20;
/// The longest name, in characters.
const NAME_MOST: usize = 128;

/// Registers an application from what is said of it; its secret, if it can keep one, is told this once.
///
/// # Errors
/// `validation_failed` naming the member.
pub(super) async fn register(
    tx: &mut Tx<'_>,
    fields: &Fields,
    now: Time,
) -> Result<(Client, Option<String>), Problem> {
    fields.needed("client_name")?;
    if fields.get("redirect_uris").is_none() {
        return Err(invalid("redirect_uris is required"));
    }
    let secret = if method(fields)? == Some("none") { None } else { Some(secret::random()?) };
    let mut client = Client {
        id: Uuid::now_v7(),
        name: String::new(),
        secret: secret.as_deref().map(secret::hashed),
        redirect_uris: Vec::new(),
        grant_types: GRANT_TYPES.map(str::to_owned).into(),
        scopes: scope::PERSONAL.map(str::to_owned).into(),
        uri: None,
        logo_uri: None,
        id_token_algorithm: ALGORITHMS[0].to_owned(),
        created_at: now,
        updated_at: now,
    };
    describe(&mut client, fields)?;
    tx.insert(client.clone()).await?;
    Ok((client, secret))
}

/// Takes what a body says of an application; what it leaves out stays.
///
/// # Errors
/// `validation_failed` naming the member.
pub(super) fn describe(client: &mut Client, fields: &Fields) -> Result<(), Problem> {
    if let Some(name) = fields.text("client_name")? {
        client.name = named(name)?;
    }
    if let Some(uris) = fields.texts("redirect_uris")? {
        client.redirect_uris = addresses(uris)?;
    }
    if let Some(types) = fields.texts("grant_types")? {
        client.grant_types = listed("grant_types", types, &GRANT_TYPES)?;
        if !client.grant_types.iter().any(|one| one == GRANT_TYPES[0]) {
            return Err(invalid("grant_types must hold authorization_code"));
        }
    }
    if let Some(types) = fields.texts("response_types")? {
        listed("response_types", types, &["code"])?;
    }
    if let Some(text) = fields.text("scope")? {
        client.scopes = scopes(text)?;
    }
    if let Some(uri) = fields.text("client_uri")? {
        client.uri = home("client_uri", uri)?;
    }
    if let Some(uri) = fields.text("logo_uri")? {
        client.logo_uri = home("logo_uri", uri)?;
    }
    if let Some(name) = fields.text("id_token_signed_response_alg")? {
        let known = ALGORITHMS.iter().find(|known| **known == name);
        let known = known.ok_or_else(|| invalid("id_token_signed_response_alg must be RS256 or ES256"))?;
        client.id_token_algorithm = (*known).to_owned();
    }
    // A secret is not had by saying so, and one that is had is not forgotten so.
    if method(fields)?.is_some_and(|method| (method == "none") != client.secret.is_none()) {
        return Err(invalid("token_endpoint_auth_method can't change between none and a secret"));
    }
    Ok(())
}

/// An application, in the words of dynamic registration (RFC 7591), which clients of the dialect read too.
pub fn client_json(client: &Client, secret: Option<&str>) -> Value {
    let public = client.secret.is_none();
    let mut shown = json!({
        "client_id": client.id.to_string(),
        "client_name": client.name,
        "client_type": if public { "public" } else { "confidential" },
        "token_endpoint_auth_method": if public { "none" } else { METHODS[0] },
        "registration_type": "manual",
        "redirect_uris": client.redirect_uris,
        "grant_types": client.grant_types,
        "response_types": ["code"],
        "scope": client.scopes.join(" "),
        "id_token_signed_response_alg": client.id_token_algorithm,
        "created_at": client.created_at.text(),
        "updated_at": client.updated_at.text(),
    });
    let found = [("client_uri", client.uri.as_deref()), ("logo_uri", client.logo_uri.as_deref())];
    for (name, value) in found.into_iter().chain([("client_secret", secret)]) {
        if let Some(value) = value {
            shown[name] = value.into();
        }
    }
    shown
}

/// What people are shown of an application.
pub(super) fn shown_json(client: &Client) -> Value {
    json!({
        "id": client.id.to_string(),
        "name": client.name,
        "uri": client.uri.as_deref().unwrap_or(""),
        "logo_uri": client.logo_uri.as_deref().unwrap_or(""),
    })
}

fn invalid(message: impl Into<String>) -> Problem {
    Problem::new(Code::ValidationFailed, message)
}

fn method(fields: &Fields) -> Result<Option<&'static str>, Problem> {
    let Some(asked) = fields.text("token_endpoint_auth_method")? else { return Ok(None) };
    let known = METHODS.into_iter().find(|known| *known == asked);
    known.map(Some).ok_or_else(|| {
        invalid("token_endpoint_auth_method must be client_secret_basic, client_secret_post or none")
    })
}

fn named(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let fits = (1..=NAME_MOST).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    match fits {
        true => Ok(name.to_owned()),
        false => Err(invalid(format!("client_name must have 1 to {NAME_MOST} characters"))),
    }
}

fn addresses(uris: Vec<String>) -> Result<Vec<String>, Problem> {
    if !(1..=ADDRESSES_MOST).contains(&uris.len()) {
        return Err(invalid(format!("redirect_uris must hold 1 to {ADDRESSES_MOST} addresses")));
    }
    for uri in &uris {
        if let Some(why) = redirect_uri::unusable(uri) {
            return Err(invalid(format!("redirect_uris: {uri:.100} can't be registered: {why}")));
        }
    }
    Ok(uris)
}

fn listed(name: &str, asked: Vec<String>, known: &[&str]) -> Result<Vec<String>, Problem> {
    match asked.iter().find(|one| !known.contains(&one.as_str())) {
        None if asked.len() <= known.len() => Ok(asked),
        _ => Err(invalid(format!("{name} may hold {}", known.join(", ")))),
    }
}

fn scopes(text: &str) -> Result<Vec<String>, Problem> {
    if text.len() > scope::LONGEST {
        return Err(invalid(format!("scope is longer than {} bytes", scope::LONGEST)));
    }
    let words = scope::words(text);
    match words.iter().find(|word| !scope::known(word)) {
        Some(word) => Err(invalid(format!("scope: there is no {word:.100}"))),
        None => Ok(words.into_iter().map(str::to_owned).collect()),
    }
}

/// A page of the application, or none for an empty text.
fn home(name: &str, uri: &str) -> Result<Option<String>, Problem> {
    match uri {
        "" => Ok(None),
        uri if uri.starts_with("https://") && uri.is_ascii() && redirect::origin(uri).is_some() => {
            Ok(Some(uri.to_owned()))
        }
        _ => Err(invalid(format!("{name} must be an https:// address"))),
    }
}
