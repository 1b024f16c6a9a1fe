//! The difference of two schemas, as ordered changes of tables in plain words, and what must not be done to data on the
//! way. Pure: nothing here reads a database or a file.
//!
//! Start reading at [`difference`]. Only additive changes have steps so far; everything else is refused with its reason.
//!
//! Invariants: applying all steps to tables that follow `old` gives tables that follow `new`; a refusal is never
//! silent: [`Difference::refused`] being empty means the steps are the whole difference.

mod field;
mod kind;
mod rule;

use bistro_schema::{Schema, Type, TypeId, TypeKind};
use bistro_store::Change;

/// What lies between two schemas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Changes of tables, in the order in which they can be applied.
    pub steps: Vec<Step>,
    /// What cannot be done to the tables yet, and why.
    pub refused: Vec<Refusal>,
    /// Rules, checks that went, defaults and other things that change no table, in plain words.
    pub notes: Vec<String>,
}

/// One change of tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// For the store.
    pub change: Change,
    /// For people: `+ column posts.slug text`.
    pub text: String,
}

/// A change that is not additive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For people: `- column posts.slug`.
    pub text: String,
    /// Why, and what to do.
    pub reason: String,
}

impl Difference {
    /// Whether nothing is different for tables.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.refused.is_empty()
    }

    pub(crate) fn step(&mut self, change: Change, text: String) {
        self.steps.push(Step { change, text });
    }

    pub(crate) fn refuse(&mut self, text: String, reason: &str) {
        self.refused.push(Refusal { text, reason: reason.to_owned() });
    }
}

/// Finds what lies between `old`, which tables follow, and `new`, which they shall follow.
pub fn difference(old: &Schema, new: &Schema) -> Difference {
    let mut found = Difference::default();
    let mut added = Vec::new();
    for (id, ty) in new.types() {
        match old.types.iter().find(|t| t.collection == ty.collection) {
            None => added.push((id, ty)),
            Some(before) => kind::compare(&mut found, old, new, before, id, ty),
        }
    }
    let created: Vec<_> = parents_first(added);
    let new_tables =
        created.into_iter().map(|(id, ty)| Step { change: Change::CreateType(id), text: created_text(ty) });
    found.steps.splice(0..0, new_tables);
    for gone in old.types.iter().filter(|t| !new.types.iter().any(|n| n.collection == t.collection)) {
        if matches!(gone.kind, TypeKind::View { .. }) {
            found.notes.push(format!("- view {}", gone.collection));
        } else {
            let reason = "its rows would be lost; keep the type without rules to hide it";
            found.refuse(format!("- table {}", gone.collection), reason);
        }
    }
    rule::compare(&mut found, old, new);
    found
}

/// Every table of a schema, for an empty store.
pub fn everything(new: &Schema) -> Difference {
    difference(&Schema::default(), new)
}

fn created_text(ty: &Type) -> String {
    let what = if matches!(ty.kind, TypeKind::View { .. }) { "view" } else { "table" };
    format!("+ {what} {} ({} columns)", ty.collection, ty.fields.len())
}

/// Types in an order in which each comes after the ones it refers to, as far as there is one; views come last.
fn parents_first(mut left: Vec<(TypeId, &Type)>) -> Vec<(TypeId, &Type)> {
    let mut done = Vec::new();
    while !left.is_empty() {
        let waits = |(id, ty): &(TypeId, &Type)| {
            let owns = ty.relations.iter().filter(|r| r.kind == bistro_schema::RelationKind::ToOne);
            let parents = owns.map(|r| r.target).filter(|target| target != id);
            let mut parents = parents.filter(|target| left.iter().any(|(l, _)| l == target));
            parents.next().is_some()
                || (matches!(ty.kind, TypeKind::View { .. }) && left.iter().any(|(_, l)| l.writable()))
        };
        let next = left.iter().position(|t| !waits(t)).unwrap_or(0);
        done.push(left.remove(next));
    }
    done
}

#[cfg(test)]
mod tests;
