//! `/user`: who one is, and what one may change of that.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::{Map, Value, json};

use super::account::{self, email_exists, merge};
use super::pkce::Challenge;
use super::session::Method;
use super::{email, password};
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Factor, Identity};
use crate::data::{Rows as _, Tx, is, set};
use crate::http::{Asked, Bearer, bearer, ok, user_json};
use crate::letters::{self, Purpose};
use crate::limits::Attempt;
use crate::surface::Answered;
use crate::visit::Visit;
use crate::{limits, mfa, profile, redirect, revoke};

/// A session counts as fresh for so many seconds after its last step of signing in.
const FRESH_S: i64 = 86_400;

/// For so many seconds after a mail has signed somebody in, they may choose another password without the present one.
const MAILED_S: i64 = 600;

/// `GET /user`.
pub async fn get(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let own = |_: ()| is("account_id", bearer.account.id).oldest("created_at");
    let identities = accounts.data.find::<Identity>(own(())).await?;
    let factors = accounts.data.find::<Factor>(own(())).await?;
    Ok(ok(&user_json(&bearer.account, &identities, &factors)))
}

/// What somebody wants to change.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Another address, normalised.
    pub email: Option<String>,
    /// Another password, as typed.
    pub password: Option<String>,
    /// The present one, as proof.
    pub current_password: Option<String>,
    /// A code that was mailed, as proof.
    pub nonce: Option<String>,
    /// Members of what the account's owner says of it; null removes one.
    pub data: Map<String, Value>,
    /// Where the links of mails lead in the end.
    pub redirect_to: String,
    /// The proof key of the browser.
    pub challenge: Option<Challenge>,
}

/// `PUT /user`.
pub async fn put(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let fields = asked.fields()?;
    if fields.get("app_metadata").is_some() || fields.get("role").is_some() {
        return Err(Problem::new(Code::NotAdmin, "Updating app_metadata and role requires the secret key"));
    }
    if fields.text("phone")?.is_some_and(|phone| !phone.is_empty()) {
        return Err(Problem::new(Code::PhoneProviderDisabled, "Phone numbers are not served here"));
    }
    let text = |name: &str| Ok::<_, Problem>(fields.text(name)?.filter(|t| !t.is_empty()).map(str::to_owned));
    let change = Change {
        email: text("email")?.map(|address| email::normalised(&address)).transpose()?,
        password: text("password")?,
        current_password: text("current_password")?,
        nonce: text("nonce")?,
        data: fields.object("data")?.cloned().unwrap_or_default(),
        redirect_to: redirect::wanted(accounts, asked),
        challenge: Challenge::of(&fields)?,
    };
    let (account, identities, factors) = apply(accounts, &asked.visit, bearer, change).await?;
    Ok(ok(&user_json(&account, &identities, &factors)))
}

/// Changes an account as its owner wants.
pub async fn apply(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    bearer: Bearer,
    change: Change,
) -> Result<(Account, Vec<Identity>, Vec<Factor>), Problem> {
    if change.password.is_some() || change.email.is_some() {
        strong_enough(accounts, &bearer).await?;
    }
    // Where nobody at the present address is asked, who asks has signed in lately.
    if change.email.is_some() && !accounts.settings.confirm_email {
        fresh(visit, &bearer, "Email update requires reauthentication")?;
    }
    if let Some(address) = &change.email {
        mails_allowed(accounts, visit, &bearer.account, address).await?;
    }
    let (hash, attempt) = match &change.password {
        Some(text) => {
            new_password(accounts, visit, &bearer, text, &change).await.map(|(h, a)| (Some(h), Some(a)))?
        }
        None => (None, None),
    };
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let written = accounts.transact(
        visit,
        Box::new(move |tx| Box::pin(async move { write(tx, &inside, &seen, bearer, change, hash).await })),
    );
    let written = written.await?;
    // Only a change that was made was no guess.
    if let Some(attempt) = attempt {
        attempt.take_back(accounts, visit).await?;
    }
    Ok(written)
}

/// A change of address mails both sides: nobody is written to more often than others may make that happen.
async fn mails_allowed(
    accounts: &Accounts,
    visit: &Visit,
    account: &Account,
    address: &str,
) -> Result<(), Problem> {
    if !accounts.settings.confirm_email || account.email.as_deref() == Some(address) {
        return Ok(());
    }
    if let Some(current) = &account.email {
        limits::mail(accounts, visit, current).await?;
    }
    limits::mail(accounts, visit, address).await
}

/// Who has a second factor needs it to change what others could take the account over with.
///
/// # Errors
/// `insufficient_aal`.
pub async fn strong_enough(accounts: &Accounts, bearer: &Bearer) -> Result<(), Problem> {
    if bearer.session.aal == "aal2" || !mfa::has_verified(accounts, bearer.account.id).await? {
        return Ok(());
    }
    let message = "AAL2 session is required to update email or password when MFA is enabled.";
    Err(Problem::new(Code::InsufficientAal, message))
}

/// The hash of a new password, if the person has proved enough; and the attempt, which counts unless the change is made: that it
/// may not be the present one would tell that one to who guesses.
async fn new_password(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    bearer: &Bearer,
    text: &str,
    change: &Change,
) -> Result<(String, Attempt), Problem> {
    let account = &bearer.account;
    proved(accounts, visit, bearer, change).await?;
    let address = account.email.clone().unwrap_or_default();
    let secret = password::new(accounts, text, &[&address])?;
    let name = account.email.clone().unwrap_or_else(|| account.id.to_string());
    let attempt = limits::sign_in(accounts, visit, &name).await?;
    if account.password.is_some() && accounts.compare(secret.clone(), Some(account)).await?.matches {
        let message = "New password should be different from the old password.";
        return Err(Problem::new(Code::SamePassword, message));
    }
    Ok((accounts.hash(secret).await?, attempt))
}

/// Who changes a password knows the present one, reads the account's mail, or has just signed in. What is shown must hold,
/// even where nothing would have to be.
async fn proved(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    bearer: &Bearer,
    change: &Change,
) -> Result<(), Problem> {
    let account = &bearer.account;
    if let Some(current) = change.current_password.as_ref().filter(|_| account.password.is_some()) {
        let secret = password::read(current)?;
        let name = account.email.clone().unwrap_or_else(|| account.id.to_string());
        let attempt = limits::sign_in(accounts, visit, &name).await?;
        let compared = accounts.compare(secret, Some(account)).await;
        if compared.as_ref().map_or(true, |verdict| verdict.matches) {
            attempt.take_back(accounts, visit).await?;
        }
        return match compared?.matches {
            true => Ok(()),
            false => {
                audit::failure(accounts, visit, "password_change_failed", Some(account.id), json!({}))
                    .await?;
                Err(Problem::new(Code::CurrentPasswordInvalid, "The current password is wrong"))
            }
        };
    }
    if needs_current(accounts, visit, bearer) {
        let message = "Current password required when setting new password.";
        return Err(Problem::new(Code::CurrentPasswordRequired, message));
    }
    if let Some(nonce) = &change.nonce {
        return letters::reauthenticate::spend(accounts, visit, account, nonce).await;
    }
    fresh(visit, bearer, "Password update requires reauthentication")
}

/// Whether a change of password needs the present one: not just after a mail has signed the person in, who may have forgotten it.
pub fn needs_current(accounts: &Accounts, visit: &Visit, bearer: &Bearer) -> bool {
    let mailed = bearer
        .session
        .steps()
        .any(|(method, at)| method == Method::Otp.word() && visit.now.seconds() - at < MAILED_S);
    bearer.account.password.is_some() && accounts.settings.require_current_password && !mailed
}

/// Refuses a session whose last proof of who it is lies a day back.
///
/// # Errors
/// `reauthentication_needed`.
pub fn fresh(visit: &Visit, bearer: &Bearer, message: &str) -> Result<(), Problem> {
    match visit.now.seconds() - bearer.session.proved_s() < FRESH_S {
        true => Ok(()),
        false => Err(Problem::new(Code::ReauthenticationNeeded, message)),
    }
}

type Written = (Account, Vec<Identity>, Vec<Factor>);

async fn write(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    bearer: Bearer,
    change: Change,
    hash: Option<String>,
) -> Result<(Written, After), Problem> {
    let mut after = After::default();
    let Bearer { account, session, .. } = bearer;
    let found = tx.one::<Account>(is("id", account.id)).await?;
    let mut account = found.ok_or_else(|| Problem::new(Code::UserNotFound, "User not found").status(403))?;
    if !change.data.is_empty() {
        let own = account::own_data(account.id, "", false);
        let mut said = change.data.clone();
        // What the account itself knows is not for anybody to say.
        said.retain(|name, _| !own.contains_key(name));
        merge(&mut account.user_metadata, &said);
        account::bounded("user_metadata", &account.user_metadata)?;
        let set = set! { user_metadata: account.user_metadata.clone(), updated_at: visit.now };
        tx.update::<Account>(is("id", account.id), set).await?;
        profile::change(tx, accounts, visit, (&account, &session.aal), &change.data).await?;
        // Claims say it, and a browser's are made when its session is looked at.
        revoke::changed(tx, accounts, &mut after, account.id).await?;
    }
    if let Some(hash) = hash {
        account.password = Some(hash);
        account.password_changed_at = Some(visit.now);
        let set = set! {
            password: account.password.clone(), password_changed_at: account.password_changed_at, updated_at: visit.now,
        };
        tx.update::<Account>(is("id", account.id), set).await?;
        revoke::account(tx, accounts, &mut after, account.id, Some(session.id)).await?;
        letters::forget(tx, account.id).await?;
        let actor = Actor::Account(account.id);
        audit::note(tx, visit, "password_changed", actor, Some(account.id), json!({})).await?;
        after.mails.extend(letters::password_changed(accounts, &account));
    }
    if let Some(address) = change.email.filter(|address| account.email.as_ref() != Some(address)) {
        let way = (change.redirect_to.as_str(), change.challenge.as_ref());
        change_email(tx, accounts, visit, &mut account, address, way, &mut after).await?;
    }
    let own = || is("account_id", account.id).oldest("created_at");
    let identities = tx.find::<Identity>(own()).await?;
    let factors = tx.find::<Factor>(own()).await?;
    account.updated_at = visit.now;
    Ok(((account, identities, factors), after))
}

/// Begins a change of address, or makes it where none is confirmed.
async fn change_email(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    account: &mut Account,
    address: String,
    (redirect_to, challenge): (&str, Option<&Challenge>),
    after: &mut After,
) -> Result<(), Problem> {
    let taken = tx.one::<Account>(is("email", address.as_str())).await?;
    if !accounts.settings.confirm_email {
        return match taken {
            Some(_) => Err(email_exists()),
            None => {
                let actor = Actor::Account(account.id);
                set_email(tx, accounts, visit, actor, account, address, after).await
            }
        };
    }
    if !accounts.settings.mail {
        return Err(Problem::new(Code::EmailProviderDisabled, "No mail can be sent to confirm the address"));
    }
    if taken.is_some() && accounts.settings.reference_answers {
        return Err(email_exists());
    }
    account.new_email = Some(address.clone());
    account.email_change_confirmed = 0;
    account.email_change_sent_at = Some(visit.now);
    let set = set! { new_email: Some(address.clone()), email_change_confirmed: 0_i64, updated_at: visit.now };
    tx.update::<Account>(is("id", account.id), set).await?;
    if let Some(current) = account.email.clone() {
        let purpose = Purpose::EmailChangeCurrent;
        let sent =
            letters::prepare(tx, accounts, visit, account, purpose, &current, redirect_to, challenge).await?;
        after.mails.push(sent.mail);
    }
    // Whoever has the address already is told nothing, and neither is who asked.
    if let Some(taken) = taken {
        after.mails.extend(letters::already_registered(accounts, &taken));
        return Ok(());
    }
    let purpose = Purpose::EmailChangeNew;
    let sent =
        letters::prepare(tx, accounts, visit, account, purpose, &address, redirect_to, challenge).await?;
    after.mails.push(sent.mail);
    Ok(())
}

/// Gives an account another address, which counts as confirmed.
///
/// # Errors
/// `email_exists` if another account took it meanwhile.
pub async fn set_email(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    actor: Actor,
    account: &mut Account,
    address: String,
    after: &mut After,
) -> Result<(), Problem> {
    let now = visit.now;
    let before = account.email.replace(address.clone());
    account.email_confirmed_at = Some(now);
    account.new_email = None;
    account.is_anonymous = false;
    merge(&mut account.user_metadata, &account::own_data(account.id, &address, true));
    let set = set! {
        email: Some(address.clone()),
        email_confirmed_at: Some(now),
        user_metadata: account.user_metadata.clone(),
        new_email: None::<String>,
        email_change_confirmed: 0_i64,
        is_anonymous: false,
        updated_at: now,
    };
    let written = tx.update::<Account>(is("id", account.id), set).await;
    written.map_err(|problem| match problem.code {
        Code::UniqueViolation => email_exists(),
        _ => problem,
    })?;
    // Whoever reads the mail of the address before must not get in with what was sent there.
    letters::forget(tx, account.id).await?;
    account::email_identity(tx, account, &address, now).await?;
    profile::mirror(tx, accounts, visit, account).await?;
    let details = json!({"from": before, "to": address});
    audit::note(tx, visit, "email_changed", actor, Some(account.id), details).await?;
    revoke::changed(tx, accounts, after, account.id).await
}
