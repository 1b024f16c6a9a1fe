//! Ways over relations, with the rules of every row along them.

use bistro_ir::{Expr, Operand, Root};
use bistro_schema::{RelationId, RelationKind, TypeId, TypeKind};

use super::name::{Step, Walk, guarded};
use crate::error::AuthorizeError;
use crate::roots;

/// One step of a way: what must hold of the row that it leaves, and of the row that it reaches.
struct Leg {
    relation: RelationId,
    leave: Expr,
    arrive: Expr,
}

/// What must hold along the way of an embed.
pub(super) struct Embedded {
    /// Of the enclosing row; scope 0.
    pub(super) when: Box<Expr>,
    /// Of the row of the join type; scope 0.
    pub(super) link: Box<Expr>,
    /// Of the embedded row, its type's READ rules included; scope 0.
    pub(super) rows: Expr,
}

impl Walk<'_> {
    /// The way as legs, and the type that it leads to.
    fn legs(&self, from: TypeId, via: &[RelationId]) -> Step<(Vec<Leg>, TypeId)> {
        let (mut legs, mut ty) = (Vec::new(), from);
        for id in via {
            let relation = self.relation(ty, *id)?;
            let (leave, arrive) = (self.rules.leave(ty, *id), self.rules.arrive(ty, *id));
            match self.link_rule(ty, *id) {
                Some((Some(back), far, read)) => {
                    legs.push(Leg { relation: back, leave, arrive: read });
                    legs.push(Leg { relation: far, leave: Expr::TRUE, arrive });
                }
                Some((None, ..)) => legs.push(Leg { relation: *id, leave, arrive: Expr::FALSE }),
                None => legs.push(Leg { relation: *id, leave, arrive }),
            }
            ty = relation.target;
        }
        if legs.is_empty() {
            return Err(AuthorizeError::Malformed("a way without relations"));
        }
        Ok((legs, ty))
    }

    /// Where a many-to-many relation goes through a model with READ rules of its own: the way to its rows, on from them,
    /// and the rule. Without a way there, nobody passes.
    fn link_rule(&self, ty: TypeId, relation: RelationId) -> Option<(Option<RelationId>, RelationId, Expr)> {
        let schema = self.schema();
        let RelationKind::ManyToMany(through) = &schema.ty(ty).relation(relation).kind else { return None };
        let join = schema.ty(through.join);
        if matches!(join.kind, TypeKind::Join { .. }) {
            return None;
        }
        let (near, far) = (through.near, through.far);
        let ends = [near, far].map(|end| self.rules.leave(through.join, end));
        let read = Expr::all([self.rules.read(through.join)].into_iter().chain(ends));
        (!read.is_true()).then(|| (join.relation(near).inverse, far, read))
    }

    /// Whether some row that the way leads to, of those that the caller may read, meets the filter.
    pub(super) fn some(&mut self, root: Root, via: &[RelationId], filter: &Expr) -> Step<Expr> {
        let from = self.type_at(root)?;
        let (mut legs, target) = self.legs(from, via)?;
        let filter = self.within(target, |w| w.expr(filter))?;
        let Some(last) = legs.pop() else { return Err(AuthorizeError::Malformed("a way without relations")) };
        let mut way = vec![last.relation];
        let mut inner = Expr::all([last.arrive, filter]);
        let mut leave = last.leave;
        while let Some(leg) = legs.pop() {
            let stop = Expr::all([leg.arrive, leave]);
            leave = leg.leave;
            if stop.is_true() {
                way.insert(0, leg.relation);
                continue;
            }
            let rest = Expr::Some { root: Root::Scope(0), via: way, filter: Box::new(roots::widen(&inner)) };
            inner = Expr::all([stop, rest]);
            way = vec![leg.relation];
        }
        Ok(Expr::all([roots::rebase(&leave, root), Expr::Some { root, via: way, filter: Box::new(inner) }]))
    }

    /// A value of the row that to-one relations lead to, null where the caller may not read a row on the way.
    pub(super) fn via(&mut self, root: Root, via: &[RelationId], operand: &Operand) -> Step<Operand> {
        let from = self.type_at(root)?;
        let one = via.iter().try_fold(from, |ty, id| {
            let r = self.schema().ty(ty).relations.get(usize::from(id.0))?;
            r.to_one().then_some(r.target)
        });
        if one.is_none() {
            return Err(AuthorizeError::Malformed("a value of many rows"));
        }
        let (mut legs, target) = self.legs(from, via)?;
        let operand = self.within(target, |w| w.operand(operand))?;
        let Some(last) = legs.pop() else { return Err(AuthorizeError::Malformed("a way without relations")) };
        let mut way = vec![last.relation];
        let mut inner = guarded(last.arrive, operand);
        let mut leave = last.leave;
        while let Some(leg) = legs.pop() {
            let stop = Expr::all([leg.arrive, leave]);
            leave = leg.leave;
            if stop.is_true() {
                way.insert(0, leg.relation);
                continue;
            }
            let operand = Box::new(roots::widen_operand(&inner));
            inner = guarded(stop, Operand::Via { root: Root::Scope(0), via: way, operand });
            way = vec![leg.relation];
        }
        Ok(guarded(roots::rebase(&leave, root), Operand::Via { root, via: way, operand: Box::new(inner) }))
    }

    /// The conditions of the way of an embed.
    pub(super) fn embedded(&self, ty: TypeId, id: RelationId) -> Embedded {
        let link = match self.link_rule(ty, id) {
            Some((Some(_), _, read)) => read,
            Some((None, ..)) => Expr::FALSE,
            None => Expr::TRUE,
        };
        Embedded {
            when: Box::new(self.rules.leave(ty, id)),
            link: Box::new(link),
            rows: self.rules.arrive(ty, id),
        }
    }
}
