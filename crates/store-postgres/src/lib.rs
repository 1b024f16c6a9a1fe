//! The PostgreSQL store: reads share few connections, one request after the other without waiting; jobs and long reads
//! have connections of their own.
//!
//! Start reading at [`PostgresStore`]; a read runs in `server`, its statements in `execute`, a job in `transaction`.
//! `connect` opens connections, `link` is one, `readers` and `pool` keep them. Tables follow the schema in `change` and
//! `migration`. SQL text comes from `bistro-store-sql`; this crate alone names the driver. It knows no rule, no plan and
//! no wire to callers.
//!
//! Invariants: what [`bistro_store::Store::transact`] answered `Ok` is committed; a write is never sent twice; where the
//! connection was lost after a commit was sent, the error says that its result is unknown. A connection whose state is
//! unknown is closed, not used again. Dropping a future gives back what it held.
//!
//! The levels of a read with related rows are statements of their own, each of the state at its start; only a read that
//! asks for a total, and all reads of a job, are of one state or of that job's.
//!
//! Others speak the same protocol; what they lack is avoided where that costs nothing. What differs:
//! CockroachDB has no advisory locks that lock (records and changes of tables are not held off other nodes), no
//! `FOR UPDATE SKIP LOCKED` inside `DELETE`, no ICU collations by the names used here, and may answer 40001 where
//! PostgreSQL waits. YugabyteDB calls itself 11 before its version 2025.1 and is refused then; later ones differ in
//! `CREATE INDEX CONCURRENTLY`, which they do without being asked. A pooler before the server has to keep sessions
//! (PgBouncer's `session` mode): prepared statements and settings belong to them.

mod address;
mod catalogue;
mod change;
mod connect;
mod decode;
mod encode;
mod error;
mod execute;
mod explain;
mod health;
mod history;
mod link;
mod load;
mod lock;
mod migration;
mod pool;
mod prepare;
mod readers;
mod records;
mod replica;
mod server;
mod store;
mod system;
mod tls;
mod transaction;
mod try_index;

pub use store::{Options, PostgresStore};
