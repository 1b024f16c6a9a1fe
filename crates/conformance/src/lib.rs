//! One exam for every store: the same operations, by the same callers, over the same engine; what comes back must be the
//! same as the oracle's. Cases are generated from a seed and can be replayed.
//!
//! It knows no SQL and no wire. Start reading at [`exam::sit`]; operations are made in [`generate`], what a store declares
//! is exercised in [`ability`], the promised stores are in [`place`].
//!
//! Invariant: a store that was promised and not examined is a failure, never silence.

pub mod ability;
pub mod document;
mod ear;
pub mod exam;
pub mod generate;
pub mod matrix;
pub mod place;
pub mod rng;
pub mod runtime;
pub mod subject;
