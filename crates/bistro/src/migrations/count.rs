//! How many rows a step is about.

use std::sync::Arc;

use bistro_ir::{Aggregate, Expr, Operand, Root};
use bistro_migrate::Count;
use bistro_schema::{FieldId, Schema, TypeId, Value};
use bistro_store::{
    Collect, Cost, NewRow, Output, Select, Sink, Statement, Store, StoreError, StoreErrorKind,
};

/// Rows to count in tables that follow `seen`; `count` speaks of `old`. `None` where the tables do not have it yet.
pub(crate) async fn count(
    store: &Arc<dyn Store>,
    seen: &Arc<Schema>,
    old: &Schema,
    count: Count,
) -> Result<Option<u64>, StoreError> {
    let (ty, field) = match count {
        Count::Rows(ty) => (ty, None),
        Count::Values(ty, field) | Count::Nulls(ty, field) => (ty, Some(field)),
    };
    let Some((id, column)) = there(seen, old, ty, field) else { return Ok(None) };
    let own = |field| Operand::Field(Root::Scope(0), field);
    let filter = match (count, column) {
        (Count::Values(..), Some(field)) => Expr::Not(Box::new(Expr::IsNull(own(field)))),
        (Count::Nulls(..), Some(field)) => Expr::IsNull(own(field)),
        _ => Expr::TRUE,
    };
    let select = Select {
        ty: id,
        outputs: vec![Output::Aggregate { function: Aggregate::Count, operand: None }],
        filter,
        order: Vec::new(),
        limit: None,
        offset: None,
        total: false,
        new: NewRow::default(),
        lock: false,
        cost: Cost::Unbounded,
    };
    let store = store.with_schema(Arc::clone(seen));
    let prepared = store.prepare(&Statement::Select(select))?;
    match store.read(prepared, Vec::new(), Box::new(Collect::new())).await {
        Ok((sink, _)) => first(sink).map(Some),
        // Counting is a courtesy: a table that is too large for it is not counted.
        Err(error) if error.kind == StoreErrorKind::TimedOut => Ok(None),
        Err(error) => Err(error),
    }
}

fn first(sink: Box<dyn Sink>) -> Result<u64, StoreError> {
    let collect = sink.into_any().downcast::<Collect>();
    let collect = collect.map_err(|_| StoreError::bug("another sink came back"))?;
    match collect.values().into_iter().flatten().next() {
        Some(Value::Int(count)) => Ok(u64::try_from(count).unwrap_or(0)),
        _ => Err(StoreError::bug("a count is no number")),
    }
}

/// The same table and column in another schema.
fn there(
    seen: &Schema,
    old: &Schema,
    ty: TypeId,
    field: Option<FieldId>,
) -> Option<(TypeId, Option<FieldId>)> {
    let was = old.ty(ty);
    let (id, found) = seen.types().find(|(_, t)| t.collection == was.collection)?;
    let Some(field) = field else { return Some((id, None)) };
    let column = &was.field(field).column;
    found.fields().find(|(_, f)| f.column == *column).map(|(f, _)| (id, Some(f)))
}
