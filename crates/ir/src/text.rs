//! The one text form of an operation, for people, `explain` and snapshots.
