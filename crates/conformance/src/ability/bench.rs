//! What the checks of abilities are made with: a store with the suite's tables, and short ways to ask it.

use std::sync::{Arc, Mutex, PoisonError};

use bistro_engine::{Context, Engine};
use bistro_ir::{Body, Caller, Expr, Input, Item, Operand, Operation, Param, ParamId, Read, Root};
use bistro_problem::Problem;
use bistro_schema::{FieldId, Scalar, Schema, TypeId, Value};
use bistro_store::{Collect, Insert, Sink, Statement, Store, StoreError};

use crate::place::Home;
use crate::runtime::wait;
use crate::subject::{NOW, Subject};

/// A store with the suite's tables.
pub(super) struct Bench<'b> {
    pub(super) home: &'b Home,
    pub(super) store: Arc<dyn Store>,
    pub(super) subject: Subject,
}

impl Bench<'_> {
    pub(super) fn schema(&self) -> &Arc<Schema> {
        self.store.schema()
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.subject.engine
    }

    pub(super) fn ty(&self, name: &str) -> TypeId {
        let found = self.schema().types().find(|(_, t)| t.name == name);
        found.map(|(id, _)| id).expect("the suite's schema has the type")
    }

    pub(super) fn field(&self, ty: TypeId, name: &str) -> FieldId {
        self.schema().ty(ty).field_named(name).expect("the suite's schema has the field")
    }

    /// A field of the row itself.
    pub(super) fn operand(&self, ty: TypeId, name: &str) -> Operand {
        Operand::Field(Root::Scope(0), self.field(ty, name))
    }

    /// An insert, and its binds.
    pub(super) fn insert(&self, ty: &str, row: &[(&str, Value)]) -> (Statement, Vec<Value>) {
        let ty = self.ty(ty);
        let bind = |(n, (name, _)): (usize, &(&str, Value))| (self.field(ty, name), ParamId(n as u16));
        let values = row.iter().enumerate().map(bind).collect();
        let binds = row.iter().map(|(_, value)| value.clone()).collect();
        (Statement::Insert(Insert { ty, values, guarded: false }), binds)
    }

    /// Inserts each row in one transaction.
    pub(super) fn insert_all(&self, ty: &str, rows: &[&[(&str, Value)]]) -> Result<(), StoreError> {
        let mut work = Vec::new();
        for row in rows {
            let (statement, binds) = self.insert(ty, row);
            work.push((self.store.prepare(&statement)?, binds));
        }
        wait(self.store.transact(Box::new(move |tx| {
            Box::pin(async move {
                for (prepared, binds) in &work {
                    tx.write(prepared, binds).await?;
                }
                Ok(())
            })
        })))
    }

    /// The rows of a read by the project itself.
    pub(super) fn read(
        &self,
        ty: TypeId,
        select: Vec<Item>,
        filter: Expr,
        params: Vec<(Scalar, Value)>,
    ) -> Result<Vec<Vec<Value>>, Problem> {
        let read = Read { ty, select, filter, order: vec![], limit: None, offset: None, total: false };
        let (scalars, values): (Vec<_>, Vec<_>) = params.into_iter().unzip();
        let params = scalars.into_iter().map(|scalar| Param { scalar }).collect();
        let operation = Operation { body: Body::Read(read), params };
        let cx = Context::new(Caller::service(), NOW);
        let ready = self.engine().ready(cx.caller.roles, &operation)?;
        let input = Input { params: values, ..Input::default() };
        let mut now = Collect::new();
        if self.engine().read_now(&cx, &ready, &input, &mut now)?.is_some() {
            return Ok(now.values());
        }
        let sink: Box<dyn Sink> = Box::new(Collect::new());
        let (sink, _) = wait(self.engine().read(cx, ready, input, sink))?;
        let collect = sink.into_any().downcast::<Collect>().expect("the sink that was given comes back");
        Ok(collect.values())
    }

    /// How many rows of a type meet a condition.
    pub(super) fn count(
        &self,
        ty: &str,
        filter: impl FnOnce(TypeId) -> Expr,
        params: Vec<(Scalar, Value)>,
    ) -> Result<i64, Problem> {
        let ty = self.ty(ty);
        let count = Item::Aggregate {
            key: "count".to_owned(),
            function: bistro_ir::Aggregate::Count,
            operand: None,
            cast: None,
        };
        let rows = self.read(ty, vec![count], filter(ty), params)?;
        match rows.first().and_then(|row| row.first()) {
            Some(Value::Int(n)) => Ok(*n),
            other => Err(Problem::bug(format!("a count is {other:?}"))),
        }
    }
}

/// A place for what a job finds out.
pub(super) fn found<T: Default>() -> (Arc<Mutex<T>>, Arc<Mutex<T>>) {
    let kept = Arc::new(Mutex::new(T::default()));
    (Arc::clone(&kept), kept)
}

/// What a job has found out.
pub(super) fn take<T: Default>(kept: &Mutex<T>) -> T {
    std::mem::take(&mut kept.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A complaint, unless the two are the same.
pub(super) fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?} instead of {expected:?}")) }
}
