//! A store whose commits end without an answer: what it was to write is told as unknown.

use std::sync::Arc;

use bistro_engine::Engine;
use bistro_schema::{Schema, Value};
use bistro_store::{
    Capabilities, Change, Ended, Job, Prepared, ReadLater, ReadNow, Sink, Statement, Store, StoreError,
    StoreErrorKind,
};
use bistro_store_memory::MemoryStore;
use futures_util::future::BoxFuture;

use crate::seat::{rules, seat};

struct Unsure(Arc<dyn Store>);

type Later<T> = BoxFuture<'static, Result<T, StoreError>>;

impl Store for Unsure {
    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }

    fn schema(&self) -> &Arc<Schema> {
        self.0.schema()
    }

    fn with_schema(&self, schema: Arc<Schema>) -> Arc<dyn Store> {
        self.0.with_schema(schema)
    }

    fn reachable(&self) -> Result<(), StoreError> {
        self.0.reachable()
    }

    fn prepare(&self, statement: &Statement) -> Result<Prepared, StoreError> {
        self.0.prepare(statement)
    }

    fn read_now(
        &self,
        prepared: &Prepared,
        binds: &[Value],
        sink: &mut dyn Sink,
    ) -> Result<ReadNow, StoreError> {
        self.0.read_now(prepared, binds, sink)
    }

    fn read(&self, prepared: Prepared, binds: Vec<Value>, sink: Box<dyn Sink>) -> ReadLater {
        self.0.read(prepared, binds, sink)
    }

    fn transact_then(&self, job: Job, ended: Ended) -> Later<()> {
        let done = self.0.transact(job);
        Box::pin(async move {
            done.await?;
            let lost = StoreError::new(StoreErrorKind::CommitUnknown, "the connection broke");
            ended(Err(&lost));
            Err(lost)
        })
    }

    fn apply(&self, next: Arc<Schema>, changes: Vec<Change>, record: String) -> Later<()> {
        self.0.apply(next, changes, record)
    }

    fn recorded(&self) -> Later<Option<String>> {
        self.0.recorded()
    }

    fn violations(&self, next: &Arc<Schema>, change: &Change) -> Later<u64> {
        self.0.violations(next, change)
    }

    fn explain(&self, prepared: &Prepared) -> Later<String> {
        self.0.explain(prepared)
    }
}

#[test]
fn a_commit_whose_end_is_unknown_is_told_so() {
    let rules = rules();
    let store = Arc::new(Unsure(MemoryStore::new(Arc::clone(rules.schema()))));
    let seat = seat("unsure", store, &rules, None);
    let engine: &Arc<Engine> = &seat.engine;
    let mut listener = engine.feed().listen(&seat.types("Post"));
    let mut watcher = engine.feed().watch(&seat.types("Tag"));
    assert!(seat.transact("insert Post id=1 title=n; insert Tag id=1 word=w").is_err());
    assert_eq!(seat.heard(&mut listener), ["?Post, ?Tag"]);
    assert_eq!(seat.heard(&mut watcher), ["*Post, *Tag"]);
    assert!(seat.transact("insert Post id=2 title=n; fail").is_err());
    assert!(seat.heard(&mut listener).is_empty(), "what was rolled back for sure is not told");
}
