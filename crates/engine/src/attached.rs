//! What hangs on rows of the account type beside the project's own tables: credentials and sessions, which live in tables
//! of the system and go with the row in the same transaction.

use std::sync::Arc;

use bistro_ir::ParamId;
use bistro_plan::{WritePlan, WriteStep};
use bistro_problem::Problem;
use bistro_schema::{FieldId, Schema, Value};
use futures_util::future::BoxFuture;

use crate::engine::Engine;
use crate::feed::Types;
use crate::session::Session;

/// The key of a row of the account type: the account's id.
pub type AccountKey = [u8; 16];

/// Follows rows of the account type. All but [`Attached::committed`] runs inside the transaction that writes them, and an
/// error takes that back.
pub trait Attached: Send + Sync {
    /// Rows were deleted, by name or with a row that they referred to. Rows that the transaction deletes again are told again.
    fn deleted<'s>(
        &'s self,
        session: &'s mut Session<'_>,
        accounts: &'s [AccountKey],
    ) -> BoxFuture<'s, Result<(), Problem>>;

    /// Fields that repeat what the account holds were written in rows that were there.
    fn changed<'s>(
        &'s self,
        session: &'s mut Session<'_>,
        mirrored: &'s [Mirrored],
    ) -> BoxFuture<'s, Result<(), Problem>>;

    /// A transaction that deleted or changed rows of these accounts was committed, or may have been.
    fn committed(&self, accounts: &[AccountKey]);
}

/// What was written over fields that repeat what the account holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrored {
    /// Whose row.
    pub account: AccountKey,
    /// The new e-mail address, if it was written.
    pub email: Option<Option<String>>,
    /// The new telephone number, if it was written.
    pub phone: Option<Option<String>>,
}

/// What a write does to rows of the account type, noted until it is told.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) deleted: Vec<AccountKey>,
    pub(crate) mirrored: Vec<Mirrored>,
    /// What was told already, to be told again once it is committed.
    pub(crate) told: Vec<AccountKey>,
}

impl Touched {
    /// Notes that a row with this key goes.
    pub(crate) fn goes(&mut self, key: &[Value]) {
        self.deleted.extend(account(key));
    }

    /// Takes what was not told yet.
    pub(crate) fn take(&mut self) -> (Vec<AccountKey>, Vec<Mirrored>) {
        let (deleted, mirrored) = (std::mem::take(&mut self.deleted), std::mem::take(&mut self.mirrored));
        self.told.extend(deleted.iter().copied().chain(mirrored.iter().map(|m| m.account)));
        (deleted, mirrored)
    }
}

/// The account that a key names.
fn account(key: &[Value]) -> Option<AccountKey> {
    match key {
        [Value::Uuid(id)] => Some(*id),
        _ => None,
    }
}

/// What a write may do to rows of the account type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touches {
    /// Whether it deletes such rows, itself or by what it takes along.
    pub(crate) deletes: bool,
    /// The cells of an update that hold new values of mirrored fields.
    email: Option<ParamId>,
    phone: Option<ParamId>,
}

impl Touches {
    /// What a write of this plan does, where deletes of its type go on to those of `reached`.
    pub(crate) fn of(schema: &Schema, plan: &WritePlan, reached: &Types) -> Self {
        let Some(account) = schema.account() else { return Self::default() };
        let set: &[(FieldId, ParamId)] = match &plan.step {
            WriteStep::Delete { .. } => {
                return Self { deletes: plan.ty == account || reached.contains(account), ..Self::default() };
            }
            WriteStep::Update { update, .. } => &update.set,
            WriteStep::Insert { upsert, .. } => {
                upsert.as_ref().and_then(|upsert| upsert.update.as_ref()).map_or(&[], |update| &update.set)
            }
        };
        let of = schema.ty(plan.ty);
        let cell = |name: &str| {
            let named = set.iter().find(|(field, _)| of.mirrors(*field) && of.field(*field).name == name);
            named.map(|(_, cell)| *cell)
        };
        Self { deletes: false, email: cell("email"), phone: cell("phone") }
    }

    /// Whether it does anything to them.
    pub(crate) fn any(&self) -> bool {
        self.deletes || self.email.is_some() || self.phone.is_some()
    }

    /// What an update wrote into the row of a key.
    pub(crate) fn mirrored(&self, key: &[Value], binds: &[Value]) -> Option<Mirrored> {
        if self.email.is_none() && self.phone.is_none() {
            return None;
        }
        let text = |cell: ParamId| match binds.get(usize::from(cell.0)) {
            Some(Value::Text(text)) => Some(text.to_string()),
            _ => None,
        };
        Some(Mirrored { account: account(key)?, email: self.email.map(text), phone: self.phone.map(text) })
    }
}

impl Engine {
    /// Lets something follow the rows of the account type; the first that is attached stays.
    pub fn attach(&self, attached: Arc<dyn Attached>) {
        // A second one would be told of half of the transactions.
        let _ = self.attached.set(attached);
    }

    pub(crate) fn attached(&self) -> Option<&Arc<dyn Attached>> {
        self.attached.get()
    }
}

impl Session<'_> {
    /// Tells what follows accounts of what was written, within the transaction.
    pub(crate) async fn follow_accounts(&mut self) -> Result<(), Problem> {
        let Some(attached) = self.engine().attached().cloned() else { return Ok(()) };
        let (deleted, mirrored) = self.touched().take();
        if !deleted.is_empty() {
            attached.deleted(self, &deleted).await?;
        }
        if !mirrored.is_empty() {
            attached.changed(self, &mirrored).await?;
        }
        Ok(())
    }
}
