//! The contract between the middle and a store: [`statement`]s with parameter slots go in, typed values come out
//! through a [`sink::Sink`], and failures are a small closed set of [`error::StoreErrorKind`]s.
//!
//! This crate knows no database and no wire. Start reading at [`store::Store`]. A read is synchronous where the store
//! can do it at once; an asynchronous trait for everything would cost the hottest path two to three times its work.
//!
//! Invariants: a store pushes into a sink exactly the shape of the statement's outputs; what [`store::Store::transact`]
//! answered `Ok` is durable; [`capabilities::Capabilities`] is all that the middle asks about a store.

pub mod capabilities;
pub mod catalogue;
pub mod change;
pub mod error;
pub mod load;
pub mod migration;
pub mod sink;
pub mod statement;
pub mod store;

pub use capabilities::Capabilities;
pub use catalogue::Catalogue;
pub use change::Change;
pub use error::{BrokenReference, StoreError, StoreErrorKind};
pub use load::{Column, Limit, Load, Loading, Record, Room};
pub use migration::{Applied, AppliedState, Direction, Migration, Progress, TablesLock};
pub use sink::{Collect, Sink};
pub use statement::{
    Cost, Delete, Insert, Judge, Nested, NestedForm, NewRow, Output, Select, Statement, Update,
};
pub use store::{Ended, Job, Prepared, ReadLater, ReadNow, Store, Summary, Transaction, Tried, Written};
