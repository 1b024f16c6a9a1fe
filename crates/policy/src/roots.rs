//! Conditions moved from one place to another: every name in them starts from a root, and roots are renamed.

use bistro_ir::{Expr, Operand, Root};

/// A condition over the row in scope 0, as a condition over the row that `root` names here.
pub fn rebase(expr: &Expr, root: Root) -> Expr {
    if root == Root::Scope(0) { expr.clone() } else { map_expr(expr, 0, &onto(root)) }
}

/// The same for a value.
pub(crate) fn rebase_operand(operand: &Operand, root: Root) -> Operand {
    if root == Root::Scope(0) { operand.clone() } else { map_operand(operand, 0, &onto(root)) }
}

fn onto(root: Root) -> impl Fn(Root, u8) -> Root {
    move |at, depth| match (at, root) {
        (Root::Scope(n), Root::Scope(to)) if n >= depth => Root::Scope(n.saturating_add(to)),
        (Root::Scope(n), Root::New) if n == depth => Root::New,
        _ => at,
    }
}

/// A condition that is judged of a row before and after a write, where nothing is written: `new` is the row itself.
pub(crate) fn unchanged(expr: &Expr) -> Expr {
    map_expr(expr, 0, &|at, depth| if at == Root::New { Root::Scope(depth) } else { at })
}

/// The condition with one more scope around it than before, just outside its own scope 0.
pub(crate) fn widen(expr: &Expr) -> Expr {
    map_expr(expr, 0, &outside)
}

/// The same for a value.
pub(crate) fn widen_operand(operand: &Operand) -> Operand {
    map_operand(operand, 0, &outside)
}

fn outside(at: Root, depth: u8) -> Root {
    match at {
        Root::Scope(n) if n > depth => Root::Scope(n.saturating_add(1)),
        _ => at,
    }
}

/// The value seen from inside one more scope.
pub(crate) fn sink_operand(operand: &Operand) -> Operand {
    rebase_operand(operand, Root::Scope(1))
}

/// Whether a condition names the row of scope 0, and the row being written.
pub(crate) fn mentions(expr: &Expr) -> (bool, bool) {
    let seen = std::cell::Cell::new((false, false));
    map_expr(expr, 0, &|at, depth| {
        let (row, new) = seen.get();
        seen.set((row || at == Root::Scope(depth), new || at == Root::New));
        at
    });
    seen.get()
}

type Rename<'a> = &'a dyn Fn(Root, u8) -> Root;

fn map_expr(expr: &Expr, depth: u8, rename: Rename<'_>) -> Expr {
    let expr_at = |e: &Expr| map_expr(e, depth, rename);
    let boxed = |e: &Expr| Box::new(map_expr(e, depth, rename));
    let value = |o: &Operand| map_operand(o, depth, rename);
    match expr {
        Expr::Const(truth) => Expr::Const(*truth),
        Expr::And(parts) => Expr::And(parts.iter().map(expr_at).collect()),
        Expr::Or(parts) => Expr::Or(parts.iter().map(expr_at).collect()),
        Expr::Not(inner) => Expr::Not(boxed(inner)),
        Expr::Is(inner, truth) => Expr::Is(boxed(inner), *truth),
        Expr::Compare(how, a, b) => Expr::Compare(*how, value(a), value(b)),
        Expr::Distinct(a, b) => Expr::Distinct(value(a), value(b)),
        Expr::IsNull(a) => Expr::IsNull(value(a)),
        Expr::In(a, b) => Expr::In(value(a), value(b)),
        Expr::Like { operand, pattern, fold } => {
            Expr::Like { operand: value(operand), pattern: value(pattern), fold: *fold }
        }
        Expr::Match { operand, pattern, fold } => {
            Expr::Match { operand: value(operand), pattern: value(pattern), fold: *fold }
        }
        Expr::Contains(a, b) => Expr::Contains(value(a), value(b)),
        Expr::Overlaps(a, b) => Expr::Overlaps(value(a), value(b)),
        Expr::Search { field, mode, query } => {
            Expr::Search { field: *field, mode: *mode, query: value(query) }
        }
        Expr::Some { root, via, filter } => {
            let filter = Box::new(map_expr(filter, depth + 1, rename));
            Expr::Some { root: rename(*root, depth), via: via.clone(), filter }
        }
        Expr::Truth(a) => Expr::Truth(value(a)),
    }
}

fn map_operand(operand: &Operand, depth: u8, rename: Rename<'_>) -> Operand {
    let boxed = |o: &Operand| Box::new(map_operand(o, depth, rename));
    let test = |e: &Expr| Box::new(map_expr(e, depth, rename));
    match operand {
        Operand::Field(root, field) => Operand::Field(rename(*root, depth), *field),
        Operand::Via { root, via, operand } => {
            let operand = Box::new(map_operand(operand, depth + 1, rename));
            Operand::Via { root: rename(*root, depth), via: via.clone(), operand }
        }
        Operand::Param(_) | Operand::Literal(..) | Operand::Auth(..) | Operand::Now | Operand::Request(_) => {
            operand.clone()
        }
        Operand::Json { base, path, text } => {
            Operand::Json { base: boxed(base), path: path.clone(), text: *text }
        }
        Operand::If(when, then) => Operand::If(test(when), boxed(then)),
        Operand::Choose(when, a, b) => Operand::Choose(test(when), boxed(a), boxed(b)),
        Operand::Truth(inner) => Operand::Truth(test(inner)),
        Operand::Call(function, args) => {
            Operand::Call(*function, args.iter().map(|a| map_operand(a, depth, rename)).collect())
        }
    }
}
