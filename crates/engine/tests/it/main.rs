//! The engine over stores: what transactions tell.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod depends;
mod feed;
mod hindsight;
mod seat;
mod unsure;
