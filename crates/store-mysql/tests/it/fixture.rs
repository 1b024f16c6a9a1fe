//! A store over a schema text in a database of its own, and short words for statements.

use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock};

use bistro_ir::{Compare, Expr, Operand, Order, ParamId, Root};
use bistro_schema::{FieldId, RelationId, RelationKind, Schema, TypeId, Value};
use bistro_store::sink::{Cell, Row};
use bistro_store::{
    Change, Collect, Cost, Delete, Insert, NewRow, Output, Select, Statement, Store, StoreError, Summary,
    Update,
};
use bistro_store_mysql::{MysqlStore, Options};
use bistro_testkit::Database;
use tokio::runtime::Runtime;

/// A store in a database that goes with it.
pub(crate) struct Fixture {
    pub(crate) store: Arc<MysqlStore>,
    pub(crate) database: Database,
    pub(crate) schema: Arc<Schema>,
}

/// The runtime of all tests.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// Starts a future now.
pub(crate) fn start<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> tokio::task::JoinHandle<T> {
    runtime().spawn(future)
}

/// Opens a store by its address.
pub(crate) fn open(url: &str, schema: &Arc<Schema>, options: Options) -> Result<Arc<MysqlStore>, StoreError> {
    wait(MysqlStore::open(url, schema.clone(), options))
}

/// Waits, at most ten seconds, until something is so.
pub(crate) fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..500 {
        if so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("not within ten seconds: {what}");
}

/// Waits for a future on this thread.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    runtime().block_on(future)
}

pub(crate) fn schema(text: &str) -> Arc<Schema> {
    let checked = bistro_sdl::read("schema.graphql", text);
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
    Arc::new(checked.schema)
}

pub(crate) fn all_types(schema: &Schema) -> Vec<Change> {
    schema.types().map(|(id, _)| Change::CreateType(id)).collect()
}

impl Fixture {
    pub(crate) fn new(text: &str) -> Self {
        Self::with(text, Options::default())
    }

    pub(crate) fn with(text: &str, options: Options) -> Self {
        Self::on(bistro_testkit::mysql(), text, options)
    }

    /// In this database.
    pub(crate) fn on(database: Database, text: &str, options: Options) -> Self {
        let schema = schema(text);
        let store = open(&database.url(), &schema, options).unwrap();
        wait(store.apply(schema.clone(), all_types(&schema), "record".into())).unwrap();
        Self { store, database, schema }
    }

    pub(crate) fn ty(&self, name: &str) -> TypeId {
        self.schema.by_name(name).unwrap()
    }

    pub(crate) fn field(&self, ty: &str, name: &str) -> FieldId {
        self.schema.ty(self.ty(ty)).field_named(name).unwrap()
    }

    pub(crate) fn relation(&self, ty: &str, name: &str) -> RelationId {
        self.schema.ty(self.ty(ty)).relation_named(name).unwrap()
    }

    pub(crate) fn own(&self, ty: &str, name: &str) -> Operand {
        Operand::Field(Root::Scope(0), self.field(ty, name))
    }

    pub(crate) fn value(&self, ty: &str, name: &str) -> Output {
        let id = self.ty(ty);
        Output::Value(self.own(ty, name), self.schema.ty(id).field(self.field(ty, name)).scalar)
    }

    pub(crate) fn by(&self, ty: &str, name: &str) -> Order {
        Order { operand: self.own(ty, name), descending: false, nulls_first: false }
    }

    /// Rows of a type: these fields, under this condition.
    pub(crate) fn select(&self, ty: &str, fields: &[&str], filter: Expr) -> Select {
        let outputs = fields.iter().map(|f| self.value(ty, f)).collect();
        Select {
            ty: self.ty(ty),
            outputs,
            filter,
            order: Vec::new(),
            limit: None,
            offset: None,
            total: false,
            new: NewRow::default(),
            lock: false,
            cost: Cost::Bounded,
        }
    }

    pub(crate) fn rows(&self, select: Select, binds: &[Value]) -> Result<(Vec<Row>, Summary), StoreError> {
        let prepared = self.store.prepare(&Statement::Select(select))?;
        let (sink, summary) = wait(self.store.read(prepared, binds.to_vec(), Box::new(Collect::new())))?;
        Ok((sink.into_any().downcast::<Collect>().unwrap().rows, summary))
    }

    /// The values of the first output of each row.
    pub(crate) fn column(&self, select: Select, binds: &[Value]) -> Vec<Value> {
        let (rows, _) = self.rows(select, binds).unwrap();
        rows.into_iter().map(|r| first(&r)).collect()
    }

    pub(crate) fn insert(&self, ty: &str, values: &[(&str, Value)]) -> Result<Vec<Value>, StoreError> {
        let fields = values.iter().enumerate();
        let values_of = fields.map(|(i, (name, _))| (self.field(ty, name), ParamId(i as u16))).collect();
        let statement = Statement::Insert(Insert { ty: self.ty(ty), values: values_of, guarded: false });
        self.write(&statement, values.iter().map(|(_, v)| v.clone()).collect()).map(|w| w.key)
    }

    pub(crate) fn update(&self, ty: &str, key: Value, name: &str, value: Value) -> Result<bool, StoreError> {
        let set = vec![(self.field(ty, name), ParamId(1))];
        let statement = Statement::Update(Update { ty: self.ty(ty), set, key: vec![ParamId(0)] });
        self.write(&statement, vec![key, value]).map(|w| w.touched)
    }

    pub(crate) fn delete(&self, ty: &str, key: Value) -> Result<bool, StoreError> {
        let statement = Statement::Delete(Delete { ty: self.ty(ty), key: vec![ParamId(0)] });
        self.write(&statement, vec![key]).map(|w| w.touched)
    }

    fn write(
        &self,
        statement: &Statement,
        binds: Vec<Value>,
    ) -> Result<bistro_store::store::Written, StoreError> {
        let prepared = self.store.prepare(statement)?;
        let told = Arc::new(Mutex::new(None));
        let tell = told.clone();
        wait(self.store.transact(Box::new(move |open| {
            Box::pin(async move {
                let written = open.write(&prepared, &binds).await?;
                *tell.lock().unwrap() = Some(written);
                Ok(())
            })
        })))?;
        let written = told.lock().unwrap().take().unwrap();
        Ok(written)
    }

    /// The many-to-many join type between two collections.
    pub(crate) fn link(&self, ty: &str, relation: &str) -> TypeId {
        match &self.schema.ty(self.ty(ty)).relation(self.relation(ty, relation)).kind {
            RelationKind::ManyToMany(through) => through.join,
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn first(row: &Row) -> Value {
    match &row.cells[0] {
        Cell::Value(value) => value.clone(),
        Cell::Nested(_) => panic!("a value comes first"),
    }
}

pub(crate) fn param(id: u16) -> Operand {
    Operand::Param(ParamId(id))
}

pub(crate) fn eq(a: Operand, b: Operand) -> Expr {
    Expr::Compare(Compare::Eq, a, b)
}

pub(crate) fn uuid(n: u8) -> Value {
    Value::Uuid([n; 16])
}

pub(crate) fn text(text: &str) -> Value {
    Value::text(text)
}
