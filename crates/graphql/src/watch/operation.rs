//! One operation of a client that stays: its replies, one or many.

use std::sync::Arc;

use bistro_engine::Context;
use bistro_problem::{Code, Problem};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};

use super::{changes, clock, live};
use crate::document::{Bound, BoundRoot};
use crate::execute::{Answered, Reply};
use crate::failure::Failure;
use crate::http::{self, Parameters};
use crate::plan::{Kind, Plan, Work};
use crate::surface::GraphQl;

/// The replies to an operation; one that did not run ([`Reply::ran`]) is the last.
pub(super) type Replies = BoxStream<'static, Reply>;

/// An operation under way.
pub(crate) struct Operation {
    pub(super) replies: Replies,
    /// What sort it is; one that cannot be read is a query.
    pub(super) kind: Kind,
}

impl Operation {
    /// Whether it goes on until somebody ends it: when its engine is replaced its client is to ask again.
    pub(super) fn follows(&self) -> bool {
        self.kind == Kind::Subscription
    }
}

/// What a client asks for, by the parameters that HTTP takes too.
pub(super) fn asked(surface: &GraphQl, cx: &Context, asked: Result<&Parameters, Problem>) -> Operation {
    let cx = clock::now(cx);
    let asked = asked.map_err(|problem| vec![problem.into()]);
    let planned = asked.and_then(|asked| http::ask(surface, &cx, asked));
    operation(surface, cx, planned)
}

/// The operation of a plan, or of what is wrong with its document.
pub(crate) fn operation(
    surface: &GraphQl,
    cx: Context,
    planned: Result<(Arc<Plan>, Bound), Vec<Failure>>,
) -> Operation {
    match planned {
        Err(failures) => Operation { replies: once(Reply::refused(failures)), kind: Kind::Query },
        Ok((plan, bound)) if plan.kind == Kind::Subscription => {
            Operation { replies: subscription(surface, cx, plan, bound), kind: Kind::Subscription }
        }
        Ok((plan, bound)) => {
            let kind = plan.kind;
            let replies = match surface.running(cx).run(plan, bound) {
                Answered::Now(reply) => once(reply),
                Answered::Later(reply) => stream::once(reply).boxed(),
            };
            Operation { replies, kind }
        }
    }
}

fn subscription(surface: &GraphQl, cx: Context, plan: Arc<Plan>, bound: Bound) -> Replies {
    let run = surface.running(cx);
    let mut roots = bound.roots.into_iter();
    match (plan.roots.first().map(|root| &root.work), roots.next(), roots.next()) {
        (Some(Work::Live(_)), Some(BoundRoot::Read { inputs, pages }), None) => {
            live::follow(run, plan, (inputs, pages), surface.options().limits.poll).boxed()
        }
        (Some(Work::Changes(followed)), Some(BoundRoot::Changes(nodes)), None) => {
            match followed.permitted(&run.engine, &run.cx) {
                Ok(()) => changes::follow(run, plan, nodes).boxed(),
                Err(problem) => once(Reply::refused(vec![problem.into()])),
            }
        }
        _ => {
            let message = "A subscription asks for one field of Subscription: one that follows rows";
            once(Reply::refused(vec![Problem::new(Code::GraphqlInvalid, message).into()]))
        }
    }
}

/// Logs a fault of ours in a reply to the request with this id; no server sees it pass by.
pub(super) fn log(id: &str, reply: &Reply) {
    if let Some(problem) = reply.gravest()
        && problem.status >= 500
        && problem.code != Code::SubscriptionLag
    {
        let (code, message) = (problem.code.wire_text(), problem.message.as_str());
        let cause = problem.cause.as_deref();
        tracing::error!(target: "bistro::graphql", id, code, message, cause, "operation failed");
    }
}

/// The last word to a subscriber who was not told of everything.
pub(super) fn lagged(why: &str) -> Reply {
    let problem =
        Problem::new(Code::SubscriptionLag, why).hint("Read the present state and subscribe again.");
    Reply::refused(vec![problem.into()])
}

fn once(reply: Reply) -> Replies {
    stream::once(std::future::ready(reply)).boxed()
}
