//! Reads: items to outputs, embeds to nested selects, caps on every list.

use bistro_ir::{Bound, Expr, Item, Operand, Order, Param, Read, Root};
use bistro_schema::{Kind, Scalar, Schema, TypeId};
use bistro_store::{Capabilities, Nested, NestedForm, NewRow, Output, Select};

use crate::binds::Binder;
use crate::cost::cost;
use crate::error::PlanError;
use crate::scalar::{aggregate_scalar, operand_scalar};

/// Caps that hold whatever a request asks.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows of an embedded list.
    pub embed_rows: u64,
    /// Levels of embeds.
    pub embed_depth: usize,
}

/// What planning a read needs besides the read.
pub(crate) struct Reading<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) params: &'a [Param],
    pub(crate) capabilities: &'a Capabilities,
    pub(crate) limits: &'a Limits,
}

/// Plans a read of the operation's root.
pub(crate) fn select(cx: &Reading<'_>, binder: &mut Binder, read: &Read) -> Result<Select, PlanError> {
    level(cx, binder, read, 0)
}

fn level(cx: &Reading<'_>, binder: &mut Binder, read: &Read, depth: usize) -> Result<Select, PlanError> {
    if depth > cx.limits.embed_depth {
        return Err(PlanError::TooDeep { limit: cx.limits.embed_depth });
    }
    demand(cx, read)?;
    let ty = cx.schema.ty(read.ty);
    let outputs = read
        .select
        .iter()
        .map(|item| output(cx, binder, read.ty, item, depth))
        .collect::<Result<Vec<_>, _>>()?;
    let filter = binder.expr(&read.filter);
    let order = order(cx, binder, read);
    let limit = match read.limit {
        None if depth > 0 => Some(Bound::Fixed(cx.limits.embed_rows)),
        // One row more may be asked for: it tells that the list is longer than the cap.
        Some(Bound::Fixed(n)) if depth > 0 => Some(Bound::Fixed(n.min(cx.limits.embed_rows + 1))),
        limit => limit,
    };
    let cost = cost(ty, &outputs, &filter, &order, limit, read.total);
    let new = NewRow::default();
    Ok(Select {
        ty: read.ty,
        outputs,
        filter,
        order,
        limit,
        offset: read.offset,
        total: read.total,
        new,
        lock: false,
        cost,
    })
}

/// Pages need a stable order: where the caller pages without one, rows come in the order of the key.
fn order(cx: &Reading<'_>, binder: &mut Binder, read: &Read) -> Vec<Order> {
    let grouped = read.select.iter().any(|i| matches!(i, Item::Aggregate { .. }));
    if !read.order.is_empty() || grouped || read.offset.is_none() {
        return binder.order(&read.order);
    }
    let key = &cx.schema.ty(read.ty).key;
    let term = |f: &bistro_schema::FieldId| Order {
        operand: Operand::Field(Root::Scope(0), *f),
        descending: false,
        nulls_first: false,
    };
    key.iter().map(term).collect()
}

fn output(
    cx: &Reading<'_>,
    binder: &mut Binder,
    ty: TypeId,
    item: &Item,
    depth: usize,
) -> Result<Output, PlanError> {
    let scalar = |operand: &Operand| operand_scalar(cx.schema, &[ty], ty, cx.params, operand);
    Ok(match item {
        Item::Value { operand, .. } => Output::Value(binder.operand(operand), scalar(operand)),
        Item::Aggregate { function, operand, .. } => {
            aggregate_scalar(*function, operand.as_ref().map(scalar))?;
            let operand = operand.as_ref().map(|o| (binder.operand(o), scalar(o)));
            Output::Aggregate { function: *function, operand }
        }
        Item::Embed(embed) => {
            let to_one = cx.schema.ty(ty).relation(embed.relation).to_one();
            let form = match (to_one, embed.spread) {
                (true, false) => NestedForm::One,
                (false, false) => NestedForm::Many,
                (true, true) => NestedForm::LiftOne,
                (false, true) => NestedForm::LiftMany,
            };
            let mut select = level(cx, binder, &embed.read, depth + 1)?;
            if to_one {
                (select.limit, select.offset, select.order) = (Some(Bound::Fixed(1)), None, Vec::new());
            }
            let (when, link) = (binder.expr(&embed.when), binder.expr(&embed.link));
            Output::Nested(Box::new(Nested { relation: embed.relation, select, when, link, form }))
        }
    })
}

/// Refuses what the store cannot do, before anything is built.
fn demand(cx: &Reading<'_>, read: &Read) -> Result<(), PlanError> {
    let collection = || cx.schema.ty(read.ty).collection.clone();
    let lacks = |what| Err(PlanError::Unsupported { collection: collection(), what });
    let has = |test: fn(&Item) -> bool| read.select.iter().any(test);
    if !cx.capabilities.relations && has(|i| matches!(i, Item::Embed(_))) {
        return lacks("follow relations");
    }
    if !cx.capabilities.aggregates && has(|i| matches!(i, Item::Aggregate { .. })) {
        return lacks("aggregate");
    }
    if !cx.capabilities.full_text && searches(&read.filter) {
        return lacks("search text");
    }
    Ok(())
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

/// A select of the key of rows (and of conditions on them) that a write goes through.
pub(crate) fn keys(
    schema: &Schema,
    binder: &mut Binder,
    ty: TypeId,
    filter: &Expr,
    conditions: &[Expr],
    order: &[Order],
    new: NewRow,
) -> Select {
    let key = &schema.ty(ty).key;
    let field = |f: &bistro_schema::FieldId| {
        Output::Value(Operand::Field(Root::Scope(0), *f), schema.ty(ty).field(*f).scalar)
    };
    let mut outputs: Vec<Output> = key.iter().map(field).collect();
    for condition in conditions {
        let truth = Operand::Truth(Box::new(binder.expr(condition)));
        outputs.push(Output::Value(truth, Scalar::one(Kind::Boolean)));
    }
    let (filter, order) = (binder.expr(filter), binder.order(order));
    let cost = bistro_store::Cost::Unbounded;
    Select { ty, outputs, filter, order, limit: None, offset: None, total: false, new, lock: true, cost }
}
