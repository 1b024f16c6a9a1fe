//! One root field of a mutation, inside its transaction.

use bistro_engine::Session;
use bistro_problem::Problem;

use crate::compile::write::{BoundWriting, Writing};
use crate::render::Writer;

/// Runs the steps of a write and prints its rows. `last`: nothing follows in this transaction.
pub(crate) async fn run(
    session: &mut Session<'_>,
    writing: &Writing,
    bound: &BoundWriting,
    last: bool,
    writer: &mut Writer,
) -> Result<(), Problem> {
    let _ = (session, writing, bound, last, writer);
    Err(Problem::bug("writes are not there yet"))
}
