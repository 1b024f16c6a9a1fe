//! Several operations in one transaction: batches, and every single write.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use bistro_ir::Input;
use bistro_problem::{Code, Problem};
use bistro_store::{Job, Sink, StoreError, Transaction};
use futures_util::future::BoxFuture;

use crate::context::{Context, Outcome};
use crate::engine::Engine;
use crate::problem::problem;
use crate::read::Running;
use crate::ready::{Ready, ReadyBody};
use crate::write;

/// What is done inside one transaction; an error rolls all of it back.
pub type Work<T> =
    Box<dyn for<'s, 't> FnOnce(&'s mut Session<'t>) -> BoxFuture<'s, Result<T, Problem>> + Send>;

/// One open transaction of one caller.
pub struct Session<'t> {
    engine: Arc<Engine>,
    cx: Context,
    tx: &'t mut dyn Transaction,
    time: Time,
    last: bool,
}

/// How long a transaction may go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time(Option<Instant>);

impl Time {
    /// From now on; seeds and other work of the project's own key take what they need.
    fn of(engine: &Engine, cx: &Context) -> Self {
        let bound = !cx.caller.roles.passes_rules();
        Self(bound.then(|| Instant::now() + engine.options.transaction))
    }

    /// Refuses to go on once it is over.
    pub(crate) fn check(self) -> Result<(), Problem> {
        match self.0 {
            Some(until) if Instant::now() >= until => {
                let message = "canceling statement due to statement timeout";
                Err(Problem::new(Code::StatementTimeout, message)
                    .details("The transaction took too long as a whole.")
                    .hint("Do less in one request: other writers wait for it."))
            }
            _ => Ok(()),
        }
    }
}

impl Session<'_> {
    /// The engine.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Who asks, and when.
    pub fn context(&self) -> &Context {
        &self.cx
    }

    /// Says that the next operation is all that is left to do: its commit may travel with it.
    pub fn nothing_follows(&mut self) {
        self.last = true;
    }

    /// Runs one operation, a read or a write, in the transaction.
    pub fn run<'s>(
        &'s mut self,
        ready: &'s Ready,
        input: &'s Input,
        sink: &'s mut dyn Sink,
    ) -> BoxFuture<'s, Result<Outcome, Problem>> {
        Box::pin(async move {
            self.time.check()?;
            let start = Instant::now();
            let done = match &ready.body {
                ReadyBody::Read(_) => {
                    let prepared = self.engine.readable(&self.cx, ready)?;
                    let binds = self.engine.binds(&self.cx, ready, input);
                    let summary = self.tx.read(prepared, &binds, sink).await;
                    summary.map(Outcome::from).map_err(|e| problem(&self.engine.view(ready.roles), e, &[]))
                }
                ReadyBody::Write(body) => {
                    if ready.roles != self.cx.caller.roles {
                        return Err(Problem::bug("a write was run for roles that it was not authorised for"));
                    }
                    let at =
                        write::At { cx: &self.cx, time: self.time, last: std::mem::take(&mut self.last) };
                    write::run(&self.engine, at, &mut *self.tx, ready, body, input, sink).await
                }
            };
            let rows = done.as_ref().ok().map(|outcome| outcome.rows.max(outcome.affected));
            ready.statistics.count(start, rows);
            done
        })
    }

    /// A record of Bistro's own that has not expired.
    pub async fn record_get(&mut self, space: &str, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        let found = self.tx.record_get(space, key, self.cx.now).await;
        found.map_err(|e| problem(&self.engine.view(self.cx.caller.roles), e, &[]))
    }

    /// Keeps a record of Bistro's own until `expires` (microseconds since the epoch).
    pub async fn record_put(
        &mut self,
        space: &str,
        key: &str,
        value: &[u8],
        expires: i64,
    ) -> Result<(), Problem> {
        let kept = self.tx.record_put(space, key, value, expires).await;
        kept.map_err(|e| problem(&self.engine.view(self.cx.caller.roles), e, &[]))
    }
}

impl Engine {
    /// Runs work in one transaction; `Ok` means durably committed.
    pub fn transact<T: Send + 'static>(
        self: &Arc<Self>,
        cx: Context,
        work: Work<T>,
    ) -> BoxFuture<'static, Result<T, Problem>> {
        let (engine, roles) = (Arc::clone(self), cx.caller.roles);
        let made: Arc<Mutex<Option<Result<T, Problem>>>> = Arc::default();
        let put = Arc::clone(&made);
        let inside = Arc::clone(self);
        let job: Job = Box::new(move |tx| {
            Box::pin(async move {
                let time = Time::of(&inside, &cx);
                let mut session = Session { engine: inside, cx, tx, time, last: false };
                let result = work(&mut session).await;
                let failed = result.is_err();
                *put.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(result);
                if failed { Err(StoreError::rolled_back()) } else { Ok(()) }
            })
        });
        Box::pin(async move {
            let ended = engine.store.transact(job).await;
            let made = made.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            match (ended, made) {
                (Ok(()), Some(result)) => result,
                (Err(error), Some(Err(said))) if error.kind == bistro_store::StoreErrorKind::RolledBack => {
                    Err(said)
                }
                (Err(error), _) => Err(problem(&engine.view(roles), error, &[])),
                (Ok(()), None) => Err(Problem::bug("a transaction ended without a result")),
            }
        })
    }

    /// Runs one write in a transaction of its own; `Ok` means durably committed.
    pub fn write(
        self: &Arc<Self>,
        cx: Context,
        ready: Arc<Ready>,
        input: Input,
        mut sink: Box<dyn Sink>,
    ) -> Running {
        self.transact(
            cx,
            Box::new(move |session| {
                Box::pin(async move {
                    session.nothing_follows();
                    let outcome = session.run(&ready, &input, sink.as_mut()).await?;
                    Ok((sink, outcome))
                })
            }),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Time;

    #[test]
    fn regress_a_transaction_ends_when_its_time_is_over() {
        let now = Instant::now();
        let cases = [(None, true), (Some(now + Duration::from_secs(60)), true), (Some(now), false)];
        for (until, goes_on) in cases {
            assert_eq!(Time(until).check().is_ok(), goes_on, "{until:?}");
        }
    }
}
