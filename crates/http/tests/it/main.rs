//! A real server on port 0, spoken to over plain sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod harness;

mod callers;
mod cors;
mod garbage;
mod life;
mod limits;
mod log;
mod sessions;
mod sockets;
mod streams;
