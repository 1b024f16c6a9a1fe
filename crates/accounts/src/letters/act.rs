//! What a proof is for: an address is confirmed, a session opened, a change of address made.

use bistro_problem::{Code, Problem};
use serde_json::json;
use uuid::Uuid;

use super::consume::Proof;
use super::{Purpose, drop_gathered, tag};
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Flow};
use crate::data::{Rows as _, Tx, is, set};
use crate::flows::session::{self, Method};
use crate::flows::{Issued, account, may_sign_in, user};
use crate::visit::Visit;

/// For so many seconds the code of a flow may be exchanged.
const CODE_TTL_S: i64 = 300;

/// What showing a token came to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Signed in.
    Session(Box<Issued>),
    /// A flow with PKCE: the code to exchange.
    Code(String),
    /// The first half of a change of address.
    Half,
    /// Done, without signing in.
    Done,
}

/// What a proof is for is done; a refusal inside leaves the token used.
pub(super) async fn act(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    proof: Proof,
    link: bool,
    after: &mut After,
) -> Result<Result<Outcome, Problem>, Problem> {
    let gone = || Problem::new(Code::OtpExpired, "Email link is invalid or has expired");
    let found = tx.one::<Account>(is("id", proof.account)).await?;
    let Some(mut account) = found.filter(|account| account.deleted_at.is_none()) else {
        return Ok(Err(gone()));
    };
    if let Err(problem) = may_sign_in(&account, visit.now) {
        return Ok(Err(problem));
    }
    let method = match proof.purpose {
        Purpose::Confirmation => Method::EmailSignup,
        Purpose::Invite => Method::Invite,
        Purpose::EmailChangeCurrent | Purpose::EmailChangeNew => {
            match email_change(tx, accounts, visit, &mut account, &proof, after).await? {
                Some(method) => method,
                None => return Ok(Ok(Outcome::Half)),
            }
        }
        _ => Method::Otp,
    };
    // Whoever reads the mail of the address that the account has now has confirmed it.
    if account.email.as_deref() == Some(proof.address.as_str()) && account.email_confirmed_at.is_none() {
        if proof.purpose != Purpose::Confirmation {
            drop_gathered(tx, accounts, &mut account, after).await?;
        }
        account::confirm(tx, &mut account, visit.now).await?;
        let actor = Actor::Account(account.id);
        audit::note(tx, visit, "email_confirmed", actor, Some(account.id), json!({})).await?;
    }
    match proof.challenge.filter(|_| link) {
        Some(challenge) => {
            let code = flow(tx, accounts, visit, &account, method, challenge).await?;
            Ok(Ok(Outcome::Code(code)))
        }
        // Tokens never travel in an address: who came by a link signs in for themselves.
        None if link && accounts.settings.pkce_only => Ok(Ok(Outcome::Done)),
        None => {
            let issued = session::open(tx, accounts, visit, account, method, None).await?;
            Ok(Ok(Outcome::Session(Box::new(issued))))
        }
    }
}

/// Confirms one side of a change of address; `None` while the other side is open.
async fn email_change(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &mut Account,
    proof: &Proof,
    after: &mut After,
) -> Result<Option<Method>, Problem> {
    let gone = || Problem::new(Code::OtpExpired, "Email link is invalid or has expired");
    let new = account.new_email.clone().ok_or_else(gone)?;
    let current = proof.purpose == Purpose::EmailChangeCurrent;
    // A mail of an earlier change says nothing about the one under way.
    let meant = if current { account.email.as_ref() } else { Some(&new) };
    if meant != Some(&proof.address) {
        return Err(gone());
    }
    let before = account.email_change_confirmed;
    let confirmed = before | if current { 1 } else { 2 };
    // An account without an address has nobody to ask but who reads the new one.
    if confirmed == 3 || (account.email.is_none() && confirmed & 2 == 2) {
        if account.email.is_none() {
            // Whoever made the account proved nothing, and whoever reads the mail need not be the same: nothing of before lets
            // anybody in.
            drop_gathered(tx, accounts, account, after).await?;
        }
        let actor = Actor::Account(account.id);
        user::set_email(tx, accounts, visit, actor, account, new, after).await?;
        return Ok(Some(Method::EmailChange));
    }
    let unchanged = is("id", account.id).and(is("email_change_confirmed", before)).and(is("new_email", new));
    match tx.update::<Account>(unchanged, set! { email_change_confirmed: confirmed }).await? {
        // The other side confirmed at the same moment: nothing of this is kept, and the link can be followed once more.
        0 => Err(Problem::new(
            Code::Conflict,
            "The change was confirmed elsewhere just now: follow the link again",
        )),
        _ => Ok(None),
    }
}

/// A code that the browser exchanges, if it has the verifier.
async fn flow(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &Account,
    method: Method,
    (challenge, challenge_method): (String, String),
) -> Result<String, Problem> {
    let code = Uuid::new_v4().to_string();
    tx.insert(Flow {
        id: Uuid::now_v7(),
        account_id: Some(account.id),
        code: Some(tag(accounts, "flow_code", &[&code])),
        code_challenge: Some(challenge),
        code_challenge_method: Some(challenge_method),
        method: method.word().to_owned(),
        provider: None,
        state: None,
        redirect_to: None,
        created_at: visit.now,
        expires_at: visit.now.plus_s(CODE_TTL_S),
    })
    .await?;
    Ok(code)
}
