//! Table definitions in three dialects, as scripts: ordered statements that carry out [`bistro_store::Change`]s.
//!
//! Start reading at [`script`]. What tables are made of is in [`table`], [`column`], [`index`], [`foreign`], [`search`] and
//! [`view`]; Bistro's own tables are in [`system`]; what an engine cannot hold is in [`fit`].
//!
//! On SQLite a table whose key is not one counted integer starts with `bistro_rowid`, which the full-text index points at.
//! Enums, lengths, ranges and patterns are no constraints anywhere: they are checked before a store is asked.

mod alter;
pub mod column;
mod context;
pub mod convert;
pub mod fit;
pub mod foreign;
pub mod index;
pub mod literal;
mod rebuild;
pub mod script;
pub mod search;
pub mod split;
pub mod system;
pub mod table;
pub mod view;

pub use fit::{Unfit, unfit};
pub use foreign::foreign_indexes;
pub use index::hash_column;
pub use script::{Script, Statement, script};
pub use search::{search_column, search_table};
pub use split::split;
pub use system::system;
pub use table::{ROW, create_type, key_name, row_column};
