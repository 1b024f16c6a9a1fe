//! The oracle store, in memory, that the others are compared with.
