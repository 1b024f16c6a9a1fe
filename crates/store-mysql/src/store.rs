//! The store as the engine sees it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bistro_schema::{FieldId, Schema, TypeId, Value};
use bistro_store::{
    Applied, Capabilities, Catalogue, Change, Ended, Job, Load, Loading, Migration, Prepared, ReadLater,
    ReadNow, Record, Room, Sink, Statement, Store, StoreError, StoreErrorKind, Summary, TablesLock, Tried,
};
use bistro_store_sql::{Dialect, room};
use futures_util::future::BoxFuture;
use mysql_async::Conn;
use tokio::runtime::Handle;

use crate::address::Address;
use crate::connect::Site;
use crate::error::from_driver;
use crate::pool::{Lease, Pool, Work};
use crate::prepare::Program;
use crate::transaction::{self, late, within};
use crate::{catalogue, change, execute, explain, load, lock, migration, records, try_index};

/// What MySQL and MariaDB can do.
const CAPABILITIES: Capabilities = Capabilities {
    short_words: false,
    fresh_words: false,
    documents_as_written: false,
    documents_in_order: false,
    embedded: false,
    whole_changes: false,
    sql: Some("mysql"),
    ..Capabilities::ALL
};

/// How the store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many reads may run at a time, each on a connection.
    pub readers: usize,
    /// How many connections there may be for what writes.
    pub connections: usize,
    /// How long one statement may run.
    pub deadline: Duration,
    /// How many reads and writes may wait for a connection.
    pub queue: usize,
    /// Whether Bistro keeps tables of its own in the database.
    pub managed: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 32, connections: 32, deadline: Duration::from_secs(10), queue: 1_024, managed: true }
    }
}

/// A database on a server of MySQL or MariaDB.
#[derive(Clone, Debug)]
pub struct MysqlStore {
    pool: Arc<Pool>,
    schema: Arc<Schema>,
    runtime: Handle,
}

impl MysqlStore {
    /// Connects to the database that `mysql://user:password@host:port/database` names (`mariadb://` means the same) and makes
    /// Bistro's own tables where there are none. `?ssl-mode=` is `disabled`, `preferred`, `required`, `verify-ca` or
    /// `verify-identity`, with `ssl-ca=`, `ssl-cert=` and `ssl-key=` as files; `?socket=` is a file.
    ///
    /// # Errors
    /// An address that cannot be read, a server that does not answer, refuses, or is too old, and a database that a newer
    /// Bistro wrote.
    pub async fn open(url: &str, schema: Arc<Schema>, options: Options) -> Result<Arc<Self>, StoreError> {
        let address = Address::read(url)?;
        let (site, mut conn) = Site::found(address, options.deadline).await?;
        if options.managed {
            change::found(&mut conn).await?;
        }
        let pool = Pool::new(site, conn, options.readers, options.connections, options.queue);
        Ok(Arc::new(Self { pool, schema, runtime: Handle::current() }))
    }

    /// Runs work on its own task: it goes on whether or not somebody waits for it.
    fn apart<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let task = self.runtime.spawn(work);
        Box::pin(async move {
            task.await.unwrap_or_else(|e| Err(StoreError::bug(format!("a job ended early: {e}"))))
        })
    }

    /// Looks at something on a connection of the pool.
    fn look<T: Send + 'static>(
        &self,
        work: impl for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let pool = self.pool.clone();
        Box::pin(async move {
            // Not every look can be done twice, so that the connection is a fresh one or was heard of just now.
            let mut lease = pool.lease(Work::Read, Instant::now() + pool.site.deadline).await?;
            if lease.used() && within(Duration::from_secs(1), execute::ping(lease.work())).await.is_err() {
                lease.renew().await?;
            }
            let result = within(pool.site.deadline, work(lease.work())).await;
            settle(&mut lease, &result);
            result
        })
    }

    /// Changes tables on a connection of its own, without a deadline.
    fn beside<T: Send + 'static>(
        &self,
        work: impl for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let pool = self.pool.clone();
        self.apart(async move {
            let mut conn = pool.beside().await?;
            execute::plain(&mut conn, pool.site.without_deadline()).await?;
            let result = work(&mut conn).await;
            // A connection that failed may have ended already.
            let _ = conn.disconnect().await;
            result
        })
    }
}

fn settle<T>(lease: &mut Lease, result: &Result<T, StoreError>) {
    match result {
        Ok(_) => lease.rest(),
        // Something may still run there.
        Err(error) if late(error) => {}
        Err(error) => lease.failed(error),
    }
}

/// Reads on a connection of the pool; where the server went since the connection was used last, once more on a new one.
async fn read(
    pool: Arc<Pool>,
    prepared: Prepared,
    binds: Vec<Value>,
    mut sink: Box<dyn Sink>,
) -> Result<(Box<dyn Sink>, Summary), StoreError> {
    let until = Instant::now() + pool.site.deadline;
    let query = Program::of(&prepared)?.query(&binds)?;
    let mut lease = pool.lease(Work::Read, until).await?;
    let mut result = attempt(&pool, &mut lease, &query, &binds, &mut *sink).await;
    if let Err(error) = &result
        && error.kind == StoreErrorKind::Unavailable
        && lease.used()
    {
        sink.reset();
        lease.renew().await?;
        result = attempt(&pool, &mut lease, &query, &binds, &mut *sink).await;
    }
    drop(lease);
    result.map(|summary| (sink, summary))
}

async fn attempt(
    pool: &Pool,
    lease: &mut Lease,
    query: &bistro_store_sql::Query,
    binds: &[Value],
    sink: &mut dyn Sink,
) -> Result<Summary, StoreError> {
    let several = execute::several(query);
    let conn = lease.work();
    let result = within(pool.site.deadline, async {
        if !several {
            return execute::read(conn, query, binds, sink).await;
        }
        execute::plain(conn, execute::SNAPSHOT).await?;
        let summary = execute::read(conn, query, binds, sink).await;
        match &summary {
            Err(error) if crate::error::lost(error) || late(error) => {}
            _ => execute::plain(conn, "COMMIT").await?,
        }
        summary
    })
    .await;
    settle(lease, &result);
    result
}

impl Store for MysqlStore {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn with_schema(&self, schema: Arc<Schema>) -> Arc<dyn Store> {
        Arc::new(Self { pool: self.pool.clone(), schema, runtime: self.runtime.clone() })
    }

    fn reachable(&self) -> Result<(), StoreError> {
        self.pool.reachable()
    }

    fn close(&self) {
        self.pool.close();
    }

    fn prepare(&self, statement: &Statement) -> Result<Prepared, StoreError> {
        Ok(Arc::new(Program::new(&self.schema, statement)?))
    }

    fn read_now(&self, _: &Prepared, _: &[Value], _: &mut dyn Sink) -> Result<ReadNow, StoreError> {
        Ok(ReadNow::Later)
    }

    fn read(&self, prepared: Prepared, binds: Vec<Value>, sink: Box<dyn Sink>) -> ReadLater {
        Box::pin(read(self.pool.clone(), prepared, binds, sink))
    }

    fn transact_then(&self, job: Job, ended: Ended) -> BoxFuture<'static, Result<(), StoreError>> {
        let run = transaction::run(self.pool.clone(), job);
        self.apart(async move {
            let done = run.await;
            ended(done.as_ref().copied());
            done
        })
    }

    fn snapshot(&self, job: Job) -> BoxFuture<'static, Result<(), StoreError>> {
        self.apart(transaction::snapshot(self.pool.clone(), job))
    }

    fn apply(
        &self,
        next: Arc<Schema>,
        changes: Vec<Change>,
        record: String,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        let old = self.schema.clone();
        self.beside(move |conn| {
            Box::pin(async move { change::apply(conn, &old, &next, &changes, &record).await })
        })
    }

    fn recorded(&self) -> BoxFuture<'static, Result<Option<String>, StoreError>> {
        let record = self.schema.record();
        self.look(move |conn| Box::pin(change::recorded(conn, record)))
    }

    fn violations(&self, next: &Arc<Schema>, change: &Change) -> BoxFuture<'static, Result<u64, StoreError>> {
        let (next, change) = (next.clone(), change.clone());
        self.look(move |conn| Box::pin(async move { change::violations(conn, &next, &change).await }))
    }

    fn explain(&self, prepared: &Prepared) -> BoxFuture<'static, Result<String, StoreError>> {
        let prepared = prepared.clone();
        self.look(move |conn| Box::pin(async move { explain::explain(conn, Program::of(&prepared)?).await }))
    }

    fn try_index(
        &self,
        prepared: &Prepared,
        ty: TypeId,
        fields: &[FieldId],
    ) -> BoxFuture<'static, Result<Tried, StoreError>> {
        let (pool, prepared, fields) = (self.pool.clone(), prepared.clone(), fields.to_vec());
        Box::pin(async move {
            let program = Program::of(&prepared)?;
            try_index::try_index(&pool, program, program.schema.ty(ty), &fields).await
        })
    }

    fn lock_tables(&self, most: Duration) -> BoxFuture<'static, Result<TablesLock, StoreError>> {
        let pool = self.pool.clone();
        self.apart(async move {
            let mut conn = pool.beside().await?;
            execute::plain(&mut conn, pool.site.without_deadline()).await?;
            lock::tables(conn, most).await
        })
    }

    fn history(&self) -> BoxFuture<'static, Result<Vec<Applied>, StoreError>> {
        self.look(|conn| Box::pin(migration::history(conn)))
    }

    fn migrate(&self, migration: Migration) -> BoxFuture<'static, Result<(), StoreError>> {
        self.beside(move |conn| Box::pin(async move { migration::run(conn, &migration).await }))
    }

    fn catalogue(&self) -> BoxFuture<'static, Result<Catalogue, StoreError>> {
        self.look(|conn| Box::pin(async move { catalogue::read(conn).await.map_err(from_driver) }))
    }

    fn load(&self, load: Load) -> BoxFuture<'static, Result<(), StoreError>> {
        let schema = self.schema.clone();
        self.beside(move |conn| Box::pin(async move { load::run(conn, &schema, &load).await }))
    }

    fn loading(&self, end: Loading) -> BoxFuture<'static, Result<(), StoreError>> {
        let schema = self.schema.clone();
        self.beside(move |conn| Box::pin(async move { load::end(conn, &schema, end).await }))
    }

    fn records(
        &self,
        after: Option<(String, String)>,
        most: u64,
    ) -> BoxFuture<'static, Result<Vec<Record>, StoreError>> {
        self.look(move |conn| Box::pin(records::list(conn, after, most)))
    }

    fn room(&self, ty: TypeId) -> Result<Room, StoreError> {
        Ok(room::room(&self.schema, Dialect::Mysql, ty))
    }
}
