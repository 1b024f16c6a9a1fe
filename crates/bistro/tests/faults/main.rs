//! The built binary over real servers that fail: restarted under load, cut off in the middle of a commit, slow, read-only.
//!
//! `BISTRO_TEST_COUNTS=full` restarts more often. Each test has servers of its own, whose commits are on the disk.
#![expect(clippy::print_stdout, reason = "a run tells how often it restarted, and how soon writes were back")]

#[path = "../it/harness.rs"]
#[expect(dead_code, reason = "the harness of the other tests, of which these need a part")]
mod harness;

mod commit;
mod load;
mod node;
mod readonly;
mod restart;
mod slow;
