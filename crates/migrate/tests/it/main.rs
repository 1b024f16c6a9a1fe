//! What lies between two schemas.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod any;
mod pairs;
