//! The end of sessions, here and on every node.

use bistro_problem::Problem;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::{Revocation, Session};
use crate::data::{Rows as _, Time, Tx, is, is_not, set};

/// Ends one session. Whether there was one.
pub async fn session(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    after: &mut After,
    id: Uuid,
) -> Result<bool, Problem> {
    let ended = tx.delete::<Session>(is("id", id)).await?;
    after.sessions.push(id);
    note(tx, accounts, None, Some(id)).await?;
    Ok(ended > 0)
}

/// Ends the sessions of an account, but perhaps one.
pub async fn account(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    after: &mut After,
    id: Uuid,
    keep: Option<Uuid>,
) -> Result<(), Problem> {
    let all = is("account_id", id);
    let ended = match keep {
        Some(kept) => all.and(is_not("id", kept)),
        None => all,
    };
    tx.delete::<Session>(ended).await?;
    changed(tx, accounts, after, id).await
}

/// Ends the sessions of a banned account. Their rows stay for a while, so that who comes with one is told of the ban.
pub async fn banned(tx: &mut Tx<'_>, id: Uuid, now: Time) -> Result<(), Problem> {
    tx.update::<Session>(is("account_id", id), set! { not_after: Some(now) }).await.map(drop)
}

/// The sessions of an account go on, but what they may do has changed.
pub async fn changed(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    after: &mut After,
    id: Uuid,
) -> Result<(), Problem> {
    after.accounts.push(id);
    note(tx, accounts, Some(id), None).await
}

/// Tells other nodes, where there may be some.
async fn note(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    account_id: Option<Uuid>,
    session_id: Option<Uuid>,
) -> Result<(), Problem> {
    if !accounts.data.shared() {
        return Ok(());
    }
    let at = Time(tx.context().now);
    tx.insert(Revocation { id: Uuid::now_v7(), account_id, session_id, at }).await
}
