//! Trees of conditions, and the ways to other rows.

use bistro_ir::{Expr, Root};
use bistro_schema::{RelationId, TypeId};

use super::Maker;

impl Maker<'_> {
    /// A condition on a row of `ty`.
    pub(super) fn filter(&mut self, ty: TypeId, depth: usize) -> Expr {
        match self.rng.below(if depth == 0 { 8 } else { 13 }) {
            7 => self.related(ty, depth).unwrap_or(Expr::TRUE),
            8 | 9 => Expr::And((0..2).map(|_| self.filter(ty, depth - 1)).collect()),
            10 => Expr::Or((0..2).map(|_| self.filter(ty, depth - 1)).collect()),
            11 => Expr::Not(Box::new(self.filter(ty, depth - 1))),
            12 => {
                let truth = *self.rng.pick(&[Some(true), Some(false), None]);
                Expr::Is(Box::new(self.filter(ty, depth - 1)), truth)
            }
            _ => self.condition(ty),
        }
    }

    /// Some row at the end of one way or two.
    fn related(&mut self, ty: TypeId, depth: usize) -> Option<Expr> {
        if !self.able.relations {
            return None;
        }
        let (first, mut last) = self.way(ty)?;
        let mut via = vec![first];
        if self.rng.once_in(3)
            && let Some((second, target)) = self.way(last)
        {
            via.push(second);
            last = target;
        }
        let filter = Box::new(self.filter(last, depth.saturating_sub(1)));
        Some(Expr::Some { root: Root::Scope(0), via, filter })
    }

    /// A relation that the schema's author has named, and where it leads.
    pub(super) fn way(&mut self, ty: TypeId) -> Option<(RelationId, TypeId)> {
        let ways: Vec<_> = self.schema.ty(ty).relations().filter(|(_, r)| r.declared).collect();
        if ways.is_empty() {
            return None;
        }
        let (id, relation) = *self.rng.pick(&ways);
        Some((id, relation.target))
    }

    /// A relation to at most one row, and where it leads.
    pub(super) fn way_to_one(&mut self, ty: TypeId) -> Option<(RelationId, TypeId)> {
        let ways: Vec<_> = self.schema.ty(ty).relations().filter(|(_, r)| r.declared && r.to_one()).collect();
        if ways.is_empty() {
            return None;
        }
        let (id, relation) = *self.rng.pick(&ways);
        Some((id, relation.target))
    }
}
