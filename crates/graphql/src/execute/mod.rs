//! Plans run, and their rows become replies. One root field fails alone: it is null, and an error says why.

pub(crate) mod mutation;
mod query;
mod reply;
mod writes;

use std::sync::Arc;

use bistro_engine::{Context, Engine};
use bistro_problem::Problem;
use futures_util::future::BoxFuture;

use crate::document::Bound;
use crate::plan::{Kind, Plan};
use crate::render::Caps;

pub(crate) use query::read;
pub(crate) use reply::{Body, Reply};

/// A reply, at once or after waiting.
pub(crate) enum Answered {
    Now(Reply),
    Later(BoxFuture<'static, Reply>),
}

/// What running needs besides the plan.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) engine: Arc<Engine>,
    pub(crate) caps: Caps,
    pub(crate) cx: Context,
}

impl Run {
    /// Runs a query or a mutation: at once where all its reads can be.
    pub(crate) fn run(self, plan: Arc<Plan>, bound: Bound) -> Answered {
        match plan.kind {
            Kind::Query => query::run(self, plan, bound),
            Kind::Mutation => Answered::Later(Box::pin(writes::run(self, plan, bound))),
            Kind::Subscription => {
                Answered::Now(Reply::refused(vec![Problem::bug("a subscription was run once").into()]))
            }
        }
    }
}
