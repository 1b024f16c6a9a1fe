//! Follows the secrets of the database: what a command or another node changed holds here within a second or two.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use super::Keep;
use crate::running::Running;

/// How often is looked.
const LOOK: Duration = Duration::from_secs(1);

/// The task that does it; it ends when this is dropped.
pub(crate) struct Follow(Option<JoinHandle<()>>);

impl Follow {
    /// Starts it, if others may change the secrets.
    pub(crate) fn start(running: &Arc<Running>) -> Self {
        let shared = matches!(running.keep(), Keep::Database { .. });
        Self(shared.then(|| tokio::spawn(follow(Arc::downgrade(running)))))
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}

async fn follow(running: Weak<Running>) {
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let Some(running) = running.upgrade() else { return };
        match running.reload_keys().await {
            Ok(true) => tracing::info!("the keys have changed"),
            Ok(false) => {}
            // The store says itself, and louder, that it cannot be reached.
            Err(failure) => tracing::debug!(error = %failure, "the keys stay as they were"),
        }
    }
}
