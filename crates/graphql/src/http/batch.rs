//! Batches: several requests in one body, answered in order. One that fails does not touch the others; what they cost is
//! counted together.

use std::sync::Arc;

use bistro_engine::Context;
use bistro_problem::{Code, Problem};
use bistro_wire::Answer;

use super::parameters::Parameters;
use super::reply::Dress;
use crate::Limits;
use crate::document::Bound;
use crate::execute::{Answered, Reply};
use crate::failure::Failure;
use crate::plan::{Kind, Plan};
use crate::surface::GraphQl;

type Planned = Result<(Arc<Plan>, Bound), Vec<Failure>>;

/// Plans all, then runs all.
pub(super) fn run(
    surface: &GraphQl,
    cx: &Context,
    asked: Vec<Result<Parameters, Problem>>,
    dress: Dress,
) -> Answer {
    let limits = &surface.options().limits;
    let mut so_far = SoFar::default();
    let plan = |asked: Result<Parameters, Problem>| -> Planned {
        let asked = asked.map_err(|problem| vec![problem.into()])?;
        let (plan, bound) = super::ask(surface, cx, &asked)?;
        so_far.add(&plan, bound.rows, limits).map_err(|problem| vec![problem.into()])?;
        Ok((plan, bound))
    };
    let planned: Vec<Planned> = asked.into_iter().map(plan).collect();
    let running = surface.running(cx.clone());
    Answer::later(async move {
        let mut replies = Vec::with_capacity(planned.len());
        for planned in planned {
            replies.push(match planned.map(|(plan, bound)| running.clone().run(plan, bound)) {
                Ok(Answered::Now(reply)) => reply,
                Ok(Answered::Later(reply)) => reply.await,
                Err(failures) => Reply::refused(failures),
            });
        }
        dress.batch(replies)
    })
}

/// What the operations of a batch come to together.
#[derive(Default)]
struct SoFar {
    rows: u64,
    introspects: bool,
}

impl SoFar {
    /// Takes an operation in. Errors: one that makes the batch too large, or has no place in it.
    fn add(&mut self, plan: &Plan, rows: u64, limits: &Limits) -> Result<(), Problem> {
        if plan.kind == Kind::Subscription {
            return Err(Problem::new(Code::BadRequest, "A batch holds no subscriptions"));
        }
        if self.introspects && plan.introspects {
            return Err(Problem::new(Code::TooComplex, "A batch asks for the schema once"));
        }
        let (sum, limit) = (self.rows.saturating_add(rows), limits.rows);
        if sum > limit {
            let message = format!("The batch asks for up to {sum} rows up to here; the limit is {limit}");
            return Err(Problem::new(Code::TooComplex, message)
                .hint("Send fewer operations, or ask for smaller pages."));
        }
        *self = Self { rows: sum, introspects: self.introspects || plan.introspects };
        Ok(())
    }
}
