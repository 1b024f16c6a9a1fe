//! Conditions joined without what another of them says already.

use bistro_ir::Expr;

/// All of the conditions. Repeated ones stand once, and an alternative that holds whenever another condition does is
/// left out: `(a or b) and b` is `b`, also where a side is unknown. Rules of one row often repeat each other so, and
/// what is left can use an index.
pub(crate) fn all(parts: impl IntoIterator<Item = Expr>) -> Expr {
    let joined = match Expr::all(parts) {
        Expr::And(parts) => parts,
        other => return other,
    };
    let mut once: Vec<Expr> = Vec::with_capacity(joined.len());
    for part in joined {
        if !once.contains(&part) {
            once.push(part);
        }
    }
    let said = |part: &Expr| match part {
        Expr::Or(alternatives) => alternatives.iter().any(|a| once.contains(a)),
        _ => false,
    };
    let kept: Vec<Expr> = once.iter().filter(|part| !said(part)).cloned().collect();
    Expr::all(kept)
}

#[cfg(test)]
mod tests {
    use super::all;
    use bistro_ir::{Expr, Operand};

    #[test]
    fn what_is_said_already_is_left_out() {
        let (a, b) = (Expr::IsNull(Operand::Now), Expr::Truth(Operand::Now));
        let either = Expr::any([a.clone(), b.clone()]);
        assert_eq!(all([either.clone(), b.clone()]), b);
        assert_eq!(all([b.clone(), b.clone(), either.clone()]), b);
        assert_eq!(all([either.clone(), either.clone()]), either);
        assert_eq!(all([a.clone(), b.clone()]), Expr::And(vec![a, b.clone()]));
        assert_eq!(all([b, Expr::FALSE]), Expr::FALSE);
        assert_eq!(all([]), Expr::TRUE);
    }
}
