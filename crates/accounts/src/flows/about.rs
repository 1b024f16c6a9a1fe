//! What the service says of itself.

use std::sync::Arc;

use bistro_wire::Response;
use bistro_wire::problem_reply::JSON;
use serde_json::json;

use crate::accounts::Accounts;
use crate::http::{Asked, ok};
use crate::surface::Answered;

/// `GET /health`, under the name that clients look for.
pub fn health() -> Answered {
    let version = env!("CARGO_PKG_VERSION");
    Ok(ok(&json!({"version": version, "name": "GoTrue", "description": "Bistro's accounts"})))
}

/// `GET /settings`: what is on.
pub fn settings(accounts: &Accounts) -> Answered {
    let settings = &accounts.settings;
    let mut external = json!({
        "email": true, "phone": false, "anonymous_users": settings.anonymous, "web3": false,
    });
    for provider in accounts.providers.names() {
        external[provider] = json!(true);
    }
    Ok(ok(&json!({
        "external": external,
        "disable_signup": settings.disable_signup,
        "mailer_autoconfirm": !settings.confirm_email,
        "phone_autoconfirm": false,
        "sms_provider": "",
        "saml_enabled": false,
        "scim_enabled": false,
        "passkeys_enabled": settings.webauthn_id.is_some(),
    })))
}

/// `GET /.well-known/jwks.json`.
pub fn jwks(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let keys = accounts.keys.jwks(asked.visit.now.seconds());
    Ok(Response::new(200, keys).header("content-type", JSON).header("cache-control", "public, max-age=600"))
}
