//! Live queries: read at once, and again after changes of what they depend on; told where the reply is another.

use std::sync::Arc;
use std::time::Duration;

use bistro_engine::{Listener, Types};
use bistro_ir::Input;
use futures_util::{FutureExt as _, Stream, stream};
use tokio::time::{Instant, sleep_until, timeout};

use super::clock;
use crate::document::{BoundRoot, PageNow};
use crate::execute::{Body, Reply, Run, read};
use crate::http::digest::{Hash, hash};
use crate::plan::{Part, Plan, Reading, Work};

/// The pause between two reads of one live query.
const PAUSE: Duration = Duration::from_millis(50);

/// The replies of a live query, until its engine is replaced. Where it may change though nothing was written here, it looks
/// again by itself after `poll`, unless that is zero.
pub(super) fn follow(
    run: Run,
    plan: Arc<Plan>,
    values: (Vec<Input>, Vec<PageNow>),
    poll: Duration,
) -> impl Stream<Item = Reply> + Send {
    // Who listens before the first read misses nothing.
    let listener = run.engine.feed().watch(&types(&run, &plan));
    let drifts = parts(&plan).any(|part| run.engine.drifts(&part.ready));
    let poll = (drifts && !poll.is_zero()).then_some(poll);
    let live = Live { run, plan, values, poll, listener, told: None, read: Instant::now() };
    stream::unfold(live, |mut live| async move { live.next().await.map(|reply| (reply, live)) })
}

fn types(run: &Run, plan: &Plan) -> Types {
    parts(plan).flat_map(|part| run.engine.types_of(&part.ready).iter().collect::<Vec<_>>()).collect()
}

fn parts(plan: &Plan) -> impl Iterator<Item = &Part> {
    reading(plan).into_iter().flat_map(|reading| &reading.parts)
}

fn reading(plan: &Plan) -> Option<&Reading> {
    match plan.roots.first().map(|root| &root.work) {
        Some(Work::Live(reading)) => Some(reading),
        _ => None,
    }
}

struct Live {
    run: Run,
    plan: Arc<Plan>,
    values: (Vec<Input>, Vec<PageNow>),
    poll: Option<Duration>,
    listener: Listener,
    /// The hash of what was told last.
    told: Option<Hash>,
    /// When it was read last.
    read: Instant,
}

impl Live {
    async fn next(&mut self) -> Option<Reply> {
        loop {
            if self.told.is_some() {
                self.change().await?;
            }
            let reply = self.reply().await?;
            let hash = hash(&reply.body);
            if self.told.replace(hash) != Some(hash) {
                return Some(reply);
            }
        }
    }

    /// Waits until something may be different; `None` when there is nothing to wait for any more.
    async fn change(&mut self) -> Option<()> {
        match self.poll {
            None => drop(self.listener.next().await?),
            // Nothing heard for so long: others may have written.
            Some(poll) => {
                if let Ok(heard) = timeout(poll, self.listener.next()).await {
                    drop(heard?);
                }
            }
        }
        sleep_until(self.read + PAUSE).await;
        // What happened meanwhile is read now.
        while let Some(heard) = self.listener.next().now_or_never() {
            drop(heard?);
        }
        Some(())
    }

    async fn reply(&mut self) -> Option<Reply> {
        let mut body = Body::new(self.run.caps, self.plan.size.room());
        let state = body.field();
        let root = self.plan.roots.first()?;
        let run = Run { cx: clock::now(&self.run.cx), ..self.run.clone() };
        let (inputs, pages) = self.values.clone();
        let written = read(&run, reading(&self.plan)?, BoundRoot::Read { inputs, pages }).await;
        self.read = Instant::now();
        body.add(state, root, written);
        let reply = body.finish();
        self.plan.size.note(reply.body.len());
        Some(reply)
    }
}
