//! What Bistro says when something is wrong: to callers a [`Problem`] whose code is a row of the [`catalogue`], to
//! authors of schema files a [`Diagnostic`] with a place in the file.
//!
//! This crate knows no wire: surfaces dress a problem as JSON, a GraphQL error, a fault or a frame. Start reading at
//! [`problem::Problem`].
//!
//! Invariants: every code is one row of the catalogue; what a problem says outside never holds the inside cause.

pub mod catalogue;
pub mod diagnostic;
pub mod mistake;
pub mod problem;

pub use catalogue::Code;
pub use diagnostic::{Diagnostic, Severity};
pub use mistake::Mistake;
pub use problem::{Details, Problem};
