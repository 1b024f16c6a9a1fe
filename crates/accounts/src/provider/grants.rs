//! `/user/oauth/grants`: which applications somebody has let in, and the end of that.

use std::collections::HashMap;
use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::shown_json;
use super::pending::grant_of;
use super::scope;
use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::{Authorization, Client, Grant, Session};
use crate::data::{Rows as _, any_of, is};
use crate::http::{Asked, bearer, nothing, ok};
use crate::revoke;
use crate::surface::Answered;

/// `GET`: the newest first.
pub async fn list(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    Ok(ok(&json!(of(accounts, bearer.account.id).await?)))
}

/// What somebody has granted, as JSON.
pub async fn of(accounts: &Accounts, account: Uuid) -> Result<Vec<Value>, Problem> {
    let own = is("account_id", account).newest("created_at");
    let grants = accounts.data.find::<Grant>(own).await?;
    let ids = any_of("id", grants.iter().map(|grant| grant.client_id));
    let clients = accounts.data.find::<Client>(ids).await?;
    let clients: HashMap<Uuid, Client> = clients.into_iter().map(|client| (client.id, client)).collect();
    let shown = |grant: &Grant| {
        let client = clients.get(&grant.client_id)?;
        Some(json!({
            "client": shown_json(client),
            "scopes": scope::words(&grant.scope),
            "granted_at": grant.created_at.text(),
        }))
    };
    Ok(grants.iter().filter_map(shown).collect())
}

/// `DELETE ?client_id=`: ends the application's sessions at once, and codes that it has not exchanged yet.
///
/// # Errors
/// `oauth_client_not_found` for an application that was not let in.
pub async fn withdraw(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let missing = || Problem::new(Code::OauthClientNotFound, "No such grant");
    let client = asked.query("client_id").and_then(|id| Uuid::try_parse(id).ok()).ok_or_else(missing)?;
    let (inside, seen) = (Arc::clone(accounts), asked.visit.clone());
    let ended = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let account = bearer.account.id;
                let own = || grant_of(account, client);
                if tx.delete::<Grant>(own()).await? == 0 {
                    return Err(missing());
                }
                tx.delete::<Authorization>(own()).await?;
                let mut after = After::default();
                for session in tx.find::<Session>(own().limit(u64::MAX >> 1)).await? {
                    revoke::session(tx, &inside, &mut after, session.id).await?;
                }
                let details = json!({ "client": client.to_string() });
                let actor = Actor::Account(account);
                audit::note(tx, &seen, "oauth_grant_withdrawn", actor, Some(account), details).await?;
                Ok(((), after))
            })
        }),
    );
    ended.await?;
    Ok(nothing())
}
