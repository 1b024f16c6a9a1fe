//! `POST /resend`: the mail of a sign-up or of a change of address once more.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::json;

use super::{Purpose, need_mail, prepare};
use crate::accounts::Accounts;
use crate::after::After;
use crate::alike::in_time;
use crate::data::records::Account;
use crate::data::{Rows as _, Tx, is};
use crate::flows::{Challenge, email};
use crate::http::{Asked, ok};
use crate::limits;
use crate::redirect;
use crate::surface::Answered;
use crate::visit::Visit;

/// The endpoint. Unknown addresses get the same answer.
pub async fn resend(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let fields = asked.fields()?;
    let kind = fields.needed("type")?.to_owned();
    if matches!(kind.as_str(), "sms" | "phone_change") {
        return Err(Problem::new(Code::PhoneProviderDisabled, "Phone numbers are not served here"));
    }
    if !matches!(kind.as_str(), "signup" | "email_change") {
        return Err(Problem::new(Code::ValidationFailed, "type must be signup or email_change"));
    }
    let address = email::normalised(fields.needed("email")?)?;
    let back = redirect::wanted(accounts, asked);
    let challenge = Challenge::of(&fields)?;
    send(accounts, &asked.visit, &kind, address, back, challenge).await?;
    Ok(ok(&json!({})))
}

/// Sends the mail of a sign-up (`signup`) or of a change of address once more, if there is one to send.
///
/// # Errors
/// As [`recover::send`](super::recover::send).
pub async fn send(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    kind: &str,
    address: String,
    back: String,
    challenge: Option<Challenge>,
) -> Result<(), Problem> {
    need_mail(accounts)?;
    limits::mail(accounts, visit, &address).await?;
    let (inside, seen, kind) = (Arc::clone(accounts), visit.clone(), kind.to_owned());
    let sent = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let Some(account) = tx.one::<Account>(is("email", address.as_str())).await? else {
                    return Ok(((), After::default()));
                };
                let again = Again { account, redirect_to: back, challenge };
                let after = match kind.as_str() {
                    "signup" => again.sign_up(tx, &inside, &seen).await?,
                    _ => again.email_change(tx, &inside, &seen).await?,
                };
                Ok(((), after))
            })
        }),
    );
    in_time(sent).await
}

struct Again {
    account: Account,
    redirect_to: String,
    challenge: Option<Challenge>,
}

impl Again {
    async fn sign_up(
        mut self,
        tx: &mut Tx<'_>,
        accounts: &Accounts,
        visit: &Visit,
    ) -> Result<After, Problem> {
        if self.account.email_confirmed_at.is_some() {
            return Ok(After::default());
        }
        let to = self.account.email.clone().unwrap_or_default();
        self.send(tx, accounts, visit, Purpose::Confirmation, &to).await
    }

    async fn email_change(
        mut self,
        tx: &mut Tx<'_>,
        accounts: &Accounts,
        visit: &Visit,
    ) -> Result<After, Problem> {
        let Some(new) = self.account.new_email.clone() else { return Ok(After::default()) };
        let mut after = After::default();
        let confirmed = self.account.email_change_confirmed;
        if let Some(current) = self.account.email.clone().filter(|_| confirmed & 1 == 0) {
            after
                .mails
                .extend(self.send(tx, accounts, visit, Purpose::EmailChangeCurrent, &current).await?.mails);
        }
        let taken = tx.one::<Account>(is("email", new.as_str())).await?.is_some();
        if confirmed & 2 == 0 && !taken {
            after.mails.extend(self.send(tx, accounts, visit, Purpose::EmailChangeNew, &new).await?.mails);
        }
        Ok(after)
    }

    async fn send(
        &mut self,
        tx: &mut Tx<'_>,
        accounts: &Accounts,
        visit: &Visit,
        purpose: Purpose,
        to: &str,
    ) -> Result<After, Problem> {
        let challenge = self.challenge.clone();
        let (account, back) = (&mut self.account, self.redirect_to.as_str());
        let sent = prepare(tx, accounts, visit, account, purpose, to, back, challenge.as_ref()).await?;
        Ok(After { mails: vec![sent.mail], ..After::default() })
    }
}
