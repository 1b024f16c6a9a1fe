//! An operation that is authorised for a set of roles, planned, and prepared by its store.

use crate::attached::Touches;
use crate::feed::Types;
use crate::scope::Named;
use crate::statistics::Statistics;
use bistro_plan::{Bind, Plan, PlanBody, WritePlan, WriteStep};
use bistro_schema::Roles;
use bistro_store::{Prepared, Statement, Store, StoreError};

/// Ready to run for any values and any caller of these roles.
pub struct Ready {
    pub(crate) roles: Roles,
    pub(crate) binds: Vec<Bind>,
    /// Whether the binds are the operation's parameters and nothing else.
    pub(crate) plain: bool,
    pub(crate) body: ReadyBody,
    pub(crate) rule: String,
    /// The length of the operation's text, which its plan and statements grow with.
    pub(crate) weight: usize,
    /// The types whose rows decide what a read gives.
    pub(crate) types: Option<Types>,
    /// The types that the operation itself names.
    pub(crate) named: Named,
    /// What it does to accounts.
    pub(crate) touches: Touches,
    pub(crate) statistics: Statistics,
}

/// What is prepared.
pub(crate) enum ReadyBody {
    Read(Prepared),
    Write(Box<ReadyWrite>),
}

/// The prepared statements of a write; which ones exist follows its step.
pub(crate) struct ReadyWrite {
    pub(crate) plan: WritePlan,
    pub(crate) judge: Option<Prepared>,
    pub(crate) find: Option<Prepared>,
    pub(crate) change: Prepared,
    pub(crate) merge: Option<Prepared>,
    pub(crate) returning: Option<Prepared>,
    pub(crate) readable: Option<Prepared>,
}

impl Ready {
    /// Prepares the statements of a plan.
    pub(crate) fn prepare(
        store: &dyn Store,
        roles: Roles,
        plan: Plan,
        (rule, weight, types): (String, usize, Option<Types>),
        (named, touches): (Named, Touches),
    ) -> Result<Self, StoreError> {
        let plain = plan.binds.iter().all(|b| matches!(b, Bind::Param(_)));
        let body = match plan.body {
            PlanBody::Read(select) => ReadyBody::Read(store.prepare(&Statement::Select(*select))?),
            PlanBody::Write(write) => ReadyBody::Write(Box::new(prepare_write(store, *write)?)),
        };
        let statistics = Statistics::default();
        Ok(Self { roles, binds: plan.binds, plain, body, rule, weight, types, named, touches, statistics })
    }

    /// How large it is: about a twentieth of the bytes that it takes. Whoever keeps many bounds their sum.
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// Whether it changes data.
    pub fn writes(&self) -> bool {
        matches!(self.body, ReadyBody::Write(_))
    }

    /// The sources of the rules that it was narrowed by, for the log of `dev`.
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

fn prepare_write(store: &dyn Store, plan: WritePlan) -> Result<ReadyWrite, StoreError> {
    let select = |s: &bistro_store::Select| store.prepare(&Statement::Select(s.clone()));
    let (judge, find, change, merge) = match &plan.step {
        WriteStep::Insert { judge, insert, upsert, .. } => {
            let judge = judge.as_ref().map(|j| store.prepare(&Statement::Judge(j.clone()))).transpose()?;
            let find = upsert.as_ref().map(|u| select(&u.probe)).transpose()?;
            let update = upsert.as_ref().and_then(|u| u.update.clone());
            let merge = update
                .filter(|u| !u.set.is_empty())
                .map(|u| store.prepare(&Statement::Update(u)))
                .transpose()?;
            (judge, find, store.prepare(&Statement::Insert(insert.clone()))?, merge)
        }
        WriteStep::Update { find, update, .. } => {
            (None, Some(select(find)?), store.prepare(&Statement::Update(update.clone()))?, None)
        }
        WriteStep::Delete { find, delete } => {
            (None, Some(select(find)?), store.prepare(&Statement::Delete(delete.clone()))?, None)
        }
    };
    let returning = plan.returning.as_ref().map(select).transpose()?;
    let readable = plan.readable.as_ref().map(|r| select(&r.probe)).transpose()?;
    Ok(ReadyWrite { plan, judge, find, change, merge, returning, readable })
}
