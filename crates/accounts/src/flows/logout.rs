//! `POST /logout`: this session, the others, or all.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::json;

use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::http::{Asked, Bearer, bearer, nothing};
use crate::revoke;
use crate::surface::Answered;
use crate::visit::Visit;

/// The endpoint.
pub async fn logout(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let scope = asked.query("scope").unwrap_or("global").to_owned();
    if !["global", "local", "others"].contains(&scope.as_str()) {
        return Err(Problem::new(Code::ValidationFailed, "scope must be global, local or others"));
    }
    end(accounts, &asked.visit, bearer, &scope).await?;
    Ok(nothing())
}

/// Ends the person's session (`local`), the others (`others`), or all.
pub async fn end(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    bearer: Bearer,
    scope: &str,
) -> Result<(), Problem> {
    let (inside, seen, scope) = (Arc::clone(accounts), visit.clone(), scope.to_owned());
    let ended = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let (account, session) = (bearer.account.id, bearer.session.id);
                let mut after = After::default();
                match scope.as_str() {
                    "local" => {
                        revoke::session(tx, &inside, &mut after, session).await?;
                    }
                    "others" => revoke::account(tx, &inside, &mut after, account, Some(session)).await?,
                    _ => revoke::account(tx, &inside, &mut after, account, None).await?,
                }
                let details = json!({"scope": scope});
                audit::note(tx, &seen, "sign_out", Actor::Account(account), Some(account), details).await?;
                Ok(((), after))
            })
        }),
    );
    ended.await
}
