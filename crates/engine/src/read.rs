//! Reads, at once on the calling thread where the store can, otherwise aside.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use bistro_ir::Input;
use bistro_problem::Problem;
use bistro_schema::Value;
use bistro_store::{Prepared, ReadNow, Sink, Summary};
use futures_util::future::BoxFuture;

use crate::bind;
use crate::context::{Context, Outcome};
use crate::engine::Engine;
use crate::problem::problem;
use crate::ready::{Ready, ReadyBody};

/// An operation under way: the sink comes back with what it took.
pub type Running = BoxFuture<'static, Result<(Box<dyn Sink>, Outcome), Problem>>;

impl From<Summary> for Outcome {
    fn from(summary: Summary) -> Self {
        Outcome { rows: summary.rows, total: summary.total, ..Outcome::default() }
    }
}

impl Engine {
    /// Reads on the calling thread; `None` where that would take long: then [`Engine::read`] is the way.
    pub fn read_now(
        &self,
        cx: &Context,
        ready: &Ready,
        input: &Input,
        sink: &mut dyn Sink,
    ) -> Result<Option<Outcome>, Problem> {
        let prepared = self.readable(cx, ready)?;
        let binds = self.binds(cx, ready, input);
        let start = Instant::now();
        match self.store.read_now(prepared, &binds, sink) {
            Ok(ReadNow::Done(summary)) => {
                ready.statistics.count(start, Some(summary.rows));
                Ok(Some(summary.into()))
            }
            Ok(ReadNow::Later) => Ok(None),
            Err(error) => {
                ready.statistics.count(start, None);
                Err(problem(&self.view(ready.roles), error, &[]))
            }
        }
    }

    /// Reads aside, under the statement deadline.
    pub fn read(
        self: &Arc<Self>,
        cx: Context,
        ready: Arc<Ready>,
        input: Input,
        sink: Box<dyn Sink>,
    ) -> Running {
        let engine = Arc::clone(self);
        Box::pin(async move {
            let prepared = Arc::clone(engine.readable(&cx, &ready)?);
            let binds = engine.binds(&cx, &ready, &input).into_owned();
            let start = Instant::now();
            let done = engine.store.read(prepared, binds, sink).await;
            ready.statistics.count(start, done.as_ref().ok().map(|(_, summary)| summary.rows));
            let (sink, summary) = done.map_err(|e| problem(&engine.view(ready.roles), e, &[]))?;
            Ok((sink, summary.into()))
        })
    }

    /// Refuses what running the operation for this caller would refuse, whatever rows there are.
    pub fn permits(&self, cx: &Context, ready: &Ready) -> Result<(), Problem> {
        if ready.roles != cx.caller.roles {
            return Err(Problem::bug("an operation was asked of roles that it was not authorised for"));
        }
        ready.named.check(self.schema(), cx)
    }

    /// The prepared select, if the caller has the roles that it was authorised for and, where an application stands between,
    /// its scopes.
    pub(crate) fn readable<'r>(&self, cx: &Context, ready: &'r Ready) -> Result<&'r Prepared, Problem> {
        match &ready.body {
            ReadyBody::Read(prepared) => {
                self.permits(cx, ready)?;
                Ok(prepared)
            }
            ReadyBody::Write(_) => Err(Problem::bug("a write was run as a read")),
        }
    }

    /// The values of the binds, borrowed where they are just the parameters.
    pub(crate) fn binds<'i>(&self, cx: &Context, ready: &Ready, input: &'i Input) -> Cow<'i, [Value]> {
        if ready.plain && ready.binds.len() == input.params.len() {
            return Cow::Borrowed(&input.params);
        }
        Cow::Owned(bind::fill(self.schema(), cx, &ready.binds, input))
    }
}
