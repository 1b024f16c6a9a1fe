//! One harness: rule texts, their mistakes, authorised operations, and what must never get through.

mod authorize;
mod bytes;
mod conditions;
mod matrix;
mod mistakes;
mod schema;
