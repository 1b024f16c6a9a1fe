//! `POST /factors/<id>/challenge`: a question to a factor, good for five minutes and one answer.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::{keys, owned};
use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::{Challenge, Factor};
use crate::data::{Rows as _, is, set};
use crate::http::{Asked, bearer, ok};
use crate::limits;
use crate::surface::Answered;

/// For so many seconds a question may be answered.
const TTL_S: i64 = 300;

/// The endpoint.
pub async fn challenge(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    limits::trip(accounts, &asked.visit).await?;
    let factor = owned(accounts, bearer.account.id, id).await?;
    let now = asked.visit.now;
    let (state, options) = match factor.kind.as_str() {
        "webauthn" => keys::ask(accounts, &bearer.account, &factor).await?,
        _ => (None, None),
    };
    let challenge = Challenge {
        id: Uuid::now_v7(),
        account_id: Some(bearer.account.id),
        factor_id: Some(factor.id),
        kind: factor.kind.clone(),
        state,
        ip: asked.visit.address(),
        used: false,
        created_at: now,
        expires_at: now.plus_s(TTL_S),
    };
    let (id, expires, kind) = (challenge.id, challenge.expires_at, factor.kind.clone());
    let kept = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                tx.insert(challenge).await?;
                tx.update::<Factor>(is("id", factor.id), set! { last_challenged_at: Some(now) }).await?;
                Ok(((), After::default()))
            })
        }),
    );
    kept.await?;
    let mut body = json!({"id": id.to_string(), "type": kind, "expires_at": expires.seconds()});
    if let Some(options) = options {
        body["webauthn"] = options;
    }
    Ok(ok(&body))
}
