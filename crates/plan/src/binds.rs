//! The table of binds: every value that a statement needs, and where it comes from.

use bistro_ir::{AuthValue, Expr, Operand, Order, ParamId, RequestValue};
use bistro_schema::{FieldId, Scalar, Value};

/// Where a bind's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bind {
    /// The operation's parameter of the same number.
    Param(ParamId),
    /// A constant of the schema file.
    Literal(Value),
    /// Something of the caller, read as the scalar.
    Auth(AuthValue, Scalar),
    /// The time of the request.
    Now,
    /// Something of the request.
    Request(RequestValue),
    /// The row being written: its value of this field.
    Cell(FieldId),
    /// The row being written: part `n` of its key.
    Key(usize),
}

/// Collects binds; equal ones share a slot.
pub(crate) struct Binder {
    binds: Vec<Bind>,
}

impl Binder {
    /// Starts with the operation's own parameters, so that their numbers stay.
    pub(crate) fn new(params: usize) -> Self {
        Self { binds: (0..params).map(|i| Bind::Param(ParamId(i as u16))).collect() }
    }

    /// The slot of a bind.
    pub(crate) fn slot(&mut self, bind: Bind) -> ParamId {
        let found = self.binds.iter().position(|b| *b == bind);
        let index = found.unwrap_or_else(|| {
            self.binds.push(bind);
            self.binds.len() - 1
        });
        ParamId(index as u16)
    }

    /// All binds.
    pub(crate) fn finish(self) -> Vec<Bind> {
        self.binds
    }

    /// The condition with everything but fields and relations turned into binds.
    pub(crate) fn expr(&mut self, expr: &Expr) -> Expr {
        match expr {
            Expr::Const(c) => Expr::Const(*c),
            Expr::And(parts) => Expr::And(parts.iter().map(|p| self.expr(p)).collect()),
            Expr::Or(parts) => Expr::Or(parts.iter().map(|p| self.expr(p)).collect()),
            Expr::Not(inner) => Expr::Not(Box::new(self.expr(inner))),
            Expr::Is(inner, truth) => Expr::Is(Box::new(self.expr(inner)), *truth),
            Expr::Compare(op, a, b) => Expr::Compare(*op, self.operand(a), self.operand(b)),
            Expr::Distinct(a, b) => Expr::Distinct(self.operand(a), self.operand(b)),
            Expr::IsNull(a) => Expr::IsNull(self.operand(a)),
            Expr::In(a, b) => Expr::In(self.operand(a), self.operand(b)),
            Expr::Like { operand, pattern, fold } => {
                Expr::Like { operand: self.operand(operand), pattern: self.operand(pattern), fold: *fold }
            }
            Expr::Match { operand, pattern, fold } => {
                Expr::Match { operand: self.operand(operand), pattern: self.operand(pattern), fold: *fold }
            }
            Expr::Contains(a, b) => Expr::Contains(self.operand(a), self.operand(b)),
            Expr::Overlaps(a, b) => Expr::Overlaps(self.operand(a), self.operand(b)),
            Expr::Search { field, mode, query } => {
                Expr::Search { field: *field, mode: *mode, query: self.operand(query) }
            }
            Expr::Some { root, via, filter } => {
                Expr::Some { root: *root, via: via.clone(), filter: Box::new(self.expr(filter)) }
            }
            Expr::Truth(a) => Expr::Truth(self.operand(a)),
        }
    }

    /// The value with everything but fields and relations turned into binds.
    pub(crate) fn operand(&mut self, operand: &Operand) -> Operand {
        match operand {
            Operand::Field(root, field) => Operand::Field(*root, *field),
            Operand::Via { root, via, operand } => {
                Operand::Via { root: *root, via: via.clone(), operand: Box::new(self.operand(operand)) }
            }
            Operand::Param(id) => Operand::Param(*id),
            Operand::Literal(value, _) => Operand::Param(self.slot(Bind::Literal(value.clone()))),
            Operand::Auth(what, scalar) => Operand::Param(self.slot(Bind::Auth(what.clone(), *scalar))),
            Operand::Now => Operand::Param(self.slot(Bind::Now)),
            Operand::Request(what) => Operand::Param(self.slot(Bind::Request(what.clone()))),
            Operand::Json { base, path, text } => {
                Operand::Json { base: Box::new(self.operand(base)), path: path.clone(), text: *text }
            }
            Operand::If(when, then) => Operand::If(Box::new(self.expr(when)), Box::new(self.operand(then))),
            Operand::Choose(when, a, b) => {
                let when = Box::new(self.expr(when));
                Operand::Choose(when, Box::new(self.operand(a)), Box::new(self.operand(b)))
            }
            Operand::Truth(inner) => Operand::Truth(Box::new(self.expr(inner))),
            Operand::Call(function, args) => {
                Operand::Call(*function, args.iter().map(|a| self.operand(a)).collect())
            }
        }
    }

    /// The terms of an order.
    pub(crate) fn order(&mut self, terms: &[Order]) -> Vec<Order> {
        let bind = |o: &Order, this: &mut Self| Order { operand: this.operand(&o.operand), ..o.clone() };
        terms.iter().map(|o| bind(o, self)).collect()
    }
}
