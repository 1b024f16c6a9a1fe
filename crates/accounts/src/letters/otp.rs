//! `POST /otp`: a link and a code that sign in.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::{Map, Value, json};

use super::gathered::has_identities;
use super::{Purpose, need_mail, prepare};
use crate::accounts::Accounts;
use crate::after::After;
use crate::alike::in_time;
use crate::audit::{self, Actor};
use crate::data::records::Account;
use crate::data::{Rows as _, Tx, is};
use crate::flows::account::{self, New};
use crate::flows::signup::like_new;
use crate::flows::{Challenge, email};
use crate::http::{Asked, ok};
use crate::surface::Answered;
use crate::visit::Visit;
use crate::{limits, profile, redirect};

/// Who asks for a link.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The address, normalised.
    pub email: String,
    /// Whether an account is made for an unknown one.
    pub create: bool,
    /// What its owner says of it.
    pub data: Map<String, Value>,
    /// Where the link leads in the end.
    pub redirect_to: String,
    /// The proof key of the browser.
    pub challenge: Option<Challenge>,
}

/// The endpoint.
pub async fn otp(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let fields = asked.fields()?;
    if fields.text("email")?.is_none_or(str::is_empty) && fields.text("phone")?.is_some() {
        return Err(Problem::new(Code::PhoneProviderDisabled, "Phone logins are disabled"));
    }
    let wanted = Wanted {
        email: email::normalised(fields.needed("email")?)?,
        create: fields.flag_or("create_user")?.unwrap_or(true),
        data: fields.object("data")?.cloned().unwrap_or_default(),
        redirect_to: redirect::wanted(accounts, asked),
        challenge: Challenge::of(&fields)?,
    };
    send(accounts, &asked.visit, wanted).await?;
    Ok(ok(&json!({})))
}

/// Sends a link and a code, if there is an account or one is made.
///
/// # Errors
/// `over_email_send_rate_limit` if another mail went there a moment ago. Where the reference's answers are asked for,
/// `otp_disabled` and `signup_disabled` for an unknown address.
pub async fn send(accounts: &Arc<Accounts>, visit: &Visit, wanted: Wanted) -> Result<(), Problem> {
    account::bounded("user_metadata", &like_new(visit, &wanted.email, &wanted.data).user_metadata)?;
    need_mail(accounts)?;
    limits::mail(accounts, visit, &wanted.email).await?;
    if wanted.create {
        limits::sign_up_by_mail(accounts, visit, &wanted.email).await?;
    }
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let work = accounts.transact(
        visit,
        Box::new(move |tx| Box::pin(async move { write(tx, &inside, &seen, wanted).await })),
    );
    in_time(work).await
}

async fn write(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    wanted: Wanted,
) -> Result<((), After), Problem> {
    let known = tx.one::<Account>(is("email", wanted.email.as_str())).await?;
    let found = match known {
        Some(known) => {
            rehearse(tx, accounts, visit, &wanted).await?;
            Some(known)
        }
        None => make(tx, accounts, visit, &wanted).await?,
    };
    let Some(mut account) = found else { return Ok(((), After::default())) };
    // The link of a sign-up confirms with all that came with it; this one is for who reads the mail now.
    let bare = account.email_confirmed_at.is_none() && account.password.is_none();
    let purpose = match bare && !has_identities(tx, &account).await? {
        true => Purpose::Confirmation,
        false => Purpose::MagicLink,
    };
    let challenge = wanted.challenge.as_ref();
    // To the address that is stored, not to the one that found it.
    let to = account.email.clone().unwrap_or_default();
    let back = wanted.redirect_to.as_str();
    let sent = prepare(tx, accounts, visit, &mut account, purpose, &to, back, challenge).await?;
    Ok(((), After { mails: vec![sent.mail], ..After::default() }))
}

/// What would refuse somebody unknown refuses somebody known. Who says nothing of themselves signs in.
async fn rehearse(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    wanted: &Wanted,
) -> Result<(), Problem> {
    if !wanted.create || accounts.settings.disable_signup || wanted.data.is_empty() {
        return Ok(());
    }
    let account = like_new(visit, &wanted.email, &wanted.data);
    profile::rehearse(tx, accounts, visit, &account, &wanted.data).await
}

/// An account for an unknown address, where one shall be made. Where none shall, who asks must not learn here which there
/// are.
async fn make(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    wanted: &Wanted,
) -> Result<Option<Account>, Problem> {
    if wanted.create && !accounts.settings.disable_signup {
        // Rows that wait for their person are claimed by invitation, and that they wait is nobody's business.
        if profile::is_taken(tx, accounts, visit, &wanted.email).await? {
            rehearse(tx, accounts, visit, wanted).await?;
            return Ok(None);
        }
        let new = New { email: Some(wanted.email.clone()), data: wanted.data.clone(), ..New::default() };
        let account = account::create(tx, accounts, visit, new).await?;
        audit::note(tx, visit, "sign_up", Actor::Nobody, Some(account.id), json!({"by": "otp"})).await?;
        return Ok(Some(account));
    }
    match (accounts.settings.reference_answers, wanted.create) {
        (false, _) => Ok(None),
        (true, true) => Err(Problem::new(Code::SignupDisabled, "Signups not allowed for this instance")),
        (true, false) => Err(Problem::new(Code::OtpDisabled, "Signups not allowed for otp")),
    }
}
