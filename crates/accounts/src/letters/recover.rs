//! `POST /recover`: a link and a code that sign in, to choose another password.

use std::sync::Arc;

use bistro_problem::Problem;
use serde_json::json;

use super::{Purpose, need_mail, prepare};
use crate::accounts::Accounts;
use crate::after::After;
use crate::alike::in_time;
use crate::audit::{self, Actor};
use crate::data::records::Account;
use crate::data::{Rows as _, is};
use crate::flows::{Challenge, email};
use crate::http::{Asked, ok};
use crate::limits;
use crate::redirect;
use crate::surface::Answered;
use crate::visit::Visit;

/// The endpoint. Unknown addresses get the same answer.
pub async fn recover(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let fields = asked.fields()?;
    let address = email::normalised(fields.needed("email")?)?;
    let back = redirect::wanted(accounts, asked);
    send(accounts, &asked.visit, address, back, Challenge::of(&fields)?).await?;
    Ok(ok(&json!({})))
}

/// Sends the mail, if there is an account.
///
/// # Errors
/// `over_email_send_rate_limit` if another mail went there a moment ago, whether there is an account or not.
pub async fn send(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    address: String,
    redirect_to: String,
    challenge: Option<Challenge>,
) -> Result<(), Problem> {
    need_mail(accounts)?;
    limits::mail(accounts, visit, &address).await?;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let work = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let Some(mut account) = tx.one::<Account>(is("email", address.as_str())).await? else {
                    return Ok(((), After::default()));
                };
                // To the address that is stored, not to the one that found it.
                let to = account.email.clone().unwrap_or_default();
                let (purpose, challenge) = (Purpose::Recovery, challenge.as_ref());
                let sent =
                    prepare(tx, &inside, &seen, &mut account, purpose, &to, &redirect_to, challenge).await?;
                let id = Some(account.id);
                audit::note(tx, &seen, "recovery_requested", Actor::Nobody, id, json!({})).await?;
                Ok(((), After { mails: vec![sent.mail], ..After::default() }))
            })
        }),
    );
    in_time(work).await
}
