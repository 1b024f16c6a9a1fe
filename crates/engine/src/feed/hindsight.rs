//! Whether a caller could have read a row that is gone.

use std::sync::Arc;

use bistro_ir::{Expr, Input, Operation, ParamId, Root};
use bistro_plan::{Bind, Limits, PlanBody};
use bistro_problem::Problem;
use bistro_schema::{FieldId, FieldKind, RelationId, Roles, Schema, TypeId, Value};
use bistro_store::{Collect, Judge, NewRow, Prepared, Statement};

use super::stored::stored;
use super::{Commit, OldRow, Types, mentions};
use crate::bind;
use crate::context::Context;
use crate::engine::Engine;
use crate::scope::Named;
use crate::verdict::Row;

/// The condition of a read, its rules included, to be judged of rows that are gone.
pub struct Hindsight {
    roles: Roles,
    ty: TypeId,
    binds: Vec<Bind>,
    filter: Expr,
    /// The stored fields, whose values follow the binds.
    values: Vec<(FieldId, ParamId)>,
    /// The types that the condition leads to.
    leads: Types,
    /// The types that the operation itself names.
    named: Named,
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
        let leads = mentions::led_to(self.schema(), ty, &select.filter);
        let named = Named::of(self.schema(), operation);
        let (binds, filter) = (plan.binds, select.filter);
        Ok(Arc::new(Hindsight { roles, ty, binds, filter, values, leads, named, judge }))
    }

    /// Whether the caller could have read the row before this commit took it away; `false` where that cannot be known: where
    /// the condition leads to rows of types that the same commit changed, other than those that the row went with.
    pub async fn could_read(
        &self,
        cx: &Context,
        hindsight: &Hindsight,
        input: &Input,
        (old, commit): (&OldRow, &Commit),
    ) -> Result<bool, Problem> {
        if hindsight.roles != cx.caller.roles || old.values.len() != hindsight.values.len() {
            return Err(Problem::bug("a row that is gone was judged for other roles or of another type"));
        }
        hindsight.named.check(self.schema(), cx)?;
        let mut binds = bind::fill(self.schema(), cx, &hindsight.binds, input);
        binds.extend(old.values.iter().cloned());
        if let Some(truth) = judge_with(self.schema(), hindsight, &mut binds.clone(), old) {
            return Ok(truth == Some(true));
        }
        let changed = hindsight.leads.iter().any(|ty| commit.types().contains(ty));
        let Some(judge) = hindsight.judge.as_ref().filter(|_| !changed) else { return Ok(false) };
        let read = self.store.read(Arc::clone(judge), binds, Box::new(Collect::new())).await;
        let Ok((sink, _)) = read else { return Ok(false) };
        let collect = sink.into_any().downcast::<Collect>();
        let collect = collect.map_err(|_| Problem::bug("another sink came back"))?;
        let verdict = collect.values().into_iter().flatten().next();
        Ok(verdict == Some(Value::Bool(true)))
    }
}

/// The verdict of what is known: the row, and those that it went with. Their values are put behind the binds.
fn judge_with(
    schema: &Schema,
    hindsight: &Hindsight,
    binds: &mut Vec<Value>,
    old: &OldRow,
) -> Option<Option<bool>> {
    // The rows from the inside out, each with its fields' places.
    let mut rows = vec![(hindsight.ty, None, hindsight.values.clone())];
    let mut at = old;
    while let Some((relation, ty, over)) = &at.over {
        let first = binds.len();
        let fields = stored(schema.ty(*ty)).enumerate().map(|(n, f)| (f, ParamId((first + n) as u16)));
        rows.push((*ty, Some(*relation), fields.collect()));
        binds.extend(over.values.iter().cloned());
        at = over;
    }
    judge_above(schema, &rows, None, binds, &hindsight.filter)
}

/// A row that is gone: its type, the relation by which the one before leads to it, and its values' places.
type Gone = (TypeId, Option<RelationId>, Vec<(FieldId, ParamId)>);

/// Builds the rows from the last to the first, which the condition is about.
fn judge_above(
    schema: &Schema,
    rows: &[Gone],
    over: Option<(RelationId, &Row<'_>)>,
    binds: &[Value],
    condition: &Expr,
) -> Option<Option<bool>> {
    let ((ty, relation, values), before) = rows.split_last()?;
    let ty = schema.ty(*ty);
    let absent =
        |field: FieldId| (!matches!(ty.field(field).kind, FieldKind::Computed(_))).then_some(Value::Null);
    let row = Row { values, binds, absent: &absent, over };
    match relation {
        None => row.judge(condition),
        Some(relation) => judge_above(schema, before, Some((*relation, &row)), binds, condition),
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
