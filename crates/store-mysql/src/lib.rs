//! The store of MySQL 8 and MariaDB: a pool of connections, prepared statements on each, one statement a level of embeds.
//!
//! Start reading at [`MysqlStore`]; a read runs in `execute` on a connection of the `pool`, a job in `transaction`; tables
//! follow the schema in `change` and `migration`. SQL text comes from `bistro-store-sql`; this crate alone names the driver.
//! It knows no rule, no plan and no wire; which of the two servers it speaks to is known in `connect` alone.
//!
//! Invariants: what [`bistro_store::Store::transact`] answered `Ok` is committed; a connection goes back to the pool only
//! between statements, with its session as `connect` set it up; a read of several statements sees one state.

mod address;
mod bind;
mod catalogue;
mod change;
mod connect;
mod decode;
mod error;
mod execute;
mod explain;
mod load;
mod lock;
mod migration;
mod pool;
mod prepare;
mod records;
mod store;
mod transaction;
mod try_index;

pub use store::{MysqlStore, Options};
