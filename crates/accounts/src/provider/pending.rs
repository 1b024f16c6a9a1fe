//! An application's request: kept until the person has decided, and answered once.

use bistro_problem::{Code, Problem};
use serde_json::json;
use uuid::Uuid;

use super::{scope, secret};
use crate::accounts::Accounts;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Authorization, Client, Grant, Session};
use crate::data::{Rows as _, Tx, is, null, set};
use crate::letters::tag;
use crate::mfa;
use crate::redirect::with_query;
use crate::visit::Visit;

/// How long a person may take to decide, in seconds: people look for their passwords first.
pub(super) const DECIDE_S: i64 = 600;
/// How long a code holds, in seconds.
pub(super) const CODE_S: i64 = 60;

/// Who decides: a signed-in person.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// The account.
    pub(super) account: Account,
    /// The session in which the person decides.
    pub(super) session: Session,
}

/// A request that waits for this person, and the application that made it. The first who looks at it is the one who may
/// decide.
///
/// # Errors
/// `oauth_authorization_not_found` for one that was decided, is over, or is somebody else's.
pub(super) async fn waiting(
    tx: &mut Tx<'_>,
    visit: &Visit,
    id: Uuid,
    person: &Person,
) -> Result<(Authorization, Client), Problem> {
    let open = || is("id", id).and(is("status", "pending"));
    let account = person.account.id;
    let found = tx.one::<Authorization>(open()).await?.filter(|found| visit.now < found.expires_at);
    let found = found.filter(|found| found.account_id.is_none_or(|of| of == account)).ok_or_else(unknown)?;
    // Who has to sign in again first may come back as somebody else.
    let own = if stale(&found, person) {
        found
    } else {
        tx.update::<Authorization>(open().and(null("account_id")), set! { account_id: Some(account) })
            .await?;
        tx.one::<Authorization>(open().and(is("account_id", account))).await?.ok_or_else(unknown)?
    };
    let client = tx.one::<Client>(is("id", own.client_id)).await?.ok_or_else(unknown)?;
    Ok((own, client))
}

/// Whether the person must sign in again before deciding: the application asked for it.
pub(super) fn stale(authorization: &Authorization, person: &Person) -> bool {
    authorization.proved_since.is_some_and(|since| person.session.signed_in_s() < since.seconds())
}

/// Refuses who has a second factor and has not used it: what an application may do, it may do without one.
///
/// # Errors
/// `insufficient_aal`.
pub(super) async fn strong(accounts: &Accounts, person: &Person) -> Result<(), Problem> {
    if person.session.aal == "aal2" || !mfa::has_verified(accounts, person.account.id).await? {
        return Ok(());
    }
    let message = "AAL2 session is required to let an application in";
    Err(Problem::new(Code::InsufficientAal, message).status(403))
}

/// Whether the person has granted all of it before, and need not be asked.
pub(super) async fn granted(
    tx: &mut Tx<'_>,
    authorization: &Authorization,
    client: &Client,
    person: &Person,
) -> Result<bool, Problem> {
    // Security: any program on a machine can claim a loopback port or a scheme and name a public client's id, so that the
    // person decides each time (RFC 8252, 8.6).
    let sure = client.secret.is_some() || authorization.redirect_uri.starts_with("https://");
    if authorization.ask || !sure {
        return Ok(false);
    }
    let grant = tx.one::<Grant>(grant_of(person.account.id, client.id)).await?;
    let granted = grant.map(|grant| grant.scope).unwrap_or_default();
    Ok(!granted.is_empty() && scope::words(&authorization.scope).iter().all(|w| scope::has(&granted, w)))
}

/// The person agrees: where the browser goes on, with a code.
///
/// # Errors
/// `oauth_authorization_not_found` if it was decided meanwhile.
pub(super) async fn approve(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    authorization: &Authorization,
    person: &Person,
) -> Result<String, Problem> {
    let code = secret::random()?;
    let columns = set! {
        status: "approved",
        code: Some(tag(accounts, "oauth_code", &[&code])),
        account_id: Some(person.account.id),
        session_id: Some(person.session.id),
        expires_at: visit.now.plus_s(CODE_S),
    };
    let once = is("id", authorization.id).and(is("status", "pending"));
    if tx.update::<Authorization>(once, columns).await? == 0 {
        return Err(unknown());
    }
    remember(tx, visit, authorization, person.account.id).await?;
    note(tx, visit, "oauth_approved", authorization, person).await?;
    Ok(answer(accounts, authorization, &[("code", &code)]))
}

/// The person refuses: where the browser goes on.
///
/// # Errors
/// As [`approve`].
pub(super) async fn deny(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    authorization: &Authorization,
    person: &Person,
) -> Result<String, Problem> {
    let once = is("id", authorization.id).and(is("status", "pending"));
    if tx.update::<Authorization>(once, set! { status: "denied" }).await? == 0 {
        return Err(unknown());
    }
    note(tx, visit, "oauth_denied", authorization, person).await?;
    let members = [("error", "access_denied"), ("error_description", "The person refused")];
    Ok(answer(accounts, authorization, &members))
}

fn answer(accounts: &Accounts, authorization: &Authorization, members: &[(&str, &str)]) -> String {
    answered(accounts, &authorization.redirect_uri, authorization.state.as_deref(), members)
}

/// The application's address with an answer: `state` as it came, and `iss`, so that it knows who answers (RFC 9207).
pub(super) fn answered(
    accounts: &Accounts,
    redirect_uri: &str,
    state: Option<&str>,
    members: &[(&str, &str)],
) -> String {
    let issuer = accounts.settings.issuer();
    let state = state.map(|state| ("state", state));
    let all: Vec<_> = members.iter().copied().chain(state).chain([("iss", issuer.as_str())]).collect();
    with_query(redirect_uri, &all)
}

/// Whose grant to which application.
pub(super) fn grant_of(account: Uuid, client: Uuid) -> crate::data::Filter {
    is("account_id", account).and(is("client_id", client))
}

/// Keeps what was granted, so that the person can withdraw it and is not asked for the same again.
async fn remember(
    tx: &mut Tx<'_>,
    visit: &Visit,
    authorization: &Authorization,
    account: Uuid,
) -> Result<(), Problem> {
    let (client, now) = (authorization.client_id, visit.now);
    let Some(grant) = tx.one::<Grant>(grant_of(account, client)).await? else {
        let scope = authorization.scope.clone();
        let grant = Grant {
            id: Uuid::now_v7(),
            account_id: account,
            client_id: client,
            scope,
            created_at: now,
            updated_at: now,
        };
        return tx.insert(grant).await;
    };
    let both = format!("{} {}", grant.scope, authorization.scope);
    let both = scope::words(&both).join(" ");
    // What was granted long ago is forgotten before it grows too long to keep.
    let scope = if both.len() <= scope::LONGEST { both } else { authorization.scope.clone() };
    tx.update::<Grant>(is("id", grant.id), set! { scope: scope, updated_at: now }).await.map(drop)
}

async fn note(
    tx: &mut Tx<'_>,
    visit: &Visit,
    action: &'static str,
    authorization: &Authorization,
    person: &Person,
) -> Result<(), Problem> {
    let details = json!({ "client": authorization.client_id.to_string(), "scope": authorization.scope });
    let account = person.account.id;
    audit::note(tx, visit, action, Actor::Account(account), Some(account), details).await
}

/// No such request waits.
pub(super) fn unknown() -> Problem {
    Problem::new(Code::OauthAuthorizationNotFound, "Authorization not found, decided, or over")
}
