//! Scripts of table changes.

mod scripts;
