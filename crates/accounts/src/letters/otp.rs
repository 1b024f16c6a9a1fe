//! `POST /otp`: a link and a code that sign in.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::{Map, Value, json};

use super::{Purpose, need_mail, not_too_soon, prepare};
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::Account;
use crate::data::{Rows as _, Tx, is};
use crate::flows::account::{self, New};
use crate::flows::{Challenge, email};
use crate::http::{Asked, ok};
use crate::redirect;
use crate::surface::Answered;
use crate::visit::Visit;

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

/// Sends a link and a code.
///
/// # Errors
/// `otp_disabled` for an unknown address where no account shall be made.
pub async fn send(accounts: &Arc<Accounts>, visit: &Visit, wanted: Wanted) -> Result<(), Problem> {
    need_mail(accounts)?;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    accounts
        .transact(visit, Box::new(move |tx| Box::pin(async move { write(tx, &inside, &seen, wanted).await })))
        .await
}

async fn write(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    wanted: Wanted,
) -> Result<((), After), Problem> {
    let settings = &accounts.settings;
    let known = tx.one::<Account>(is("email", wanted.email.as_str())).await?;
    let mut account = match known {
        Some(known) => known,
        None if wanted.create && !settings.disable_signup => {
            let data = wanted.data.clone();
            let new = New { email: Some(wanted.email.clone()), data, ..New::default() };
            let account = account::create(tx, accounts, visit, new).await?;
            audit::note(tx, visit, "sign_up", Actor::Nobody, Some(account.id), json!({"by": "otp"})).await?;
            account
        }
        None if wanted.create => {
            return Err(Problem::new(Code::SignupDisabled, "Signups not allowed for this instance"));
        }
        // Who does not make accounts must not learn here which there are.
        None if !settings.reference_answers => return Ok(((), After::default())),
        None => return Err(Problem::new(Code::OtpDisabled, "Signups not allowed for otp")),
    };
    let purpose = match account.email_confirmed_at {
        Some(_) => Purpose::MagicLink,
        None => Purpose::Confirmation,
    };
    let last = account.recovery_sent_at.max(account.confirmation_sent_at);
    not_too_soon(accounts, last, visit.now)?;
    let challenge = wanted.challenge.as_ref();
    let (to, back) = (wanted.email.as_str(), wanted.redirect_to.as_str());
    let sent = prepare(tx, accounts, visit, &mut account, purpose, to, back, challenge).await?;
    Ok(((), After { mails: vec![sent.mail], ..After::default() }))
}
