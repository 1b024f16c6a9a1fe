//! Statements become SQL text, slots for binds, and a program that says what each column is. Pure: no driver, no I/O.
//!
//! Start reading at [`lower::select`]. How values stand in a database is [`form::Form`]; how they get there is
//! [`encode`], how they come back [`decode`]. Table definitions are in [`ddl`], full-text queries in [`search`].
//! What differs between engines is said by the module `words`, one implementation an engine; the rest of [`lower`] names
//! none. [`encode()`] makes binds for SQLite, [`fit()`] for engines whose slots have types.
//!
//! Invariants: identifiers come from the schema alone and are quoted; every value is bound; one statement has one text,
//! whatever its values; what a comparison of values means is PostgreSQL's, exact for decimals and 64-bit integers.

pub mod ddl;
pub mod decode;
pub mod dialect;
pub mod encode;
pub mod fit;
pub mod form;
pub mod lower;
pub mod regex;
pub mod room;
pub mod search;
mod words;

pub use decode::{Cell, decode, parse_list};
pub use dialect::Dialect;
pub use encode::{Encode, Round, SqlValue, Width, encode};
pub use fit::{Fit, fit};
pub use form::Form;
pub use lower::{Batch, Query, Slot, Sql, Step, Write, WriteKey};
