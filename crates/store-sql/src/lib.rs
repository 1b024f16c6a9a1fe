//! Statements become SQL text, slots for binds, and a program that says what each column is. Pure: no driver, no I/O.
//!
//! Start reading at [`lower::select`]. How values stand in a database is [`form::Form`]; how they get there is
//! [`encode`], how they come back [`decode`]. Table definitions are in [`ddl`], full-text queries in [`search`].
//! What differs between engines asks [`dialect::Dialect`], and nothing else does.
//!
//! Invariants: identifiers come from the schema alone and are quoted; every value is bound; one statement has one text,
//! whatever its values; what a comparison of values means is PostgreSQL's, exact for decimals and 64-bit integers.

pub mod ddl;
pub mod decode;
pub mod dialect;
pub mod encode;
pub mod form;
pub mod lower;
pub mod search;

pub use decode::{Cell, decode, parse_list};
pub use dialect::Dialect;
pub use encode::{Encode, Round, SqlValue, encode};
pub use form::Form;
pub use lower::{Query, Slot, Sql, Step, Write, WriteKey};
