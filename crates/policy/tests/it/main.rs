//! One harness: rule texts, their mistakes, authorised operations, and what must never get through.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it says")]

mod accounts;
mod authorize;
mod bytes;
mod conditions;
mod matrix;
mod mistakes;
mod schema;
