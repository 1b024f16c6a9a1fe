//! The task beside the server that keeps accounts: twice a second what other nodes ended, every hour what is over.

use std::sync::Arc;
use std::time::Duration;

use bistro_accounts::{Accounts, Followed};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::now_us;

/// How often other nodes are followed: what they end is over here within a second, with time to look it up.
const LOOK: Duration = Duration::from_millis(500);
/// How often is cleared away.
const SWEEP: Duration = Duration::from_secs(3_600);

/// The task; it ends when this is dropped.
pub(crate) struct Upkeep(Option<JoinHandle<()>>);

impl Upkeep {
    /// Starts it, where accounts are served.
    pub(crate) fn start(accounts: Option<&Arc<Accounts>>) -> Self {
        Self(accounts.map(|accounts| tokio::spawn(keep(Arc::clone(accounts)))))
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}

async fn keep(accounts: Arc<Accounts>) {
    let (mut look, mut sweep) = (interval(LOOK), interval(SWEEP));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut followed = Followed::default();
    loop {
        tokio::select! {
            _ = look.tick(), if accounts.data.shared() => {
                if let Err(problem) = accounts.follow(&mut followed, now_us()).await {
                    // Nobody knows what was ended meanwhile: nobody is believed until it is known again.
                    accounts.keys.all_changed();
                    tracing::debug!(%problem, "other nodes cannot be followed");
                }
            }
            _ = sweep.tick() => {
                if let Err(problem) = accounts.sweep(now_us()).await {
                    tracing::warn!(%problem, "what is over could not be cleared away");
                }
            }
        }
    }
}
