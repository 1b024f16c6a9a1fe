//! The embedded store: SQLite in one file, read by the threads that ask, written by one.
//!
//! Start reading at [`SqliteStore`]; a read runs in `execute`, on the calling thread (`reader`) or in a small pool
//! (`pool`); writes are gathered into group commits in `writer`; tables follow the schema in `change`. SQL text comes from
//! `bistro-store-sql`; this crate alone names the driver. It knows no rule, no plan and no wire.
//!
//! Invariants: what [`bistro_store::Store::transact`] answered `Ok` is on the disk (`synchronous=FULL`); after a failed
//! write to the disk nothing is acknowledged until the store is opened again; only read-only connections map the file
//! into memory.

mod catalogue;
mod change;
mod connect;
mod error;
mod execute;
mod explain;
mod functions;
mod load;
mod migration;
mod pool;
mod prepare;
mod reader;
mod store;
mod transaction;
mod watch;
mod writer;

pub use store::{Options, SqliteStore};
