//! The one door to data. A surface hands in an operation and a context; here it is authorised, planned (once a shape and
//! a set of roles) and carried out, and every failure leaves as a problem in the dialect's words.
//!
//! This crate knows no wire and no database. Start reading at [`Engine::ready`] and [`Engine::read_now`]; writes walk
//! through `write.rs`, several operations in one transaction through [`Session`]. What was committed is told by [`Feed`].
//!
//! Invariants: nothing reaches a store but plans of authorised operations; a [`Ready`] runs only for the roles it was
//! authorised for; what a write answers `Ok` is durable.

mod advise;
mod attached;
mod bind;
mod change;
mod context;
mod engine;
mod explain;
mod feed;
mod judge;
mod misread;
mod problem;
mod read;
mod ready;
mod refer;
mod scope;
mod session;
mod statistics;
mod values;
mod verdict;
mod write;

pub use advise::Advice;
pub use attached::{AccountKey, Attached, Mirrored};
pub use change::violations;
pub use context::{Context, Options, Outcome};
pub use engine::Engine;
pub use explain::Explained;
pub use feed::{Changed, Commit, Event, Feed, Hindsight, Lagged, Listener, OldRow, Types};
pub use misread::{bad_pattern, misread};
pub use read::Running;
pub use ready::Ready;
pub use session::{Session, Work};
pub use statistics::Shape;
