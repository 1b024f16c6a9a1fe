//! What somebody gathered in an account whose address they never proved.

use bistro_problem::Problem;

use super::forget;
use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::{Account, Factor, Identity};
use crate::data::{Filter, Rows as _, Tx, is, is_not, set};
use crate::revoke;

/// Takes away what lets others into an account, before its address is confirmed by somebody who did not sign up for it just
/// now: anybody can sign up with anybody's address and wait. What the account says of its owner stays.
pub async fn drop_gathered(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    account: &mut Account,
    after: &mut After,
) -> Result<(), Problem> {
    account.password = None;
    account.password_changed_at = None;
    let set = set! { password: account.password.clone(), password_changed_at: account.password_changed_at };
    tx.update::<Account>(is("id", account.id), set).await?;
    tx.delete::<Identity>(others(account)).await?;
    tx.delete::<Factor>(is("account_id", account.id)).await?;
    forget(tx, account.id).await?;
    revoke::account(tx, accounts, after, account.id, None).await
}

/// Takes away the identities at providers, before a sign-up goes over an account that was never confirmed: the mail of that
/// sign-up vouches for none of them.
pub async fn drop_identities(tx: &mut Tx<'_>, account: &Account) -> Result<(), Problem> {
    tx.delete::<Identity>(others(account)).await.map(drop)
}

/// Whether somebody came to the account from a provider.
pub(super) async fn has_identities(tx: &mut Tx<'_>, account: &Account) -> Result<bool, Problem> {
    Ok(tx.one::<Identity>(others(account)).await?.is_some())
}

fn others(account: &Account) -> Filter {
    is("account_id", account.id).and(is_not("provider", "email"))
}
