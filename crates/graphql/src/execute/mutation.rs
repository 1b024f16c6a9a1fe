//! One root field of a mutation, inside its transaction: its steps one after the other.

use std::borrow::Cow;
use std::sync::Arc;

use bistro_engine::Session;
use bistro_ir::Input;
use bistro_problem::Problem;
use bistro_schema::Value;
use bistro_store::Collect;

use crate::compile::write::{BoundWriting, Run, Slot, Step, Writing};
use crate::render::Writer;

/// The rows of each step so far, as far as later steps need them.
type Rows = Vec<Vec<Vec<Value>>>;

/// More than the reply can say of a write besides its rows.
const TEXT_MOST: usize = 256 << 10;

/// Runs the steps of a write and prints its rows. `last`: nothing follows in this transaction, so that its commit may travel
/// with the last step.
pub(crate) async fn run(
    session: &mut Session<'_>,
    writing: &Writing,
    bound: &BoundWriting,
    last: bool,
    writer: &mut Writer,
) -> Result<(), Problem> {
    // A commit that travels cannot be taken back: what is still to be said must have room.
    let last = last && writer.room() > TEXT_MOST;
    writer.begin(Arc::clone(&writing.shape), bound.pages.clone());
    let (mut rows, mut affected, mut printed) = (Rows::with_capacity(writing.steps.len()), 0, false);
    // The steps that print come last, and print one list.
    for (n, (step, inputs)) in writing.steps.iter().zip(&bound.inputs).enumerate() {
        let prints = step.prints && writing.prints;
        if prints && !printed {
            writer.part(0);
            printed = true;
        }
        let mut kept = Vec::new();
        let mut touched = 0;
        for (k, (run, input)) in step.runs.iter().zip(inputs).enumerate() {
            let input = fed(input, run, &rows)?;
            if last && n + 1 == writing.steps.len() && k + 1 == step.runs.len() {
                session.nothing_follows();
            }
            touched += one(session, (step, run), &input, prints.then_some(&mut *writer), &mut kept).await?;
        }
        if writing.counts.contains(&n) {
            affected += touched;
        }
        rows.push(kept);
    }
    if writing.prints && !printed {
        // Nothing was there to be written.
        writer.part(0);
    }
    if writing.prints {
        writer.part_end();
    }
    writer.end(Some(affected))
}

/// One run of a step; how many rows it found or touched.
async fn one(
    session: &mut Session<'_>,
    (step, run): (&Step, &Run),
    input: &Input,
    writer: Option<&mut Writer>,
    kept: &mut Vec<Vec<Value>>,
) -> Result<u64, Problem> {
    let mut collect = Collect::new();
    let done = match writer {
        Some(writer) => session.run(&step.ready, input, writer).await,
        None => session.run(&step.ready, input, &mut collect).await,
    };
    let schema = session.engine().schema();
    let outcome = done.map_err(|problem| step.placed(schema, problem, run))?;
    let touched = if step.ready.writes() { outcome.affected } else { outcome.rows };
    step.judge(schema, touched, run)?;
    kept.extend(collect.values());
    Ok(touched)
}

/// The input with the values that earlier steps gave back.
fn fed<'i>(input: &'i Input, run: &Run, rows: &Rows) -> Result<Cow<'i, Input>, Problem> {
    if run.fed.is_empty() {
        return Ok(Cow::Borrowed(input));
    }
    let mut input = input.clone();
    for (slot, kept) in &run.fed {
        let value = rows.get(kept.step).and_then(|rows| rows.get(kept.row)?.get(kept.at));
        let value = value.ok_or_else(|| Problem::bug("a step gave back less than another needs"))?.clone();
        match *slot {
            Slot::Param(id) => input.params[usize::from(id.0)] = value,
            Slot::Cell(row, column) => input.rows[row][column] = Some(value),
        }
    }
    Ok(Cow::Owned(input))
}
