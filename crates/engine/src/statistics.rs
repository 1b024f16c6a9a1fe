//! What each shape of operation has cost so far: counted beside its plan, for as long as the plan is kept.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bistro_schema::Roles;

use crate::engine::Engine;

/// Counters of one plan.
#[derive(Debug, Default)]
pub(crate) struct Statistics {
    calls: AtomicU64,
    failed: AtomicU64,
    nanos: AtomicU64,
    slowest: AtomicU64,
    rows: AtomicU64,
}

impl Statistics {
    /// Counts one run that began at `start`; `rows` is `None` where it failed.
    pub(crate) fn count(&self, start: Instant, rows: Option<u64>) {
        let nanos = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
        self.slowest.fetch_max(nanos, Ordering::Relaxed);
        match rows {
            Some(rows) => self.rows.fetch_add(rows, Ordering::Relaxed),
            None => self.failed.fetch_add(1, Ordering::Relaxed),
        };
    }
}

/// What one shape has cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The operation as text.
    pub operation: String,
    /// The roles that it was planned for.
    pub roles: Roles,
    /// How often it ran.
    pub calls: u64,
    /// How often it was refused or failed, of those.
    pub failed: u64,
    /// The time of all runs together, from the engine's door to the last row.
    pub total: Duration,
    /// The time of the slowest.
    pub slowest: Duration,
    /// Rows read or written by all runs together.
    pub rows: u64,
}

impl Shape {
    /// The time of a run on average.
    pub fn mean(&self) -> Duration {
        self.total.checked_div(u32::try_from(self.calls.max(1)).unwrap_or(u32::MAX)).unwrap_or_default()
    }
}

impl Engine {
    /// What the shapes that are kept have cost, the dearest together first.
    pub fn shapes(&self) -> Vec<Shape> {
        let mut all: Vec<Shape> = self
            .plans()
            .map(|((operation, roles), ready)| {
                let of = &ready.statistics;
                let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
                Shape {
                    operation: bistro_ir::text::operation(self.schema(), &operation),
                    roles,
                    calls: read(&of.calls),
                    failed: read(&of.failed),
                    total: Duration::from_nanos(read(&of.nanos)),
                    slowest: Duration::from_nanos(read(&of.slowest)),
                    rows: read(&of.rows),
                }
            })
            .filter(|shape| shape.calls > 0)
            .collect();
        all.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.operation.cmp(&b.operation)));
        all
    }
}
