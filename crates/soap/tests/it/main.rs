//! The surface, by cases in files, over every store.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod cases;
#[path = "../../../graphql/tests/it/dice.rs"]
mod dice;
mod fuzz;
mod hostile;
mod outline;
mod round;
mod seat;
mod unseen;
mod well_formed;
