//! What applications read to find everything: OpenID Connect Discovery and RFC 8414, one document for both.

use std::sync::Arc;

use bistro_wire::Response;
use bistro_wire::problem_reply::JSON;
use serde_json::json;

use super::client::{ALGORITHMS, GRANT_TYPES, METHODS};
use super::scope;
use crate::accounts::Accounts;
use crate::surface::Answered;

/// How long it may be kept, in seconds.
const KEPT_S: u32 = 600;

/// The document.
pub fn metadata(accounts: &Arc<Accounts>) -> Answered {
    let issuer = accounts.settings.issuer();
    let at = |path: &str| format!("{issuer}/{path}");
    let scopes: Vec<&str> = scope::PERSONAL.into_iter().chain(["data:read", "data:write"]).collect();
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": at("oauth/authorize"),
        "token_endpoint": at("oauth/token"),
        "userinfo_endpoint": at("oauth/userinfo"),
        "revocation_endpoint": at("oauth/revoke"),
        "introspection_endpoint": at("oauth/introspect"),
        "jwks_uri": at(".well-known/jwks.json"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GRANT_TYPES,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ALGORITHMS,
        "token_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint_auth_methods_supported": METHODS[..2],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "at_hash", "email",
            "email_verified", "name", "given_name", "family_name", "preferred_username", "picture", "locale",
            "updated_at"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    });
    Ok(Response::new(200, document.to_string())
        .header("content-type", JSON)
        .header("cache-control", format!("public, max-age={KEPT_S}")))
}
