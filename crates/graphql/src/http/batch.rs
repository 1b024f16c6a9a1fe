//! Batches: several requests in one body, answered in order. One that fails does not touch the others; what they cost is
//! counted together.

use std::sync::Arc;

use bistro_engine::Context;
use bistro_problem::{Code, Problem};
use bistro_wire::Answer;

use super::parameters::Parameters;
use super::reply::Dress;
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
    let mut rows = 0;
    let plan = |asked: Result<Parameters, Problem>| -> Planned {
        let asked = asked.map_err(|problem| vec![problem.into()])?;
        let (plan, bound) = super::ask(surface, cx, &asked)?;
        judge(surface, plan.kind, &mut rows, bound.rows).map_err(|problem| vec![problem.into()])?;
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

/// Refuses what makes the batch too large, and subscriptions.
fn judge(surface: &GraphQl, kind: Kind, rows: &mut u64, more: u64) -> Result<(), Problem> {
    if kind == Kind::Subscription {
        return Err(Problem::new(Code::BadRequest, "A batch holds no subscriptions"));
    }
    let (sum, limit) = (rows.saturating_add(more), surface.options().limits.rows);
    if sum > limit {
        let message = format!("The batch asks for up to {sum} rows up to here; the limit is {limit}");
        return Err(
            Problem::new(Code::TooComplex, message).hint("Send fewer operations, or ask for smaller pages.")
        );
    }
    *rows = sum;
    Ok(())
}
