//! `/oauth/authorizations/<id>`: an application of the project's own shows what another one asks for, and tells what the
//! person decided. `/auth/v1/ui/consent` does the same as a page.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::shown_json;
use super::pending::{Person, approve, deny, granted, stale, strong, unknown, waiting};
use crate::accounts::Accounts;
use crate::after::After;
use crate::http::{Asked, bearer, ok};
use crate::surface::Answered;
use crate::visit::Visit;

/// What a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// The application may.
    Approve,
    /// It may not.
    Deny,
}

impl Decision {
    /// From its word.
    pub(super) fn read(word: Option<&str>) -> Result<Self, Problem> {
        match word {
            Some("approve") => Ok(Decision::Approve),
            Some("deny") => Ok(Decision::Deny),
            _ => Err(Problem::new(Code::ValidationFailed, "action must be approve or deny")),
        }
    }
}

/// `GET`: what is asked for; or where to go on, if the person has granted all of it before.
pub async fn details(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    let person = person(accounts, asked).await?;
    let id = Uuid::try_parse(id).map_err(|_| unknown())?;
    let (inside, seen) = (Arc::clone(accounts), asked.visit.clone());
    strong(accounts, &person).await?;
    let looks = asked.method == "HEAD";
    let shown = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let (own, client) = waiting(tx, &seen, id, &person).await?;
                let free = !looks && !stale(&own, &person) && granted(tx, &own, &client, &person).await?;
                let shown: Value = if free {
                    json!({ "redirect_url": approve(tx, &inside, &seen, &own, &person).await? })
                } else {
                    json!({
                        "authorization_id": own.id.to_string(),
                        "redirect_uri": own.redirect_uri.split('?').next().unwrap_or_default(),
                        "client": shown_json(&client),
                        "user": {
                            "id": person.account.id.to_string(),
                            "email": person.account.email.as_deref().unwrap_or(""),
                        },
                        "scope": own.scope,
                    })
                };
                Ok((shown, After::default()))
            })
        }),
    );
    Ok(ok(&shown.await?))
}

/// `POST …/consent {"action": "approve" | "deny"}`: where to go on.
pub async fn decide(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    let person = person(accounts, asked).await?;
    let id = Uuid::try_parse(id).map_err(|_| unknown())?;
    let decision = Decision::read(asked.fields()?.text("action")?)?;
    let on = decided(accounts, &asked.visit, id, person, decision).await?;
    Ok(ok(&json!({ "redirect_url": on })))
}

/// Takes a decision, once: where the browser goes on.
///
/// # Errors
/// `insufficient_aal` without the second factor of who has one; `oauth_authorization_not_found`; `reauthentication_needed` if the application asked for a sign-in that is not so old.
pub(super) async fn decided(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    id: Uuid,
    person: Person,
    decision: Decision,
) -> Result<String, Problem> {
    if decision == Decision::Approve {
        strong(accounts, &person).await?;
    }
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let on = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let (own, _) = waiting(tx, &seen, id, &person).await?;
                let on = match decision {
                    Decision::Deny => deny(tx, &inside, &seen, &own, &person).await?,
                    Decision::Approve if stale(&own, &person) => {
                        let message = "The application wants you to sign in again first";
                        return Err(Problem::new(Code::ReauthenticationNeeded, message));
                    }
                    Decision::Approve => approve(tx, &inside, &seen, &own, &person).await?,
                };
                Ok((on, After::default()))
            })
        }),
    );
    on.await
}

async fn person(accounts: &Accounts, asked: &Asked) -> Result<Person, Problem> {
    let bearer = bearer(accounts, asked).await?;
    Ok(Person { account: bearer.account, session: bearer.session })
}
