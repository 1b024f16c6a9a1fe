//! The difference of two schemas, as ordered changes of tables in plain words: what each does to rows, what it costs, and
//! what cannot be done. Pure: nothing here reads a database or a file.
//!
//! Start reading at [`difference`]. Which parts of two schemas are the same thing under two names is decided in [`pair`];
//! what each engine does meanwhile is in [`lock`].
//!
//! Invariants: applying all steps to tables that follow `old` gives tables that follow `new`; a refusal is never
//! silent: [`Difference::refused`] being empty means the steps are the whole difference. The way back is
//! `difference(new, old)`.

mod field;
mod index;
mod kind;
pub mod lock;
mod pair;
mod relation;
mod rule;
pub mod step;
mod table;

use bistro_schema::{Schema, Type, TypeId, TypeKind};
use bistro_store::Change;

pub use lock::{Lock, Locks};
pub use step::{Class, Count, Step};

/// What lies between two schemas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Changes of tables, in the order in which they can be applied.
    pub steps: Vec<Step>,
    /// What cannot be done to the tables, and why.
    pub refused: Vec<Refusal>,
    /// Rules, checks that went, defaults and other things that change no table, in plain words.
    pub notes: Vec<String>,
}

/// A change that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For people: `~ key of posts: id → slug`.
    pub text: String,
    /// Why, and what to do.
    pub reason: String,
}

impl Difference {
    /// Whether nothing is different for tables.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.refused.is_empty()
    }

    /// Whether every step only adds, so that it can be taken without being asked for.
    pub fn is_additive(&self) -> bool {
        self.refused.is_empty() && self.steps.iter().all(|s| s.additive)
    }

    /// What is lost, step by step.
    pub fn destructive(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|s| matches!(s.class, Class::Destructive { .. }))
    }

    pub(crate) fn step(&mut self, change: Change, text: String) {
        self.steps.push(Step::additive(change, text));
    }

    pub(crate) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    pub(crate) fn refuse(&mut self, text: String, reason: &str) {
        self.refused.push(Refusal { text, reason: reason.to_owned() });
    }
}

/// Finds what lies between `old`, which tables follow, and `new`, which they shall follow.
pub fn difference(old: &Schema, new: &Schema) -> Difference {
    let mut found = Difference::default();
    let pairs = pair::Pairs::new(old, new);
    let mut added = Vec::new();
    for (id, ty) in new.types() {
        match pairs.old_type(id) {
            None => added.push((id, ty)),
            Some(_) => table::compare(&mut found, &pairs, id),
        }
    }
    for (id, ty) in parents_first(added) {
        found.step(Change::CreateType(id), created_text(ty));
    }
    for id in children_first(old, &pairs) {
        gone(&mut found, old, id);
    }
    rule::compare(&mut found, &pairs);
    found.steps.sort_by_key(step::phase);
    found
}

/// Every table of a schema, for an empty store.
pub fn everything(new: &Schema) -> Difference {
    difference(&Schema::default(), new)
}

fn created_text(ty: &Type) -> String {
    let what = if is_view(ty) { "view" } else { "table" };
    format!("+ {what} {} ({} columns)", ty.collection, ty.fields.len())
}

fn is_view(ty: &Type) -> bool {
    matches!(ty.kind, TypeKind::View { .. })
}

fn gone(found: &mut Difference, old: &Schema, id: TypeId) {
    let ty = old.ty(id);
    if is_view(ty) {
        let change = Change::DropView(ty.collection.clone());
        return found.step(change, format!("- view {}", ty.collection));
    }
    let loses = format!("all rows of {}", ty.collection);
    let step = Step::new(Change::DropType(id), format!("- table {}", ty.collection));
    found.push(step.destructive(loses, Some(Count::Rows(id))));
}

/// Types in an order in which each comes after the ones it refers to, as far as there is one; views come last.
fn parents_first(mut left: Vec<(TypeId, &Type)>) -> Vec<(TypeId, &Type)> {
    let mut done = Vec::new();
    while !left.is_empty() {
        let waits = |(id, ty): &(TypeId, &Type)| {
            let owns = ty.relations.iter().filter(|r| r.kind == bistro_schema::RelationKind::ToOne);
            let parents = owns.map(|r| r.target).filter(|target| target != id);
            let mut parents = parents.filter(|target| left.iter().any(|(l, _)| l == target));
            parents.next().is_some() || (is_view(ty) && left.iter().any(|(_, l)| l.writable()))
        };
        let next = left.iter().position(|t| !waits(t)).unwrap_or(0);
        done.push(left.remove(next));
    }
    done
}

/// The types that are gone, those before that refer to others.
fn children_first(old: &Schema, pairs: &pair::Pairs<'_>) -> Vec<TypeId> {
    let left = old.types().filter(|(id, _)| pairs.new_type(*id).is_none()).collect();
    let mut order: Vec<TypeId> = parents_first(left).into_iter().map(|(id, _)| id).collect();
    order.reverse();
    order
}
