//! The schema file becomes a resolved schema, in stages that collect diagnostics.
//!
//! Knows GraphQL's schema language (through `apollo-compiler`, in [`mod@parse`] alone) and the directives of this project
//! ([`directives`]). Deliberately doesn't know the rule language (rule texts are kept with their places), any store or
//! any surface; does no I/O and reads no clock.
//!
//! Start reading at [`read`]: each line of it is a stage, a file under `stages/`.
//!
//! Invariants: all mistakes of a file come from one run, each once; every span is a range of bytes of the user's file; a
//! [`bistro_schema::Schema`] is built even when there are errors (without what could not be resolved), so that later
//! checks can speak in the same run; no input makes it panic or hang.

pub mod codes;
pub mod directives;

mod draft;
mod parse;
mod place;
mod read;
mod report;
mod stages;

pub use read::{Checked, FILE_MAX, RULE_MAX, read, read_system};
pub use report::report;
