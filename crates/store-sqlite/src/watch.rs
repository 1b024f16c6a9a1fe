//! How long a statement may run: a number of steps, a deadline, or until nobody waits for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Virtual-machine steps between two looks at the watch. A step may call a function over a long text, so they are few.
pub(crate) const STEPS: i32 = 1_000;

/// What a statement may use up.
#[derive(Clone, Debug)]
pub(crate) enum Allowance {
    /// So many looks of [`STEPS`] steps each, and not beyond this time.
    Looks(u32, Instant),
    /// Until then, or until the flag says that nobody waits.
    Until(Instant, Option<Arc<AtomicBool>>),
    /// For ever.
    Free,
}

/// Shared by a connection's progress handler and whoever runs statements on it.
#[derive(Clone, Debug)]
pub(crate) struct Watch(Arc<Mutex<Allowance>>);

impl Watch {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Allowance::Free)))
    }

    /// What the next statements may use up.
    pub(crate) fn set(&self, allowance: Allowance) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = allowance;
    }

    /// Called by SQLite now and then: whether to stop.
    pub(crate) fn look(&self) -> bool {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Allowance::Free => false,
            Allowance::Looks(0, _) => true,
            Allowance::Looks(left, end) => {
                *left -= 1;
                Instant::now() >= *end
            }
            Allowance::Until(end, gone) => {
                Instant::now() >= *end || gone.as_ref().is_some_and(|g| g.load(Ordering::Relaxed))
            }
        }
    }

    /// Called by our own functions, which may work long within one step: whether the time is over.
    pub(crate) fn over(&self) -> bool {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Allowance::Free => false,
            Allowance::Looks(_, end) => Instant::now() >= *end,
            Allowance::Until(end, gone) => {
                Instant::now() >= *end || gone.as_ref().is_some_and(|g| g.load(Ordering::Relaxed))
            }
        }
    }
}
