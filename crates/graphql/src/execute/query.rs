//! Queries: one root field after the other on the calling thread, and from the first that would take long, or is one of too
//! many, all further ones aside and at once.

use std::sync::Arc;

use bistro_ir::Input;
use bistro_problem::Problem;
use futures_util::StreamExt as _;
use futures_util::stream;

use super::{Answered, Body, Reply, Run};
use crate::document::{Bound, BoundRoot, PageNow};
use crate::plan::{Plan, Reading, Root, Work};
use crate::render::Writer;

/// How many root fields of one query are read at once.
const AT_ONCE: usize = 8;

/// How many reads one query may do on the calling thread, which other connections wait for.
const HERE: usize = 32;

/// Runs a query.
pub(super) fn run(run: Run, plan: Arc<Plan>, bound: Bound) -> Answered {
    let (mut body, mut reads) = (Body::new(run.caps, plan.size.room()), 0);
    for (n, (root, values)) in plan.roots.iter().zip(&bound.roots).enumerate() {
        let state = body.field();
        reads += values.reads();
        let done = if reads > HERE { Ok(false) } else { now(&run, root, values, &mut body.writer) };
        match done {
            Ok(true) => {}
            Ok(false) => {
                body.take_back(state);
                return Answered::Later(Box::pin(later(run, plan, bound, n, body)));
            }
            Err(problem) => body.failed(state, root, problem),
        }
    }
    Answered::Now(finish(&plan, body))
}

fn finish(plan: &Plan, body: Body) -> Reply {
    let reply = body.finish();
    plan.size.note(reply.body.len());
    reply
}

/// Reads a root field here; `false` where that would take long.
fn now(run: &Run, root: &Root, values: &BoundRoot, writer: &mut Writer) -> Result<bool, Problem> {
    let (reading, inputs, pages) = match (&root.work, values) {
        (Work::Known(bytes), _) => {
            writer.raw(bytes);
            return Ok(true);
        }
        (Work::Read(reading), BoundRoot::Read { inputs, pages }) => (reading, inputs, pages),
        (Work::Entities(entities), BoundRoot::Read { inputs, pages }) => {
            let mut rows = Writer::new(run.caps, 1_024);
            let done = parts(run, (&entities.reading, inputs, pages), &mut rows)?;
            if done {
                writer.raw(&entities.arrange(&rows.finish())?);
            }
            return Ok(done);
        }
        _ => return Err(mismatch()),
    };
    parts(run, (reading, inputs, pages), writer)
}

/// Reads the parts of a root field here; `false` where that would take long.
fn parts(
    run: &Run,
    (reading, inputs, pages): (&Reading, &[Input], &[PageNow]),
    writer: &mut Writer,
) -> Result<bool, Problem> {
    writer.begin(Arc::clone(&reading.shape), pages.to_vec());
    for (index, (part, input)) in reading.parts.iter().zip(inputs).enumerate() {
        writer.part(index);
        if run.engine.read_now(&run.cx, &part.ready, input, writer)?.is_none() {
            return Ok(false);
        }
        writer.part_end();
    }
    writer.end(None).map(|()| true)
}

/// The root fields from the n-th, whose room has been made in the reply.
async fn later(run: Run, plan: Arc<Plan>, bound: Bound, n: usize, mut body: Body) -> Reply {
    let values = bound.roots.into_iter().enumerate().skip(n);
    let runs = values.map(|(n, values)| aside(run.clone(), Arc::clone(&plan), n, values));
    let mut runs = stream::iter(runs).buffered(AT_ONCE);
    let mut state = Some(body.writer.mark());
    for root in &plan.roots[n..] {
        let written = runs.next().await.unwrap_or_else(|| Err(mismatch()));
        let state = state.take().unwrap_or_else(|| body.field());
        body.add(state, root, written);
    }
    drop(runs);
    finish(&plan, body)
}

/// Reads a root field aside.
async fn aside(run: Run, plan: Arc<Plan>, n: usize, values: BoundRoot) -> Result<Writer, Problem> {
    match (&plan.roots[n].work, values) {
        (Work::Known(bytes), _) => {
            let mut writer = Writer::new(run.caps, bytes.len());
            writer.raw(bytes);
            Ok(writer)
        }
        (Work::Read(reading), values @ BoundRoot::Read { .. }) => read(&run, reading, values).await,
        (Work::Entities(entities), values @ BoundRoot::Read { .. }) => {
            let rows = read(&run, &entities.reading, values).await?;
            let mut writer = Writer::new(run.caps, 1_024);
            writer.raw(&entities.arrange(&rows.finish())?);
            Ok(writer)
        }
        _ => Err(mismatch()),
    }
}

/// Reads the rows of a root field, its key and colon before them.
pub(crate) async fn read(run: &Run, reading: &Reading, values: BoundRoot) -> Result<Writer, Problem> {
    let BoundRoot::Read { inputs, pages } = values else { return Err(mismatch()) };
    let mut writer = Box::new(Writer::new(run.caps, 1_024));
    writer.begin(Arc::clone(&reading.shape), pages);
    for (index, (part, input)) in reading.parts.iter().zip(inputs).enumerate() {
        writer.part(index);
        let (sink, _) = run.engine.read(run.cx.clone(), Arc::clone(&part.ready), input, writer).await?;
        let sink = sink.into_any().downcast::<Writer>();
        writer = sink.map_err(|_| Problem::bug("a read gave back another sink"))?;
        writer.part_end();
    }
    writer.end(None)?;
    Ok(*writer)
}

impl BoundRoot {
    /// How many reads it is.
    fn reads(&self) -> usize {
        if let BoundRoot::Read { inputs, .. } = self { inputs.len() } else { 0 }
    }
}

fn mismatch() -> Problem {
    Problem::bug("a root field was bound to values of another kind")
}
