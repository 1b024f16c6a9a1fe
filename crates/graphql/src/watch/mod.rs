//! Subscriptions, and the two ways in which clients hold on to a server: WebSockets ([`socket`], whose protocol is
//! [`protocol`]) and streams of events ([`sse`]). Both carry queries and mutations too, on the same road as HTTP
//! ([`operation`]).
//!
//! A live query (`posts`) is read again when the types change that it depends on ([`live`]); `postChanges` tells changes one
//! by one ([`changes`]). Both hear of commits from [`bistro_engine::Feed`].
//!
//! Everything is bounded: subscriptions and messages a connection, what waits for a client, what waits for a subscription.

mod changes;
mod clock;
mod identity;
mod live;
mod operation;
mod protocol;
mod socket;
mod sse;

pub use identity::{Authenticate, Credentials};

pub(crate) use operation::operation;
pub(crate) use socket::upgrade;
pub(crate) use sse::events;
