//! The surface, by cases in files, over every store.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod cases;
mod seat;
mod unseen;
