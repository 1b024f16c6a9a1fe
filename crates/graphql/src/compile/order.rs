//! The order of rows: what the caller says, and the key behind it where rows must not be equal.

use bistro_ir::{Operand, Order, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::{Action, Field, FieldId, FieldKind, Kind, RelationId, Scalar, TypeId};

use super::{Compiler, Given, cursor};
use crate::describe::FieldMeaning;

/// How many terms an order may have.
const TERMS_MAX: usize = 100;

/// One term of an order.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) order: Order,
    pub(crate) scalar: Scalar,
    /// Whether rows may lack the value.
    pub(crate) nullable: bool,
}

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
                let (descending, nulls_first) = direction(value.name()).ok_or_else(unknown_direction)?;
                let nullable = !via.is_empty() || may_be_null(field_of);
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

    /// Adds what tells rows apart that the terms do not: the key, or else whatever can be ordered.
    pub(super) fn tie(&self, ty: TypeId, terms: &mut Vec<Term>) {
        if self.unique(ty, terms) {
            return;
        }
        for id in self.telling(ty) {
            let operand = Operand::Field(Root::Scope(0), id);
            if terms.iter().any(|t| t.order.operand == operand) {
                continue;
            }
            let field = self.view.schema().ty(ty).field(id);
            let order = Order { operand, descending: false, nulls_first: false };
            terms.push(Term { order, scalar: field.scalar, nullable: may_be_null(field) });
        }
    }

    /// Whether no two rows can be equal in all terms.
    fn unique(&self, ty: TypeId, terms: &[Term]) -> bool {
        let of = self.view.schema().ty(ty);
        let has = |f: &FieldId| {
            terms.iter().any(|t| !t.nullable && t.order.operand == Operand::Field(Root::Scope(0), *f))
        };
        let uniques = of.uniques.iter().map(|u| &u.fields);
        uniques.chain([&of.key]).any(|set| !set.is_empty() && set.iter().all(has))
    }

    /// The fields that tell rows apart for this caller: a unique set whose values every row has and shows, or else whatever
    /// may be read and can be ordered. Nulls are equal to nothing, so that rows which lack a unique value are not told apart.
    fn telling(&self, ty: TypeId) -> Vec<FieldId> {
        let of = self.view.schema().ty(ty);
        let shown = |f: &FieldId| self.view.field_allows(ty, *f, Action::Read) && !may_be_null(of.field(*f));
        let uniques = of.uniques.iter().map(|u| &u.fields);
        let mut sets = [&of.key].into_iter().chain(uniques);
        if let Some(set) = sets.find(|set| !set.is_empty() && set.iter().all(shown)) {
            return set.clone();
        }
        let fits = |f: &Field| !f.scalar.list && !matches!(f.scalar.kind, Kind::Json | Kind::Bytes);
        self.view.readable_fields(ty).filter(|(_, f)| fits(f)).map(|(id, _)| id).collect()
    }

    /// The signature of an order, by which its cursors are known.
    pub(super) fn signature(&self, ty: TypeId, terms: &[Term]) -> u32 {
        let schema = self.view.schema();
        let mut text = schema.ty(ty).name.clone();
        for Term { order, .. } in terms {
            let (via, operand) = match &order.operand {
                Operand::Via { via, operand, .. } => (via.as_slice(), &**operand),
                operand => (&[][..], operand),
            };
            let mut at = ty;
            for step in via {
                let relation = schema.ty(at).relation(*step);
                text.push_str(&format!(" {}.", relation.name));
                at = relation.target;
            }
            if let Operand::Field(_, field) = operand {
                let name = &schema.ty(at).field(*field).name;
                text.push_str(&format!(" {name} {} {}", order.descending, order.nulls_first));
            }
        }
        cursor::signature(&text)
    }
}

/// Whether a row may lack the value: by the file, where a rule hides it, or where it is calculated.
pub(super) fn may_be_null(field: &Field) -> bool {
    field.nullable
        || matches!(field.kind, FieldKind::Computed(_))
        || field.allows.iter().any(|a| a.when.is_some())
}

fn over(via: &[RelationId], operand: Operand) -> Operand {
    if via.is_empty() {
        return operand;
    }
    Operand::Via { root: Root::Scope(0), via: via.to_vec(), operand: Box::new(operand) }
}

/// Whether the greatest comes first, and whether nulls do: as in PostgreSQL, null is greater than every value.
fn direction(name: Option<&str>) -> Option<(bool, bool)> {
    Some(match name? {
        "ASC" | "ASC_NULLS_LAST" => (false, false),
        "DESC" | "DESC_NULLS_FIRST" => (true, true),
        "ASC_NULLS_FIRST" => (false, true),
        "DESC_NULLS_LAST" => (true, false),
        _ => return None,
    })
}

fn unknown_direction() -> Problem {
    Problem::new(Code::BadParameter, "A term of orderBy has no direction").hint("Use ASC or DESC.")
}

/// Too many relations within each other.
pub(super) fn too_deep(limit: usize) -> Problem {
    Problem::new(Code::TooComplex, format!("Relations nest deeper than the limit of {limit}"))
        .hint("Ask for less at once, or raise limits.embed_depth.")
}
