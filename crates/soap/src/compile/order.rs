//! The order of rows: `<orderBy><field>author.name</field><direction>DESC</direction></orderBy>`.

use bistro_ir::keyset::{self, Direction, Term};
use bistro_ir::{Operand, Order, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::TypeId;

use super::members::Members;
use super::place::{inside, inside_nth};
use super::{Compiler, too_deep};
use crate::describe::Member;
use crate::envelope::{Element, misplaced, shown};

/// How many terms an order may have.
const TERMS_MAX: usize = 100;

impl Compiler<'_> {
    /// The terms of an order, and behind them what tells rows apart that are equal in them.
    pub(super) fn terms(&self, ty: TypeId, given: &[&Element<'_>]) -> Result<Vec<Term>, Problem> {
        if given.len() > TERMS_MAX {
            let message = format!("orderBy is there more than {TERMS_MAX} times");
            return Err(Problem::new(Code::TooComplex, message));
        }
        let terms = given
            .iter()
            .enumerate()
            .map(|(n, term)| self.term(ty, term).map_err(|problem| inside_nth(problem, "orderBy", n)));
        let mut terms = terms.collect::<Result<Vec<_>, _>>()?;
        keyset::tie(self.described.view(), ty, &mut terms);
        Ok(terms)
    }

    fn term(&self, ty: TypeId, given: &Element<'_>) -> Result<Term, Problem> {
        let mut members = Members::of(given)?;
        let (path, direction) = (members.sure("field")?, members.maybe("direction")?);
        members.finish()?;
        let term = path.value().and_then(|path| self.ordered(ty, path.trim_ascii()));
        let mut term = term.map_err(|problem| inside(problem, "field"))?;
        let word = direction.map_or(Ok(Direction::ALL[0].word), |direction| direction.value())?.trim_ascii();
        let direction = Direction::named(word).ok_or_else(|| {
            let message = format!("There is no direction {}", shown(word));
            inside(misplaced(message).hint("Send ASC or DESC."), "direction")
        })?;
        (term.order.descending, term.order.nulls_first) = (direction.descending, direction.nulls_first);
        Ok(term)
    }

    /// A field, or one behind relations that lead to one row.
    fn ordered(&self, ty: TypeId, path: &str) -> Result<Term, Problem> {
        let mut steps: Vec<&str> = path.split('.').collect();
        let name = steps.pop().unwrap_or_default();
        if steps.len() > self.limits.relations {
            return Err(too_deep(self.limits.relations));
        }
        let none = || {
            misplaced(format!("Rows cannot be ordered by {}", shown(path)))
                .hint("Name a field, or one behind relations that lead to one row: author.name.")
        };
        let (mut at, mut via) = (ty, Vec::new());
        for step in steps {
            let of = self.described.ty(at);
            let Some(Member::Relation(relation)) = self.described.shown(at).member(of, step) else {
                return Err(none());
            };
            if !of.relation(relation).to_one() {
                return Err(none());
            }
            via.push(relation);
            at = of.relation(relation).target;
        }
        let of = self.described.ty(at);
        let Some(Member::Field(id)) = self.described.shown(at).member(of, name) else { return Err(none()) };
        if !keyset::can_be_ordered(of.field(id)) {
            return Err(none());
        }
        let term = Term::of(of.field(id), id);
        if via.is_empty() {
            return Ok(term);
        }
        let operand = Box::new(Operand::Field(Root::Scope(0), id));
        let operand = Operand::Via { root: Root::Scope(0), via, operand };
        Ok(Term { order: Order { operand, ..term.order }, nullable: true, ..term })
    }
}
