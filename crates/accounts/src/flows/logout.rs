//! `POST /logout`: this session, the others, or all.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::json;

use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::http::{Asked, bearer, nothing};
use crate::revoke;
use crate::surface::Answered;

/// The endpoint.
pub async fn logout(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let scope = asked.query("scope").unwrap_or("global").to_owned();
    if !["global", "local", "others"].contains(&scope.as_str()) {
        return Err(Problem::new(Code::ValidationFailed, "scope must be global, local or others"));
    }
    let (inside, seen) = (Arc::clone(accounts), asked.visit.clone());
    let ended = accounts.transact(
        &asked.visit,
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
    ended.await?;
    Ok(nothing())
}
