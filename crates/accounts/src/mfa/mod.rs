//! Second factors: authenticators and recovery codes. They raise a session to `aal2`.

mod challenge;
mod factors;
mod raise;
mod recovery;
mod totp;
mod verify;

pub use challenge::challenge;
pub use factors::{enroll, unenroll};
pub use raise::{Raise, raise};
pub use recovery::{make as make_recovery_codes, verify as verify_recovery_code, with_recovery_code};
pub use verify::{verify, with_code};

use bistro_problem::{Code, Problem};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::data::is;
use crate::data::records::Factor;

/// What secrets of factors are sealed for.
const SEAL: &str = "factor";

/// A factor of an account.
///
/// # Errors
/// `mfa_factor_not_found`.
async fn owned(accounts: &Accounts, account: Uuid, id: &str) -> Result<Factor, Problem> {
    let missing = || Problem::new(Code::FactorNotFound, "MFA factor not found");
    let id = Uuid::try_parse(id).map_err(|_| missing())?;
    let found = accounts.data.one::<Factor>(is("id", id).and(is("account_id", account))).await?;
    found.ok_or_else(missing)
}

/// Whether the account has proved a factor.
///
/// # Errors
/// What the store says.
pub async fn has_verified(accounts: &Accounts, account: Uuid) -> Result<bool, Problem> {
    let proved = is("account_id", account).and(is("verified", true));
    Ok(accounts.data.one::<Factor>(proved).await?.is_some())
}
