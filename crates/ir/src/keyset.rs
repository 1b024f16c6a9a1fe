//! Pages by place: an order in which no two rows are equal, and the rows that lie behind a place in it.
//!
//! A cursor is the values of the terms at one row. What [`beyond`] makes has the same structure for any values, null included.

use bistro_schema::{Action, Field, FieldId, FieldKind, Kind, Scalar, SchemaView, TypeId};

use crate::expr::{Compare, Expr, Operand, Root};
use crate::operation::Order;

/// A way that an order goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direction {
    /// Its word.
    pub word: &'static str,
    /// What it means.
    pub about: &'static str,
    /// Greatest first.
    pub descending: bool,
    /// Nulls before values. Unsaid, null is greater than every value, as in PostgreSQL.
    pub nulls_first: bool,
}

impl Direction {
    /// All of them; the first is meant where none is said.
    pub const ALL: [Direction; 6] = [
        Direction::new("ASC", "Least first; nulls last.", false, false),
        Direction::new("DESC", "Greatest first; nulls first.", true, true),
        Direction::new("ASC_NULLS_FIRST", "Least first, after the nulls.", false, true),
        Direction::new("ASC_NULLS_LAST", "Least first; nulls last.", false, false),
        Direction::new("DESC_NULLS_FIRST", "Greatest first, after the nulls.", true, true),
        Direction::new("DESC_NULLS_LAST", "Greatest first; nulls last.", true, false),
    ];

    const fn new(word: &'static str, about: &'static str, descending: bool, nulls_first: bool) -> Self {
        Self { word, about, descending, nulls_first }
    }

    /// The direction that a word names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.word == word)
    }
}

/// One term of an order, with what its values are.
#[derive(Clone, Debug)]
pub struct Term {
    /// The term.
    pub order: Order,
    /// What its values are.
    pub scalar: Scalar,
    /// Whether rows may lack the value.
    pub nullable: bool,
}

impl Term {
    /// The order by a field of the row, least first.
    pub fn of(field: &Field, id: FieldId) -> Self {
        let operand = Operand::Field(Root::Scope(0), id);
        let order = Order { operand, descending: false, nulls_first: false };
        Self { order, scalar: field.scalar, nullable: may_lack(field) }
    }
}

/// Whether a row may lack the value: by the file, where a rule hides it, or where it is calculated.
pub fn may_lack(field: &Field) -> bool {
    field.nullable
        || matches!(field.kind, FieldKind::Computed(_))
        || field.allows.iter().any(|a| a.when.is_some())
}

/// Adds what tells rows apart that the terms do not: the key, or else whatever can be ordered.
pub fn tie(view: &SchemaView, ty: TypeId, terms: &mut Vec<Term>) {
    if is_unique(view, ty, terms) {
        return;
    }
    for id in telling(view, ty) {
        let operand = Operand::Field(Root::Scope(0), id);
        if terms.iter().all(|t| t.order.operand != operand) {
            terms.push(Term::of(view.schema().ty(ty).field(id), id));
        }
    }
}

/// Whether no two rows can be equal in all terms.
fn is_unique(view: &SchemaView, ty: TypeId, terms: &[Term]) -> bool {
    let of = view.schema().ty(ty);
    let has = |f: &FieldId| {
        terms.iter().any(|t| !t.nullable && t.order.operand == Operand::Field(Root::Scope(0), *f))
    };
    let uniques = of.uniques.iter().map(|u| &u.fields);
    uniques.chain([&of.key]).any(|set| !set.is_empty() && set.iter().all(has))
}

/// The fields that tell rows apart for this caller: a unique set whose values every row has and shows, or else whatever
/// may be read and can be ordered. Nulls are equal to nothing, so that rows which lack a unique value are not told apart.
fn telling(view: &SchemaView, ty: TypeId) -> Vec<FieldId> {
    let of = view.schema().ty(ty);
    let shown = |f: &FieldId| view.field_allows(ty, *f, Action::Read) && !may_lack(of.field(*f));
    let uniques = of.uniques.iter().map(|u| &u.fields);
    let mut sets = [&of.key].into_iter().chain(uniques);
    if let Some(set) = sets.find(|set| !set.is_empty() && set.iter().all(shown)) {
        return set.clone();
    }
    view.readable_fields(ty).filter(|(_, f)| can_be_ordered(f)).map(|(id, _)| id).collect()
}

/// Whether rows can be put in an order by the field.
pub fn can_be_ordered(field: &Field) -> bool {
    !field.scalar.list && !matches!(field.scalar.kind, Kind::Json | Kind::Bytes)
}

/// A number that says which order it is; cursors of another one are worth nothing.
pub fn signature(view: &SchemaView, ty: TypeId, terms: &[Term]) -> u32 {
    signature_of(&order_text(view, ty, terms))
}

/// The signature of an order from its text: `Post created_at true true id false false` (FNV-1a).
pub fn signature_of(order: &str) -> u32 {
    order.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn order_text(view: &SchemaView, ty: TypeId, terms: &[Term]) -> String {
    let schema = view.schema();
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
    text
}

/// The rows behind the place where the terms have these values, or before it where the order is `turned` round.
pub fn beyond(terms: &[Term], values: impl IntoIterator<Item = Operand>, turned: bool) -> Expr {
    let steps: Vec<Step> = terms
        .iter()
        .zip(values)
        .map(|(term, value)| {
            let order = if turned { turn(&term.order) } else { term.order.clone() };
            Step { order, nullable: term.nullable, value }
        })
        .collect();
    let mut beyond = Expr::FALSE;
    for (n, step) in steps.iter().enumerate().rev() {
        let rest = if beyond.is_false() { Expr::FALSE } else { Expr::all([step.same(), beyond]) };
        let here = Expr::any([step.after(), rest]);
        // Said apart, so that an index can be entered at the cursor.
        let range =
            if n == 0 && !step.nullable && steps.len() > 1 { step.compare(false) } else { Expr::TRUE };
        beyond = Expr::all([range, here]);
    }
    beyond
}

/// The order from its other end.
pub fn turn(order: &Order) -> Order {
    Order { operand: order.operand.clone(), descending: !order.descending, nulls_first: !order.nulls_first }
}

/// One term and its value at the place.
struct Step {
    order: Order,
    nullable: bool,
    value: Operand,
}

impl Step {
    fn compare(&self, strict: bool) -> Expr {
        let how = match (self.order.descending, strict) {
            (false, true) => Compare::Gt,
            (false, false) => Compare::Ge,
            (true, true) => Compare::Lt,
            (true, false) => Compare::Le,
        };
        Expr::Compare(how, self.order.operand.clone(), self.value.clone())
    }

    /// Rows with the same value.
    fn same(&self) -> Expr {
        let (operand, value) = (self.order.operand.clone(), self.value.clone());
        if self.nullable {
            Expr::Distinct(operand, value).opposite()
        } else {
            Expr::Compare(Compare::Eq, operand, value)
        }
    }

    /// Rows behind the value.
    fn after(&self) -> Expr {
        let further = self.compare(true);
        if !self.nullable {
            return further;
        }
        let row_null = Expr::IsNull(self.order.operand.clone());
        let value_null = Expr::IsNull(self.value.clone());
        let other_side = if self.order.nulls_first {
            Expr::all([row_null.opposite(), value_null])
        } else {
            Expr::all([row_null, value_null.opposite()])
        };
        Expr::any([further, other_side])
    }
}
