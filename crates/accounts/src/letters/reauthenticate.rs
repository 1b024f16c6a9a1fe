//! `GET /reauthenticate`: a code that proves that it is still the same person.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::json;

use super::consume::{Shown, consume};
use super::{Purpose, need_mail, prepare};
use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::Account;
use crate::http::{Asked, bearer, ok};
use crate::limits;
use crate::surface::Answered;
use crate::visit::Visit;

/// The endpoint.
pub async fn reauthenticate(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let mut account = bearer(accounts, asked).await?.account;
    need_mail(accounts)?;
    let Some(address) = account.email.clone() else {
        return Err(Problem::new(
            Code::ValidationFailed,
            "Reauthentication requires the user to have an email",
        ));
    };
    limits::mail(accounts, &asked.visit, &address).await?;
    let (inside, seen) = (Arc::clone(accounts), asked.visit.clone());
    let sent = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let (purpose, site) = (Purpose::Reauthentication, inside.settings.site_url.clone());
                let sent = prepare(tx, &inside, &seen, &mut account, purpose, &address, &site, None).await?;
                Ok(((), After { mails: vec![sent.mail], ..After::default() }))
            })
        }),
    );
    sent.await?;
    Ok(ok(&json!({})))
}

/// Uses a code up, in a transaction of its own: a wrong one stays counted whatever becomes of the change that it was for.
///
/// # Errors
/// `reauthentication_not_valid` for one that does not hold.
pub async fn spend(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    account: &Account,
    nonce: &str,
) -> Result<(), Problem> {
    let shown = Shown::Code { address: account.email.clone().unwrap_or_default(), code: nonce.to_owned() };
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let proof = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let proof = consume(tx, &inside, &seen, &[Purpose::Reauthentication], &shown).await?;
                Ok((proof, After::default()))
            })
        }),
    );
    match proof.await?.filter(|proof| proof.account == account.id) {
        Some(_) => Ok(()),
        None => Err(Problem::new(Code::ReauthenticationNotValid, "Nonce has expired or is invalid")),
    }
}
