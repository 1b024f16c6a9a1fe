//! The one writer: waiting jobs are gathered into one transaction, a savepoint each, and answered after the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bistro_store::{Ended, Job, StoreError, StoreErrorKind};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::ffi::ErrorCode;
use tokio::sync::oneshot;

use crate::error::from_driver;
use crate::pool::Queue;
use crate::transaction::Open;
use crate::watch::{Allowance, Watch};

/// Jobs of one commit, at most.
const GROUP: usize = 256;
/// How long a group gathers before it commits.
const GATHER: Duration = Duration::from_millis(20);

/// How a job's end is told.
pub(crate) type Answer = oneshot::Sender<Result<(), StoreError>>;
/// Who is told of a job's end: first what follows commits, in their order, then who waits.
pub(crate) struct Heard(pub(crate) Ended, pub(crate) Answer);

impl Heard {
    fn send(self, result: Result<(), StoreError>) {
        // What follows commits must not take the writer down.
        let told = catch_unwind(AssertUnwindSafe(|| (self.0)(result.as_ref().copied())));
        if told.is_err() {
            tracing::error!("a commit could not be told of");
        }
        let _ = self.1.send(result);
    }
}

/// Work that has a transaction of its own.
pub(crate) type Alone = Box<dyn FnOnce(&mut Connection) -> Result<(), StoreError> + Send>;

/// Work for the writer.
pub(crate) enum Work {
    /// A job, in a group with others.
    Job(Job, Heard),
    /// A change of tables.
    Alone(Alone, Answer),
    /// A change of tables that looks at foreign keys itself, at its end.
    Unchecked(Alone, Answer),
    /// The log folded into the file.
    Checkpoint(Answer),
}

/// The writing thread's state.
pub(crate) struct Writer {
    pub(crate) conn: Connection,
    pub(crate) watch: Watch,
    pub(crate) deadline: Duration,
    /// Why nothing is acknowledged any more.
    broken: Option<String>,
}

impl Writer {
    pub(crate) fn new(conn: Connection, watch: Watch, deadline: Duration) -> Self {
        Self { conn, watch, deadline, broken: None }
    }

    /// Works until the queue is closed and empty, then puts the log back into the file.
    pub(crate) fn serve(mut self, queue: &Arc<Queue<Work>>) {
        while let Some(work) = queue.pop() {
            match work {
                Work::Job(job, answer) => self.group(job, answer, queue),
                Work::Alone(work, answer) => {
                    let result = self.alone(work);
                    let _ = answer.send(result);
                }
                Work::Unchecked(work, answer) => {
                    let result = self.unchecked(work);
                    let _ = answer.send(result);
                }
                Work::Checkpoint(answer) => {
                    let _ = answer.send(self.checkpoint());
                }
            }
        }
        if self.broken.is_none()
            && let Err(error) = self.checkpoint()
        {
            tracing::warn!(%error, "the write-ahead log was not folded into the database; the next start does it");
        }
    }

    fn group(&mut self, job: Job, answer: Heard, queue: &Arc<Queue<Work>>) {
        let started = Instant::now();
        if let Err(error) = self.begin() {
            return answer.send(Err(error));
        }
        let mut done: Vec<(Heard, Result<(), StoreError>)> = Vec::new();
        let mut next = Some((job, answer));
        while let Some((job, answer)) = next.take() {
            let result = self.job(job);
            done.push((answer, result));
            if self.conn.is_autocommit() {
                // A statement's failure took the whole transaction with it.
                return lost(done);
            }
            if done.len() < GROUP && started.elapsed() < GATHER {
                next = match queue.try_pop(|w| matches!(w, Work::Job(..))) {
                    Some(Work::Job(job, answer)) => Some((job, answer)),
                    _ => None,
                };
            }
        }
        let committed = if done.iter().any(|(_, r)| r.is_ok()) { self.commit() } else { self.roll_back() };
        for (answer, result) in done {
            let result = match (&committed, result) {
                (Err(failure), Ok(())) => Err(StoreError::new(failure.kind.clone(), failure.cause.clone())),
                (_, result) => result,
            };
            answer.send(result);
        }
    }

    /// Runs one job in a savepoint.
    fn job(&mut self, job: Job) -> Result<(), StoreError> {
        self.run("SAVEPOINT job")?;
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut open = Open { conn: &mut self.conn, watch: &self.watch, deadline: self.deadline };
            let mut future = job(&mut open);
            match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(result) => result,
                Poll::Pending => Err(StoreError::bug("a job waited for something else than its transaction")),
            }
        }));
        self.watch.set(Allowance::Free);
        let result = ran.unwrap_or_else(|_| Err(StoreError::bug("a job panicked")));
        if self.conn.is_autocommit() {
            return match result {
                Ok(()) => Err(StoreError::bug("a job ended the transaction of its group")),
                failed => failed,
            };
        }
        if result.is_err() {
            self.run("ROLLBACK TO job")?;
        }
        self.run("RELEASE job")?;
        result
    }

    /// Runs a change of tables in a transaction of its own.
    fn alone(&mut self, work: Alone) -> Result<(), StoreError> {
        self.begin()?;
        let ran = catch_unwind(AssertUnwindSafe(|| work(&mut self.conn)));
        match ran.unwrap_or_else(|_| Err(StoreError::bug("a change of tables panicked"))) {
            Ok(()) => self.commit(),
            Err(error) => {
                if !self.conn.is_autocommit() {
                    self.roll_back()?;
                }
                Err(error)
            }
        }
    }

    /// As [`Writer::alone`], with foreign keys unchecked; that can be said outside of a transaction only.
    fn unchecked(&mut self, work: Alone) -> Result<(), StoreError> {
        let keys = DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY;
        self.conn.set_db_config(keys, false).map_err(from_driver)?;
        let result = self.alone(work);
        if let Err(error) = self.conn.set_db_config(keys, true) {
            self.broken = Some(format!("foreign keys are no longer checked: {error}"));
        }
        result
    }

    fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.watch.set(Allowance::Free);
        let done = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        done.map(drop).map_err(from_driver)
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        if let Some(cause) = &self.broken {
            let text =
                format!("nothing is written since the disk failed ({cause}); start again after mending it");
            return Err(StoreError::new(StoreErrorKind::Unavailable, text));
        }
        self.run("BEGIN IMMEDIATE")
    }

    fn roll_back(&mut self) -> Result<(), StoreError> {
        self.run("ROLLBACK")
    }

    /// Commits. A failure to write the log leaves open what a restart would find, so nothing is acknowledged after it.
    fn commit(&mut self) -> Result<(), StoreError> {
        let committed = self.conn.prepare_cached("COMMIT").and_then(|mut s| s.raw_execute());
        let Err(error) = committed else { return Ok(()) };
        if !self.conn.is_autocommit() {
            let _ = self.roll_back();
        }
        let io =
            matches!(&error, rusqlite::Error::SqliteFailure(e, _) if e.code == ErrorCode::SystemIoFailure);
        if io {
            tracing::error!(%error, "a commit failed on the disk; no write is acknowledged until the next start");
            self.broken = Some(error.to_string());
            return Err(StoreError::new(StoreErrorKind::CommitUnknown, error.to_string()));
        }
        Err(from_driver(error))
    }

    fn run(&mut self, sql: &str) -> Result<(), StoreError> {
        self.conn.prepare_cached(sql).and_then(|mut s| s.raw_execute()).map(drop).map_err(from_driver)
    }
}

/// Answers a group whose transaction is gone: the last job knows why, the others may try again.
fn lost(done: Vec<(Heard, Result<(), StoreError>)>) {
    let again = || StoreError::new(StoreErrorKind::Serialization, "another write of the same commit failed");
    for (answer, result) in done {
        answer.send(result.and_then(|()| Err(again())));
    }
}

#[cfg(test)]
mod tests;
