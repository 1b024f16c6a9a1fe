//! WebSockets. A request becomes one in `handshake`; `session` is its life, from the answer 101 to the end of the connection;
//! `line` (which sends) and `ear` (which receives) are what the surface holds of it meanwhile.
//!
//! A session runs in the task of its connection, so it keeps its place in `limits.connections`, and all that it owns ends with
//! it. There is no queue in either direction: a message is read when the surface asks for one, and a sender waits until the
//! client took the message before its own.

mod ear;
mod handshake;
mod line;
mod session;

pub(crate) use handshake::accept;
pub(crate) use session::Session;
