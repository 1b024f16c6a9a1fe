//! `/user/sessions`: where somebody is signed in, and the end of one of these.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use serde_json::json;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::Session;
use crate::data::{Rows as _, Time, is};
use crate::http::{Asked, bearer, nothing, ok};
use crate::revoke;
use crate::surface::Answered;

/// `GET /user/sessions`, the newest first.
pub async fn list(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let sessions = of(accounts, bearer.account.id, asked.visit.now).await?;
    let sessions: Vec<_> = sessions
        .iter()
        .map(|session| {
            json!({
                "id": session.id.to_string(),
                "current": session.id == bearer.session.id,
                "aal": session.aal,
                "ip": session.ip,
                "user_agent": session.user_agent,
                "client_id": session.client_id.map(|id| id.to_string()),
                "created_at": session.created_at.text(),
                "refreshed_at": session.refreshed_at.text(),
            })
        })
        .collect();
    Ok(ok(&json!({ "sessions": sessions })))
}

/// Where somebody is signed in, the newest first.
pub async fn of(accounts: &Accounts, account: Uuid, now: Time) -> Result<Vec<Session>, Problem> {
    let mut all = accounts.data.find::<Session>(is("account_id", account).newest("refreshed_at")).await?;
    all.retain(|session| session.holds(&accounts.settings, now));
    Ok(all)
}

/// `DELETE /user/sessions/<id>`: ends one of the person's own.
pub async fn end(accounts: &Arc<Accounts>, asked: &Asked, id: &str) -> Answered {
    let bearer = bearer(accounts, asked).await?;
    let missing = || Problem::new(Code::SessionNotFound, "No such session").status(404);
    let id = Uuid::try_parse(id).map_err(|_| missing())?;
    let (inside, seen) = (Arc::clone(accounts), asked.visit.clone());
    let ended = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let account = bearer.account.id;
                let own = is("id", id).and(is("account_id", account));
                if tx.one::<Session>(own).await?.is_none() {
                    return Err(missing());
                }
                let mut after = After::default();
                revoke::session(tx, &inside, &mut after, id).await?;
                let details = json!({"session": id.to_string()});
                audit::note(tx, &seen, "session_ended", Actor::Account(account), Some(account), details)
                    .await?;
                Ok(((), after))
            })
        }),
    );
    ended.await?;
    Ok(nothing())
}
