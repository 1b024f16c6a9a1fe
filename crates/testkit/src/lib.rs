//! Real database servers for tests: started in temporary folders on free ports of this machine, and gone with the process
//! that wanted them, even if it is killed.
//!
//! [`postgres`] and [`mysql`] give a fresh, empty database on a server that the process starts once. Variables such as
//! `BISTRO_TEST_POSTGRES_URL` name a server to use instead; `cargo xtask test` sets them. [`Server`] is for tests that stop
//! and break servers, [`Proxy`] for those that cut connections. [`Idp`] is an identity provider that says what a test wants.
//!
//! It knows no driver: databases are made by the servers' own clients. It knows nothing of Bistro. Start reading at
//! [`database`].
//!
//! Invariants: never a server that the machine runs already, unless a variable names it; never a test passed over
//! because a server is missing.

pub mod database;
pub mod engine;
pub mod idp;
pub mod lasting;
mod port;
mod program;
pub mod proxy;
pub mod server;
mod supervisor;

pub use database::{Database, cockroach, mysql, mysql8, postgres, yugabyte};
pub use engine::Engine;
pub use idp::Idp;
pub use lasting::Lasting;
pub use proxy::Proxy;
pub use server::{Fault, Server, Settings};
