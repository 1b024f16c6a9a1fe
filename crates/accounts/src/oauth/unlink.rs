//! `DELETE /user/identities/{id}`: an identity leaves an account.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::json;
use uuid::Uuid;

use super::may_link;
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Identity, OneTimeToken};
use crate::data::{Rows as _, Tx, is, set};
use crate::flows::user;
use crate::http::{Asked, Bearer, bearer, ok};
use crate::surface::Answered;
use crate::visit::Visit;
use crate::{profile, revoke};

/// The endpoint.
pub async fn unlink(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    may_link(accounts)?;
    let bearer = bearer(accounts, asked).await?;
    user::strong_enough(accounts, &bearer).await?;
    let id = Uuid::parse_str(id).map_err(|_| unknown())?;
    let (inside, visit) = (Arc::clone(accounts), asked.visit.clone());
    let done = accounts.transact(
        &asked.visit,
        Box::new(move |tx| Box::pin(async move { remove(tx, &inside, &visit, bearer, id).await })),
    );
    done.await?;
    Ok(ok(&json!({})))
}

async fn remove(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    bearer: Bearer,
    id: Uuid,
) -> Result<((), After), Problem> {
    let mut after = After::default();
    // Before anything is read: of two that remove at once, the second waits, and sees what is left.
    tx.update::<Account>(is("id", bearer.account.id), set! { updated_at: visit.now }).await?;
    let account = tx.one::<Account>(is("id", bearer.account.id)).await?;
    let mut account = account.ok_or_else(|| Problem::new(Code::UserNotFound, "User not found"))?;
    let all = tx.find::<Identity>(is("account_id", account.id).oldest("created_at")).await?;
    let Some(gone) = all.iter().find(|identity| identity.id == id) else { return Err(unknown()) };
    if all.len() == 1 {
        let message = "User must have at least 1 identity after unlinking";
        return Err(Problem::new(Code::SingleIdentity, message));
    }
    tx.delete::<Identity>(is("id", id)).await?;
    let left: Vec<&Identity> = all.iter().filter(|identity| identity.id != id).collect();
    if gone.provider == "email" {
        // Without its own address the account has neither a password nor links by mail.
        tx.delete::<OneTimeToken>(is("account_id", account.id)).await?;
        tx.update::<Account>(is("id", account.id), set! { password: None::<String> }).await?;
        revoke::account(tx, accounts, &mut after, account.id, Some(bearer.session.id)).await?;
    }
    address(tx, accounts, visit, &mut account, &left).await?;
    let details = json!({"provider": gone.provider, "issuer": gone.issuer});
    audit::note(tx, visit, "identity_unlinked", Actor::Account(account.id), Some(account.id), details)
        .await?;
    revoke::changed(tx, accounts, &mut after, account.id).await?;
    Ok(((), after))
}

/// The account keeps its address while one of the identities that are left has it; otherwise it takes a verified one of theirs.
async fn address(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &mut Account,
    left: &[&Identity],
) -> Result<(), Problem> {
    if account.email.is_none() || left.iter().any(|identity| identity.email == account.email) {
        return Ok(());
    }
    let verified = |identity: &&&Identity| identity.data.get("email_verified") == Some(&json!(true));
    let next = left.iter().filter(verified).find_map(|identity| identity.email.clone());
    if let Some(next) = &next
        && tx.one::<Account>(is("email", next.as_str())).await?.is_some()
    {
        let message = "Unable to unlink identity due to email conflict";
        return Err(Problem::new(Code::EmailConflictIdentity, message));
    }
    account.email_confirmed_at = next.as_ref().map(|_| visit.now);
    account.email = next;
    account.updated_at = visit.now;
    let set = set! {
        email: account.email.clone(),
        email_confirmed_at: account.email_confirmed_at,
        updated_at: visit.now,
    };
    tx.update::<Account>(is("id", account.id), set).await?;
    profile::mirror(tx, accounts, visit, account).await
}

fn unknown() -> Problem {
    Problem::new(Code::IdentityNotFound, "Identity doesn't exist")
}
