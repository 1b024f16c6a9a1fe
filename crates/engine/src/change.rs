//! Whether the stored rows allow a change of tables.

use std::sync::Arc;

use bistro_ir::{Caller, Input};
use bistro_plan::PlanBody;
use bistro_policy::Rules;
use bistro_schema::Value;
use bistro_store::{Change, Collect, Statement, Store, StoreError};

use crate::bind;
use crate::context::Context;

/// How many stored rows break what `change` would demand of them; `rules` are those of the schema to come, `store` holds
/// the rows as they are. `now` is in microseconds since the epoch.
///
/// # Errors
/// What the store says; a check over a column that the tables do not have yet is refused by it.
pub async fn violations(
    store: &Arc<dyn Store>,
    rules: &Rules,
    change: &Change,
    now: i64,
) -> Result<u64, StoreError> {
    let Change::AddCheck(ty, n) = change else {
        return store.violations(rules.schema(), change).await;
    };
    let Some(check) = rules.checks(*ty).get(*n) else { return Ok(0) };
    let plan = bistro_plan::breaking(*ty, &check.condition);
    let PlanBody::Read(select) = plan.body else { return Ok(0) };
    let cx = Context::new(Caller::service(), now);
    let binds = bind::fill(rules.schema(), &cx, &plan.binds, &Input::default());
    let view = store.with_schema(Arc::clone(rules.schema()));
    let prepared = view.prepare(&Statement::Select(*select))?;
    let (sink, _) = view.read(prepared, binds, Box::new(Collect::new())).await?;
    let collect =
        sink.into_any().downcast::<Collect>().map_err(|_| StoreError::bug("another sink came back"))?;
    match collect.values().into_iter().flatten().next() {
        Some(Value::Int(count)) => Ok(u64::try_from(count).unwrap_or(0)),
        _ => Ok(0),
    }
}
