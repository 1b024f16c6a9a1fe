//! Whether a caller could have read a row that is gone.

use std::sync::Arc;

use bistro_ir::{Expr, Input, Operation, ParamId, Root};
use bistro_plan::{Bind, Limits, PlanBody};
use bistro_problem::Problem;
use bistro_schema::{FieldId, FieldKind, Roles, TypeId, Value};
use bistro_store::{Collect, Judge, NewRow, Prepared, Statement};

use super::OldRow;
use super::follow::stored;
use crate::bind;
use crate::context::Context;
use crate::engine::Engine;
use crate::verdict::Row;

/// The condition of a read, its rules included, to be judged of rows that are gone.
pub struct Hindsight {
    roles: Roles,
    ty: TypeId,
    binds: Vec<Bind>,
    filter: Expr,
    /// The stored fields, whose values follow the binds.
    values: Vec<(FieldId, ParamId)>,
    /// The condition in the store's words; `None` where it has none for it.
    judge: Option<Prepared>,
}

impl Engine {
    /// Prepares the condition of a read for rows that are gone.
    ///
    /// # Errors
    /// What the caller may not name or try.
    pub fn hindsight(&self, roles: Roles, operation: &Operation) -> Result<Arc<Hindsight>, Problem> {
        let authorized = bistro_policy::authorize(&self.rules, roles, operation).map_err(|e| e.problem())?;
        let limits = Limits { embed_rows: self.options.embed_rows, embed_depth: self.options.embed_depth };
        let plan = bistro_plan::plan(&self.rules, &authorized, self.store.capabilities(), &limits)
            .map_err(|e| e.problem())?;
        let PlanBody::Read(select) = plan.body else {
            return Err(Problem::bug("a write was asked what it could have read"));
        };
        let (ty, first) = (select.ty, plan.binds.len());
        let fields = stored(self.schema().ty(ty)).enumerate();
        let values: Vec<_> = fields.map(|(n, f)| (f, ParamId((first + n) as u16))).collect();
        let conditions = vec![bistro_policy::rebase(&select.filter, Root::New)];
        let judge = Judge { ty, new: NewRow(values.clone()), conditions };
        // A search finds rows in an index that holds this one no more.
        let judge = (!searches(&select.filter)).then(|| self.store.prepare(&Statement::Judge(judge)));
        let judge = judge.and_then(Result::ok);
        Ok(Arc::new(Hindsight { roles, ty, binds: plan.binds, filter: select.filter, values, judge }))
    }

    /// Whether the caller could have read the row, by the rules and the values of now; `false` where that cannot be known.
    pub async fn could_read(
        &self,
        cx: &Context,
        hindsight: &Hindsight,
        input: &Input,
        old: &OldRow,
    ) -> Result<bool, Problem> {
        if hindsight.roles != cx.caller.roles || old.0.len() != hindsight.values.len() {
            return Err(Problem::bug("a row that is gone was judged for other roles or of another type"));
        }
        let mut binds = bind::fill(self.schema(), cx, &hindsight.binds, input);
        binds.extend(old.0.iter().cloned());
        let ty = self.schema().ty(hindsight.ty);
        let absent =
            |field: FieldId| (!matches!(ty.field(field).kind, FieldKind::Computed(_))).then_some(Value::Null);
        let row = Row { values: &hindsight.values, binds: &binds, absent: &absent };
        if let Some(truth) = row.judge(&hindsight.filter) {
            return Ok(truth == Some(true));
        }
        let Some(judge) = &hindsight.judge else { return Ok(false) };
        let read = self.store.read(Arc::clone(judge), binds, Box::new(Collect::new())).await;
        let Ok((sink, _)) = read else { return Ok(false) };
        let collect = sink.into_any().downcast::<Collect>();
        let collect = collect.map_err(|_| Problem::bug("another sink came back"))?;
        let verdict = collect.values().into_iter().flatten().next();
        Ok(verdict == Some(Value::Bool(true)))
    }
}

/// Whether a full-text search is among the conditions.
fn searches(expr: &Expr) -> bool {
    match expr {
        Expr::Search { .. } => true,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(searches),
        Expr::Not(inner) | Expr::Is(inner, _) => searches(inner),
        Expr::Some { filter, .. } => searches(filter),
        _ => false,
    }
}
