//! Mutations: the root fields in order, each a transaction, or with `@atomic` all in one.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bistro_engine::Session;
use bistro_problem::Problem;

use super::{Body, Reply, Run, mutation};
use crate::document::{Bound, BoundRoot};
use crate::plan::{Plan, Work};
use crate::render::Writer;

/// Room for what a mutation replies with, in bytes; it grows.
const ROOM: usize = 1_024;

/// Runs a mutation.
pub(super) async fn run(run: Run, plan: Arc<Plan>, bound: Bound) -> Reply {
    if plan.atomic {
        return atomic(run, plan, bound).await;
    }
    let transactions = plan.roots.iter().filter(|root| matches!(root.work, Work::Write(_))).count();
    if transactions < 2 {
        return each(run, plan, bound).await;
    }
    // What was begun is done, whole, though its client leaves between two root fields.
    match tokio::spawn(each(run, plan, bound)).await {
        Ok(reply) => reply,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(ended) => Reply::refused(vec![Problem::bug(ended.to_string()).into()]),
        },
    }
}

/// Each root field in a transaction of its own; those before one that fails are done.
async fn each(run: Run, plan: Arc<Plan>, bound: Bound) -> Reply {
    let mut body = Body::new(run.caps, plan.size.room());
    for (n, values) in bound.roots.into_iter().enumerate() {
        let state = body.field();
        let root = &plan.roots[n];
        if let Work::Known(bytes) = &root.work {
            body.writer.raw(bytes);
            continue;
        }
        let fields = Fields {
            plan: Arc::clone(&plan),
            which: n..n + 1,
            values: vec![values],
            writer: body.writer.beside(ROOM),
        };
        let reached = Arc::default();
        let written =
            run.engine.transact(run.cx.clone(), Box::new(|session| Box::pin(fields.write(session, reached))));
        body.add(state, root, written.await);
    }
    body.finish()
}

/// All root fields in one transaction: one that fails takes all back.
async fn atomic(run: Run, plan: Arc<Plan>, bound: Bound) -> Reply {
    let mut body = Body::new(run.caps, plan.size.room());
    let (start, count) = (body.writer.mark(), plan.roots.len());
    let fields = Fields {
        plan: Arc::clone(&plan),
        which: 0..count,
        values: bound.roots,
        writer: body.writer.beside(ROOM),
    };
    let reached: Arc<AtomicUsize> = Arc::default();
    let tell = Arc::clone(&reached);
    let written = run.engine.transact(run.cx, Box::new(|session| Box::pin(fields.write(session, tell))));
    if let Err(problem) = written.await.and_then(|written| body.writer.append(written)) {
        body.nothing(start, &plan.roots, reached.load(Ordering::Relaxed), problem);
    }
    body.finish()
}

/// The root fields of one transaction.
struct Fields {
    plan: Arc<Plan>,
    which: Range<usize>,
    values: Vec<BoundRoot>,
    /// Shares the caps of the reply, so that one that would be too large is known before the commit.
    writer: Writer,
}

impl Fields {
    /// Writes them one after the other; `reached` is the index of the one under way, and one more when all are done.
    async fn write(self, session: &mut Session<'_>, reached: Arc<AtomicUsize>) -> Result<Writer, Problem> {
        let (mut writer, end) = (self.writer, self.which.end);
        for (n, values) in self.which.clone().zip(&self.values) {
            reached.store(n, Ordering::Relaxed);
            if n > self.which.start {
                writer.raw(b",");
            }
            match (&self.plan.roots[n].work, values) {
                (Work::Known(bytes), _) => writer.raw(bytes),
                (Work::Write(writing), BoundRoot::Write(values)) => {
                    mutation::run(session, writing, values, n + 1 == end, &mut writer).await?;
                }
                _ => return Err(Problem::bug("a root field of a mutation does not write")),
            }
        }
        reached.store(end, Ordering::Relaxed);
        Ok(writer)
    }
}
