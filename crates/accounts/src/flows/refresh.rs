//! Refresh tokens: each is used once, and a copy that comes later ends the session.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::json;
use uuid::Uuid;

use super::account::may_sign_in;
use super::issued::Issued;
use super::refresh_token::RefreshToken;
use super::session;
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Session};
use crate::data::{Rows as _, Tx, is, set};
use crate::limits;
use crate::revoke;
use crate::visit::Visit;

/// Goes on with a session: a new access token and a new refresh token. An application's session goes on for that application
/// alone, `client`; a person's own for none.
///
/// # Errors
/// 400 for a token that does not hold; clients then forget the session, so nothing that may pass answers so.
pub(crate) async fn refresh(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    token: &str,
    client: Option<Uuid>,
) -> Result<Issued, Problem> {
    let token = RefreshToken::read(token, &accounts.keys.pepper()).ok_or_else(unknown)?;
    limits::refresh(accounts, visit, token.session).await?;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let refreshed = accounts.transact(
        visit,
        Box::new(move |tx| Box::pin(async move { rotate(tx, &inside, &seen, token, client).await })),
    );
    refreshed.await?
}

fn unknown() -> Problem {
    Problem::new(Code::RefreshTokenNotFound, "Invalid Refresh Token: Refresh Token Not Found")
}

/// The inner result is committed whatever it is: the end of a session whose token was copied stays.
async fn rotate(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    token: RefreshToken,
    client: Option<Uuid>,
) -> Result<(Result<Issued, Problem>, After), Problem> {
    let mut after = After::default();
    let now = visit.now;
    let found = tx.one::<Session>(is("id", token.session)).await?;
    let Some(mut session) = found.filter(|session| session.client_id == client) else {
        return Ok((Err(unknown()), after));
    };
    let account = tx.one::<Account>(is("id", session.account_id)).await?;
    let Some(account) = account.filter(|account| account.deleted_at.is_none()) else {
        return Ok((Err(unknown()), after));
    };
    if let Err(problem) = may_sign_in(&account, now) {
        return Ok((Err(problem), after));
    }
    if !session.holds(&accounts.settings, now) {
        revoke::session(tx, accounts, &mut after, session.id).await?;
        return Ok((
            Err(Problem::new(Code::SessionExpired, "Invalid Refresh Token: Session Expired")),
            after,
        ));
    }
    if token.counter == session.counter {
        let in_force = is("id", session.id).and(is("counter", session.counter));
        let next = session.counter + 1;
        if tx.update::<Session>(in_force, set! { counter: next, refreshed_at: now, used_at: now }).await? > 0
        {
            session.counter = next;
            (session.refreshed_at, session.used_at) = (now, now);
        } else if let Some(raced) = tx.one::<Session>(is("id", session.id)).await? {
            // Another tab was first: both go on with the token that it made.
            session = raced;
        } else {
            return Ok((Err(unknown()), after));
        }
        return session::issue(tx, accounts, account, session, now).await.map(|issued| (Ok(issued), after));
    }
    // Whoever lost the reply comes with the token before; several tabs may be a few behind for a moment.
    // An application has to keep its tokens better than that (RFC 9700, 4.14.2).
    let lost = client.is_none() && token.counter == session.counter - 1;
    let raced = token.counter < session.counter
        && now < session.refreshed_at.plus_s(accounts.settings.reuse_interval_s);
    if lost || raced {
        return session::issue(tx, accounts, account, session, now).await.map(|issued| (Ok(issued), after));
    }
    revoke::session(tx, accounts, &mut after, session.id).await?;
    let details = json!({"session": session.id.to_string()});
    audit::note(tx, visit, "refresh_token_reused", Actor::Nobody, Some(account.id), details).await?;
    Ok((Err(Problem::new(Code::RefreshTokenUsed, "Invalid Refresh Token: Already Used")), after))
}
