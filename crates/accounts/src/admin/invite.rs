//! `POST /invite`: an account is made for somebody, who takes it by the link of a mail.

use std::sync::Arc;

use bistro_problem::Problem;
use serde_json::{Map, Value, json};

use super::acts;
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Identity};
use crate::data::{Rows as _, Tx, is};
use crate::flows::account::{New, email_exists};
use crate::flows::email;
use crate::http::{Asked, admin, ok, user_json};
use crate::letters::{Purpose, Sent, need_mail, prepare};
use crate::redirect;
use crate::surface::Answered;
use crate::visit::Visit;

/// The endpoint.
pub async fn invite(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let actor = admin(accounts, asked).await?;
    need_mail(accounts)?;
    let fields = asked.fields()?;
    let address = email::normalised(fields.needed("email")?)?;
    let data = fields.object("data")?.cloned().unwrap_or_default();
    let back = redirect::wanted(accounts, asked);
    let (inside, seen) = (Arc::clone(accounts), asked.visit.clone());
    let invited = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let (account, sent) = invited(tx, &inside, &seen, actor, address, data, &back).await?;
                let identities = tx.find::<Identity>(is("account_id", account.id)).await?;
                Ok(((account, identities), After { mails: vec![sent.mail], ..After::default() }))
            })
        }),
    );
    let (account, identities) = invited.await?;
    Ok(ok(&user_json(&account, &identities, &[])))
}

/// Makes the account, unless somebody was invited who has not come yet, and the mail.
///
/// # Errors
/// `email_exists` for an account whose address is confirmed.
pub(super) async fn invited(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    actor: Actor,
    address: String,
    data: Map<String, Value>,
    back: &str,
) -> Result<(Account, Sent), Problem> {
    let mut account = match tx.one::<Account>(is("email", address.as_str())).await? {
        Some(known) if known.email_confirmed_at.is_some() => return Err(email_exists()),
        Some(known) => known,
        None => {
            let new = New { email: Some(address.clone()), data, ..New::default() };
            acts::made(tx, accounts, visit, new).await?
        }
    };
    let sent = prepare(tx, accounts, visit, &mut account, Purpose::Invite, &address, back, None).await?;
    audit::note(tx, visit, "user_invited", actor, Some(account.id), json!({"email": address})).await?;
    Ok((account, sent))
}
