//! What a transaction changed, as those who listen are told of it.

use std::sync::Arc;

use bistro_schema::{TypeId, Value};

use super::Types;

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// It is new.
    Insert,
    /// It changed.
    Update,
    /// It is gone.
    Delete,
}

/// One thing that a transaction changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Changed {
    /// A row.
    Row {
        /// Its type.
        ty: TypeId,
        /// What happened to it.
        event: Event,
        /// Its key, in the key's order.
        key: Vec<Value>,
        /// What it held, where it is gone.
        old: Option<OldRow>,
    },
    /// Rows of a type; nobody had asked which when they were written.
    Rows(TypeId),
    /// Rows of a type; which is not known, though somebody had asked: they are too many, or the end of the transaction is
    /// not known, so that they may even be as they were.
    Unknown(TypeId),
}

impl Changed {
    /// Whose rows.
    pub fn ty(&self) -> TypeId {
        match self {
            Changed::Row { ty, .. } | Changed::Rows(ty) | Changed::Unknown(ty) => *ty,
        }
    }
}

/// The stored values of a row that is gone; only [`crate::Engine::could_read`] looks into it.
#[derive(Clone, Debug, PartialEq)]
pub struct OldRow(pub(super) Arc<[Value]>);

/// What one transaction changed.
#[derive(Debug)]
pub struct Commit {
    changes: Vec<Changed>,
    types: Types,
}

impl Commit {
    pub(super) fn new(changes: Vec<Changed>) -> Self {
        let types = changes.iter().map(Changed::ty).collect();
        Self { changes, types }
    }

    /// The changes, each row's in the order in which they were made.
    pub fn changes(&self) -> &[Changed] {
        &self.changes
    }

    /// The types whose rows changed.
    pub fn types(&self) -> &Types {
        &self.types
    }
}
