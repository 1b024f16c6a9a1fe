//! The surface, by cases in files.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod describe;
mod dice;
mod execute;
mod http;
mod mutation;
mod regress;
mod rights;
mod seat;
#[path = "../../../rest/tests/it/server.rs"]
mod server;
mod trees;
mod unseen;
mod watch;
