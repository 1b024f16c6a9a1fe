//! The oracle: a store in memory that does everything the plain way, so that the others can be compared with it.
//!
//! It scans, it copies, it locks; nothing in it is fast, and nothing in it is clever. It knows no SQL. Start reading at
//! [`MemoryStore`]; conditions are evaluated in `eval.rs`, order and equality of values in `compare.rs`.
//!
//! Invariants: a transaction that fails leaves no trace; every answer follows from the statement and the rows alone.

mod aggregate;
mod compare;
mod data;
mod eval;
mod pattern;
mod search;
mod select;
mod store;
mod write;

pub use store::MemoryStore;
