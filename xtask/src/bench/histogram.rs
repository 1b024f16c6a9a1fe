//! Latencies in about 1.6 % wide classes, so that recording one costs a few instructions.

use std::time::Duration;

/// Classes a doubling of the time.
const STEPS: u64 = 64;
/// log2 of [`STEPS`].
const SHIFT: u32 = 6;

/// Counts of durations by class.
pub(super) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    pub(super) fn new() -> Self {
        Self { counts: vec![0; class(u64::MAX) + 1], total: 0 }
    }

    pub(super) fn record(&mut self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.counts[class(nanos)] += 1;
        self.total += 1;
    }

    /// The time in milliseconds that `share` (0 to 1) of all stayed under; 0 without any.
    pub(super) fn millis_at(&self, share: f64) -> f64 {
        let wanted = (self.total as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (class, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && *count > 0 {
                return lowest(class) as f64 / 1e6;
            }
        }
        0.0
    }
}

fn class(nanos: u64) -> usize {
    let doublings = nanos.max(1).ilog2().saturating_sub(SHIFT);
    ((u64::from(doublings) * STEPS) + (nanos >> doublings)) as usize
}

fn lowest(class: usize) -> u64 {
    let class = class as u64;
    if class < 2 * STEPS {
        return class;
    }
    let doublings = class / STEPS - 1;
    (class - doublings * STEPS) << doublings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_grow_and_their_lowest_is_their_own() {
        let mut last = 0;
        for power in 0..63 {
            for nanos in [1u64 << power, (1 << power) + (1 << power) / 3] {
                let class = class(nanos);
                assert!(class >= last, "{nanos}");
                last = class;
                let low = lowest(class);
                assert!(low <= nanos && nanos - low <= nanos / 32, "{nanos} is in the class of {low}");
            }
        }
    }

    #[test]
    fn percentiles() {
        let mut histogram = Histogram::new();
        for micros in 1..=1000 {
            histogram.record(Duration::from_micros(micros));
        }
        for (share, millis) in [(0.5, 0.5), (0.99, 0.99), (1.0, 1.0)] {
            assert!((histogram.millis_at(share) - millis).abs() < millis * 0.02, "{share}");
        }
    }
}
