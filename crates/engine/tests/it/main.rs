//! The engine over stores: what transactions tell.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod attached;
mod callers;
mod depends;
mod feed;
mod hindsight;
mod once;
mod scopes;
mod seat;
mod unsure;
