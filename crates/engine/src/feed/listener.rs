//! One who listens: a bounded queue of commits, filled as they happen and emptied at the listener's own pace.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use futures_util::future::poll_fn;
use futures_util::task::AtomicWaker;

use super::{Commit, Feed, Types};

/// Commits that wait for one listener.
const COMMITS: usize = 256;
/// Changes that wait for one listener.
const CHANGES: usize = 10_000;
/// Bytes of rows that wait for one listener.
const BYTES: usize = 32 << 20;

/// Too much happened while the listener was busy: it was not told of all, and is told of no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lagged;

/// What a listener wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// That something changed: what waits is one commit, the latest.
    Something,
    /// Which rows.
    Rows,
}

/// Hears of the changes of some types until it is dropped.
pub struct Listener {
    feed: Arc<Feed>,
    ear: Arc<Ear>,
}

/// The listener as the feed has it.
pub(super) struct Ear {
    pub(super) types: Types,
    pub(super) detail: Detail,
    waiting: Mutex<Waiting>,
    waker: AtomicWaker,
}

#[derive(Default)]
struct Waiting {
    commits: VecDeque<Arc<Commit>>,
    changes: usize,
    bytes: usize,
    /// The number of the last commit that was told; one of several types comes several times.
    heard: u64,
    end: Option<End>,
}

#[derive(Clone, Copy)]
enum End {
    Lagged,
    Closed,
}

impl Listener {
    pub(super) fn new(feed: Arc<Feed>, ear: Arc<Ear>) -> Self {
        Self { feed, ear }
    }

    /// The next commit that changed rows of the types; `None` when the feed was closed. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`Lagged`] once, if more happened than waits for a listener; then `None`.
    pub async fn next(&mut self) -> Option<Result<Arc<Commit>, Lagged>> {
        poll_fn(|cx| {
            self.ear.waker.register(cx.waker());
            self.ear.take()
        })
        .await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.feed.leave(&self.ear);
    }
}

impl Ear {
    pub(super) fn new(types: Types, detail: Detail) -> Arc<Self> {
        Arc::new(Self { types, detail, waiting: Mutex::default(), waker: AtomicWaker::new() })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a commit into the queue, or ends it. Who is to be woken is woken by the caller, when it holds no lock.
    pub(super) fn tell(&self, commit: &Arc<Commit>, number: u64) -> Option<Waker> {
        let mut waiting = self.waiting();
        if waiting.end.is_some() || waiting.heard == number {
            return None;
        }
        waiting.heard = number;
        // Who has something to take knows it.
        let first = waiting.commits.is_empty();
        if self.detail == Detail::Something {
            waiting.commits.clear();
            (waiting.changes, waiting.bytes) = (0, 0);
        }
        let changes = waiting.changes + commit.changes().len();
        let bytes = waiting.bytes + commit.bytes();
        // A commit alone is bounded by what a transaction notes.
        let fits = waiting.commits.is_empty()
            || waiting.commits.len() < COMMITS && changes <= CHANGES && bytes <= BYTES;
        if fits {
            (waiting.changes, waiting.bytes) = (changes, bytes);
            waiting.commits.push_back(Arc::clone(commit));
        } else {
            *waiting = Waiting { end: Some(End::Lagged), ..Waiting::default() };
        }
        drop(waiting);
        if first { self.waker.take() } else { None }
    }

    /// What waits is heard, and nothing after it. Who is to be woken is woken by the caller.
    pub(super) fn close(&self) -> Option<Waker> {
        self.waiting().end.get_or_insert(End::Closed);
        self.waker.take()
    }

    fn take(&self) -> Poll<Option<Result<Arc<Commit>, Lagged>>> {
        let mut waiting = self.waiting();
        if let Some(commit) = waiting.commits.pop_front() {
            waiting.changes -= commit.changes().len();
            waiting.bytes -= commit.bytes();
            return Poll::Ready(Some(Ok(commit)));
        }
        match waiting.end {
            None => Poll::Pending,
            Some(End::Closed) => Poll::Ready(None),
            Some(End::Lagged) => {
                waiting.end = Some(End::Closed);
                Poll::Ready(Some(Err(Lagged)))
            }
        }
    }
}
