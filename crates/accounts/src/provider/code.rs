//! Codes become sessions: each once.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::json;
use uuid::Uuid;

use super::form::Form;
use super::pending::grant_of;
use super::scope;
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Authorization, Client, Grant, Session};
use crate::data::{Rows as _, Tx, is, set};
use crate::flows::session::{self, Application, Method};
use crate::flows::{Challenge, Issued, RefreshToken, may_sign_in};
use crate::letters::tag;
use crate::revoke;
use crate::visit::Visit;

/// What a code was exchanged for.
pub(super) struct Exchanged {
    /// The tokens of the application's session.
    pub(super) issued: Issued,
    /// What was granted.
    pub(super) scope: String,
    /// What the ID token must repeat.
    pub(super) nonce: Option<String>,
    /// The session in which the person granted it.
    pub(super) of: Session,
}

/// What an application shows for its tokens.
#[derive(Clone, Debug)]
struct Shown {
    client: Uuid,
    code: String,
    redirect_uri: Option<String>,
    verifier: String,
}

/// Exchanges the code of a form.
///
/// # Errors
/// `invalid_grant` for whatever is wrong with it.
pub(super) async fn exchange(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    client: &Client,
    form: &Form,
) -> Result<Exchanged, Problem> {
    let shown = Shown {
        client: client.id,
        code: tag(accounts, "oauth_code", &[form.needed("code")?]),
        redirect_uri: form.get("redirect_uri").map(str::to_owned),
        verifier: form.needed("code_verifier")?.to_owned(),
    };
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let taken = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let mut after = After::default();
                let taken = take(tx, &inside, &seen, &shown, &mut after).await?;
                Ok((taken, after))
            })
        }),
    );
    taken.await?
}

/// The inner result is committed whatever it is: the end of a session whose code was copied stays.
async fn take(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    shown: &Shown,
    after: &mut After,
) -> Result<Result<Exchanged, Problem>, Problem> {
    let own = is("code", shown.code.as_str()).and(is("client_id", shown.client));
    let Some(authorization) = tx.one::<Authorization>(own).await? else { return Ok(Err(refused())) };
    if authorization.status == "used" {
        return used_again(tx, accounts, visit, authorization.id, after).await.map(Err);
    }
    let address = shown.redirect_uri.as_ref().is_none_or(|uri| *uri == authorization.redirect_uri);
    let fits = Challenge::fits(&authorization.code_challenge, "s256", &shown.verifier);
    if authorization.status != "approved" || visit.now >= authorization.expires_at || !address || !fits {
        return Ok(Err(refused()));
    }
    let Some((account, of)) = holder(tx, accounts, visit, &authorization).await? else {
        return Ok(Err(refused()));
    };
    let once = is("id", authorization.id).and(is("status", "approved"));
    if tx.update::<Authorization>(once, set! { status: "used" }).await? == 0 {
        return used_again(tx, accounts, visit, authorization.id, after).await.map(Err);
    }
    let issued = open(tx, accounts, visit, account, &authorization, of.clone()).await?;
    let (scope, nonce) = (authorization.scope, authorization.nonce);
    Ok(Ok(Exchanged { issued, scope, nonce, of }))
}

/// Whose code it is, and the session in which that person granted it; `None` if they signed out, withdrew the grant, or may not sign in any
/// more.
async fn holder(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    authorization: &Authorization,
) -> Result<Option<(Account, Session)>, Problem> {
    let (Some(account), Some(session)) = (authorization.account_id, authorization.session_id) else {
        return Ok(None);
    };
    let granted = tx.one::<Grant>(grant_of(account, authorization.client_id)).await?.is_some();
    let session = tx.one::<Session>(is("id", session)).await?;
    let session = session.filter(|session| session.holds(&accounts.settings, visit.now));
    let account = tx.one::<Account>(is("id", account)).await?;
    let account = account.filter(|a| a.deleted_at.is_none() && may_sign_in(a, visit.now).is_ok());
    Ok(account.zip(session).filter(|_| granted))
}

/// Opens the application's session. Without `offline_access` it ends with its only access token.
async fn open(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: Account,
    authorization: &Authorization,
    of: Session,
) -> Result<Issued, Problem> {
    let (client, scope) = (authorization.client_id, authorization.scope.clone());
    let application = Application { client, scope, of: Box::new(of) };
    let issued = session::open(tx, accounts, visit, account, Method::Application, Some(application)).await?;
    let made = RefreshToken::read(&issued.refresh_token, &accounts.keys.pepper());
    let made = made.ok_or_else(|| Problem::bug("a refresh token of our own can't be read"))?.session;
    if !scope::has(&authorization.scope, "offline_access") {
        let end = Some(visit.now.plus_s(issued.expires_in));
        tx.update::<Session>(is("id", made), set! { not_after: end }).await?;
    }
    tx.update::<Authorization>(is("id", authorization.id), set! { session_id: Some(made) }).await?;
    Ok(issued)
}

/// A code that comes twice was copied: what the first one made is over (RFC 6749, 4.1.2).
async fn used_again(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    id: Uuid,
    after: &mut After,
) -> Result<Problem, Problem> {
    let used = tx.one::<Authorization>(is("id", id)).await?;
    if let Some(Authorization { session_id: Some(session), account_id, client_id, .. }) = used {
        revoke::session(tx, accounts, after, session).await?;
        let details = json!({ "client": client_id.to_string(), "session": session.to_string() });
        audit::note(tx, visit, "oauth_code_reused", Actor::Nobody, account_id, details).await?;
    }
    Ok(refused())
}

fn refused() -> Problem {
    Problem::new(Code::OauthInvalidGrant, "The code is wrong, used or over")
}
