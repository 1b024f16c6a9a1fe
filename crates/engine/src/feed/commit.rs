//! What a transaction changed, as those who listen are told of it.

use std::sync::Arc;

use bistro_schema::{RelationId, TypeId, Value};

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
pub struct OldRow {
    pub(super) values: Arc<[Value]>,
    /// The row that it went with, and the relation that led there.
    pub(super) over: Option<(RelationId, TypeId, Arc<OldRow>)>,
}

impl OldRow {
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self { values: values.into(), over: None }
    }
}

/// The bytes that values take beside their own places.
pub(super) fn size(values: &[Value]) -> usize {
    let one = |value: &Value| match value {
        Value::Text(text) | Value::Json(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(items) => size(items) + size_of_val(items.as_slice()),
        _ => 0,
    };
    size_of_val(values) + values.iter().map(one).sum::<usize>()
}

/// What one transaction changed.
#[derive(Debug)]
pub struct Commit {
    changes: Vec<Changed>,
    types: Types,
    bytes: usize,
}

impl Commit {
    pub(super) fn new(changes: Vec<Changed>) -> Self {
        let types = changes.iter().map(Changed::ty).collect();
        let held = |change: &Changed| match change {
            Changed::Row { key, old, .. } => size(key) + old.as_ref().map_or(0, |old| size(&old.values)),
            Changed::Rows(_) | Changed::Unknown(_) => 0,
        };
        let bytes = changes.iter().map(held).sum();
        Self { changes, types, bytes }
    }

    /// The same without its rows.
    pub(super) fn outline(&self) -> Self {
        Self::new(self.types.iter().map(Changed::Rows).collect())
    }

    /// The bytes that its rows take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The changes, one a row, in the order in which they were made.
    pub fn changes(&self) -> &[Changed] {
        &self.changes
    }

    /// The types whose rows changed.
    pub fn types(&self) -> &Types {
        &self.types
    }
}
