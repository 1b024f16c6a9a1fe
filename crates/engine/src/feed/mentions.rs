//! The types whose rows decide what a select gives: its own, those that hang on it, and those that conditions lead to. The
//! same of an operation as its caller wrote it, before rules are put in.

use bistro_ir::{Expr, Item, Operand, Order, Read};
use bistro_schema::{RelationId, RelationKind, Schema, TypeId, TypeKind};
use bistro_store::{Output, Select};

use super::Types;

/// The types that a select depends on; all of them where one is a view, whose text is not read here.
pub(crate) fn types_of(schema: &Schema, select: &Select) -> Types {
    let mut walk = Mentions { schema, types: Types::default(), scopes: Vec::new() };
    walk.select(select);
    let of_view = |ty: TypeId| matches!(schema.ty(ty).kind, TypeKind::View { .. });
    if walk.types.iter().any(of_view) { every(schema) } else { walk.types }
}

/// The types that a condition on rows of a type leads to; all of them where one is a view.
pub(super) fn led_to(schema: &Schema, ty: TypeId, condition: &Expr) -> Types {
    let mut walk = Mentions { schema, types: Types::default(), scopes: vec![ty] };
    walk.expr(condition);
    let of_view = |ty: TypeId| matches!(schema.ty(ty).kind, TypeKind::View { .. });
    if walk.types.iter().any(of_view) { every(schema) } else { walk.types }
}

/// All types.
pub(crate) fn every(schema: &Schema) -> Types {
    schema.types().map(|(id, _)| id).collect()
}

/// The types that a read names.
pub(crate) fn read_by(schema: &Schema, read: &Read) -> Types {
    let mut walk = Mentions { schema, types: Types::default(), scopes: Vec::new() };
    walk.read(read);
    walk.types
}

/// The types that a condition of a caller on rows of a type names, that type included.
pub(crate) fn filtered_by(schema: &Schema, ty: TypeId, condition: &Expr) -> Types {
    let mut walk = Mentions { schema, types: Types::from_iter([ty]), scopes: vec![ty] };
    walk.expr(condition);
    walk.types
}

struct Mentions<'s> {
    schema: &'s Schema,
    types: Types,
    /// The types of the rows in scope, innermost last.
    scopes: Vec<TypeId>,
}

impl Mentions<'_> {
    fn select(&mut self, select: &Select) {
        self.types.insert(select.ty);
        // Nested rows never refer to the rows around them.
        let outer = std::mem::replace(&mut self.scopes, vec![select.ty]);
        for output in &select.outputs {
            match output {
                Output::Value(operand, _) => self.operand(operand),
                Output::Aggregate { operand, .. } => {
                    if let Some((operand, _)) = operand {
                        self.operand(operand);
                    }
                }
                Output::Nested(nested) => {
                    self.way(select.ty, nested.relation);
                    self.expr(&nested.when);
                    if let Some(join) = self.join(select.ty, nested.relation) {
                        let around = std::mem::replace(&mut self.scopes, vec![join]);
                        self.expr(&nested.link);
                        self.scopes = around;
                    }
                    self.select(&nested.select);
                }
            }
        }
        self.expr(&select.filter);
        for Order { operand, .. } in &select.order {
            self.operand(operand);
        }
        self.scopes = outer;
    }

    fn read(&mut self, read: &Read) {
        self.types.insert(read.ty);
        let outer = std::mem::replace(&mut self.scopes, vec![read.ty]);
        for item in &read.select {
            match item {
                Item::Value { operand, .. } => self.operand(operand),
                Item::Aggregate { operand, .. } => {
                    operand.iter().for_each(|operand| self.operand(operand));
                }
                Item::Embed(embed) => {
                    self.way(read.ty, embed.relation);
                    self.read(&embed.read);
                }
            }
        }
        self.expr(&read.filter);
        for Order { operand, .. } in &read.order {
            self.operand(operand);
        }
        self.scopes = outer;
    }

    fn join(&self, ty: TypeId, relation: RelationId) -> Option<TypeId> {
        match &self.schema.ty(ty).relation(relation).kind {
            RelationKind::ManyToMany(through) => Some(through.join),
            RelationKind::ToOne | RelationKind::ToMany | RelationKind::ToOneInverse => None,
        }
    }

    /// One step over a relation; the type that it leads to.
    fn way(&mut self, ty: TypeId, relation: RelationId) -> TypeId {
        if let Some(join) = self.join(ty, relation) {
            self.types.insert(join);
        }
        let target = self.schema.ty(ty).relation(relation).target;
        self.types.insert(target);
        target
    }

    /// Looks inside with the row in scope that the way leads to.
    fn along(&mut self, root: bistro_ir::Root, via: &[RelationId], inside: impl FnOnce(&mut Self)) {
        let at = match root {
            bistro_ir::Root::Scope(n) => self.scopes.iter().rev().nth(usize::from(n)),
            bistro_ir::Root::New => self.scopes.first(),
        };
        let Some(at) = at.copied() else { return };
        let target = via.iter().fold(at, |ty, relation| self.way(ty, *relation));
        self.scopes.push(target);
        inside(self);
        self.scopes.pop();
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Const(_) => {}
            Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| self.expr(part)),
            Expr::Not(inner) | Expr::Is(inner, _) => self.expr(inner),
            Expr::Compare(_, a, b)
            | Expr::Distinct(a, b)
            | Expr::In(a, b)
            | Expr::Contains(a, b)
            | Expr::Overlaps(a, b)
            | Expr::Like { operand: a, pattern: b, .. }
            | Expr::Match { operand: a, pattern: b, .. } => {
                self.operand(a);
                self.operand(b);
            }
            Expr::IsNull(a) | Expr::Truth(a) | Expr::Search { query: a, .. } => self.operand(a),
            Expr::Some { root, via, filter } => self.along(*root, via, |walk| walk.expr(filter)),
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Field(..)
            | Operand::Param(_)
            | Operand::Literal(..)
            | Operand::Auth(..)
            | Operand::Now
            | Operand::Request(_) => {}
            Operand::Via { root, via, operand } => self.along(*root, via, |walk| walk.operand(operand)),
            Operand::Json { base, .. } => self.operand(base),
            Operand::If(when, then) => {
                self.expr(when);
                self.operand(then);
            }
            Operand::Choose(when, a, b) => {
                self.expr(when);
                self.operand(a);
                self.operand(b);
            }
            Operand::Truth(inner) => self.expr(inner),
            Operand::Call(_, args) => args.iter().for_each(|arg| self.operand(arg)),
        }
    }
}
