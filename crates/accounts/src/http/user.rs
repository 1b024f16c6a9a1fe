//! Accounts, identities and sessions as the dialect prints them.

use serde_json::{Map, Value, json};

use crate::data::Time;
use crate::data::records::{Account, Factor, Identity};
use crate::flows::Issued;
use crate::mfa::PASSKEY;

/// The dialect's only audience.
const AUDIENCE: &str = "authenticated";

/// An account. What is empty is left out, but `email` and `phone`, which clients want as texts.
pub fn user_json(account: &Account, identities: &[Identity], factors: &[Factor]) -> Value {
    let mut user = Map::new();
    let mut put = |name: &str, value: Value| user.insert(name.to_owned(), value);
    put("id", json!(account.id.to_string()));
    put("aud", json!(AUDIENCE));
    put("role", json!("authenticated"));
    put("email", json!(account.email.as_deref().unwrap_or("")));
    put("phone", json!(account.phone.as_deref().unwrap_or("")));
    let confirmed = account.email_confirmed_at.or(account.phone_confirmed_at);
    for (name, at) in [
        ("email_confirmed_at", account.email_confirmed_at),
        ("phone_confirmed_at", account.phone_confirmed_at),
        ("confirmed_at", confirmed),
        ("invited_at", account.invited_at),
        ("confirmation_sent_at", account.confirmation_sent_at),
        ("recovery_sent_at", account.recovery_sent_at),
        ("email_change_sent_at", account.email_change_sent_at),
        ("reauthentication_sent_at", account.reauthentication_sent_at),
        ("last_sign_in_at", account.last_sign_in_at),
        ("banned_until", account.banned_until),
        ("deleted_at", account.deleted_at),
    ] {
        if let Some(at) = at {
            put(name, json!(at.text()));
        }
    }
    if let Some(new) = &account.new_email {
        put("new_email", json!(new));
    }
    put("app_metadata", app_metadata(account, identities).into());
    put("user_metadata", Value::Object(account.user_metadata.clone()));
    put("identities", identities.iter().map(identity_json).collect());
    // A passkey stands in for a password; it is no second factor.
    let factors: Vec<Value> =
        factors.iter().filter(|factor| factor.kind != PASSKEY).map(factor_json).collect();
    if !factors.is_empty() {
        put("factors", Value::Array(factors));
    }
    put("created_at", json!(account.created_at.text()));
    put("updated_at", json!(account.updated_at.text()));
    put("is_anonymous", json!(account.is_anonymous));
    Value::Object(user)
}

/// What the server says of an account: stored members, the providers of its identities, its roles.
pub fn app_metadata(account: &Account, identities: &[Identity]) -> Map<String, Value> {
    let mut metadata = account.app_metadata.clone();
    let mut providers: Vec<&str> = Vec::new();
    for identity in identities {
        if !providers.contains(&identity.provider.as_str()) {
            providers.push(&identity.provider);
        }
    }
    if let Some(first) = providers.first() {
        metadata.insert("provider".to_owned(), json!(first));
        metadata.insert("providers".to_owned(), json!(providers));
    }
    match account.roles.is_empty() {
        true => metadata.remove("roles"),
        false => metadata.insert("roles".to_owned(), json!(account.roles)),
    };
    metadata
}

/// An identity.
pub fn identity_json(identity: &Identity) -> Value {
    let mut out = json!({
        "identity_id": identity.id.to_string(),
        "id": identity.subject,
        "user_id": identity.account_id.to_string(),
        "identity_data": identity.data,
        "provider": identity.provider,
        "last_sign_in_at": identity.last_sign_in_at.map(Time::text),
        "created_at": identity.created_at.text(),
        "updated_at": identity.updated_at.text(),
    });
    if let Some(email) = &identity.email {
        out["email"] = json!(email);
    }
    out
}

/// A factor; its secret is never printed.
pub fn factor_json(factor: &Factor) -> Value {
    let mut out = json!({
        "id": factor.id.to_string(),
        "friendly_name": factor.friendly_name,
        "factor_type": factor.kind,
        "status": if factor.verified { "verified" } else { "unverified" },
        "created_at": factor.created_at.text(),
        "updated_at": factor.updated_at.text(),
    });
    if let Some(at) = factor.last_challenged_at {
        out["last_challenged_at"] = json!(at.text());
    }
    out
}

/// A session that was just opened or refreshed.
pub fn session_json(issued: &Issued) -> Value {
    let mut out = json!({
        "access_token": issued.access_token,
        "token_type": Issued::TOKEN_TYPE,
        "expires_in": issued.expires_in,
        "expires_at": issued.expires_at,
        "refresh_token": issued.refresh_token,
        "user": user_json(&issued.account, &issued.identities, &issued.factors),
    });
    if let Some(token) = &issued.provider_token {
        out["provider_token"] = json!(token);
    }
    if let Some(token) = &issued.provider_refresh_token {
        out["provider_refresh_token"] = json!(token);
    }
    out
}
