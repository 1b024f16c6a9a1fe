//! The data of accounts: system tables over the project's store, with an engine of their own.
//!
//! `schema.graphql` says what the tables are; [`records`] has a struct for each. Everything is read and written through
//! [`Rows`] in a transaction of [`Data::transact`], or by [`Data::find`] outside of one. The row of the `@account` model
//! is the project's; [`Data::project`] is its engine, to be used with `Session::beside`.

mod column;
mod filter;
mod operation;
mod record;
pub mod records;
mod rows;
mod tables;

use std::sync::Arc;

use arc_swap::ArcSwap;
use bistro_engine::{Context, Engine, Options, Work};
use bistro_ir::Caller;
use bistro_problem::Problem;
use bistro_schema::{Roles, Value};
use bistro_store::{Collect, Store};

pub use column::{Column, Time};
pub use filter::{Filter, all, any_of, before, holds, is, is_not, not_before, not_null, null};
pub use record::Record;
pub(crate) use record::record;
pub(crate) use rows::set;
pub use rows::{Rows, Tx};
pub use tables::schema;

/// The system tables, and the engine of the project beside them.
pub struct Data {
    engine: Arc<Engine>,
    project: ArcSwap<Engine>,
    shared: bool,
}

impl Data {
    /// Makes the tables, or changes those of an older Bistro, under the lock that nodes share.
    ///
    /// # Errors
    /// What the store says; `Unsupported` where nothing of Bistro's own may be kept.
    pub async fn open(
        store: &Arc<dyn Store>,
        project: Arc<Engine>,
    ) -> Result<Self, bistro_store::StoreError> {
        let (store, rules) = tables::follow(store).await?;
        let options = Options { max_rows: u64::MAX, ..Options::default() };
        let shared = !store.capabilities().embedded;
        Ok(Self { engine: Engine::new(store, rules, options), project: ArcSwap::new(project), shared })
    }

    /// Whether other nodes may share the tables.
    pub fn shared(&self) -> bool {
        self.shared
    }

    /// The engine of the system tables.
    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The engine of the project's own schema.
    pub fn project(&self) -> Arc<Engine> {
        self.project.load_full()
    }

    /// Takes another engine, after the schema was changed.
    pub(crate) fn replace_project(&self, engine: Arc<Engine>) {
        self.project.store(engine);
    }

    /// Runs work in one transaction at a time (microseconds since the epoch); `Ok` means durably committed.
    pub async fn transact<T: Send + 'static>(&self, now: i64, work: Work<T>) -> Result<T, Problem> {
        self.engine.transact(Context::new(Caller::service(), now), work).await
    }

    /// The rows that a filter finds, outside of a transaction.
    pub async fn find<T: Record>(&self, filter: Filter) -> Result<Vec<T>, Problem> {
        rows::read(self.collect(operation::find::<T>(self.engine.schema(), filter)).await?)
    }

    /// The first row that a filter finds, outside of a transaction.
    pub async fn one<T: Record>(&self, filter: Filter) -> Result<Option<T>, Problem> {
        Ok(self.find(filter.limit(1)).await?.pop())
    }

    /// How many rows a filter finds.
    pub async fn count<T: Record>(&self, filter: Filter) -> Result<u64, Problem> {
        let counted = self.collect(operation::count::<T>(self.engine.schema(), filter)).await?;
        match counted.values().into_iter().flatten().next() {
            Some(Value::Int(count)) => Ok(u64::try_from(count).unwrap_or(0)),
            _ => Err(Problem::bug("a count is no number")),
        }
    }

    async fn collect(&self, asked: operation::Asked) -> Result<Collect, Problem> {
        let ready = self.engine.ready(Roles::SERVICE, &asked.operation)?;
        // Nothing in these operations looks at the time: what is over is compared with a value.
        let cx = Context::new(Caller::service(), 0);
        let mut now = Collect::new();
        if self.engine.read_now(&cx, &ready, &asked.input, &mut now)?.is_some() {
            return Ok(now);
        }
        let (sink, _) = self.engine.read(cx, ready, asked.input, Box::new(Collect::new())).await?;
        let collect = bistro_store::Sink::into_any(sink).downcast::<Collect>();
        collect.map(|collect| *collect).map_err(|_| Problem::bug("another sink came back"))
    }
}
