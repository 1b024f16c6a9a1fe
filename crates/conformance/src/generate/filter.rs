//! Conditions: comparisons, lists, patterns, nulls, relations, and trees of them.

use bistro_ir::{Compare, Expr, Operand, Root, SearchMode};
use bistro_schema::{FieldKind, Kind, Scalar, Schema, TypeId, Value};

use super::{Params, value};
use crate::rng::Rng;

/// A condition on a row of `ty`.
pub(super) fn filter(schema: &Schema, ty: TypeId, rng: &mut Rng, params: &mut Params, depth: usize) -> Expr {
    match rng.below(if depth == 0 { 8 } else { 12 }) {
        8 | 9 => Expr::And((0..2).map(|_| filter(schema, ty, rng, params, depth - 1)).collect()),
        10 => Expr::Or((0..2).map(|_| filter(schema, ty, rng, params, depth - 1)).collect()),
        11 => Expr::Not(Box::new(filter(schema, ty, rng, params, depth - 1))),
        7 => related(schema, ty, rng, params, depth).unwrap_or(Expr::TRUE),
        _ => leaf(schema, ty, rng, params),
    }
}

fn related(schema: &Schema, ty: TypeId, rng: &mut Rng, params: &mut Params, depth: usize) -> Option<Expr> {
    let relations: Vec<_> = schema.ty(ty).relations().filter(|(_, r)| r.declared).collect();
    if relations.is_empty() {
        return None;
    }
    let (id, relation) = *rng.pick(&relations);
    let inner = filter(schema, relation.target, rng, params, depth.saturating_sub(1));
    Some(Expr::Some { root: Root::Scope(0), via: vec![id], filter: Box::new(inner) })
}

fn leaf(schema: &Schema, ty: TypeId, rng: &mut Rng, params: &mut Params) -> Expr {
    let t = schema.ty(ty);
    let fields: Vec<_> = t.fields().filter(|(_, f)| !matches!(f.kind, FieldKind::Computed(_))).collect();
    let (id, field) = *rng.pick(&fields);
    let operand = Operand::Field(Root::Scope(0), id);
    if field.scalar.list || field.scalar.kind == Kind::Json {
        return match rng.below(3) {
            0 => Expr::IsNull(operand),
            1 if field.scalar.list => {
                let slot = params.slot(field.scalar, Value::List(vec![value::one(schema, field, rng)]));
                Expr::Overlaps(operand, Operand::Param(slot))
            }
            _ => {
                let wanted = if field.scalar.list {
                    Value::List(vec![value::one(schema, field, rng)])
                } else {
                    value::one(schema, field, rng)
                };
                Expr::Contains(operand, Operand::Param(params.slot(field.scalar, wanted)))
            }
        };
    }
    let one = value::one(schema, field, rng);
    match rng.below(8) {
        0 => Expr::IsNull(operand),
        1 => {
            let many = Value::List((0..rng.below(4)).map(|_| value::one(schema, field, rng)).collect());
            Expr::In(operand, Operand::Param(params.slot(Scalar::list(field.scalar.kind), many)))
        }
        2 => Expr::Distinct(operand, Operand::Param(params.slot(field.scalar, one))),
        3 if field.scalar.kind.is_text() && !matches!(field.scalar.kind, Kind::Enum(_)) => {
            let pattern = *rng.pick(&["%a%", "B%", "_lpha", "100\\%", "%ü%", "%", ""]);
            let pattern = Operand::Param(params.slot(Scalar::one(Kind::String), Value::text(pattern)));
            Expr::Like { operand, pattern, fold: rng.once_in(2) }
        }
        4 if field.search => {
            let query = Value::text(*rng.pick(&["beta", "alpha", "beta gamma", "ünïcode"]));
            let query = Operand::Param(params.slot(Scalar::one(Kind::String), query));
            Expr::Search { field: Some(id), mode: *rng.pick(&[SearchMode::Plain, SearchMode::Phrase]), query }
        }
        n => {
            let op = [Compare::Eq, Compare::Ne, Compare::Lt, Compare::Le, Compare::Gt, Compare::Ge][n % 6];
            Expr::Compare(op, operand, Operand::Param(params.slot(field.scalar, one)))
        }
    }
}
