//! Transactions: begun with the first statement in one trip, ended with the last one where the job says which that is.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bistro_schema::Value;
use bistro_store::store::Written;
use bistro_store::{Job, Prepared, Sink, StoreError, StoreErrorKind, Summary, Transaction};
use futures_util::future::{BoxFuture, join, join3};
use tokio_postgres::Error;

use crate::error::{Writing, from_driver, from_write, lost, stale};
use crate::execute::{Run, Trouble, out_of_range};
use crate::link::Link;
use crate::pool::Lease;
use crate::prepare::{Change, Program};
use crate::server::Server;

mod step;

use step::{GetRecord, Prepare, Put, PutRecord, Select, Step};

/// How a job's transaction begins.
pub(crate) const PLAIN: &str = "BEGIN";
/// All reads see one state, however long the job takes and waits.
pub(crate) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; \
     SET LOCAL idle_in_transaction_session_timeout = 0";
/// How long a rollback may take before the connection is closed instead, which does the same.
const ROLLING_BACK: Duration = Duration::from_secs(1);
/// Around a guarded insert.
const GUARD: &str = "SAVEPOINT bistro_guard";

/// How far a transaction came.
#[derive(Debug)]
enum State {
    /// Nothing was sent.
    Fresh,
    /// Begun.
    Open,
    /// Committed with its last write.
    Committed,
    /// The server rolls back whatever comes next.
    Failed(StoreError),
}

/// What a job works with.
struct Open {
    server: Arc<Server>,
    lease: Lease,
    state: State,
    begin: &'static str,
    /// Added to the deadline that the server keeps itself, for ways that went dead.
    patience: Duration,
}

/// Runs a job in a transaction of its own.
pub(crate) async fn run(server: Arc<Server>, job: Job, begin: &'static str) -> Result<(), StoreError> {
    let lease = server.writers.lease().await?;
    let patience = server.patience();
    let mut open = Open { server, lease, state: State::Fresh, begin, patience };
    let result = job(&mut open).await;
    open.finish(result).await
}

impl Open {
    async fn finish(mut self, result: Result<(), StoreError>) -> Result<(), StoreError> {
        match (std::mem::replace(&mut self.state, State::Fresh), result) {
            // Nothing was begun; whether the connection can be given back the lease itself knows.
            (State::Fresh, result) => result,
            (State::Committed, Ok(())) => {
                self.lease.end();
                Ok(())
            }
            (State::Committed, Err(error)) => {
                self.lease.end();
                Err(StoreError::bug(format!("a job failed after its last write was committed: {error}")))
            }
            (State::Open, Ok(())) => self.commit().await,
            (State::Failed(error), Ok(())) => {
                self.roll_back().await;
                Err(error)
            }
            (_, Err(error)) => {
                self.roll_back().await;
                Err(error)
            }
        }
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        let sent = self.lease.client().batch_execute("COMMIT");
        match tokio::time::timeout(self.patience, sent).await {
            Ok(Ok(())) => {
                self.lease.end();
                Ok(())
            }
            Ok(Err(error)) if lost(&error) => Err(unknown(&error.to_string())),
            Ok(Err(error)) => {
                self.lease.end();
                Err(self.server.met(from_driver(&error)))
            }
            Err(_) => Err(unknown("no answer came in time")),
        }
    }

    /// If this fails the lease is not clean, and its connection is closed, which rolls back too.
    async fn roll_back(&mut self) {
        if self.lease.closed() {
            return;
        }
        let sent = self.lease.client().batch_execute("ROLLBACK");
        if let Ok(Ok(())) = tokio::time::timeout(ROLLING_BACK, sent).await {
            self.lease.end();
        }
    }

    /// Runs one step, the transaction's begin before it in the same trip if it is the first. A first step whose
    /// connection turns out to be dead is tried once more on another: nothing of it can have been kept.
    async fn trip<S: Step>(&mut self, mut step: S) -> Result<S::Out, Trouble> {
        self.guard()?;
        for tries in 0.. {
            self.lease.begin();
            let fresh = matches!(self.state, State::Fresh);
            let trip = async {
                if !fresh {
                    return step.run(&self.lease).await;
                }
                let begin = self.lease.client().batch_execute(self.begin);
                let (begun, done) = join(begin, step.run(&self.lease)).await;
                begun?;
                done
            };
            match in_time(self.patience, trip).await {
                Ok(value) => {
                    if fresh {
                        self.state = State::Open;
                    }
                    return Ok(value);
                }
                Err(Trouble::Driver(error)) if fresh && tries == 0 && (lost(&error) || stale(&error)) => {
                    self.again(&error).await?;
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Err(StoreError::bug("a step was neither done nor refused").into())
    }

    /// Another connection, after this one proved useless before anything was written.
    async fn again(&mut self, error: &Error) -> Result<(), StoreError> {
        self.lease.forget();
        if lost(error) {
            self.lease.retire();
        }
        self.lease = self.server.writers.lease().await?;
        Ok(())
    }

    /// A step that no constraint can refuse.
    async fn step<S: Step>(&mut self, step: S) -> Result<S::Out, StoreError> {
        let done = self.trip(step).await;
        done.map_err(|trouble| self.failed(trouble.into_error()))
    }

    fn guard(&self) -> Result<(), StoreError> {
        match &self.state {
            State::Failed(error) => Err(StoreError::new(error.kind.clone(), error.cause.clone())),
            State::Committed => Err(StoreError::bug("a job went on after its last write")),
            _ => Ok(()),
        }
    }

    fn failed(&mut self, error: StoreError) -> StoreError {
        let error = self.server.met(error);
        self.state = State::Failed(StoreError::new(error.kind.clone(), error.cause.clone()));
        error
    }

    async fn select(
        &mut self,
        prepared: &Prepared,
        binds: &[Value],
        sink: &mut dyn Sink,
    ) -> Result<Summary, StoreError> {
        let program = Program::of(prepared)?;
        let reading = program.reading()?;
        self.step(Select { program, reading, binds, sink }).await
    }

    async fn change(
        &mut self,
        prepared: &Prepared,
        binds: &[Value],
        last: bool,
    ) -> Result<Written, StoreError> {
        self.guard()?;
        let program = Program::of(prepared)?;
        let change = program.change()?;
        if last && matches!(self.state, State::Fresh) && self.begin == PLAIN {
            return self.alone(program, change, binds).await;
        }
        if change.guarded {
            return self.guarded(program, change, binds).await;
        }
        let writing = change.writing(&program.schema);
        if last && matches!(self.state, State::Open) {
            return self.last(change, writing, binds).await;
        }
        let wrote = self.trip(Put { change, binds }).await;
        wrote.map_err(|trouble| self.failed(refused(trouble, writing, false)))
    }

    /// The write and the commit in one trip.
    async fn last(
        &mut self,
        change: &Change,
        writing: Writing<'_>,
        binds: &[Value],
    ) -> Result<Written, StoreError> {
        let link: &Link = &self.lease;
        let trip = async {
            // Prepared before, so that nothing lies between the write and the commit.
            link.prepare(&change.words.text).await?;
            Ok(join(Run { link, binds, whole: true }.write(change), link.client().batch_execute("COMMIT"))
                .await)
        };
        match in_time(self.patience, trip).await {
            Ok((Ok(written), Ok(()))) => {
                self.state = State::Committed;
                Ok(written)
            }
            Ok((Ok(_), Err(error))) if lost(&error) => Err(self.failed(unknown(&error.to_string()))),
            Ok((Ok(_), Err(error))) => Err(self.failed(from_write(&error, writing))),
            // The server refused the write, and therefore the commit too.
            Ok((Err(trouble), _)) | Err(trouble) => Err(self.failed(refused(trouble, writing, true))),
        }
    }

    /// The only statement of its transaction: the server commits it by itself.
    async fn alone(
        &mut self,
        program: &Program,
        change: &Change,
        binds: &[Value],
    ) -> Result<Written, StoreError> {
        let writing = change.writing(&program.schema);
        for tries in 0.. {
            if tries == 0 && self.lease.closed() {
                self.lease = self.server.writers.lease().await?;
            }
            self.lease.begin();
            let link: &Link = &self.lease;
            // Whatever goes wrong before the write is sent, nothing was written.
            if link.kept(&change.words.text).is_none() {
                let ready = in_time(self.patience, async { Ok(link.prepare(&change.words.text).await?) });
                match ready.await {
                    Err(Trouble::Driver(error)) if lost(&error) && tries == 0 => {
                        self.again(&error).await?;
                        continue;
                    }
                    Err(trouble) => return Err(self.server.met(trouble.into_error())),
                    Ok(_) => {}
                }
            }
            let wrote = in_time(self.patience, Run { link, binds, whole: true }.write(change)).await;
            match wrote {
                Ok(written) => {
                    self.state = State::Committed;
                    return Ok(written);
                }
                Err(Trouble::Driver(error)) if stale(&error) && tries == 0 => self.lease.forget(),
                Err(trouble) => {
                    let error = refused(trouble, writing, true);
                    if error.kind != StoreErrorKind::CommitUnknown {
                        // The server undid it by itself.
                        self.lease.end();
                    }
                    return Err(self.server.met(error));
                }
            }
        }
        Err(StoreError::bug("a write was neither done nor refused"))
    }

    /// A refusal takes back this insert alone.
    async fn guarded(
        &mut self,
        program: &Program,
        change: &Change,
        binds: &[Value],
    ) -> Result<Written, StoreError> {
        let writing = change.writing(&program.schema);
        // A text that cannot be prepared would end the transaction from outside the guard; and it is our mistake.
        self.step(Prepare(&change.words.text)).await?;
        let (link, patience): (&Link, _) = (&self.lease, self.patience);
        let trip = async {
            let (set, wrote, released) = join3(
                link.client().batch_execute(GUARD),
                Run { link, binds, whole: true }.write(change),
                link.client().batch_execute("RELEASE bistro_guard"),
            )
            .await;
            set?;
            Ok((wrote, released))
        };
        match in_time(patience, trip).await {
            Ok((Ok(written), Ok(()))) => Ok(written),
            Ok((Ok(_), Err(error))) => Err(self.failed(from_driver(&error))),
            Ok((Err(trouble), _)) => {
                let error = refused(trouble, writing, false);
                let back = self.lease.client().batch_execute("ROLLBACK TO bistro_guard");
                match in_time(patience, async { Ok(back.await?) }).await {
                    Ok(()) => Err(error),
                    Err(_) => Err(self.failed(error)),
                }
            }
            Err(trouble) => Err(self.failed(trouble.into_error())),
        }
    }
}

/// The error of a write; with `last`, the commit was sent with it.
fn refused(trouble: Trouble, writing: Writing<'_>, last: bool) -> StoreError {
    match trouble {
        Trouble::Wide(_) => out_of_range(),
        Trouble::Driver(error) if last && lost(&error) => unknown(&error.to_string()),
        Trouble::Driver(error) => from_write(&error, writing),
        Trouble::Store(error) if last && error.kind == StoreErrorKind::TimedOut => unknown(&error.cause),
        Trouble::Store(error) => error,
    }
}

/// The server keeps the deadline of each statement; this is for a way on which no answer comes at all.
pub(crate) async fn in_time<T>(
    most: Duration,
    work: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    match tokio::time::timeout(most, work).await {
        Ok(done) => done,
        Err(_) => Err(Trouble::Store(StoreError::new(
            StoreErrorKind::TimedOut,
            "the database gave no answer in time",
        ))),
    }
}

fn unknown(cause: &str) -> StoreError {
    let text = format!("the connection was lost after the commit was sent: {cause}");
    StoreError::new(StoreErrorKind::CommitUnknown, text)
}

impl Transaction for Open {
    fn read<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
        sink: &'a mut dyn Sink,
    ) -> BoxFuture<'a, Result<Summary, StoreError>> {
        Box::pin(self.select(prepared, binds, sink))
    }

    fn write<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
    ) -> BoxFuture<'a, Result<Written, StoreError>> {
        Box::pin(self.change(prepared, binds, false))
    }

    fn write_last<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
    ) -> BoxFuture<'a, Result<Written, StoreError>> {
        Box::pin(self.change(prepared, binds, true))
    }

    fn record_get<'a>(
        &'a mut self,
        space: &'a str,
        key: &'a str,
        now: i64,
    ) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(self.step(GetRecord { space, key, now }))
    }

    fn record_put<'a>(
        &'a mut self,
        space: &'a str,
        key: &'a str,
        value: &'a [u8],
        expires: i64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.step(PutRecord { space, key, value, expires }))
    }
}
