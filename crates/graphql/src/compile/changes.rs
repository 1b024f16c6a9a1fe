//! `postChanges`: which changes of a type a subscriber is told of, and what of their rows.

/// A subscription to the changes of a type.
pub(crate) struct Changes {}
