//! How large a request becomes when each embed's filter is put wherever the embed is named.
//!
//! A filter that names an embed holds the embed's own filter, which may name embeds in turn: a short text can stand for
//! a number of conditions that grows with the power of its depth. So they are counted before any is made.

use bistro_ir::Expr;
use bistro_problem::{Code, Problem};

use super::node::{Condition, Nodes};

/// The most conditions that a read may come to.
const MOST: usize = 5_000;

/// Refuses a read that comes to too many conditions.
pub(crate) fn check(nodes: &Nodes<'_>) -> Result<(), Problem> {
    let sizes = filters(nodes);
    let mut all = 0_usize;
    for (node, size) in nodes.0.iter().zip(&sizes) {
        // A to-one spread's values may be printed from the row around it, each under the spread's filter.
        let lifted = node.way.as_ref().is_some_and(|way| way.spread && way.to_one);
        let values = if lifted { node.items.len() } else { 1 };
        all = all.saturating_add(size.saturating_mul(values.max(1)));
        let ordered = node.order.iter().flatten().filter_map(|term| term.child);
        all = ordered.fold(all, |all, child| all.saturating_add(sizes[child]));
    }
    if all <= MOST {
        return Ok(());
    }
    Err(Problem::new(Code::TooComplex, format!("The request comes to more than {MOST} conditions")).hint(
        "Ask less of embedded relations in one request: each filter that names one repeats its own filters.",
    ))
}

/// The number of conditions in each node's filter, its embeds' demands included.
fn filters(nodes: &Nodes<'_>) -> Vec<usize> {
    let mut sizes = vec![0_usize; nodes.0.len()];
    // Children stand behind their parents.
    for (at, node) in nodes.0.iter().enumerate().rev() {
        let own = node.conditions.iter().map(|c| conditions(c, &sizes));
        let inner = node.children.iter().filter(|c| nodes.0[**c].way.as_ref().is_some_and(|w| w.inner));
        let inner = inner.map(|child| sizes[*child].saturating_add(1));
        sizes[at] = own.chain(inner).fold(0, usize::saturating_add);
    }
    sizes
}

fn conditions(condition: &Condition, sizes: &[usize]) -> usize {
    match condition {
        Condition::Expr(expr) => leaves(expr),
        Condition::Embed { child, .. } => sizes[*child].saturating_add(1),
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().map(|part| conditions(part, sizes)).fold(0, usize::saturating_add)
        }
        Condition::Not(inner) => conditions(inner, sizes),
    }
}

fn leaves(expr: &Expr) -> usize {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().map(leaves).sum(),
        Expr::Not(inner) => leaves(inner),
        _ => 1,
    }
}
