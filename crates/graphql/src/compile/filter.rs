//! Conditions: `PostFilter` becomes an expression. What single values are asked is in `test.rs`.

use bistro_ir::{Expr, Operand, Root, SearchMode};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, Kind, RelationId, Scalar, TypeId};

use super::test::Tested;
use super::{Compiler, Given, Reading, Slots, order};
use crate::describe::FieldMeaning;

/// How deep conditions may nest.
const NEST_MAX: usize = 32;

/// How deep a condition stands.
#[derive(Clone, Copy, Default)]
struct Depth {
    nested: usize,
    relations: usize,
}

impl<'a> Compiler<'a> {
    /// The condition of a filter on rows of `ty`.
    pub(crate) fn condition(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        filter: &Given<'a>,
    ) -> Result<Expr, Problem> {
        self.all_members(slots, ty, filter, Depth::default())
    }

    /// The condition of the argument `search`: its words are found in the type's full-text index.
    pub(super) fn searched(&self, slots: &mut Slots, words: &Given<'a>) -> Result<Expr, Problem> {
        slots.condition()?;
        let how = (Scalar::one(Kind::String), Reading::Plain);
        let query = slots.operand(self.rules(), how, words)?;
        Ok(Expr::Search { field: None, mode: SearchMode::Web, query })
    }

    fn all_members(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        filter: &Given<'a>,
        depth: Depth,
    ) -> Result<Expr, Problem> {
        if depth.nested > NEST_MAX {
            let message = format!("Conditions nest deeper than the limit of {NEST_MAX}");
            return Err(Problem::new(Code::TooComplex, message));
        }
        let depth = Depth { nested: depth.nested + 1, ..depth };
        let members = filter.members()?;
        if members.is_empty() {
            // It asks nothing, but costs what a condition does.
            slots.condition()?;
        }
        let parts = members.into_iter().map(|(name, value)| {
            slots.condition()?;
            if value.is_null() {
                return Err(null(name));
            }
            self.member(slots, ty, (name, &value), depth)
        });
        Ok(Expr::all(parts.collect::<Result<Vec<_>, _>>()?))
    }

    fn member(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        (name, value): (&str, &Given<'a>),
        depth: Depth,
    ) -> Result<Expr, Problem> {
        match self.described.input(ty, name) {
            Some(FieldMeaning::Field(field)) => self.field_test(slots, ty, field, value),
            Some(FieldMeaning::Relation(relation)) => self.related(slots, ty, relation, value, depth),
            Some(FieldMeaning::GlobalId) => Err(Problem::bug("a filter names a global id")),
            None => {
                let parts = value.elements().into_iter().map(|part| {
                    if part.is_null() { Err(null(name)) } else { self.all_members(slots, ty, &part, depth) }
                });
                let parts = parts.collect::<Result<Vec<_>, _>>()?;
                match name {
                    "and" => Ok(Expr::all(parts)),
                    "or" => Ok(Expr::any(parts)),
                    "not" => Ok(Expr::all(parts).opposite()),
                    _ => Err(Problem::bug("a filter has a member that is not described")),
                }
            }
        }
    }

    fn field_test(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        field: FieldId,
        value: &Given<'a>,
    ) -> Result<Expr, Problem> {
        let scalar = self.view.schema().ty(ty).field(field).scalar;
        let operand = Operand::Field(Root::Scope(0), field);
        let key = self.key_of(ty, field);
        self.tests(slots, &Tested { operand, scalar, key }, value)
    }

    fn related(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        relation: RelationId,
        value: &Given<'a>,
        depth: Depth,
    ) -> Result<Expr, Problem> {
        if depth.relations >= self.limits.relations {
            return Err(order::too_deep(self.limits.relations));
        }
        let depth = Depth { relations: depth.relations + 1, ..depth };
        let way = self.view.schema().ty(ty).relation(relation);
        if way.to_one() {
            let filter = self.all_members(slots, way.target, value, depth)?;
            return Ok(Expr::some(relation, filter));
        }
        let parts = value.members()?.into_iter().map(|(name, value)| {
            slots.condition()?;
            if value.is_null() {
                return Err(null(name));
            }
            let filter = self.all_members(slots, way.target, &value, depth)?;
            Ok(match name {
                "some" => Expr::some(relation, filter),
                "none" => Expr::some(relation, filter).opposite(),
                _ => Expr::every(relation, filter),
            })
        });
        Ok(Expr::all(parts.collect::<Result<Vec<_>, Problem>>()?))
    }
}

/// A null where a condition is wanted: nothing is equal to it, so that it is never what the caller means.
pub(super) fn null(name: &str) -> Problem {
    Problem::new(Code::BadParameter, format!("The condition {name} cannot be null"))
        .hint("Use isNull: true to find rows without a value; leave the condition out to ask nothing.")
}
