//! Why a store refused or failed: a small closed set that the engine turns into problems.

use bistro_problem::Code;
use bistro_schema::TypeId;

/// What went wrong, apart from the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// A unique constraint, by name where the store knows it.
    Unique {
        /// The type written.
        ty: TypeId,
        /// The constraint; the key's is `<table>_pkey`.
        constraint: String,
    },
    /// A foreign key: which, where the store says so; otherwise the engine finds out inside the transaction.
    ForeignKey(Option<BrokenReference>),
    /// A required column was null.
    NotNull {
        /// The type written.
        ty: TypeId,
        /// The field's name.
        field: String,
    },
    /// A check of the store.
    Check {
        /// The constraint.
        constraint: String,
    },
    /// The statement's deadline passed.
    TimedOut,
    /// The queue of waiting work is full.
    Overloaded,
    /// The store can't be reached or is stopping.
    Unavailable,
    /// Another transaction was in the way; trying again may succeed.
    Serialization,
    /// No room.
    Full,
    /// The store may only be read.
    ReadOnly,
    /// The commit was sent and its result is unknown.
    CommitUnknown,
    /// A value that the store refuses: the code, and words for the caller.
    Rejected(Code, String),
    /// The store does not have this capability.
    Unsupported(&'static str),
    /// The job itself asked to roll back; the engine knows why.
    RolledBack,
    /// Our mistake.
    Bug,
}

/// A foreign key that a write breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenReference {
    /// The constraint.
    pub constraint: String,
    /// The row written is still referred to; otherwise it refers to one that is not there.
    pub still_referenced: bool,
}

/// A failure with its cause for the log.
#[derive(Debug, thiserror::Error)]
#[error("{kind:?}: {cause}")]
pub struct StoreError {
    /// What went wrong.
    pub kind: StoreErrorKind,
    /// What happened inside.
    pub cause: String,
}

impl StoreError {
    /// A failure of this kind.
    pub fn new(kind: StoreErrorKind, cause: impl Into<String>) -> Self {
        Self { kind, cause: cause.into() }
    }

    /// Our mistake.
    pub fn bug(cause: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Bug, cause)
    }

    /// The job asked to roll back.
    pub fn rolled_back() -> Self {
        Self::new(StoreErrorKind::RolledBack, "")
    }
}
