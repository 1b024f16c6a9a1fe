//! Several operations in one transaction: batches, and every single write.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bistro_ir::{Caller, Input};
use bistro_problem::{Code, Problem};
use bistro_store::{Ended, Job, Sink, StoreError, StoreErrorKind, Transaction};
use futures_util::future::BoxFuture;

use crate::attached::Touched;
use crate::context::{Context, Outcome};
use crate::engine::Engine;
use crate::feed::Record;
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
    record: Record,
    beside: Vec<(Arc<Engine>, Record)>,
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

    /// What was done to accounts and not told yet.
    pub(crate) fn touched(&mut self) -> &mut Touched {
        &mut self.record.accounts
    }

    /// Who asks, and when.
    pub fn context(&self) -> &Context {
        &self.cx
    }

    /// Runs work of another caller, or of another engine of the same store, in the same transaction. What it writes is told by
    /// that engine once all is committed.
    pub async fn beside<T>(
        &mut self,
        engine: &Arc<Engine>,
        cx: Context,
        work: Work<T>,
    ) -> Result<T, Problem> {
        let mut other = Session {
            engine: Arc::clone(engine),
            cx,
            tx: &mut *self.tx,
            time: self.time,
            last: false,
            record: Record::default(),
            beside: Vec::new(),
        };
        let done = work(&mut other).await;
        let Session { record, beside, .. } = other;
        self.beside.push((Arc::clone(engine), record));
        self.beside.extend(beside);
        done
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
                    self.engine.permits(&self.cx, ready)?;
                    let followed = self.engine.attached().is_some() && ready.touches.any();
                    let last = std::mem::take(&mut self.last) && !followed;
                    let at = write::At { cx: &self.cx, time: self.time, last, record: &mut self.record };
                    write::run(&self.engine, at, &mut *self.tx, ready, body, input, sink).await
                }
            };
            let done = match done {
                Ok(outcome) if ready.touches.any() => self.follow_accounts().await.map(|()| outcome),
                done => done,
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

/// What a job leaves behind: what it answers, and what is to be told once it is committed.
struct Made<T> {
    result: Option<Result<T, Problem>>,
    record: Record,
    beside: Vec<(Arc<Engine>, Record)>,
}

impl<T> Default for Made<T> {
    fn default() -> Self {
        Self { result: None, record: Record::default(), beside: Vec::new() }
    }
}

impl<T> Made<T> {
    /// Tells what was written, unless it was rolled back. Where nobody knows whether it was, it is told as unknown.
    fn tell(&mut self, engine: &Engine, ended: Result<(), &StoreError>) {
        let failed = self.result.as_ref().and_then(|result| result.as_ref().err());
        let unknown = match ended {
            Ok(()) => false,
            Err(error) if error.kind == StoreErrorKind::CommitUnknown => true,
            Err(_) if failed.is_some_and(|problem| problem.code == Code::CommitUnknown) => true,
            Err(_) => return,
        };
        publish(engine, std::mem::take(&mut self.record), unknown);
        for (engine, record) in self.beside.drain(..) {
            publish(&engine, record, unknown);
        }
    }
}

fn publish(engine: &Engine, mut record: Record, unknown: bool) {
    let accounts = std::mem::take(&mut record.accounts.told);
    if let Some(attached) = engine.attached().filter(|_| !accounts.is_empty()) {
        attached.committed(&accounts);
    }
    engine.feed().publish(record, unknown);
}

fn lock<T>(made: &Mutex<Made<T>>) -> MutexGuard<'_, Made<T>> {
    made.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// Runs work in one transaction; `Ok` means durably committed.
    pub fn transact<T: Send + 'static>(
        self: &Arc<Self>,
        cx: Context,
        work: Work<T>,
    ) -> BoxFuture<'static, Result<T, Problem>> {
        let (engine, roles) = (Arc::clone(self), cx.caller.roles);
        let made: Arc<Mutex<Made<T>>> = Arc::default();
        let (put, told) = (Arc::clone(&made), Arc::clone(&made));
        let (inside, tells) = (Arc::clone(self), Arc::clone(self));
        let job: Job = Box::new(move |tx| {
            Box::pin(async move {
                let time = Time::of(&inside, &cx);
                let record = Record::default();
                let beside = Vec::new();
                let mut session = Session { engine: inside, cx, tx, time, last: false, record, beside };
                let result = work(&mut session).await;
                let failed = result.is_err();
                let Session { record, beside, .. } = session;
                *lock(&put) = Made { result: Some(result), record, beside };
                if failed { Err(StoreError::rolled_back()) } else { Ok(()) }
            })
        });
        let ended: Ended = Box::new(move |ended| lock(&told).tell(&tells, ended));
        Box::pin(async move {
            let ended = engine.store.transact_then(job, ended).await;
            let made = lock(&made).result.take();
            match (ended, made) {
                (Ok(()), Some(result)) => result,
                (Err(error), Some(Err(said))) if error.kind == StoreErrorKind::RolledBack => Err(said),
                (Err(error), _) => Err(problem(&engine.view(roles), error, &[])),
                (Ok(()), None) => Err(Problem::bug("a transaction ended without a result")),
            }
        })
    }

    /// Uses something up that holds once, on all nodes and until a time (microseconds since the epoch); whether this was the
    /// first time. Of several who try at once, one is.
    pub async fn use_once(
        self: &Arc<Self>,
        now: i64,
        space: &'static str,
        key: String,
        until: i64,
    ) -> Result<bool, Problem> {
        self.transact(
            Context::new(Caller::service(), now),
            Box::new(move |session| {
                Box::pin(async move {
                    // Whoever looks for a record keeps all others from it until the transaction ends.
                    if session.record_get(space, &key).await?.is_some() {
                        return Ok(false);
                    }
                    session.record_put(space, &key, &[], until).await.map(|()| true)
                })
            }),
        )
        .await
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
