//! Fetches the key set again: every ten minutes, and soon after a token came whose key nobody knows.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

use super::{KeySet, address};
use crate::running::Running;

/// How old a key set becomes.
const EVERY: Duration = Duration::from_secs(600);

/// How often tokens of unknown keys may have the set fetched: strangers can send them.
const ASKED_EVERY: Duration = Duration::from_secs(30);

/// How often is looked whether such tokens came.
const LOOK: Duration = Duration::from_secs(1);

/// The task that does it; it ends when this is dropped.
pub(crate) struct Refresh(Option<JoinHandle<()>>);

impl Refresh {
    /// Starts it, if the settings name an address.
    pub(crate) fn start(running: &Arc<Running>) -> Self {
        let work = |address| tokio::spawn(refresh(Arc::downgrade(running), address));
        Self(address(&running.project).map(work))
    }
}

impl Drop for Refresh {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}

/// When the set is due.
struct Due {
    fetched: Instant,
    asked: Option<Instant>,
    seen: u64,
}

impl Due {
    fn new(now: Instant, unknown: u64) -> Self {
        Self { fetched: now, asked: None, seen: unknown }
    }

    /// Whether to fetch now, where `unknown` tokens of unknown keys have come so far.
    fn now(&mut self, now: Instant, unknown: u64) -> bool {
        let aged = now.duration_since(self.fetched) >= EVERY;
        let may = self.asked.is_none_or(|at| now.duration_since(at) >= ASKED_EVERY);
        let asked = unknown != self.seen && may;
        if asked {
            self.asked = Some(now);
        }
        if aged || asked {
            (self.fetched, self.seen) = (now, unknown);
        }
        aged || asked
    }
}

async fn refresh(running: Weak<Running>, address: String) {
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut due = Due::new(Instant::now(), 0);
    loop {
        tick.tick().await;
        let Some(running) = running.upgrade() else { return };
        if !due.now(Instant::now(), running.authenticator.unknown_key_ids()) {
            continue;
        }
        let taken =
            match KeySet::fetch(address.clone(), running.project.settings.outgoing.allowed(false)).await {
                Ok(fetched) => running.take_key_set(fetched),
                Err(failure) => Err(failure),
            };
        match taken {
            Ok(true) => tracing::info!(%address, "the key set has changed"),
            Ok(false) => tracing::debug!(%address, "the key set is as it was"),
            Err(failure) => tracing::warn!(error = %failure, "the keys stay as they were"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Due;

    #[test]
    fn unknown_keys_are_looked_for_at_once_but_not_too_often() {
        let start = Instant::now();
        let mut due = Due::new(start, 0);
        // Seconds since the start, tokens of unknown keys so far, whether the set is fetched.
        let cases = [
            (1, 0, false),
            (2, 1, true),
            (3, 1, false),
            (4, 5, false),
            (31, 5, false),
            (32, 5, true),
            (63, 5, false),
            (631, 5, false),
            (632, 5, true),
            (633, 6, true),
            (634, 7, false),
        ];
        for (seconds, unknown, expected) in cases {
            assert_eq!(due.now(start + Duration::from_secs(seconds), unknown), expected, "{seconds}");
        }
    }
}
