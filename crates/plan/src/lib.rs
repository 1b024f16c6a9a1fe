//! An authorised operation becomes a plan: statements for a store, and one table of binds that says where each value
//! comes from. Pure: no I/O, no clock. It asks a store what it can do and nothing else.
//!
//! Start reading at [`plan()`]. Conditions keep their form; `auth`, `now`, constants and parameters become binds, so that
//! one plan serves every value and every caller of the same roles.
//!
//! Invariants: a select's outputs stand in the order of the operation's items, hidden ones behind them; the operation's
//! parameters are the first binds, in order.

mod binds;
mod candidates;
mod cost;
mod error;
mod read;
mod scalar;
mod write;

pub use binds::Bind;
pub use candidates::{Candidate, candidates};
pub use error::PlanError;
pub use read::Limits;
pub use scalar::{aggregate_scalar, operand_scalar};
pub use write::{Fill, Judged, Otherwise, Readable, UpsertPlan, WritePlan, WriteStep};

use bistro_policy::{Authorized, AuthorizedBody, Rules};
use bistro_store::{Capabilities, Select};

use crate::binds::Binder;

/// What a store is to do for one shape of operation.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where each bind's value comes from; a [`bistro_ir::ParamId`] in a statement is an index here.
    pub binds: Vec<Bind>,
    /// The statements.
    pub body: PlanBody,
}

/// The statements of a plan.
#[derive(Clone, Debug)]
pub enum PlanBody {
    /// One select.
    Read(Box<Select>),
    /// The steps of a write.
    Write(Box<WritePlan>),
}

/// Plans an authorised operation for a store with these capabilities.
pub fn plan(
    rules: &Rules,
    authorized: &Authorized,
    capabilities: &Capabilities,
    limits: &Limits,
) -> Result<Plan, PlanError> {
    let schema = rules.schema();
    let mut binder = Binder::new(authorized.params().len());
    let cx = read::Reading { schema, params: authorized.params(), capabilities, limits };
    let body = match authorized.body() {
        AuthorizedBody::Read(read) => PlanBody::Read(Box::new(read::select(&cx, &mut binder, read)?)),
        AuthorizedBody::Write(write) => {
            PlanBody::Write(Box::new(write::write(&cx, rules, &mut binder, write)?))
        }
    };
    Ok(Plan { binds: binder.finish(), body })
}

/// A select that counts the stored rows which break a check: what has to be zero before the check can be added.
pub fn breaking(ty: bistro_schema::TypeId, condition: &bistro_ir::Expr) -> Plan {
    let mut binder = Binder::new(0);
    let broken = bistro_ir::Expr::Is(Box::new(binder.expr(condition)), Some(false));
    let select = Select {
        ty,
        outputs: vec![bistro_store::Output::Aggregate {
            function: bistro_ir::Aggregate::Count,
            operand: None,
        }],
        filter: broken,
        order: Vec::new(),
        limit: None,
        offset: None,
        total: false,
        new: bistro_store::NewRow::default(),
        lock: false,
        cost: bistro_store::Cost::Unbounded,
    };
    Plan { binds: binder.finish(), body: PlanBody::Read(Box::new(select)) }
}
