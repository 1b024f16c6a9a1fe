//! The store: statements are kept as they are, transactions work on a copy.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bistro_schema::{Default, FieldId, Schema, TypeId, Value};
use bistro_store::store::Written;
use bistro_store::{
    Capabilities, Change, Ended, Job, Prepared, ReadLater, ReadNow, Sink, Statement, Store, StoreError,
    StoreErrorKind, Summary, Transaction,
};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use crate::data::Data;
use crate::eval::Env;
use crate::{select, write};

const CAPABILITIES: Capabilities = Capabilities { durable: false, ..Capabilities::ALL };

/// A store in memory.
#[derive(Debug)]
pub struct MemoryStore {
    schema: Arc<Schema>,
    data: Arc<Mutex<Data>>,
}

impl MemoryStore {
    /// An empty store for a schema.
    pub fn new(schema: Arc<Schema>) -> Arc<Self> {
        Arc::new(Self { schema, data: Arc::default() })
    }

    fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn statement(prepared: &Prepared) -> Result<&Statement, StoreError> {
    prepared.downcast_ref::<Statement>().ok_or_else(|| StoreError::bug("a statement of another store"))
}

/// Reads with a select or a judge.
fn read(
    schema: &Schema,
    data: &Data,
    prepared: &Prepared,
    binds: &[Value],
    sink: &mut dyn Sink,
) -> Result<Summary, StoreError> {
    match statement(prepared)? {
        Statement::Select(s) => {
            let env = Env { schema, data, binds, new: Some((s.ty, &s.new)) };
            Ok(select::run(&env, s, sink))
        }
        Statement::Judge(judge) => {
            let env = Env { schema, data, binds, new: Some((judge.ty, &judge.new)) };
            sink.begin_row();
            for (index, condition) in judge.conditions.iter().enumerate() {
                let verdict = env.truth(&Vec::new(), condition).map_or(Value::Null, Value::Bool);
                sink.value(index, verdict.borrow());
            }
            sink.end_row();
            Ok(Summary { rows: 1, total: None })
        }
        Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => {
            Err(StoreError::bug("a write was read"))
        }
    }
}

impl Store for MemoryStore {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn with_schema(&self, schema: Arc<Schema>) -> Arc<dyn Store> {
        Arc::new(Self { schema, data: Arc::clone(&self.data) })
    }

    fn reachable(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn prepare(&self, statement: &Statement) -> Result<Prepared, StoreError> {
        Ok(Arc::new(statement.clone()))
    }

    fn read_now(
        &self,
        prepared: &Prepared,
        binds: &[Value],
        sink: &mut dyn Sink,
    ) -> Result<ReadNow, StoreError> {
        read(&self.schema, &self.data(), prepared, binds, sink).map(ReadNow::Done)
    }

    fn read(&self, prepared: Prepared, binds: Vec<Value>, mut sink: Box<dyn Sink>) -> ReadLater {
        let done = read(&self.schema, &self.data(), &prepared, &binds, sink.as_mut());
        Box::pin(ready(done.map(|summary| (sink, summary))))
    }

    fn transact_then(&self, job: Job, then: Ended) -> BoxFuture<'static, Result<(), StoreError>> {
        let mut data = self.data();
        let before = data.clone();
        let mut tx = MemoryTransaction { schema: Arc::clone(&self.schema), data: &mut data };
        let ended = job(&mut tx).now_or_never();
        let ended =
            ended.unwrap_or_else(|| Err(StoreError::bug("a job waited for something else than its store")));
        if ended.is_err() {
            *data = before;
        }
        then(ended.as_ref().copied());
        Box::pin(ready(ended))
    }

    fn apply(
        &self,
        next: Arc<Schema>,
        changes: Vec<Change>,
        record: String,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        let mut data = self.data();
        for change in &changes {
            if let Change::AddField(ty, field) = change {
                fill(&mut data, &next, *ty, *field);
            }
            if let Change::AddUnique(ty, n) = change
                && clashes(&data, &next, *ty, *n) > 0
            {
                let constraint = next.ty(*ty).uniques[*n].name.clone();
                let kind = StoreErrorKind::Unique { ty: *ty, constraint };
                return Box::pin(ready(Err(StoreError::new(kind, "rows clash"))));
            }
        }
        data.recorded.insert(next.record(), record);
        Box::pin(ready(Ok(())))
    }

    fn recorded(&self) -> BoxFuture<'static, Result<Option<String>, StoreError>> {
        Box::pin(ready(Ok(self.data().recorded.get(self.schema.record()).cloned())))
    }

    fn violations(&self, next: &Arc<Schema>, change: &Change) -> BoxFuture<'static, Result<u64, StoreError>> {
        Box::pin(ready(Ok(match change {
            Change::AddUnique(ty, n) => clashes(&self.data(), next, *ty, *n),
            _ => 0,
        })))
    }

    fn explain(&self, prepared: &Prepared) -> BoxFuture<'static, Result<String, StoreError>> {
        Box::pin(ready(statement(prepared).map(|s| format!("{s:?}"))))
    }
}

/// Existing rows get a new field's literal default.
fn fill(data: &mut Data, schema: &Schema, ty: TypeId, field: FieldId) {
    let (t, f) = (schema.ty(ty), schema.ty(ty).field(field));
    if let Some(Default::Value(value)) = &f.default {
        for row in &mut data.table(t).rows {
            row.insert(f.name.clone(), value.clone());
        }
    }
}

/// How many rows share the values of a unique set with an earlier one.
fn clashes(data: &Data, schema: &Schema, ty: TypeId, n: usize) -> u64 {
    let t = schema.ty(ty);
    let rows = data.rows(schema, ty);
    let alike = |a: &crate::data::Row, b: &crate::data::Row| {
        t.uniques[n].fields.iter().all(|f| {
            let value = crate::data::cell(a, t.field(*f));
            !value.is_null() && crate::compare::same(&value, &crate::data::cell(b, t.field(*f)))
        })
    };
    rows.iter().enumerate().filter(|(i, row)| rows[..*i].iter().any(|other| alike(row, other))).count() as u64
}

struct MemoryTransaction<'d> {
    schema: Arc<Schema>,
    data: &'d mut Data,
}

impl Transaction for MemoryTransaction<'_> {
    fn read<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
        sink: &'a mut dyn Sink,
    ) -> BoxFuture<'a, Result<Summary, StoreError>> {
        Box::pin(ready(read(&self.schema, self.data, prepared, binds, sink)))
    }

    fn write<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
    ) -> BoxFuture<'a, Result<Written, StoreError>> {
        let schema = Arc::clone(&self.schema);
        let written = match statement(prepared) {
            Ok(Statement::Insert(s)) => write::insert(&schema, self.data, s, binds),
            Ok(Statement::Update(s)) => write::update(&schema, self.data, s, binds),
            Ok(Statement::Delete(s)) => write::delete(&schema, self.data, s, binds),
            Ok(Statement::Select(_) | Statement::Judge(_)) => Err(StoreError::bug("a read was written")),
            Err(error) => Err(error),
        };
        Box::pin(ready(written))
    }

    fn record_get<'a>(
        &'a mut self,
        space: &'a str,
        key: &'a str,
        now: i64,
    ) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        let found = self.data.records.get(&(space.to_owned(), key.to_owned()));
        let value = found.filter(|(_, expires)| *expires > now).map(|(value, _)| value.clone());
        Box::pin(ready(Ok(value)))
    }

    fn record_put<'a>(
        &'a mut self,
        space: &'a str,
        key: &'a str,
        value: &'a [u8],
        expires: i64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.data.records.insert((space.to_owned(), key.to_owned()), (value.to_vec(), expires));
        Box::pin(ready(Ok(())))
    }
}
