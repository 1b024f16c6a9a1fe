//! The way back from a database to a schema file: [`draft`] writes the file that describes the tables that are there,
//! and [`fit`] tells whether tables that somebody else keeps fit a schema.
//!
//! Pure: works on a [`bistro_store::Catalogue`], reads no database and no file. Knows no engine: what differs between
//! engines is in the words of the catalogue, and the words of all are understood. It doesn't read schema files; that the
//! drafts check is proven by its tests.
//!
//! Start reading at [`draft`]: tables become types in `tables`, get names in `name`, relations in `relate`, and are
//! written in `print`.
//!
//! Invariants: a draft checks without errors, whatever the catalogue; equal catalogues give equal drafts, in the order of
//! the tables' names; what a schema cannot say is named in a comment; no rule is invented.

mod condition;
mod constant;
mod enums;
mod fit;
mod model;
mod name;
mod print;
mod relate;
mod tables;

pub use fit::{Fitted, Misfit, fit, holds};

use bistro_store::Catalogue;

/// The schema file of the tables and views of a catalogue. `engine` is the name of the engine, for people.
///
/// ```
/// use bistro_store::catalogue::{Catalogue, Column, Nature, Table};
/// let column = Column {
///     name: "Title".into(), declared: "text".into(), nature: Some(Nature::Kind(bistro_schema::Kind::String)),
///     list: false, length: None, nullable: true, default: None, counted: false, generated: false, comment: None,
/// };
/// let table = Table { name: "posts".into(), columns: vec![column], ..Table::default() };
/// let text = bistro_draft::draft(&Catalogue { tables: vec![table] }, "PostgreSQL");
/// assert!(text.contains("title: String @column(name: \"Title\")"));
/// ```
pub fn draft(catalogue: &Catalogue, engine: &str) -> String {
    let mut made = tables::types(catalogue);
    relate::relate(&mut made);
    print::file(&made, engine)
}
