//! An open transaction, and how one is run from its beginning to its end.
//!
//! Nothing is sent for the beginning until the job asks for something; a job of one write alone commits by itself, in one
//! trip. MySQL takes back a refused statement alone, so that a guarded insert needs nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bistro_schema::Value;
use bistro_store::store::Written;
use bistro_store::{Job, Prepared, Sink, StoreError, StoreErrorKind, Summary, Transaction};
use futures_util::future::BoxFuture;
use mysql_async::Conn;

use crate::error::{answered, lost};
use crate::execute;
use crate::pool::{Lease, Pool, Work};
use crate::prepare::Program;
use crate::records;

/// What is left to the server before its own limit is not waited for any longer.
pub(crate) const GRACE: Duration = Duration::from_millis(500);

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent.
    New,
    /// It is open.
    Open,
    /// Its last write was sent together with its commit, and both were answered.
    Done,
}

/// What a job works with.
struct Open {
    lease: Lease,
    pool: Arc<Pool>,
    stage: Stage,
    /// Why nothing may follow: the server has ended the transaction, or nobody knows.
    broken: Option<StoreError>,
    /// Whether records are kept from others.
    records: bool,
    /// Before when records have expired, if this is the time to look after them.
    purge: Option<i64>,
}

/// Runs a transaction; `Ok` means committed.
pub(crate) async fn run(pool: Arc<Pool>, job: Job) -> Result<(), StoreError> {
    let lease = pool.lease(Work::Write, Instant::now() + pool.site.deadline).await?;
    let mut open = Open { lease, pool, stage: Stage::New, broken: None, records: false, purge: None };
    let done = job(&mut open).await;
    open.end(done).await
}

/// Runs a job that reads one state.
pub(crate) async fn snapshot(pool: Arc<Pool>, job: Job) -> Result<(), StoreError> {
    let lease = pool.lease(Work::Read, Instant::now() + pool.site.deadline).await?;
    let mut open = Open { lease, pool, stage: Stage::New, broken: None, records: false, purge: None };
    let begun = open.begin(execute::SNAPSHOT).await;
    let done = match open.noted(begun) {
        Ok(()) => job(&mut open).await,
        Err(error) => Err(error),
    };
    open.end(done).await
}

/// Runs something on a connection within a time that is longer than the server's own.
pub(crate) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(limit + GRACE, work).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::new(StoreErrorKind::TimedOut, LATE)),
    }
}

/// What is said where the server did not keep its own limit.
const LATE: &str = "the server did not answer in time";

/// Whether nobody waited for the server's answer, or for all of it, so that it may still come.
pub(crate) fn late(error: &StoreError) -> bool {
    error.cause == LATE || error.cause == execute::CUT_OFF
}

/// Whether the connection cannot be used after this error.
fn spoilt(error: &StoreError) -> bool {
    lost(error) || late(error) || error.kind == StoreErrorKind::CommitUnknown
}

fn copy(error: &StoreError) -> StoreError {
    StoreError::new(error.kind.clone(), error.cause.clone())
}

impl Open {
    fn deadline(&self) -> Duration {
        self.pool.site.deadline
    }

    /// Begins the transaction if that is still to be done. The server may have gone since the connection was used last;
    /// then another one serves as well.
    async fn begin(&mut self, how: &str) -> Result<(), StoreError> {
        if let Some(broken) = &self.broken {
            return Err(copy(broken));
        }
        if self.stage != Stage::New {
            return Ok(());
        }
        let begun = within(self.deadline(), execute::plain(self.lease.work(), how)).await;
        if let Err(error) = &begun
            && error.kind == StoreErrorKind::Unavailable
            && self.lease.used()
        {
            self.lease.failed(error);
            self.lease.renew().await?;
            within(self.deadline(), execute::plain(self.lease.work(), how)).await?;
        } else {
            begun?;
        }
        self.stage = Stage::Open;
        Ok(())
    }

    async fn ready(&mut self) -> Result<&mut Conn, StoreError> {
        let begun = self.begin("START TRANSACTION").await;
        self.noted(begun)?;
        Ok(self.lease.work())
    }

    /// Remembers what ends the transaction.
    fn noted<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            let ended = match error.kind {
                // A deadlock takes back everything, a wait that was too long its statement alone; both end the job.
                StoreErrorKind::Serialization | StoreErrorKind::TimedOut | StoreErrorKind::CommitUnknown => {
                    true
                }
                _ => lost(error) || late(error),
            };
            if ended && self.broken.is_none() {
                self.broken = Some(copy(error));
            }
        }
        result
    }

    /// Commits or takes back what the job did.
    async fn end(mut self, done: Result<(), StoreError>) -> Result<(), StoreError> {
        let broken = self.broken.take();
        if let Some(broken) = broken.as_ref().filter(|b| spoilt(b)) {
            self.spoil(broken);
            return done.and(Err(copy(broken)));
        }
        let done = done.and_then(|()| broken.map_or(Ok(()), Err));
        let ended = match (self.stage, &done) {
            (Stage::New | Stage::Done, _) => Ok(()),
            (Stage::Open, Ok(())) => self.commit().await,
            (Stage::Open, Err(_)) => within(GRACE * 4, execute::plain(self.lease.work(), "ROLLBACK")).await,
        };
        match &ended {
            Err(error) if spoilt(error) => self.spoil(error),
            _ => {
                if self.release().await {
                    self.lease.rest();
                    self.purge().await;
                }
            }
        }
        done.and(ended)
    }

    /// The connection is not used again. Where the server is not gone, it stops what runs there.
    fn spoil(&mut self, error: &StoreError) {
        if !late(error) {
            self.lease.failed(&StoreError::new(StoreErrorKind::Unavailable, error.cause.clone()));
        }
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        let committed = within(self.deadline(), execute::plain(self.lease.work(), "COMMIT")).await;
        committed.map_err(unknown)
    }

    /// Lets others look for the records that this one looked for.
    async fn release(&mut self) -> bool {
        !self.records
            || within(GRACE, execute::plain(self.lease.work(), "DO RELEASE_ALL_LOCKS()")).await.is_ok()
    }

    /// Takes some of what has expired away, so that the table stays small; if it fails, somebody else will.
    async fn purge(&mut self) {
        let Some(now) = self.purge else { return };
        match within(GRACE, records::purge(self.lease.work(), now)).await {
            Ok(()) => self.lease.rest(),
            Err(error) => {
                tracing::debug!(%error, "expired records were not removed");
                if lost(&error) {
                    self.lease.failed(&error);
                }
            }
        }
    }

    async fn run(
        &mut self,
        prepared: &Prepared,
        binds: &[Value],
        sink: &mut dyn Sink,
    ) -> Result<Summary, StoreError> {
        let query = Program::of(prepared)?.query(binds)?;
        let limit = self.deadline();
        let conn = self.ready().await?;
        let read = within(limit, execute::read(conn, &query, binds, sink)).await;
        self.noted(read)
    }

    async fn change(&mut self, prepared: &Prepared, binds: &[Value]) -> Result<Written, StoreError> {
        let program = Program::of(prepared)?;
        let limit = self.deadline();
        let conn = self.ready().await?;
        let written = within(limit, execute::write(conn, program, binds, false)).await;
        self.refused(written, program.guarded())
    }

    /// Remembers a refusal: nothing may be built on a write that was not done, unless the job expects that.
    fn refused<T>(&mut self, result: Result<T, StoreError>, guarded: bool) -> Result<T, StoreError> {
        if let Err(error) = &result
            && !guarded
            && self.broken.is_none()
        {
            self.broken = Some(copy(error));
        }
        self.noted(result)
    }

    /// A job of one write alone needs no transaction around it: the statement commits by itself.
    async fn alone(&mut self, prepared: &Prepared, binds: &[Value]) -> Result<Written, StoreError> {
        let program = Program::of(prepared)?;
        // Whether the server is still there is not known before the statement is sent, and then it may be done.
        if self.lease.used() && self.lease.rested() > Duration::from_secs(1) {
            let asked = within(GRACE * 4, execute::ping(self.lease.work())).await;
            if let Err(error) = asked {
                self.lease.failed(&error);
                let renewed = self.lease.renew().await;
                self.noted(renewed)?;
            }
        }
        let limit = self.deadline();
        let written = within(limit, execute::write(self.lease.work(), program, binds, true)).await;
        let written = written.map_err(unknown);
        if written.is_ok() {
            self.stage = Stage::Done;
        } else {
            // A refusal left nothing behind; whether anything runs is what `noted` tells apart.
            self.stage = Stage::New;
        }
        self.refused(written, program.guarded())
    }

    async fn look(&mut self, space: &str, key: &str, now: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let limit = self.deadline();
        let conn = self.ready().await?;
        let found = within(limit, records::get(conn, space, key, now, limit)).await;
        self.records = true;
        self.purge = self.pool.turn().then_some(now);
        self.noted(found)
    }

    async fn keep(&mut self, space: &str, key: &str, value: &[u8], expires: i64) -> Result<(), StoreError> {
        let limit = self.deadline();
        let conn = self.ready().await?;
        let kept = within(limit, records::put(conn, space, key, value, expires)).await;
        self.noted(kept)
    }
}

/// What a lost answer to a commit means.
fn unknown(error: StoreError) -> StoreError {
    match error.kind {
        StoreErrorKind::Unavailable | StoreErrorKind::TimedOut if !answered(&error) => {
            StoreError::new(StoreErrorKind::CommitUnknown, error.cause)
        }
        _ => error,
    }
}

impl Transaction for Open {
    fn read<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
        sink: &'a mut dyn Sink,
    ) -> BoxFuture<'a, Result<Summary, StoreError>> {
        Box::pin(self.run(prepared, binds, sink))
    }

    fn write<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
    ) -> BoxFuture<'a, Result<Written, StoreError>> {
        Box::pin(self.change(prepared, binds))
    }

    fn write_last<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
    ) -> BoxFuture<'a, Result<Written, StoreError>> {
        match self.stage {
            Stage::New if self.broken.is_none() => Box::pin(self.alone(prepared, binds)),
            _ => Box::pin(self.change(prepared, binds)),
        }
    }

    fn record_get<'a>(
        &'a mut self,
        space: &'a str,
        key: &'a str,
        now: i64,
    ) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(self.look(space, key, now))
    }

    fn record_put<'a>(
        &'a mut self,
        space: &'a str,
        key: &'a str,
        value: &'a [u8],
        expires: i64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.keep(space, key, value, expires))
    }
}
