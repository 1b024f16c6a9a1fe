//! Every name that a caller mentions in a condition or a value, looked up and guarded.

use bistro_ir::{Expr, Operand, Root};
use bistro_schema::{FieldId, RelationId, Schema, SchemaView, TypeId};

use crate::error::AuthorizeError;
use crate::predicate::{Power, Predicates};
use crate::roots;

/// How many rows may be in scope.
const SCOPES_MAX: usize = 64;

/// What a step gives.
pub(super) type Step<T> = Result<T, AuthorizeError>;

/// A walk through an operation; `scopes` holds the types of the rows in scope, innermost last.
pub(super) struct Walk<'a> {
    pub(super) rules: Predicates<'a>,
    pub(super) view: &'a SchemaView,
    pub(super) params: usize,
    pub(super) scopes: Vec<TypeId>,
}

impl<'a> Walk<'a> {
    pub(super) fn schema(&self) -> &'a Schema {
        self.rules.rules.schema()
    }

    pub(super) fn collection(&self, ty: TypeId) -> String {
        self.schema().ty(ty).collection.clone()
    }

    /// Runs with one more row in scope.
    pub(super) fn within<T>(&mut self, ty: TypeId, run: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        if self.scopes.len() >= SCOPES_MAX {
            return Err(AuthorizeError::Malformed("too many rows in scope"));
        }
        self.scopes.push(ty);
        let made = run(self);
        self.scopes.pop();
        made
    }

    /// The type of the row that a name of the caller starts from. Callers never name the row being written.
    pub(super) fn type_at(&self, root: Root) -> Step<TypeId> {
        let Root::Scope(n) = root else {
            return Err(AuthorizeError::Malformed("a caller names the new row"));
        };
        let index = self.scopes.len().checked_sub(1 + usize::from(n));
        index.map(|i| self.scopes[i]).ok_or(AuthorizeError::Malformed("a scope that is not there"))
    }

    /// The condition on the row in scope 0 under which the field may be read; an error if it does not exist.
    pub(super) fn field_guard(&self, ty: TypeId, field: FieldId) -> Step<Expr> {
        let fields = &self.schema().ty(ty).fields;
        let Some(f) = fields.get(usize::from(field.0)) else {
            return Err(AuthorizeError::Malformed("a field that is not there"));
        };
        let seen = self.rules.power == Power::System
            || self.view.field_allows(ty, field, bistro_schema::Action::Read);
        if !seen {
            return Err(AuthorizeError::UnknownColumn {
                collection: self.collection(ty),
                field: f.name.clone(),
            });
        }
        Ok(self.rules.field_read(ty, field))
    }

    /// A field as the caller may see it.
    fn field(&self, root: Root, field: FieldId) -> Step<Operand> {
        let ty = self.type_at(root)?;
        let guard = self.field_guard(ty, field)?;
        let value = match self.rules.rules.computed(ty, field) {
            Some(computed) => roots::rebase_operand(computed, root),
            None => Operand::Field(root, field),
        };
        Ok(guarded(roots::rebase(&guard, root), value))
    }

    /// A condition of the caller.
    pub(super) fn expr(&mut self, expr: &Expr) -> Step<Expr> {
        Ok(match expr {
            Expr::Const(truth) => Expr::Const(*truth),
            Expr::And(parts) => Expr::And(parts.iter().map(|p| self.expr(p)).collect::<Step<_>>()?),
            Expr::Or(parts) => Expr::Or(parts.iter().map(|p| self.expr(p)).collect::<Step<_>>()?),
            Expr::Not(inner) => Expr::Not(Box::new(self.expr(inner)?)),
            Expr::Is(inner, truth) => Expr::Is(Box::new(self.expr(inner)?), *truth),
            Expr::Compare(how, a, b) => Expr::Compare(*how, self.operand(a)?, self.operand(b)?),
            Expr::Distinct(a, b) => Expr::Distinct(self.operand(a)?, self.operand(b)?),
            Expr::IsNull(a) => Expr::IsNull(self.operand(a)?),
            Expr::In(a, b) => Expr::In(self.operand(a)?, self.operand(b)?),
            Expr::Like { operand, pattern, fold } => {
                Expr::Like { operand: self.operand(operand)?, pattern: self.operand(pattern)?, fold: *fold }
            }
            Expr::Match { operand, pattern, fold } => {
                Expr::Match { operand: self.operand(operand)?, pattern: self.operand(pattern)?, fold: *fold }
            }
            Expr::Contains(a, b) => Expr::Contains(self.operand(a)?, self.operand(b)?),
            Expr::Overlaps(a, b) => Expr::Overlaps(self.operand(a)?, self.operand(b)?),
            Expr::Search { field, mode, query } => {
                let query = self.operand(query)?;
                self.search(*field, |field| Expr::Search { field, mode: *mode, query: query.clone() })?
            }
            Expr::Some { root, via, filter } => self.some(*root, via, filter)?,
            Expr::Truth(a) => Expr::Truth(self.operand(a)?),
        })
    }

    /// A full-text search sees only fields that the caller may read.
    fn search(&self, field: Option<FieldId>, make: impl Fn(Option<FieldId>) -> Expr) -> Step<Expr> {
        let ty = self.type_at(Root::Scope(0))?;
        if let Some(field) = field {
            return Ok(Expr::all([self.field_guard(ty, field)?, make(Some(field))]));
        }
        let indexed = self.schema().ty(ty).search_fields();
        let guards: Vec<Option<Expr>> = indexed.iter().map(|f| self.field_guard(ty, *f).ok()).collect();
        if guards.iter().all(|g| g.as_ref().is_some_and(Expr::is_true)) {
            return Ok(make(None));
        }
        let readable = indexed.iter().zip(guards).filter_map(|(f, guard)| Some((*f, guard?)));
        Ok(Expr::any(readable.map(|(f, guard)| Expr::all([guard, make(Some(f))]))))
    }

    /// A value of the caller.
    pub(super) fn operand(&mut self, operand: &Operand) -> Step<Operand> {
        Ok(match operand {
            Operand::Field(root, field) => self.field(*root, *field)?,
            Operand::Via { root, via, operand } => self.via(*root, via, operand)?,
            Operand::Param(id) if usize::from(id.0) >= self.params => {
                return Err(AuthorizeError::Malformed("a parameter that is not there"));
            }
            Operand::Param(_)
            | Operand::Literal(..)
            | Operand::Auth(..)
            | Operand::Now
            | Operand::Request(_) => operand.clone(),
            Operand::Json { base, path, text } => {
                Operand::Json { base: Box::new(self.operand(base)?), path: path.clone(), text: *text }
            }
            Operand::If(when, then) => Operand::If(Box::new(self.expr(when)?), Box::new(self.operand(then)?)),
            Operand::Choose(when, a, b) => {
                let when = Box::new(self.expr(when)?);
                Operand::Choose(when, Box::new(self.operand(a)?), Box::new(self.operand(b)?))
            }
            Operand::Truth(inner) => Operand::Truth(Box::new(self.expr(inner)?)),
            Operand::Call(function, args) => {
                Operand::Call(*function, args.iter().map(|a| self.operand(a)).collect::<Step<_>>()?)
            }
        })
    }

    /// A relation that exists for the caller.
    pub(super) fn relation(&self, ty: TypeId, relation: RelationId) -> Step<&'a bistro_schema::Relation> {
        let Some(r) = self.schema().ty(ty).relations.get(usize::from(relation.0)) else {
            return Err(AuthorizeError::Malformed("a relation that is not there"));
        };
        if self.rules.power == Power::System || self.view.relation_exists(ty, relation) {
            return Ok(r);
        }
        let relation = r.name.clone();
        Err(AuthorizeError::UnknownRelation { collection: self.collection(ty), relation })
    }
}

/// The value where the condition is true, otherwise null.
pub(super) fn guarded(guard: Expr, value: Operand) -> Operand {
    if guard.is_true() { value } else { Operand::If(Box::new(guard), Box::new(value)) }
}
