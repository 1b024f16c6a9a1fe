//! The owner of an address comes, and somebody had made an account under it without proving anything: the account becomes
//! the owner's, and what was gathered in it is dropped, so that nobody waits in it (CVE class "pre-hijacking").

use bistro_oidc::Person;
use bistro_problem::Problem;
use serde_json::json;

use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Challenge, Flow, Grant, Identity, RecoveryCode};
use crate::data::{Rows as _, Tx, is, set};
use crate::flows::account::fitting;
use crate::visit::Visit;
use crate::{letters, profile};

/// Drops every way in, ends the sessions, and lets the account say what the provider says of its owner; its address is
/// confirmed from now on. Roles and what the server says of the account stay: they were given to the address.
pub(super) async fn clear(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &mut Account,
    person: &Person,
    after: &mut After,
) -> Result<(), Problem> {
    letters::drop_gathered(tx, accounts, account, after).await?;
    let theirs = || is("account_id", account.id);
    tx.delete::<Identity>(theirs()).await?;
    tx.delete::<Flow>(theirs()).await?;
    tx.delete::<Challenge>(theirs()).await?;
    tx.delete::<RecoveryCode>(theirs()).await?;
    tx.delete::<Grant>(theirs()).await?;
    account.email_confirmed_at = Some(visit.now);
    account.new_email = None;
    account.is_anonymous = false;
    account.user_metadata = fitting(person.claims.clone());
    account.updated_at = visit.now;
    let set = set! {
        email_confirmed_at: account.email_confirmed_at,
        new_email: None::<String>,
        email_change_confirmed: 0_i64,
        phone: None::<String>,
        is_anonymous: false,
        user_metadata: account.user_metadata.clone(),
        updated_at: visit.now,
    };
    tx.update::<Account>(is("id", account.id), set).await?;
    profile::change(tx, accounts, visit, (account, "aal1"), &person.claims).await?;
    let details = json!({"issuer": person.issuer});
    audit::note(tx, visit, "account_reclaimed", Actor::Account(account.id), Some(account.id), details).await
}
