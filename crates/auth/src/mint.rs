//! Tokens that the project's secret signs: the API keys of old clients, and users' tokens for development and tests.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};

use crate::error::AuthError;
use crate::keyring::Keyring;

/// How long the API keys of old clients hold: ten years.
const API_KEY_TTL_S: i64 = 10 * 365 * 86_400;

/// The longest life of a minted token: ten years too.
const TTL_MAX_S: i64 = API_KEY_TTL_S;

/// What a token shall say.
#[derive(Clone, Debug)]
pub struct MintRequest<'a> {
    /// Whom it names; needed unless the role is `anon` or `service_role`.
    pub sub: Option<&'a str>,
    /// `anon`, `authenticated`, `service_role`, or a role of the schema (which means `authenticated` with that role).
    pub role: &'a str,
    /// Further roles of the schema.
    pub roles: &'a [String],
    /// Further claims: the text of a JSON object.
    pub claims: Option<&'a str>,
    /// Its life in seconds.
    pub ttl_s: i64,
}

/// Signs a token. Errors name what cannot be asked for.
pub fn mint(keys: &Keyring, request: &MintRequest<'_>, now_s: i64) -> Result<String, AuthError> {
    if !(1..=TTL_MAX_S).contains(&request.ttl_s) {
        return Err(AuthError::Input(format!("--ttl must be between 1 and {TTL_MAX_S} seconds")));
    }
    let mut roles = request.roles.to_vec();
    let role = match request.role {
        "anon" | "authenticated" | "service_role" => request.role,
        declared => {
            roles.insert(0, declared.to_owned());
            "authenticated"
        }
    };
    match (role, request.sub) {
        ("service_role", Some(_)) => {
            return Err(AuthError::Input("a service_role token names nobody: leave out --sub".to_owned()));
        }
        ("authenticated", None) => {
            return Err(AuthError::Input(
                "a user's token needs --sub, usually the id of an account".to_owned(),
            ));
        }
        _ if role != "authenticated" && !roles.is_empty() => {
            return Err(AuthError::Input(format!(
                "roles of the schema go with authenticated, not with {role}"
            )));
        }
        _ => {}
    }
    let mut claims = Map::new();
    claims.insert("iss".to_owned(), json!("bistro"));
    claims.insert("role".to_owned(), json!(role));
    claims.insert("iat".to_owned(), json!(now_s));
    claims.insert("exp".to_owned(), json!(now_s.saturating_add(request.ttl_s)));
    if let Some(sub) = request.sub {
        claims.insert("sub".to_owned(), json!(sub));
        claims.insert("aud".to_owned(), json!("authenticated"));
    }
    add_claims(&mut claims, request.claims)?;
    add_roles(&mut claims, &roles)?;
    sign(keys, &claims)
}

/// The API keys of old clients, the same at each call: (`anon`, `service_role`).
pub fn legacy_keys(keys: &Keyring) -> Result<(String, String), AuthError> {
    let issued = keys.signing().created;
    let key = |role: &str| {
        let claims = json!({"iss": "bistro", "role": role, "iat": issued, "exp": issued.saturating_add(API_KEY_TTL_S)});
        sign(keys, claims.as_object().expect("written above as an object"))
    };
    Ok((key("anon")?, key("service_role")?))
}

/// Adds the caller's claims; those that decide who it is have options of their own.
fn add_claims(claims: &mut Map<String, Value>, text: Option<&str>) -> Result<(), AuthError> {
    let Some(text) = text else { return Ok(()) };
    let more: Value =
        serde_json::from_str(text).map_err(|e| AuthError::Input(format!("--claims is not JSON: {e}")))?;
    let Value::Object(more) = more else {
        return Err(AuthError::Input("--claims must be a JSON object, such as {\"team\": 7}".to_owned()));
    };
    if let Some(taken) = ["sub", "role", "exp", "iat"].into_iter().find(|name| more.contains_key(*name)) {
        return Err(AuthError::Input(format!("--claims cannot set {taken}: use --sub, --role and --ttl")));
    }
    claims.extend(more);
    Ok(())
}

/// Adds roles to `app_metadata.roles`, beside what the claims say there.
fn add_roles(claims: &mut Map<String, Value>, roles: &[String]) -> Result<(), AuthError> {
    if roles.is_empty() {
        return Ok(());
    }
    let wrong =
        || AuthError::Input("app_metadata must be an object and app_metadata.roles a list".to_owned());
    let metadata = claims.entry("app_metadata").or_insert_with(|| json!({}));
    let list = metadata.as_object_mut().ok_or_else(wrong)?.entry("roles").or_insert_with(|| json!([]));
    let list = list.as_array_mut().ok_or_else(wrong)?;
    for role in roles {
        if !list.contains(&json!(role)) {
            list.push(json!(role));
        }
    }
    Ok(())
}

/// Signs claims with the project's secret.
pub(crate) fn sign(keys: &Keyring, claims: &Map<String, Value>) -> Result<String, AuthError> {
    let secret = keys.signing();
    let header = Header { kid: Some(secret.kid.clone()), ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(secret.secret.as_bytes());
    jsonwebtoken::encode(&header, claims, &key)
        .map_err(|_| AuthError::Crypto("the token could not be signed"))
}
