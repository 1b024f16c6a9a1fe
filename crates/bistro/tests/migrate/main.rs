//! The built binary changes tables: on every engine up and down, killed in the middle, two nodes at once, and two versions
//! of a project on one database.
//!
//! `BISTRO_TEST_COUNTS=full` goes more rounds.

#[path = "../it/harness.rs"]
#[expect(dead_code, reason = "the harness of the other tests, of which these need a part")]
mod harness;

mod drift;
mod kill;
mod nodes;
mod place;
mod round;
mod versions;

/// How many rounds: the first for a quick run, the second for a full one.
fn rounds(smoke: u32, full: u32) -> u32 {
    if std::env::var("BISTRO_TEST_COUNTS").is_ok_and(|c| c == "full") { full } else { smoke }
}
