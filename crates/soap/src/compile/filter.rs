//! Conditions: `<filter>` becomes an expression. What single values are asked is in `test.rs`.

use bistro_ir::{Expr, Operand, Root, SearchMode};
use bistro_problem::{Code, Problem};
use bistro_schema::{Kind, RelationId, Scalar, TypeId, Value};

use super::members::{check_once, unknown};
use super::place::{inside, inside_nth};
use super::test::Tested;
use super::{Compiler, Slots, too_deep};
use crate::describe::Member;
use crate::envelope::{Element, shown};

/// How many relations a condition stands behind.
type Depth = usize;

impl Compiler<'_> {
    /// The condition of a filter on rows of `ty`.
    pub(super) fn condition(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        filter: &Element<'_>,
        depth: Depth,
    ) -> Result<Expr, Problem> {
        let members = filter.members()?;
        let mut parts = Vec::with_capacity(members.len());
        for (n, member) in members.iter().enumerate() {
            slots.condition()?;
            let first = || members[..n].iter().all(|other| other.name != member.name);
            let same = || members.iter().filter(|other| other.name == member.name);
            let part = match self.described.shown(ty).member(self.described.ty(ty), &member.name) {
                Some(meaning) => {
                    check_once(members, n)?;
                    let part = not_null(member).and_then(|()| self.member(slots, ty, meaning, member, depth));
                    part.map_err(|problem| inside(problem, &member.name))
                }
                None => match &*member.name {
                    // All elements of a name are one condition, where the first of them stands.
                    "and" | "or" if !first() => continue,
                    "and" => self.each(slots, ty, same(), depth).map(Expr::all),
                    "or" => self.each(slots, ty, same(), depth).map(Expr::any),
                    "not" => {
                        check_once(members, n)?;
                        self.each(slots, ty, same(), depth).map(|parts| Expr::all(parts).opposite())
                    }
                    name => Err(unknown(name, &filter.name, self.filter_words(ty).iter())),
                },
            };
            parts.push(part?);
        }
        Ok(Expr::all(parts))
    }

    /// The conditions of several filters.
    fn each<'e, 'x: 'e>(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        filters: impl Iterator<Item = &'e Element<'x>>,
        depth: Depth,
    ) -> Result<Vec<Expr>, Problem> {
        let conditions = filters.enumerate().map(|(n, filter)| {
            slots.condition()?;
            let asks = not_null(filter).and_then(|()| asks_something(filter));
            let condition = asks.and_then(|()| self.condition(slots, ty, filter, depth));
            condition.map_err(|problem| inside_nth(problem, &filter.name, n))
        });
        conditions.collect()
    }

    fn member(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        meaning: Member,
        member: &Element<'_>,
        depth: Depth,
    ) -> Result<Expr, Problem> {
        match meaning {
            Member::Field(field) => {
                let scalar = self.described.ty(ty).field(field).scalar;
                let operand = Operand::Field(Root::Scope(0), field);
                self.tests(slots, &Tested { operand, scalar }, member)
            }
            Member::Relation(relation) => self.related(slots, ty, relation, member, depth),
        }
    }

    fn related(
        &self,
        slots: &mut Slots,
        ty: TypeId,
        relation: RelationId,
        member: &Element<'_>,
        depth: Depth,
    ) -> Result<Expr, Problem> {
        if depth >= self.limits.relations {
            return Err(too_deep(self.limits.relations));
        }
        let way = self.described.ty(ty).relation(relation);
        if way.to_one() {
            let filter = self.condition(slots, way.target, member, depth + 1)?;
            return Ok(Expr::some(relation, filter));
        }
        asks_something(member)?;
        let parts = member.members()?;
        let parts = parts.iter().enumerate().map(|(n, part)| {
            check_once(parts, n)?;
            slots.condition()?;
            let combine: fn(_, _) -> Expr = match &*part.name {
                "some" => Expr::some,
                "none" => |relation, filter| Expr::some(relation, filter).opposite(),
                "every" => Expr::every,
                name => return Err(unknown(name, &member.name, &["some", "none", "every"])),
            };
            let filter = not_null(part).and_then(|()| self.condition(slots, way.target, part, depth + 1));
            filter.map(|filter| combine(relation, filter)).map_err(|problem| inside(problem, &part.name))
        });
        Ok(Expr::all(parts.collect::<Result<Vec<_>, Problem>>()?))
    }

    /// The condition that words are found in the type's full-text index.
    pub(super) fn searched(&self, slots: &mut Slots, words: &Element<'_>) -> Result<Expr, Problem> {
        slots.condition()?;
        let query = slots.operand(Scalar::one(Kind::String), Value::text(words.value()?))?;
        Ok(Expr::Search { field: None, mode: SearchMode::Web, query })
    }

    /// The names that a filter may hold, for the hint of a fault.
    fn filter_words(&self, ty: TypeId) -> Vec<&str> {
        let (of, shown) = (self.described.ty(ty), self.described.shown(ty));
        let fields = shown.fields.iter().map(|f| of.field(*f).name.as_str());
        let relations = shown.relations.iter().map(|r| of.relation(*r).name.as_str());
        fields.chain(relations).chain(["and", "or", "not"]).collect()
    }
}

/// Refuses a condition that holds none: it would choose all rows, and comes where a client drops a value that nobody set,
/// or a list that is empty. The filter of related rows may hold none: it asks whether there is a row.
pub(super) fn asks_something(element: &Element<'_>) -> Result<(), Problem> {
    if !element.members()?.is_empty() {
        return Ok(());
    }
    Err(Problem::new(Code::BadParameter, format!("The condition {} asks nothing", shown(&element.name)))
        .hint("Clients send it so where a value is not set or a list is empty; leave it out to choose all rows."))
}

/// Refuses a null where a condition is wanted: nothing is equal to it, so that it is never what the caller means.
pub(super) fn not_null(element: &Element<'_>) -> Result<(), Problem> {
    if !element.is_nil()? {
        return Ok(());
    }
    Err(Problem::new(Code::BadParameter, format!("The condition {} cannot be null", shown(&element.name)))
        .hint("Use isNull to find rows without a value; leave the condition out to ask nothing."))
}
