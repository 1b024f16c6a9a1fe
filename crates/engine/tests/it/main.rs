//! The engine over stores: what transactions tell.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod feed;
mod hindsight;
mod seat;
mod types;
mod unsure;
