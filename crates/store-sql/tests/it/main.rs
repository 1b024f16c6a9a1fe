//! Scripts of table changes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod scripts;
