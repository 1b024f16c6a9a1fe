//! The store itself: prepare, read, transact, change.

use std::any::Any;
use std::sync::Arc;

use std::time::Duration;

use bistro_schema::{FieldId, Schema, TypeId, Value};
use futures_util::future::{BoxFuture, ready};

use crate::capabilities::Capabilities;
use crate::catalogue::Catalogue;
use crate::change::Change;
use crate::error::{StoreError, StoreErrorKind};
use crate::load::{Load, Loading, Record, Room};
use crate::migration::{Applied, Migration, TablesLock};
use crate::sink::Sink;
use crate::statement::Statement;

/// A statement as its store keeps it; shared by all requests of its shape.
pub type Prepared = Arc<dyn Any + Send + Sync>;

/// The work of one transaction. An error rolls back all of it.
pub type Job =
    Box<dyn for<'t> FnOnce(&'t mut dyn Transaction) -> BoxFuture<'t, Result<(), StoreError>> + Send>;

/// Hears how a transaction ended: before its caller does, even if that one has gone, and in the order of commits where one
/// node writes alone. It is dropped unheard where the job was never begun, and it must not wait.
pub type Ended = Box<dyn FnOnce(Result<(), &StoreError>) + Send>;

/// A read under way: the sink comes back with what it took.
pub type ReadLater = BoxFuture<'static, Result<(Box<dyn Sink>, Summary), StoreError>>;

/// What a read came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows of the outermost level that the sink took.
    pub rows: u64,
    /// All rows that match, where the statement asked.
    pub total: Option<u64>,
}

/// What a planner says of an index that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Whether it would use the index.
    pub used: bool,
    /// Its plan without the index.
    pub before: String,
    /// Its plan with the index.
    pub after: String,
}

/// How a read on the calling thread ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadNow {
    /// The sink has the result.
    Done(Summary),
    /// It would take too long here; the sink was reset, run [`Store::read`] instead.
    Later,
}

/// A backend. The schema is fixed when the store is opened; a changed schema opens a new view of the same store with
/// [`Store::with_schema`].
pub trait Store: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// The schema that statements refer to.
    fn schema(&self) -> &Arc<Schema>;

    /// The same data under another schema (after [`Store::apply`]); statements prepared before stay with the old one.
    fn with_schema(&self, schema: Arc<Schema>) -> Arc<dyn Store>;

    /// Whether requests can be served, as far as the store knows at once: by looking into its file, or from what its
    /// connections met last.
    fn reachable(&self) -> Result<(), StoreError>;

    /// Ends the store in an orderly way: what waits is done, later calls answer [`StoreErrorKind::Unavailable`]. May take
    /// a moment; dropping the last handle does the same.
    fn close(&self) {}

    /// Makes a statement ready. Work here is done once a shape.
    fn prepare(&self, statement: &Statement) -> Result<Prepared, StoreError>;

    /// Reads on the calling thread if the store and the statement allow it.
    fn read_now(
        &self,
        prepared: &Prepared,
        binds: &[Value],
        sink: &mut dyn Sink,
    ) -> Result<ReadNow, StoreError>;

    /// Reads aside, under the statement deadline. The future may be dropped at any time.
    fn read(&self, prepared: Prepared, binds: Vec<Value>, sink: Box<dyn Sink>) -> ReadLater;

    /// Runs one transaction; `Ok` means durably committed. Dropping the future does not stop a job that has started.
    fn transact(&self, job: Job) -> BoxFuture<'static, Result<(), StoreError>> {
        self.transact_then(job, Box::new(|_| {}))
    }

    /// As [`Store::transact`]; `ended` hears how it ended.
    fn transact_then(&self, job: Job, ended: Ended) -> BoxFuture<'static, Result<(), StoreError>>;

    /// Changes tables, all or nothing, and keeps `record` (the schema's text) as what they now follow.
    fn apply(
        &self,
        next: Arc<Schema>,
        changes: Vec<Change>,
        record: String,
    ) -> BoxFuture<'static, Result<(), StoreError>>;

    /// The text of the schema that the tables follow; `None` on an empty store.
    fn recorded(&self) -> BoxFuture<'static, Result<Option<String>, StoreError>>;

    /// How many stored rows break what a change would demand; 0 if it can be applied.
    fn violations(&self, next: &Arc<Schema>, change: &Change) -> BoxFuture<'static, Result<u64, StoreError>>;

    /// The lowered text and the engine's own plan, for people.
    fn explain(&self, prepared: &Prepared) -> BoxFuture<'static, Result<String, StoreError>>;

    /// Asks the engine's own planner what it would do with an index over these fields, on a copy; the data and its tables
    /// are left alone.
    fn try_index(
        &self,
        _prepared: &Prepared,
        _ty: TypeId,
        _fields: &[FieldId],
    ) -> BoxFuture<'static, Result<Tried, StoreError>> {
        Box::pin(ready(Err(unsupported("a planner that tries indexes"))))
    }

    /// Waits, at most so long, for the right to change tables; [`StoreErrorKind::TimedOut`] if another node has it all
    /// that time. A node that dies gives it back at once or within seconds.
    fn lock_tables(&self, _most: Duration) -> BoxFuture<'static, Result<TablesLock, StoreError>> {
        Box::pin(ready(Err(unsupported("a history of its tables"))))
    }

    /// The migrations that were run, in the order of their names.
    fn history(&self) -> BoxFuture<'static, Result<Vec<Applied>, StoreError>> {
        Box::pin(ready(Err(unsupported("a history of its tables"))))
    }

    /// Runs a migration and records it and its schema: all or nothing with [`Capabilities::whole_changes`], otherwise
    /// statement by statement, each noted before it runs, so that running it again goes on where it stopped. It has no
    /// deadline. What is already so (an entry that is done, for [`crate::Direction::Up`]; none, for down) is left as it
    /// is. One that began with another checksum or direction is [`StoreErrorKind::Rejected`].
    fn migrate(&self, _migration: Migration) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(ready(Err(unsupported("a history of its tables"))))
    }

    /// What the database says of its own tables.
    fn catalogue(&self) -> BoxFuture<'static, Result<Catalogue, StoreError>> {
        Box::pin(ready(Err(unsupported("a catalogue of its tables"))))
    }

    /// Puts rows in as they are, keys included, durably and all or nothing; counted keys go on above the greatest. To be
    /// called between the two ends of [`Store::loading`].
    fn load(&self, _load: Load) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(ready(Err(unsupported("loading rows in bulk"))))
    }

    /// Begins or ends the loading of whole tables.
    fn loading(&self, _end: Loading) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(ready(Err(unsupported("loading rows in bulk"))))
    }

    /// Records of Bistro's own after one of this space and key, in their order, at most so many; expired ones may be
    /// among them.
    fn records(
        &self,
        _after: Option<(String, String)>,
        _most: u64,
    ) -> BoxFuture<'static, Result<Vec<Record>, StoreError>> {
        Box::pin(ready(Err(unsupported("a list of its records"))))
    }

    /// What the table of a type takes.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unsupported`] where tables have no columns.
    fn room(&self, _ty: TypeId) -> Result<Room, StoreError> {
        Err(unsupported("columns"))
    }

    /// Runs a job that reads only: all that it reads is of one state, however long it takes. Stores in one process's hands
    /// need none.
    fn snapshot(&self, _job: Job) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(ready(Err(unsupported("long snapshots"))))
    }
}

fn unsupported(what: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Unsupported(what), format!("the store does not have {what}"))
}

/// One open transaction.
pub trait Transaction: Send {
    /// Reads what the transaction sees.
    fn read<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
        sink: &'a mut dyn Sink,
    ) -> BoxFuture<'a, Result<Summary, StoreError>>;

    /// Runs an insert, update or delete. Answers the key of an inserted row, and whether a row was touched.
    fn write<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
    ) -> BoxFuture<'a, Result<Written, StoreError>>;

    /// As [`Transaction::write`], as the last work of the job: a store across a network may commit in the same trip. The
    /// job then returns `Ok` at once.
    fn write_last<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
    ) -> BoxFuture<'a, Result<Written, StoreError>> {
        self.write(prepared, binds)
    }

    /// A record of Bistro's own (idempotency keys and the like) that has not expired at `now` (microseconds). Until the
    /// transaction ends, nobody else may look for the same record: they wait.
    fn record_get<'a>(
        &'a mut self,
        space: &'a str,
        key: &'a str,
        now: i64,
    ) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>>;

    /// Keeps a record of Bistro's own until `expires` (microseconds), replacing one of the same key.
    fn record_put<'a>(
        &'a mut self,
        space: &'a str,
        key: &'a str,
        value: &'a [u8],
        expires: i64,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// What one write did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The key of an inserted row, in the key's order.
    pub key: Vec<Value>,
    /// Whether a row was touched.
    pub touched: bool,
}
