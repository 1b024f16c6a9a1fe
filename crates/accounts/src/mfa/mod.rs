//! Second factors: authenticators and recovery codes. They raise a session to `aal2`.

mod challenge;
mod factors;
mod keys;
mod passkeys;
mod raise;
mod recovery;
mod totp;
mod verify;

pub use challenge::challenge;
pub(crate) use factors::remove;
pub use factors::{enroll, unenroll};
pub use passkeys::{
    forget as forget_passkey, list as list_passkeys, options_to_register, options_to_sign_in, register,
    remove as remove_passkey, rename as rename_passkey, shape as passkey_json, sign_in, with_passkey,
};
pub use raise::{Raise, raise};
pub use recovery::{make as make_recovery_codes, verify as verify_recovery_code, with_recovery_code};
pub use verify::{verify, with_code, with_key};

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::audit;
use crate::data::records::Factor;
use crate::data::{is, is_not};
use crate::flows::Issued;
use crate::flows::session::Method;
use crate::http::{Asked, ok, session_json, user_json};
use crate::ui::cookie;
use crate::visit::Visit;

/// What secrets of factors are sealed for.
const SEAL: &str = "factor";
/// The kind of what stands in for a password, and is no second factor.
pub(crate) const PASSKEY: &str = "passkey";

/// A factor of an account.
///
/// # Errors
/// `mfa_factor_not_found`.
pub(crate) async fn owned(accounts: &Accounts, account: Uuid, id: &str) -> Result<Factor, Problem> {
    let missing = || Problem::new(Code::FactorNotFound, "MFA factor not found");
    let id = Uuid::try_parse(id).map_err(|_| missing())?;
    let own = is("id", id).and(is("account_id", account)).and(is_not("kind", PASSKEY));
    accounts.data.one::<Factor>(own).await?.ok_or_else(missing)
}

/// The result of judging a factor, which is in the log where it failed: guesses at second factors are by who knows the first.
async fn noted<T>(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    (account, method): (Uuid, Method),
    judged: Result<T, Problem>,
) -> Result<T, Problem> {
    if let Err(problem) = &judged
        && matches!(problem.code, Code::MfaVerificationFailed | Code::WebauthnVerification)
    {
        let details = serde_json::json!({"method": method.word()});
        audit::failure(accounts, visit, "factor_failed", Some(account), details).await?;
    }
    judged
}

/// What who raised a session is answered: its tokens; or, to a browser that came by its cookie, another cookie and no tokens, which
/// scripts of its pages could read.
fn raised(accounts: &Accounts, asked: &Asked, issued: &Issued) -> Response {
    if asked.header("authorization").is_some() {
        return ok(&session_json(issued));
    }
    let user = user_json(&issued.account, &issued.identities, &issued.factors);
    cookie::keep(accounts, issued, ok(&serde_json::json!({ "user": user })))
}

/// Whether the account has proved a factor.
///
/// # Errors
/// What the store says.
pub async fn has_verified(accounts: &Accounts, account: Uuid) -> Result<bool, Problem> {
    let proved = is("account_id", account).and(is("verified", true)).and(is_not("kind", PASSKEY));
    Ok(accounts.data.one::<Factor>(proved).await?.is_some())
}
