//! The claims of an access token, from what is stored.

use bistro_auth::UserClaims;
use bistro_problem::Problem;
use serde_json::Value;

use crate::accounts::Accounts;
use crate::data::records::{Account, Identity, Session};
use crate::data::{Time, is};
use crate::http::app_metadata;

/// What a token of a session would say now, as JSON, for callers who have none.
pub(crate) async fn text(
    accounts: &Accounts,
    account: &Account,
    session: &Session,
    now: Time,
) -> Result<String, Problem> {
    let own = is("account_id", account.id).oldest("created_at");
    let identities = accounts.data.find::<Identity>(own).await?;
    let said = claims(accounts, account, &identities, session, now).object();
    serde_json::to_string(&said).map_err(|_| Problem::bug("claims are no JSON"))
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
        account: account.id.into_bytes(),
        session: session.id.into_bytes(),
        email: account.email.clone().unwrap_or_default(),
        phone: account.phone.clone().unwrap_or_default(),
        app_metadata: app_metadata(account, identities),
        user_metadata: account.user_metadata.clone(),
        aal: session.aal.clone(),
        amr: amr.iter().filter_map(step).collect(),
        is_anonymous: account.is_anonymous,
        issued_s: now.seconds(),
        ttl_s: accounts.settings.token_ttl_s,
        client_id: session.client_id.map(|id| id.to_string()),
        scope: session.scope.clone(),
        audience: "authenticated".to_owned(),
        issuer: accounts.settings.issuer(),
    }
}
