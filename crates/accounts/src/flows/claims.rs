//! The claims of an access token, from what is stored.

use bistro_auth::UserClaims;
use bistro_problem::Problem;
use serde_json::Value;

use super::session::Method;
use crate::accounts::Accounts;
use crate::data::records::{Account, Identity, Session};
use crate::data::{Time, is};
use crate::http::app_metadata;
use crate::provider::scope;

/// What a token of a session would say now, as JSON, for callers who have none.
pub(crate) async fn text(
    accounts: &Accounts,
    account: &Account,
    session: &Session,
    now: Time,
) -> Result<String, Problem> {
    let identities = identities(accounts, account).await?;
    said(&claims(accounts, account, &identities, session, now))
}

/// What a token of an account would say that has just signed in with its password, without a session.
pub(crate) async fn text_by_password(
    accounts: &Accounts,
    account: &Account,
    now: Time,
) -> Result<String, Problem> {
    let identities = identities(accounts, account).await?;
    said(&by_password(accounts, account, &identities, now))
}

async fn identities(accounts: &Accounts, account: &Account) -> Result<Vec<Identity>, Problem> {
    accounts.data.find::<Identity>(is("account_id", account.id).oldest("created_at")).await
}

fn said(claims: &UserClaims) -> Result<String, Problem> {
    serde_json::to_string(&claims.object()).map_err(|_| Problem::bug("claims are no JSON"))
}

/// What an application's token says, which its holder reads: no more than the scopes that the person agreed to. Rules see the
/// whole, by the session.
pub(super) fn shown(mut claims: UserClaims, session: &Session) -> UserClaims {
    if session.client_id.is_none() {
        return claims;
    }
    let granted = session.scope.as_deref().unwrap_or_default();
    if !scope::has(granted, "email") {
        claims.email = String::new();
        claims.phone = String::new();
    }
    if !scope::has(granted, "profile") {
        claims.user_metadata.clear();
    }
    claims.app_metadata.clear();
    claims
}

/// What the token of a session says.
pub(super) fn claims(
    accounts: &Accounts,
    account: &Account,
    identities: &[Identity],
    session: &Session,
    now: Time,
) -> UserClaims {
    let amr = session.amr.as_array().map_or(&[][..], Vec::as_slice);
    let step = |entry: &Value| {
        let method = entry.get("method")?.as_str()?.to_owned();
        Some((method, entry.get("timestamp")?.as_i64()?))
    };
    UserClaims {
        session: Some(session.id.into_bytes()),
        aal: session.aal.clone(),
        amr: amr.iter().filter_map(step).collect(),
        client_id: session.client_id.map(|id| id.to_string()),
        scope: session.scope.clone(),
        ..by_password(accounts, account, identities, now)
    }
}

/// What is said of an account that has just signed in with its password.
fn by_password(accounts: &Accounts, account: &Account, identities: &[Identity], now: Time) -> UserClaims {
    UserClaims {
        account: account.id.into_bytes(),
        session: None,
        email: account.email.clone().unwrap_or_default(),
        phone: account.phone.clone().unwrap_or_default(),
        app_metadata: app_metadata(account, identities),
        user_metadata: account.user_metadata.clone(),
        aal: "aal1".to_owned(),
        amr: vec![(Method::Password.word().to_owned(), now.seconds())],
        is_anonymous: account.is_anonymous,
        issued_s: now.seconds(),
        ttl_s: accounts.settings.token_ttl_s,
        client_id: None,
        scope: None,
        audience: "authenticated".to_owned(),
        issuer: accounts.settings.issuer(),
    }
}
