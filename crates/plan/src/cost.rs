//! What a select may cost, judged from keys, indexes and limits: bounded ones may run at once on the calling thread.
//!
//! The judgement may be generous: a store stops a bounded read that takes too long and runs it aside from then on.

use bistro_ir::{Bound, Compare, Expr, Operand, Order, Root};
use bistro_schema::{FieldId, Type};
use bistro_store::{Cost, Output};

/// Judges one select of `ty`.
pub(crate) fn cost(
    ty: &Type,
    outputs: &[Output],
    filter: &Expr,
    order: &[Order],
    limit: Option<Bound>,
    total: bool,
) -> Cost {
    let mut pinned = Vec::new();
    pins(filter, &mut pinned);
    let holds = |set: &[FieldId]| !set.is_empty() && set.iter().all(|f| pinned.contains(f));
    let by_key = holds(&ty.key) || ty.uniques.iter().any(|u| holds(&u.fields));
    if by_key {
        return Cost::Bounded;
    }
    let aggregates = outputs.iter().any(|o| matches!(o, Output::Aggregate { .. }));
    // A page, and the row after it that tells of more.
    let small = matches!(limit, Some(Bound::Param(_) | Bound::Fixed(0..=1001)));
    let ordered: Option<Vec<FieldId>> = order.iter().map(|o| plain(&o.operand)).collect();
    let follows = |index: &[FieldId]| {
        let Some(ordered) = &ordered else { return false };
        let skip = index.iter().take_while(|f| pinned.contains(f)).count();
        index[skip..].starts_with(ordered)
            || (ordered.len() > index.len() - skip
                && ordered.starts_with(&index[skip..])
                && !index[skip..].is_empty())
    };
    let sorted = order.is_empty()
        || follows(&ty.key)
        || ty.uniques.iter().any(|u| follows(&u.fields))
        || ty.indexes.iter().any(|i| follows(&i.fields));
    if small && sorted && !total && !aggregates { Cost::Bounded } else { Cost::Unbounded }
}

/// Fields of the row itself that must equal a value.
pub(crate) fn pins(filter: &Expr, out: &mut Vec<FieldId>) {
    match filter {
        Expr::And(parts) => parts.iter().for_each(|p| pins(p, out)),
        Expr::Compare(Compare::Eq, a, b) => match (plain(a), plain(b)) {
            (Some(f), None) if matches!(b, Operand::Param(_)) => out.push(f),
            (None, Some(f)) if matches!(a, Operand::Param(_)) => out.push(f),
            _ => {}
        },
        _ => {}
    }
}

/// The field, where the value is nothing but a field of the row.
pub(crate) fn plain(operand: &Operand) -> Option<FieldId> {
    match operand {
        Operand::Field(Root::Scope(0), field) => Some(*field),
        _ => None,
    }
}
