//! A password that is shown to sign in: compared, and the account judged. What follows from it is the caller's.

use std::sync::Arc;

use bistro_password::Password;
use bistro_problem::{Code, Problem};
use serde_json::json;

use super::account::admitted;
use super::email;
use crate::accounts::Accounts;
use crate::audit;
use crate::data::records::Account;
use crate::data::{Rows as _, Tx, is, set};
use crate::limits::Attempt;
use crate::visit::Visit;

/// An account whose password was shown, and which may sign in.
pub(super) struct Verified {
    account: Account,
    /// The hash made anew, where that is due.
    renewed: Option<String>,
}

/// Compares a password with that of the account with this address. An unknown address, a wrong password and an account
/// without one answer alike, and take as long. Failures are noted.
///
/// # Errors
/// `invalid_credentials`; `email_not_confirmed` and `user_banned` for who knows the password.
pub(super) async fn verified(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    address: &str,
    secret: Password,
    attempt: Attempt,
) -> Result<Verified, Problem> {
    let account = match email::normalised(address) {
        Ok(address) => accounts.data.one::<Account>(is("email", address)).await?,
        Err(_) => None,
    };
    let account = account.filter(|account| account.deleted_at.is_none());
    let compared = accounts.compare(secret.clone(), account.as_ref()).await;
    if compared.as_ref().map_or(true, |verdict| verdict.matches) {
        attempt.take_back(accounts, visit).await?;
    }
    let verdict = compared?;
    let account = match account.filter(|_| verdict.matches) {
        Some(account) => account,
        None => return Err(failed(accounts, visit, address).await),
    };
    if let Err(problem) = admitted(&account, visit.now) {
        let details = json!({"why": problem.code.text()});
        audit::failure(accounts, visit, "sign_in_refused", Some(account.id), details).await?;
        return Err(problem);
    }
    let renewed = if verdict.outdated { Some(accounts.hash(secret).await?) } else { None };
    Ok(Verified { account, renewed })
}

impl Verified {
    /// The account as it is stored now, if it still has the password that was compared and may sign in; its hash made anew
    /// where that is due.
    ///
    /// # Errors
    /// `invalid_credentials` and `user_banned` for what changed meanwhile.
    pub(super) async fn still(self, tx: &mut Tx<'_>, visit: &Visit) -> Result<Account, Problem> {
        let Self { account: compared, renewed } = self;
        let own = is("id", compared.id).and(is("password", compared.password.clone().unwrap_or_default()));
        let hash = renewed.or(compared.password.clone());
        // Nearly always nothing at all has changed: then one write both makes sure of that and notes the sign-in.
        let as_read = own.clone().and(is("updated_at", compared.updated_at));
        let noted = set! { password: hash.clone(), last_sign_in_at: Some(visit.now) };
        if tx.update::<Account>(as_read, noted).await? > 0 {
            return Ok(Account { password: hash, last_sign_in_at: Some(visit.now), ..compared });
        }
        let changed = tx.update::<Account>(own, set! { password: hash }).await?;
        let account = tx.one::<Account>(is("id", compared.id)).await?;
        let account = account.filter(|a| changed > 0 && a.deleted_at.is_none()).ok_or_else(invalid)?;
        admitted(&account, visit.now)?;
        Ok(account)
    }
}

/// Notes a failure, and says so.
async fn failed(accounts: &Arc<Accounts>, visit: &Visit, address: &str) -> Problem {
    // Which address was tried helps whoever reads the log; what was typed for a password does not belong there.
    let details = json!({"email": address.chars().take(320).collect::<String>()});
    match audit::failure(accounts, visit, "sign_in_failed", None, details).await {
        Ok(()) => invalid(),
        Err(problem) => problem,
    }
}

/// The address or the password is wrong: which of them is told to nobody.
pub(super) fn invalid() -> Problem {
    Problem::new(Code::InvalidCredentials, "Invalid login credentials")
}
