//! An account as rules see it.

use std::sync::Arc;

use bistro_ir::{Caller, CallerKind};
use bistro_schema::{Roles, Schema};
use serde_json::json;

use crate::data::records::Account;
use crate::http::app_metadata;
use crate::visit::Visit;

/// The person of an account, with the claims that a token of theirs has. Nobody uses an administrator's power for what they
/// say of themselves.
pub(super) fn caller(schema: &Schema, visit: &Visit, account: &Account, aal: &str) -> Caller {
    let claims = json!({
        "sub": account.id.to_string(),
        "role": "authenticated",
        "aud": "authenticated",
        "email": account.email.as_deref().unwrap_or(""),
        "phone": account.phone.as_deref().unwrap_or(""),
        "app_metadata": app_metadata(account, &[]),
        "user_metadata": account.user_metadata,
        "aal": aal,
        "is_anonymous": account.is_anonymous,
    });
    let roles = account.roles.iter().map(String::as_str).filter(|role| *role != "admin");
    let caller = Caller::user(account.id.into_bytes()).with_roles(schema.roles_named(roles));
    Caller { claims: Arc::from(claims.to_string()), ip: visit.ip, ..caller }
}

/// The project itself, on behalf of a person: no rule binds it, and defaults see the person.
pub(super) fn on_behalf(person: &Caller) -> Caller {
    Caller { kind: CallerKind::Service, roles: Roles::SERVICE, ..person.clone() }
}
