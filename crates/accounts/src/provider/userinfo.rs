//! `/oauth/userinfo`: what an application may know of the person.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::{Map, Value, json};

use super::scope;
use crate::accounts::Accounts;
use crate::data::records::Account;
use crate::http::{Asked, holder, ok};
use crate::surface::Answered;

/// The standard claims of `profile`, and where they are found in what people say of themselves.
const PROFILE: [(&str, &[&str]); 13] = [
    ("name", &["name", "full_name"]),
    ("given_name", &["given_name"]),
    ("family_name", &["family_name"]),
    ("middle_name", &["middle_name"]),
    ("nickname", &["nickname"]),
    ("preferred_username", &["preferred_username", "user_name"]),
    ("profile", &["profile"]),
    ("picture", &["picture", "avatar_url"]),
    ("website", &["website"]),
    ("gender", &["gender"]),
    ("birthdate", &["birthdate"]),
    ("zoneinfo", &["zoneinfo"]),
    ("locale", &["locale"]),
];

/// The endpoint.
///
/// # Errors
/// 401 for a token that does not hold, `insufficient_scope` for one without `openid`.
pub async fn userinfo(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let holder = holder(accounts, asked).await.map_err(|problem| match problem.status {
        403 => problem.status(401),
        _ => problem,
    })?;
    // The project's own applications know all that the person's session knows.
    let scope = match (holder.session.client_id, holder.session.scope) {
        (Some(_), scope) => scope.unwrap_or_default(),
        (None, _) => scope::PERSONAL.join(" "),
    };
    if !scope::has(&scope, "openid") {
        return Err(Problem::new(Code::InsufficientScope, "The application was not granted openid"));
    }
    Ok(ok(&Value::Object(claims(&holder.account, &scope))))
}

/// The claims of an account that a scope gives.
pub(super) fn claims(account: &Account, scope: &str) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(account.id.to_string()));
    if scope::has(scope, "email")
        && let Some(email) = &account.email
    {
        claims.insert("email".to_owned(), json!(email));
        claims.insert("email_verified".to_owned(), json!(account.email_confirmed_at.is_some()));
    }
    if scope::has(scope, "profile") {
        for (claim, names) in PROFILE {
            let found = names.iter().find_map(|name| account.user_metadata.get(*name)?.as_str());
            if let Some(text) = found {
                claims.insert(claim.to_owned(), json!(text));
            }
        }
        claims.insert("updated_at".to_owned(), json!(account.updated_at.seconds()));
    }
    claims
}
