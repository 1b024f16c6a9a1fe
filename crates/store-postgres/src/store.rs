//! The store as the engine sees it.

use std::sync::Arc;
use std::time::Duration;

use bistro_schema::{FieldId, Schema, TypeId, Value};
use bistro_store::{
    Applied, Capabilities, Catalogue, Change, Ended, Job, Load, Loading, Migration, Prepared, ReadLater,
    ReadNow, Record, Room, Sink, Statement, Store, StoreError, StoreErrorKind, TablesLock, Tried,
};
use bistro_store_sql::room::room;
use futures_util::future::BoxFuture;
use tokio_postgres::config::TargetSessionAttrs;

use crate::address::Address;
use crate::connect::{Facts, Site};
use crate::prepare::{POSTGRES, Program};
use crate::server::{Server, Sizes};
use crate::{catalogue, change, explain, history, load, lock, migration, system, transaction, try_index};

/// What PostgreSQL can do.
const CAPABILITIES: Capabilities =
    Capabilities { documents_as_written: false, embedded: false, sql: Some("postgres"), ..Capabilities::ALL };
/// Connections that are left to others: a change of tables, its lock, people.
const LEFT: usize = 4;

/// How the store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long one statement may run.
    pub deadline: Duration,
    /// How many reads and how many writes may wait.
    pub queue: usize,
    /// Connections that reads share.
    pub readers: usize,
    /// Connections for transactions, at most; fewer where the server allows fewer.
    pub writers: usize,
    /// URLs of servers that repeat what the first one writes; reads outside transactions may go there.
    pub replicas: Vec<String>,
    /// Whether Bistro keeps tables of its own in the database.
    pub managed: bool,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            deadline: Duration::from_secs(10),
            queue: 1_024,
            readers: cores,
            writers: 32,
            replicas: Vec::new(),
            managed: true,
        }
    }
}

/// A database on a server and the connections to it.
#[derive(Clone)]
pub struct PostgresStore {
    server: Arc<Server>,
    schema: Arc<Schema>,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("address", &self.server.site.address).finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Connects to the database that a URL names, and makes Bistro's own tables in it where they are missing.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] with what to mend: the URL, a server that cannot be reached or is older than 13, a
    /// user that is not let in, a database that is not there, not in UTF-8 or was written by a newer Bistro.
    pub async fn open(url: &str, schema: Arc<Schema>, options: Options) -> Result<Arc<Self>, StoreError> {
        let silent = options.deadline + Duration::from_secs(5);
        let mut address = Address::parse(url, silent)?;
        if address.config.get_hosts().len() > 1 {
            // Of several servers only the one that takes writes will do.
            address.config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let site = Site::new(address, options.deadline);
        let (first, facts) = site.connect().await?;
        if facts.replica {
            let text = format!(
                "{}: it only repeats what another server writes; name that one, or all with \
                 target_session_attrs=read-write",
                site.address.shown
            );
            return Err(StoreError::new(StoreErrorKind::Unavailable, text));
        }
        if options.managed {
            system::found(&first).await?;
        }
        let replica = |url: &String| Ok(Site::new(Address::parse(url, silent)?, options.deadline));
        let replicas = options.replicas.iter().map(replica).collect::<Result<Vec<_>, StoreError>>()?;
        let server = Server::start(site, first, replicas, sizes(&options, facts), options.deadline);
        Ok(Arc::new(Self { server: Arc::new(server), schema }))
    }
}

/// How many connections of each sort the server has room for.
fn sizes(options: &Options, facts: Facts) -> Sizes {
    let room = facts.connections.saturating_sub(LEFT).max(3);
    let readers = options.readers.clamp(1, room / 3);
    let aside = (readers * 2).min(room / 3).max(1);
    let writers = options.writers.clamp(1, (room - readers - aside).max(1));
    Sizes { readers, aside, writers, queue: options.queue }
}

impl Store for PostgresStore {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn with_schema(&self, schema: Arc<Schema>) -> Arc<dyn Store> {
        Arc::new(Self { server: self.server.clone(), schema })
    }

    fn reachable(&self) -> Result<(), StoreError> {
        let primary = &self.server.primary;
        primary.health.open()?;
        if primary.readers.alive() { Ok(()) } else { Err(primary.health.why()) }
    }

    fn close(&self) {
        self.server.close();
    }

    fn prepare(&self, statement: &Statement) -> Result<Prepared, StoreError> {
        Ok(Arc::new(Program::new(&self.schema, statement)?))
    }

    /// The network waits, the calling thread does not.
    fn read_now(
        &self,
        prepared: &Prepared,
        _binds: &[Value],
        _sink: &mut dyn Sink,
    ) -> Result<ReadNow, StoreError> {
        Program::of(prepared)?.reading()?;
        Ok(ReadNow::Later)
    }

    fn read(&self, prepared: Prepared, binds: Vec<Value>, sink: Box<dyn Sink>) -> ReadLater {
        Box::pin(self.server.clone().read(prepared, binds, sink))
    }

    fn transact_then(&self, job: Job, ended: Ended) -> BoxFuture<'static, Result<(), StoreError>> {
        let run = transaction::run(self.server.clone(), job, transaction::PLAIN);
        started(&self.server, async move {
            let done = run.await;
            ended(done.as_ref().copied());
            done
        })
    }

    fn snapshot(&self, job: Job) -> BoxFuture<'static, Result<(), StoreError>> {
        started(&self.server, transaction::run(self.server.clone(), job, transaction::SNAPSHOT))
    }

    fn apply(
        &self,
        next: Arc<Schema>,
        changes: Vec<Change>,
        record: String,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        let (server, old) = (self.server.clone(), self.schema.clone());
        started(&self.server, async move { change::apply(&server, &old, &next, &changes, &record).await })
    }

    fn recorded(&self) -> BoxFuture<'static, Result<Option<String>, StoreError>> {
        let record = self.schema.record();
        self.server.look(move |link| Box::pin(system::kept(link, record)))
    }

    fn violations(&self, next: &Arc<Schema>, change: &Change) -> BoxFuture<'static, Result<u64, StoreError>> {
        let (next, change) = (next.clone(), change.clone());
        self.server.look(move |link| {
            let (next, change) = (next.clone(), change.clone());
            Box::pin(async move { change::violations(link, &next, &change).await })
        })
    }

    fn explain(&self, prepared: &Prepared) -> BoxFuture<'static, Result<String, StoreError>> {
        let prepared = prepared.clone();
        self.server.look(move |link| {
            let prepared = prepared.clone();
            Box::pin(async move { explain::explain(link, Program::of(&prepared)?).await })
        })
    }

    fn try_index(
        &self,
        prepared: &Prepared,
        ty: TypeId,
        fields: &[FieldId],
    ) -> BoxFuture<'static, Result<Tried, StoreError>> {
        let (server, prepared, fields) = (self.server.clone(), prepared.clone(), fields.to_vec());
        Box::pin(async move { try_index::try_index(&server, &prepared, ty, &fields).await })
    }

    fn lock_tables(&self, most: Duration) -> BoxFuture<'static, Result<TablesLock, StoreError>> {
        let server = self.server.clone();
        Box::pin(async move { lock::tables(&server, most).await })
    }

    fn history(&self) -> BoxFuture<'static, Result<Vec<Applied>, StoreError>> {
        self.server.look(|link| Box::pin(history::read(link)))
    }

    fn migrate(&self, migration: Migration) -> BoxFuture<'static, Result<(), StoreError>> {
        let server = self.server.clone();
        started(&self.server, async move { migration::run(&server, &migration).await })
    }

    fn load(&self, load: Load) -> BoxFuture<'static, Result<(), StoreError>> {
        started(&self.server, load::load(self.server.clone(), self.schema.clone(), load))
    }

    fn loading(&self, end: Loading) -> BoxFuture<'static, Result<(), StoreError>> {
        started(&self.server, load::loading(self.server.clone(), self.schema.clone(), end))
    }

    fn records(
        &self,
        after: Option<(String, String)>,
        most: u64,
    ) -> BoxFuture<'static, Result<Vec<Record>, StoreError>> {
        load::records(self.server.clone(), after, most)
    }

    fn room(&self, ty: TypeId) -> Result<Room, StoreError> {
        Ok(room(&self.schema, POSTGRES, ty))
    }

    fn catalogue(&self) -> BoxFuture<'static, Result<Catalogue, StoreError>> {
        self.server.look(|link| Box::pin(async move { Ok(catalogue::read(link.client()).await?) }))
    }
}

/// Runs work that goes on to its end though nobody waits for it any more.
fn started(
    server: &Arc<Server>,
    work: impl Future<Output = Result<(), StoreError>> + Send + 'static,
) -> BoxFuture<'static, Result<(), StoreError>> {
    let replicated = Arc::clone(server);
    let task = server.runtime.spawn(async move {
        let done = work.await;
        replicated.wrote();
        done
    });
    Box::pin(async move {
        task.await.unwrap_or_else(|ended| {
            let what = if ended.is_panic() { "a job panicked" } else { "a job was ended with its runtime" };
            Err(StoreError::bug(what))
        })
    })
}
