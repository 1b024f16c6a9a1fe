//! One step: a change with its words, its risk and its cost.

use bistro_schema::{FieldId, TypeId};
use bistro_store::Change;

use crate::lock::{Locks, locks};

/// One change of tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// For the store.
    pub change: Change,
    /// For people: `+ column posts.slug text`.
    pub text: String,
    /// What it does to rows that exist.
    pub class: Class,
    /// Whether it only adds, so that `dev` takes it by itself.
    pub additive: bool,
    /// What to count before it is taken, in tables that follow the schema before.
    pub count: Option<Count>,
    /// Whether it cannot be taken while the count is not zero.
    pub blocks: bool,
}

/// What a step does to rows that exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing.
    Safe,
    /// It writes to them, and nothing is lost.
    Backfill,
    /// Something is lost for good.
    Destructive {
        /// What, in plain words.
        loses: String,
    },
}

/// Something to count; ids are those of the schema before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Rows of a type.
    Rows(TypeId),
    /// Rows with a value in a field.
    Values(TypeId, FieldId),
    /// Rows without one.
    Nulls(TypeId, FieldId),
}

impl Step {
    /// A step that only adds.
    pub(crate) fn additive(change: Change, text: String) -> Self {
        Self { additive: true, ..Self::new(change, text) }
    }

    /// A step that is taken only when somebody asks for it.
    pub(crate) fn new(change: Change, text: String) -> Self {
        Self { change, text, class: Class::Safe, additive: false, count: None, blocks: false }
    }

    pub(crate) fn destructive(self, loses: String, count: Option<Count>) -> Self {
        Self { class: Class::Destructive { loses }, count, ..self }
    }

    pub(crate) fn backfill(self, count: Option<Count>) -> Self {
        Self { class: Class::Backfill, count, ..self }
    }

    pub(crate) fn blocked_by(self, count: Count) -> Self {
        Self { count: Some(count), blocks: true, ..self }
    }

    /// What each engine does to other readers and writers meanwhile.
    pub fn locks(&self) -> Locks {
        locks(&self.change, &self.class)
    }
}

/// When a change can be made among the others of a difference.
pub(crate) fn phase(step: &Step) -> u8 {
    match &step.change {
        Change::DropView(_) => 0,
        Change::RenameType(..) => 1,
        Change::RenameField(..) => 2,
        Change::DropForeign(..) | Change::RenameForeign(..) => 3,
        Change::DropIndex(..) => 4,
        // A view that changed is made last in any case.
        Change::CreateType(_) => 5,
        Change::AddField(..) | Change::AddRelation(..) => 6,
        Change::Narrow(..) => 7,
        Change::Convert(..) | Change::Fit(..) => 8,
        Change::Release(..) | Change::Require(..) => 9,
        Change::DropField(..) => 10,
        Change::RenameIndex(..) => 11,
        Change::AddUnique(..) | Change::AddIndex(..) => 12,
        Change::AddForeign(..) => 13,
        Change::RebuildSearch(_) => 14,
        Change::AddCheck(..) => 15,
        Change::DropType(_) => 16,
    }
}
