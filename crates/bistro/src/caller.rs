//! `--as anon|service|ROLE|JSON`: who asks, on the command line.

use std::sync::Arc;

use bistro_auth::{Asked, Authenticator, Credentials, Keyring, MintRequest, Options, Secrets, mint};
use bistro_ir::Caller;
use bistro_schema::Schema;
use serde_json::{Value, json};

use crate::clock::now_s;
use crate::error::Failure;

/// The caller that the text names. Claims go the way of a real token, so that they mean the same.
pub(crate) fn parse(schema: &Arc<Schema>, text: &str) -> Result<Caller, Failure> {
    match text.trim() {
        "anon" => return Ok(Caller::anonymous()),
        "service" | "service_role" => return Ok(Caller::service()),
        _ => {}
    }
    let wrong = |why: String| {
        Failure::Usage(format!(
            "--as takes anon, service, a role, or claims such as {{\"sub\": \"…\"}}: {why}"
        ))
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let claims = if !text.trim().is_empty() && text.trim().chars().all(is_word) {
        // Whoever it is: an id that no row has.
        json!({ "role": text.trim(), "sub": "00000000-0000-0000-0000-000000000000" })
    } else {
        serde_json::from_str(text).map_err(|e| wrong(e.to_string()))?
    };
    let Value::Object(mut claims) = claims else { return Err(wrong("claims are an object".into())) };
    let take = |claims: &mut serde_json::Map<String, Value>, name: &str| {
        claims.remove(name).and_then(|v| v.as_str().map(str::to_owned))
    };
    let sub = take(&mut claims, "sub");
    let role = take(&mut claims, "role").unwrap_or_else(|| "authenticated".into());
    claims.remove("exp");
    claims.remove("iat");
    known_role(schema, &role)?;
    let keys = || Keyring::new(&Secrets::generate(now_s())?, None, None);
    let more = Value::Object(claims).to_string();
    let request =
        MintRequest { sub: sub.as_deref(), role: &role, roles: &[], claims: Some(&more), ttl_s: 60 };
    let keys = keys()?;
    let token = mint(&keys, &request, now_s())?;
    let authenticator = Authenticator::new(keys, Options::default());
    let authorization = format!("Bearer {token}");
    let shown = Credentials { apikey: None, authorization: Some(&authorization), ..Credentials::default() };
    match authenticator.caller(schema, &shown, now_s(), None)? {
        Asked::Known(caller) => Ok(caller),
        // A token that was just minted is nobody's session.
        Asked::Look(_) => Err(wrong("session_id names a session, which only a running server knows".into())),
    }
}

/// Refuses a role that neither Bistro nor the schema has.
pub(crate) fn known_role(schema: &Schema, role: &str) -> Result<(), Failure> {
    const BUILT_IN: [&str; 4] = ["anon", "authenticated", "service_role", "admin"];
    let declared = || schema.roles.iter().map(|r| r.name.as_str());
    if BUILT_IN.contains(&role) || declared().any(|name| name == role) {
        return Ok(());
    }
    let known: Vec<&str> = BUILT_IN.into_iter().chain(declared()).collect();
    let near = bistro_schema::names::nearest(role, known.iter().copied());
    let near =
        near.map_or_else(|| format!("there are {}", known.join(", ")), |n| format!("did you mean {n}?"));
    Err(Failure::Usage(format!("no role is called {role:?}; {near}")))
}
