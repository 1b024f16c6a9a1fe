//! The store as the engine sees it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bistro_schema::{FieldId, Schema, TypeId, Value};
use bistro_store::{
    Applied, Capabilities, Catalogue, Change, Ended, Job, Load, Loading, Migration, Prepared, ReadNow,
    Record, Room, Sink, Statement, Store, StoreError, StoreErrorKind, Summary, TablesLock, Tried,
};
use bistro_store_sql::Dialect;
use bistro_store_sql::room::room;
use futures_util::future::{BoxFuture, ready};
use tokio::sync::oneshot;

use crate::connect::{Site, check_version};
use crate::error::stopped;
use crate::pool::{Queue, Refused};
use crate::prepare::Program;
use crate::reader::{Life, Reader, reader};
use crate::watch::{Allowance, STEPS};
use crate::writer::{Heard, Work, Writer};
use crate::{catalogue, change, execute, explain, load, migration};

const CAPABILITIES: Capabilities = Capabilities { sql: Some("sqlite"), ..Capabilities::ALL };

/// Steps that a read on the calling thread may take: below ten milliseconds.
const STEPS_NOW: u32 = 600_000;
/// How long such a read may take where its steps are slow ones; long enough that a busy machine alone does not demote it.
const TIME_NOW: Duration = Duration::from_millis(250);

/// How the store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether readers map the file into memory (on 64-bit systems). Off, lists cost about three times as much.
    pub mmap: bool,
    /// Whether the file is Bistro's: it keeps tables of its own there, and sets how the file is written. Off, the file is
    /// only opened where there is one.
    pub managed: bool,
    /// How long one statement may run.
    pub deadline: Duration,
    /// How many reads and how many writes may wait.
    pub queue: usize,
    /// Threads for reads that are not run on the calling thread.
    pub readers: usize,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { mmap: true, managed: true, deadline: Duration::from_secs(10), queue: 1_024, readers: cores }
    }
}

/// A database file, its writer and its readers.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    inner: Arc<Inner>,
    schema: Arc<Schema>,
}

/// A read that runs aside.
struct Aside {
    prepared: Prepared,
    binds: Vec<Value>,
    sink: Box<dyn Sink>,
    answer: oneshot::Sender<Read>,
    until: Instant,
    gone: Arc<AtomicBool>,
}

type Read = Result<(Box<dyn Sink>, Summary), StoreError>;

struct Inner {
    site: Site,
    life: Life,
    deadline: Duration,
    reads: Arc<Queue<Aside>>,
    writes: Arc<Queue<Work>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    tables: Arc<tokio::sync::Mutex<()>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("path", &self.site.path).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the database file, making it if there is none; a folder means `bistro.db` in it.
    ///
    /// # Errors
    /// A SQLite version that loses data, a file that cannot be opened, is no database or was written by a newer Bistro.
    pub fn open(
        path: impl AsRef<Path>,
        schema: Arc<Schema>,
        options: Options,
    ) -> Result<Arc<Self>, StoreError> {
        static STORES: AtomicU64 = AtomicU64::new(0);
        check_version()?;
        let path = file(path.as_ref());
        let site = Site { path, mmap: options.mmap, managed: options.managed };
        let (mut conn, watch) = site.writer()?;
        if options.managed {
            change::found(&mut conn)?;
        }
        let life =
            Life { store: STORES.fetch_add(1, Ordering::Relaxed), closed: Arc::new(AtomicBool::new(false)) };
        let (reads, writes) = (Arc::new(Queue::new(options.queue)), Arc::new(Queue::new(options.queue)));
        let writer = Writer::new(conn, watch, options.deadline);
        let mut threads = vec![spawn("bistro-writer", {
            let writes = writes.clone();
            move || writer.serve(&writes)
        })?];
        for _ in 0..options.readers.max(1) {
            let (site, life, reads) = (site.clone(), life.clone(), reads.clone());
            threads.push(spawn("bistro-reader", move || serve(&site, &life, &reads))?);
        }
        let threads = Mutex::new(threads);
        let (deadline, tables) = (options.deadline, Arc::default());
        let inner = Inner { site, life, deadline, reads, writes, threads, tables };
        Ok(Arc::new(Self { inner: Arc::new(inner), schema }))
    }

    /// Folds the write-ahead log into the file as far as readers allow.
    ///
    /// # Errors
    /// What the disk says.
    pub fn checkpoint(&self) -> BoxFuture<'static, Result<(), StoreError>> {
        let (answer, told) = oneshot::channel();
        self.inner.write(Work::Checkpoint(answer), told)
    }
}

/// The database file that a path means.
fn file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("bistro.db") } else { path.to_owned() }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let thread = std::thread::Builder::new().name(name.into()).spawn(work);
    thread.map_err(|e| StoreError::new(StoreErrorKind::Unavailable, format!("no thread for {name}: {e}")))
}

/// The life of a pool thread.
fn serve(site: &Site, life: &Life, reads: &Queue<Aside>) {
    while let Some(work) = reads.pop() {
        let Aside { prepared, binds, mut sink, answer, until, gone } = work;
        if gone.load(Ordering::Relaxed) {
            continue;
        }
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            if Instant::now() >= until {
                return Err(StoreError::new(StoreErrorKind::TimedOut, "it waited too long for a thread"));
            }
            let reader = reader(site, life)?;
            reader.watch.set(Allowance::Until(until, Some(gone)));
            let (query, _) = Program::of(&prepared)?.query()?;
            execute::read(&reader.conn, &reader.watch, query, &binds, &mut *sink)
        }));
        let result = result.unwrap_or_else(|_| Err(StoreError::bug("a read panicked")));
        let _ = answer.send(result.map(|summary| (sink, summary)));
    }
}

impl Inner {
    /// Looks at the file on the calling thread, without a deadline; the answer is there at once.
    fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Result<T, StoreError>,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let looked = self.reader().and_then(|reader| {
            reader.watch.set(Allowance::Free);
            work(&reader.conn)
        });
        Box::pin(ready(looked))
    }

    fn close(&self) {
        self.life.closed.store(true, Ordering::Release);
        self.reads.close();
        self.writes.close();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let me = std::thread::current().id();
        for thread in threads.into_iter().filter(|t| t.thread().id() != me) {
            let _ = thread.join();
        }
    }

    fn write(
        &self,
        work: Work,
        told: oneshot::Receiver<Result<(), StoreError>>,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        if let Err(refused) = self.writes.push(work) {
            return Box::pin(ready(Err(refusal(refused, "writes"))));
        }
        Box::pin(
            async move { told.await.unwrap_or_else(|_| Err(StoreError::bug("the writer gave no answer"))) },
        )
    }

    fn reader(&self) -> Result<std::rc::Rc<Reader>, StoreError> {
        if self.life.closed.load(Ordering::Acquire) {
            return Err(refusal(Refused::Closed, "reads"));
        }
        reader(&self.site, &self.life)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

fn refusal(refused: Refused, what: &str) -> StoreError {
    match refused {
        Refused::Full => StoreError::new(StoreErrorKind::Overloaded, format!("too many {what} wait")),
        Refused::Closed => StoreError::new(StoreErrorKind::Unavailable, "the store is closed"),
    }
}

/// Tells a read aside that nobody waits for it any more.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Store for SqliteStore {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn with_schema(&self, schema: Arc<Schema>) -> Arc<dyn Store> {
        Arc::new(Self { inner: self.inner.clone(), schema })
    }

    fn reachable(&self) -> Result<(), StoreError> {
        let reader = self.inner.reader()?;
        reader.watch.set(Allowance::Free);
        change::readable(&reader.conn)
    }

    fn close(&self) {
        self.inner.close();
    }

    fn prepare(&self, statement: &Statement) -> Result<Prepared, StoreError> {
        Ok(Arc::new(Program::new(&self.schema, statement)?))
    }

    fn read_now(
        &self,
        prepared: &Prepared,
        binds: &[Value],
        sink: &mut dyn Sink,
    ) -> Result<ReadNow, StoreError> {
        let (query, slow) = Program::of(prepared)?.query()?;
        if slow.load(Ordering::Relaxed) {
            return Ok(ReadNow::Later);
        }
        let reader = self.inner.reader()?;
        reader.watch.set(Allowance::Looks(STEPS_NOW / STEPS as u32, Instant::now() + TIME_NOW));
        match execute::read(&reader.conn, &reader.watch, query, binds, sink) {
            Ok(summary) => Ok(ReadNow::Done(summary)),
            Err(error) if stopped(&error) => {
                slow.store(true, Ordering::Relaxed);
                sink.reset();
                Ok(ReadNow::Later)
            }
            Err(error) => Err(error),
        }
    }

    fn read(&self, prepared: Prepared, binds: Vec<Value>, sink: Box<dyn Sink>) -> BoxFuture<'static, Read> {
        let (answer, told) = oneshot::channel();
        let gone = Arc::new(AtomicBool::new(false));
        let until = Instant::now() + self.inner.deadline;
        let aside = Aside { prepared, binds, sink, answer, until, gone: gone.clone() };
        if let Err(refused) = self.inner.reads.push(aside) {
            return Box::pin(ready(Err(refusal(refused, "reads"))));
        }
        let waiting = Waiting(gone);
        Box::pin(async move {
            let result = told.await.unwrap_or_else(|_| Err(StoreError::bug("a read gave no answer")));
            drop(waiting);
            result
        })
    }

    fn transact_then(&self, job: Job, ended: Ended) -> BoxFuture<'static, Result<(), StoreError>> {
        let (answer, told) = oneshot::channel();
        self.inner.write(Work::Job(job, Heard(ended, answer)), told)
    }

    fn apply(
        &self,
        next: Arc<Schema>,
        changes: Vec<Change>,
        record: String,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        let (answer, told) = oneshot::channel();
        let old = Arc::clone(self.schema());
        let work = Box::new(move |conn: &mut rusqlite::Connection| {
            change::apply(conn, &old, &next, &changes, &record)
        });
        self.inner.write(Work::Alone(work, answer), told)
    }

    fn recorded(&self) -> BoxFuture<'static, Result<Option<String>, StoreError>> {
        let record = self.schema.record();
        self.inner.look(move |conn| change::recorded(conn, record))
    }

    fn violations(&self, next: &Arc<Schema>, change: &Change) -> BoxFuture<'static, Result<u64, StoreError>> {
        self.inner.look(|conn| change::violations(conn, next, change))
    }

    fn lock_tables(&self, most: Duration) -> BoxFuture<'static, Result<TablesLock, StoreError>> {
        Box::pin(migration::lock(self.inner.tables.clone(), most))
    }

    fn history(&self) -> BoxFuture<'static, Result<Vec<Applied>, StoreError>> {
        self.inner.look(migration::history)
    }

    fn migrate(&self, migration: Migration) -> BoxFuture<'static, Result<(), StoreError>> {
        let (answer, told) = oneshot::channel();
        let work = Box::new(move |conn: &mut rusqlite::Connection| migration::run(conn, &migration));
        self.inner.write(Work::Unchecked(work, answer), told)
    }

    fn explain(&self, prepared: &Prepared) -> BoxFuture<'static, Result<String, StoreError>> {
        self.inner.look(|conn| explain::explain(conn, Program::of(prepared)?))
    }

    fn try_index(
        &self,
        prepared: &Prepared,
        ty: TypeId,
        fields: &[FieldId],
    ) -> BoxFuture<'static, Result<Tried, StoreError>> {
        let ty = self.schema.ty(ty);
        self.inner.look(|conn| explain::try_index(conn, Program::of(prepared)?, ty, fields))
    }

    fn load(&self, load: Load) -> BoxFuture<'static, Result<(), StoreError>> {
        let ((answer, told), schema) = (oneshot::channel(), Arc::clone(&self.schema));
        let work = Box::new(move |conn: &mut rusqlite::Connection| load::load(conn, &schema, &load));
        self.inner.write(Work::Unchecked(work, answer), told)
    }

    fn loading(&self, end: Loading) -> BoxFuture<'static, Result<(), StoreError>> {
        let (answer, told) = oneshot::channel();
        let work = Box::new(move |conn: &mut rusqlite::Connection| load::loading(conn, end));
        self.inner.write(Work::Alone(work, answer), told)
    }

    fn records(
        &self,
        after: Option<(String, String)>,
        most: u64,
    ) -> BoxFuture<'static, Result<Vec<Record>, StoreError>> {
        self.inner.look(|conn| load::records(conn, after.as_ref(), most))
    }

    fn room(&self, ty: TypeId) -> Result<Room, StoreError> {
        Ok(room(&self.schema, Dialect::Sqlite, ty))
    }

    fn catalogue(&self) -> BoxFuture<'static, Result<Catalogue, StoreError>> {
        self.inner.look(catalogue::read)
    }
}
