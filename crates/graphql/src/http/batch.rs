//! Batches: several requests in one body, answered in order. One that fails does not touch the others; what they cost is
//! counted together.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

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
    let bytes_most = surface.engine().options().reply_bytes;
    Answer::later(async move {
        let (mut replies, mut bytes) = (Vec::with_capacity(planned.len()), 0);
        for planned in planned {
            let planned = planned.and_then(|planned| fits(bytes, bytes_most).map(|()| planned));
            let reply = match planned.map(|(plan, bound)| running.clone().run(plan, bound)) {
                Ok(Answered::Now(reply)) => reply,
                Ok(Answered::Later(reply)) => reply.await,
                Err(failures) => Reply::refused(failures),
            };
            bytes += reply.body.len();
            replies.push(reply);
            give_way().await;
        }
        dress.batch(replies)
    })
}

/// Refuses to run an operation where those before it have filled the reply.
fn fits(bytes: usize, most: usize) -> Result<(), Vec<Failure>> {
    if bytes < most {
        return Ok(());
    }
    let message = format!("The replies before this one have {most} bytes or more, so it was not run");
    let problem = Problem::new(Code::ReplyTooLarge, message).hint("Send fewer operations at once.");
    Err(vec![problem.into()])
}

/// Lets the other connections of this thread go on: what is read at once never waits by itself.
async fn give_way() {
    let mut gave = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut gave, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
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
