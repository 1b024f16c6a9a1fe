//! `/admin/users/<id>/factors`: the second factors of somebody else, for the day on which all are lost.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{acts, users};
use crate::accounts::Accounts;
use crate::http::{Asked, admin, factor_json, nothing, ok};
use crate::mfa::{self, PASSKEY};
use crate::surface::Answered;

/// `GET /admin/users/<id>/factors`.
pub async fn list(accounts: &Arc<Accounts>, asked: &Asked, user: &str) -> Answered {
    admin(accounts, asked).await?;
    let (_, _, factors) = acts::find(accounts, users::id(user)?).await?;
    let shown = factors.iter().filter(|factor| factor.kind != PASSKEY).map(factor_json);
    Ok(ok(&Value::Array(shown.collect())))
}

/// `GET /admin/users/<id>/passkeys`.
pub async fn list_passkeys(accounts: &Arc<Accounts>, asked: &Asked, user: &str) -> Answered {
    admin(accounts, asked).await?;
    let (_, _, factors) = acts::find(accounts, users::id(user)?).await?;
    let shown = factors.iter().filter(|factor| factor.kind == PASSKEY).map(mfa::passkey_json);
    Ok(ok(&Value::Array(shown.collect())))
}

/// `DELETE /admin/users/<id>/passkeys/<passkey>`: it signs nobody in any more; sessions that it opened go on.
pub async fn remove_passkey(accounts: &Arc<Accounts>, asked: &Asked, user: &str, passkey: &str) -> Answered {
    let actor = admin(accounts, asked).await?;
    let (account, _, _) = acts::find(accounts, users::id(user)?).await?;
    mfa::forget_passkey(accounts, &asked.visit, actor, account.id, passkey).await?;
    Ok(nothing())
}

/// `DELETE /admin/users/<id>/factors/<factor>`: sessions that it raised fall back.
pub async fn remove(accounts: &Arc<Accounts>, asked: &Asked, user: &str, factor: &str) -> Answered {
    let actor = admin(accounts, asked).await?;
    let (account, _, _) = acts::find(accounts, users::id(user)?).await?;
    let factor = mfa::owned(accounts, account.id, factor).await?.id;
    let (inside, seen) = (Arc::clone(accounts), asked.visit.clone());
    let removed = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move { Ok(((), mfa::remove(tx, &inside, &seen, &account, actor, factor).await?)) })
        }),
    );
    removed.await?;
    Ok(ok(&json!({"id": factor.to_string()})))
}
