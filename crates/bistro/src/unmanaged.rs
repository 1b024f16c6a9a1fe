//! A database that somebody else keeps (`database.managed = false`): its tables are held to the schema at the start and
//! never changed, and nothing of Bistro's own is kept in it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bistro_schema::{FieldId, Schema, TypeId, Value};
use bistro_store::{
    Applied, BrokenReference, Capabilities, Catalogue, Change, Ended, Job, Migration, Prepared, ReadLater,
    ReadNow, Sink, Statement, Store, StoreError, StoreErrorKind, Summary, TablesLock, Transaction, Tried,
    Written,
};
use futures_util::future::{BoxFuture, ready};

use crate::error::Failure;
use crate::project::Project;
use crate::schema_file::Loaded;
use crate::tables::{self, Followed};

/// Why a command does not change tables.
pub(crate) const WHY: &str = "database.managed is false, so Bistro changes no tables there: change them with the tool \
                              that keeps them, then run bistro pull";

/// Holds the tables that are there to the schema.
pub(crate) async fn hold(
    project: &Project,
    store: &Arc<dyn Store>,
    loaded: &Loaded,
) -> Result<Followed, Failure> {
    let catalogue = store.catalogue().await.map_err(|error| tables::data(project, &error))?;
    match bistro_draft::fit(loaded.rules.schema(), &catalogue) {
        Ok(fitted) => {
            let store = store.with_schema(Arc::new(fitted.schema));
            let names = Arc::new(fitted.constraints.into_iter().collect());
            Ok(Followed { store: Arc::new(Unmanaged { store, names }), fresh: false, plan: Vec::new() })
        }
        Err(misfits) => {
            let lines: Vec<String> = misfits.iter().map(|m| format!("  {m}\n")).collect();
            let text = format!(
                "the tables do not fit {}, and database.managed is false:\n{}mend the schema (bistro pull shows the \
                 tables as they are) or the tables",
                project.schema_path().display(),
                lines.concat(),
            );
            Err(Failure::Tables(text))
        }
    }
}

/// Refuses what a schema says of tables that somebody else keeps, where Bistro keeps them.
pub(crate) fn refuse_foreign(schema: &Schema) -> Result<(), Failure> {
    use bistro_schema::{FieldKind, TypeKind};
    let mut reasons = Vec::new();
    for ty in &schema.types {
        if matches!(&ty.kind, TypeKind::View { sql, postgres, mysql } if sql.is_empty() && postgres.is_none() && mysql.is_none())
        {
            reasons.push(format!("  {}: @view without sql: says that the view is there already\n", ty.name));
        }
        let generated = ty.fields.iter().filter(|f| f.kind == FieldKind::Generated);
        reasons.extend(
            generated.map(|f| {
                format!("  {}.{}: @generated says that the database calculates it\n", ty.name, f.name)
            }),
        );
    }
    if reasons.is_empty() {
        return Ok(());
    }
    let text = format!(
        "the schema speaks of tables that somebody else keeps:\n{}set managed = false under [database], or change these",
        reasons.concat()
    );
    Err(Failure::Tables(text))
}

/// A store in which nothing of Bistro's own is kept.
#[derive(Clone)]
pub(crate) struct Unmanaged {
    store: Arc<dyn Store>,
    names: Arc<Names>,
}

/// Constraints as the database calls them, and as the schema does.
type Names = HashMap<String, String>;

impl Unmanaged {
    /// A store under no schema yet.
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, names: Arc::default() }
    }
}

/// A failure in the schema's names.
fn named(names: &Names, mut error: StoreError) -> StoreError {
    match &mut error.kind {
        StoreErrorKind::Unique { constraint, .. }
        | StoreErrorKind::ForeignKey(Some(BrokenReference { constraint, .. })) => {
            if let Some(name) = names.get(constraint) {
                constraint.clone_from(name);
            }
        }
        _ => {}
    }
    error
}

fn refused<T: Send + 'static>() -> BoxFuture<'static, Result<T, StoreError>> {
    Box::pin(ready(Err(StoreError::new(StoreErrorKind::Unsupported("changing tables"), WHY))))
}

impl Store for Unmanaged {
    fn capabilities(&self) -> &Capabilities {
        self.store.capabilities()
    }

    fn schema(&self) -> &Arc<Schema> {
        self.store.schema()
    }

    fn with_schema(&self, schema: Arc<Schema>) -> Arc<dyn Store> {
        Arc::new(Self { store: self.store.with_schema(schema), names: Arc::clone(&self.names) })
    }

    fn reachable(&self) -> Result<(), StoreError> {
        self.store.reachable()
    }

    fn close(&self) {
        self.store.close();
    }

    fn prepare(&self, statement: &Statement) -> Result<Prepared, StoreError> {
        self.store.prepare(statement)
    }

    fn read_now(
        &self,
        prepared: &Prepared,
        binds: &[Value],
        sink: &mut dyn Sink,
    ) -> Result<ReadNow, StoreError> {
        self.store.read_now(prepared, binds, sink)
    }

    fn read(&self, prepared: Prepared, binds: Vec<Value>, sink: Box<dyn Sink>) -> ReadLater {
        self.store.read(prepared, binds, sink)
    }

    fn transact_then(&self, job: Job, ended: Ended) -> BoxFuture<'static, Result<(), StoreError>> {
        let (names, inside) = (Arc::clone(&self.names), Arc::clone(&self.names));
        let without: Job = Box::new(move |transaction| {
            Box::pin(async move {
                let mut without = WithoutRecords { transaction, names: inside };
                job(&mut without).await
            })
        });
        let done = self.store.transact_then(without, ended);
        // What is found out only at the end is named, too.
        Box::pin(async move { done.await.map_err(|error| named(&names, error)) })
    }

    fn apply(&self, _: Arc<Schema>, _: Vec<Change>, _: String) -> BoxFuture<'static, Result<(), StoreError>> {
        refused()
    }

    fn recorded(&self) -> BoxFuture<'static, Result<Option<String>, StoreError>> {
        Box::pin(ready(Ok(None)))
    }

    fn violations(&self, next: &Arc<Schema>, change: &Change) -> BoxFuture<'static, Result<u64, StoreError>> {
        self.store.violations(next, change)
    }

    fn explain(&self, prepared: &Prepared) -> BoxFuture<'static, Result<String, StoreError>> {
        self.store.explain(prepared)
    }

    fn try_index(
        &self,
        prepared: &Prepared,
        ty: TypeId,
        fields: &[FieldId],
    ) -> BoxFuture<'static, Result<Tried, StoreError>> {
        self.store.try_index(prepared, ty, fields)
    }

    fn lock_tables(&self, _: Duration) -> BoxFuture<'static, Result<TablesLock, StoreError>> {
        refused()
    }

    fn history(&self) -> BoxFuture<'static, Result<Vec<Applied>, StoreError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn migrate(&self, _: Migration) -> BoxFuture<'static, Result<(), StoreError>> {
        refused()
    }

    fn catalogue(&self) -> BoxFuture<'static, Result<Catalogue, StoreError>> {
        self.store.catalogue()
    }
}

/// A transaction that keeps no records: there is no table for them.
struct WithoutRecords<'t> {
    transaction: &'t mut dyn Transaction,
    names: Arc<Names>,
}

fn no_records<'a, T: Send + 'a>() -> BoxFuture<'a, Result<T, StoreError>> {
    const WHAT: &str = "records of Bistro's own (Idempotency-Key): database.managed is false";
    Box::pin(ready(Err(StoreError::new(StoreErrorKind::Unsupported(WHAT), WHAT))))
}

impl Transaction for WithoutRecords<'_> {
    fn read<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
        sink: &'a mut dyn Sink,
    ) -> BoxFuture<'a, Result<Summary, StoreError>> {
        self.transaction.read(prepared, binds, sink)
    }

    fn write<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
    ) -> BoxFuture<'a, Result<Written, StoreError>> {
        let names = Arc::clone(&self.names);
        let written = self.transaction.write(prepared, binds);
        Box::pin(async move { written.await.map_err(|error| named(&names, error)) })
    }

    fn write_last<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
    ) -> BoxFuture<'a, Result<Written, StoreError>> {
        let names = Arc::clone(&self.names);
        let written = self.transaction.write_last(prepared, binds);
        Box::pin(async move { written.await.map_err(|error| named(&names, error)) })
    }

    fn record_get<'a>(
        &'a mut self,
        _: &'a str,
        _: &'a str,
        _: i64,
    ) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        no_records()
    }

    fn record_put<'a>(
        &'a mut self,
        _: &'a str,
        _: &'a str,
        _: &'a [u8],
        _: i64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        no_records()
    }
}
