//! The order of rows: what the caller says, and the key behind it where rows must not be equal.

use bistro_ir::keyset::{self, Direction, Term};
use bistro_ir::{Operand, Order, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::{RelationId, TypeId};

use super::{Compiler, Given};
use crate::describe::FieldMeaning;

/// How many terms an order may have.
const TERMS_MAX: usize = 100;

impl<'a> Compiler<'a> {
    /// The terms that `orderBy` gives.
    pub(super) fn terms(&self, ty: TypeId, given: Option<&Given<'a>>) -> Result<Vec<Term>, Problem> {
        let given = given.filter(|g| !g.is_null()).map_or_else(Vec::new, Given::elements);
        if given.len() > TERMS_MAX {
            let message = format!("orderBy has more than {TERMS_MAX} terms");
            return Err(Problem::new(Code::TooComplex, message));
        }
        given.iter().map(|term| self.term(&mut Vec::new(), ty, term)).collect()
    }

    fn term(&self, via: &mut Vec<RelationId>, ty: TypeId, given: &Given<'a>) -> Result<Term, Problem> {
        let (name, value) = self.one_of(given, || format!("{}Order", self.view.schema().ty(ty).name))?;
        match self.described.input(ty, name) {
            Some(FieldMeaning::Field(field)) => {
                let field_of = self.view.schema().ty(ty).field(field);
                let operand = over(via, Operand::Field(Root::Scope(0), field));
                let direction = value.name().and_then(Direction::named).ok_or_else(unknown_direction)?;
                let Direction { descending, nulls_first, .. } = direction;
                let nullable = !via.is_empty() || keyset::may_lack(field_of);
                let order = Order { operand, descending, nulls_first };
                Ok(Term { order, scalar: field_of.scalar, nullable })
            }
            Some(FieldMeaning::Relation(relation)) => {
                if via.len() >= self.limits.relations {
                    return Err(too_deep(self.limits.relations));
                }
                via.push(relation);
                let target = self.view.schema().ty(ty).relation(relation).target;
                self.term(via, target, &value)
            }
            _ => Err(Problem::bug("an order names what the schema does not describe")),
        }
    }

    /// Adds what tells rows apart that the terms do not.
    pub(super) fn tie(&self, ty: TypeId, terms: &mut Vec<Term>) {
        keyset::tie(self.view, ty, terms);
    }

    /// The signature of an order, by which its cursors are known.
    pub(super) fn signature(&self, ty: TypeId, terms: &[Term]) -> u32 {
        keyset::signature(self.view, ty, terms)
    }
}

fn over(via: &[RelationId], operand: Operand) -> Operand {
    if via.is_empty() {
        return operand;
    }
    Operand::Via { root: Root::Scope(0), via: via.to_vec(), operand: Box::new(operand) }
}

fn unknown_direction() -> Problem {
    Problem::new(Code::BadParameter, "A term of orderBy has no direction").hint("Use ASC or DESC.")
}

/// Too many relations within each other.
pub(super) fn too_deep(limit: usize) -> Problem {
    Problem::new(Code::TooComplex, format!("Relations nest deeper than the limit of {limit}"))
        .hint("Ask for less at once, or raise limits.embed_depth.")
}
