//! Credentials and sessions go with the row, whoever deletes it and over whatever it goes.

use std::sync::{Arc, Weak};

use bistro_engine::{AccountKey, Attached, Context, Mirrored, Session, Work};
use bistro_ir::{Caller, CallerKind};
use bistro_problem::{Code, Problem};
use futures_util::future::BoxFuture;
use serde_json::json;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::admin::acts;
use crate::after::After;
use crate::audit::{self, Actor};
use crate::data::records::Account;
use crate::data::{Rows as _, Tx, any_of, is};
use crate::revoke;
use crate::visit::Visit;

/// Follows the rows of the account type: to be attached to each engine of the project's schema.
pub struct Follower {
    accounts: Weak<Accounts>,
}

impl Follower {
    /// What follows on behalf of these accounts.
    pub fn new(accounts: &Arc<Accounts>) -> Self {
        Self { accounts: Arc::downgrade(accounts) }
    }

    fn accounts(&self) -> Result<Arc<Accounts>, Problem> {
        self.accounts
            .upgrade()
            .ok_or_else(|| Problem::bug("a row of an account was written when there were none"))
    }
}

impl Attached for Follower {
    fn deleted<'s>(
        &'s self,
        session: &'s mut Session<'_>,
        accounts: &'s [AccountKey],
    ) -> BoxFuture<'s, Result<(), Problem>> {
        let ids: Vec<Uuid> = accounts.iter().map(|id| Uuid::from_bytes(*id)).collect();
        let (cx, caller) = aside(session);
        Box::pin(async move {
            let accounts = self.accounts()?;
            let engine = Arc::clone(accounts.data.engine());
            let work: Work<()> =
                Box::new(move |tx| Box::pin(async move { erase(tx, &accounts, &caller, ids).await }));
            session.beside(&engine, cx, work).await
        })
    }

    fn changed<'s>(
        &'s self,
        session: &'s mut Session<'_>,
        mirrored: &'s [Mirrored],
    ) -> BoxFuture<'s, Result<(), Problem>> {
        let changes = mirrored.to_vec();
        let (cx, _) = aside(session);
        let work: Work<()> = Box::new(move |tx| Box::pin(async move { agree(tx, changes).await }));
        Box::pin(async move {
            let engine = Arc::clone(self.accounts()?.data.engine());
            session.beside(&engine, cx, work).await
        })
    }

    fn committed(&self, accounts: &[AccountKey]) {
        if let Some(all) = self.accounts.upgrade() {
            accounts.iter().for_each(|account| all.keys.account_changed(*account));
        }
    }
}

/// The context of the work on system tables, and who asked for what it follows.
fn aside(session: &Session<'_>) -> (Context, Caller) {
    let cx = session.context();
    (Context::new(Caller::service(), cx.now), cx.caller.clone())
}

/// Deletes accounts and all that hangs on them; ids without an account do nothing.
async fn erase(tx: &mut Tx<'_>, accounts: &Accounts, caller: &Caller, ids: Vec<Uuid>) -> Result<(), Problem> {
    let actor = match (caller.kind, caller.id) {
        (CallerKind::User, Some(id)) => Actor::Account(Uuid::from_bytes(id)),
        (CallerKind::Service | CallerKind::Machine, _) => Actor::Service,
        _ => Actor::Nobody,
    };
    let visit = Visit::new(caller.ip, "", "", tx.context().now);
    // Seats are forgotten once it is committed, by [`Attached::committed`].
    let mut after = After::default();
    for chunk in ids.chunks(CHUNK) {
        let found = tx.find::<Account>(any_of("id", chunk.iter().copied())).await?;
        for account in &found {
            revoke::account(tx, accounts, &mut after, account.id, None).await?;
            audit::note(tx, &visit, "user_deleted", actor, Some(account.id), json!({ "with": "row" }))
                .await?;
        }
        acts::erase(tx, chunk).await?;
    }
    Ok(())
}

/// How many accounts are deleted by one statement.
const CHUNK: usize = 500;

/// Refuses values that are not the account's own: what an account holds changes with the account.
async fn agree(tx: &mut Tx<'_>, changes: Vec<Mirrored>) -> Result<(), Problem> {
    for change in changes {
        let id = Uuid::from_bytes(change.account);
        let Some(account) = tx.one::<Account>(is("id", id)).await? else { continue };
        let differs = |name: &'static str, given: &Option<Option<String>>, held: &Option<String>| {
            given.as_ref().is_some_and(|given| given != held).then_some(name)
        };
        let field = differs("email", &change.email, &account.email)
            .or_else(|| differs("phone", &change.phone, &account.phone));
        if let Some(field) = field {
            let message = format!("{field} repeats what the account holds, which is something else");
            return Err(Problem::new(Code::Forbidden, message)
                .column(field)
                .hint(format!("Change it with the account: PUT /auth/v1/admin/users/{id}.")));
        }
    }
    Ok(())
}
