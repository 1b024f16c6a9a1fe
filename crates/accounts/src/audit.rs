//! The audit log: entries are added in the transaction of what they tell, and never changed.

use std::sync::Arc;

use bistro_problem::Problem;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::AuditEntry;
use crate::data::{Rows as _, Tx};
use crate::visit::Visit;

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody unknown.
    Nobody,
    /// An account.
    Account(Uuid),
    /// The project's secret key.
    Service,
    /// A command.
    Command,
}

/// Adds an entry for what failed, in a transaction of its own.
pub async fn failure(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    action: &'static str,
    account: Option<Uuid>,
    details: Value,
) -> Result<(), Problem> {
    let seen = visit.clone();
    let noted = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                note(tx, &seen, action, Actor::Nobody, account, details).await?;
                Ok(((), After::default()))
            })
        }),
    );
    noted.await
}

/// Adds an entry: what (`sign_in`), who did it, whom it is about, and what else is worth knowing (an object).
pub async fn note(
    tx: &mut Tx<'_>,
    visit: &Visit,
    action: &'static str,
    actor: Actor,
    account: Option<Uuid>,
    details: Value,
) -> Result<(), Problem> {
    let (actor_kind, actor_id) = match actor {
        Actor::Nobody => ("anonymous", None),
        Actor::Account(id) => ("user", Some(id)),
        Actor::Service => ("service", None),
        Actor::Command => ("command", None),
    };
    let details = match details {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    tx.insert(AuditEntry {
        id: Uuid::now_v7(),
        at: visit.now,
        action: action.to_owned(),
        actor_id,
        actor_kind: actor_kind.to_owned(),
        account_id: account,
        ip: visit.address(),
        user_agent: Some(visit.agent.clone()),
        request_id: Some(visit.request_id.chars().take(128).collect()),
        details,
    })
    .await
}
