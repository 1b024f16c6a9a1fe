//! The few connections that reads share. A task for each keeps it open, with or without requests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bistro_store::{StoreError, StoreErrorKind};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::connect::Site;
use crate::health::Health;
use crate::link::Link;

/// How long a request may have to wait on one connection before the next is used: requests that go together cost fewer
/// system calls on both sides.
const CROWD: Duration = Duration::from_micros(400);
/// How often a connection is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How long a request waits for a connection that was lost.
const REOPENING: Duration = Duration::from_secs(1);
/// The first and the longest pause between two tries to connect.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Connections that many requests use at once.
pub(crate) struct Readers {
    slots: Vec<Slot>,
    pending: AtomicUsize,
    most: usize,
    health: Arc<Health>,
    lost: Notify,
    opened: Notify,
}

#[derive(Default)]
struct Slot(Mutex<Option<Arc<Link>>>);

impl Slot {
    fn get(&self) -> Option<Arc<Link>> {
        let link = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        (!link.retired() && !link.closed()).then_some(link)
    }

    fn set(&self, link: Option<Arc<Link>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = link;
    }
}

/// Stops the tasks that keep connections open.
pub(crate) struct Keepers(Vec<AbortHandle>);

impl Drop for Keepers {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

/// A place on a shared connection, given back by dropping it.
pub(crate) struct Turn {
    link: Arc<Link>,
    readers: Arc<Readers>,
}

impl Turn {
    pub(crate) fn link(&self) -> &Link {
        &self.link
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.link.leave();
        self.readers.pending.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Readers {
    /// `count` connections to a server, the first of which may be open already; at most `most` requests at once.
    pub(crate) fn start(
        site: &Site,
        count: usize,
        most: usize,
        first: Option<Link>,
        health: &Arc<Health>,
    ) -> (Arc<Self>, Keepers) {
        let slots: Vec<Slot> = (0..count.max(1)).map(|_| Slot::default()).collect();
        slots[0].set(first.map(Arc::new));
        let readers = Arc::new(Self {
            slots,
            pending: AtomicUsize::new(0),
            most: most.max(1),
            health: health.clone(),
            lost: Notify::new(),
            opened: Notify::new(),
        });
        let keep = |at| tokio::spawn(keep(readers.clone(), site.clone(), at)).abort_handle();
        let keepers = Keepers((0..readers.slots.len()).map(keep).collect());
        (readers, keepers)
    }

    /// A place on the connection that has least to do.
    ///
    /// # Errors
    /// [`StoreErrorKind::Overloaded`] if too many requests wait, [`StoreErrorKind::Unavailable`] without a connection.
    pub(crate) async fn turn(self: &Arc<Self>) -> Result<Turn, StoreError> {
        self.health.open()?;
        let link = match self.pick() {
            Some(link) => link,
            None => self.reopened().await?,
        };
        if self.pending.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.pending.fetch_sub(1, Ordering::Relaxed);
            return Err(StoreError::new(StoreErrorKind::Overloaded, "too many reads wait"));
        }
        link.enter();
        Ok(Turn { link, readers: self.clone() })
    }

    /// A connection that was lost a moment ago is there again before long, unless the server itself is gone.
    async fn reopened(&self) -> Result<Arc<Link>, StoreError> {
        let until = Instant::now() + REOPENING;
        while !self.health.failed() && Instant::now() < until {
            let opened = self.opened.notified();
            self.lost.notify_waiters();
            let _ = tokio::time::timeout(Duration::from_millis(20), opened).await;
            self.health.open()?;
            if let Some(link) = self.pick() {
                return Ok(link);
            }
        }
        Err(self.health.why())
    }

    /// The first connection that is neither crowded nor stuck; otherwise the one with the shortest wait.
    fn pick(&self) -> Option<Arc<Link>> {
        let mut best: Option<((bool, Duration), Arc<Link>)> = None;
        for slot in &self.slots {
            let Some(link) = slot.get() else { continue };
            let (wait, stuck) = link.load();
            if wait < CROWD && !stuck {
                return Some(link);
            }
            if best.as_ref().is_none_or(|(least, _)| (stuck, wait) < *least) {
                best = Some(((stuck, wait), link));
            }
        }
        best.map(|(_, link)| link)
    }

    /// Whether a connection is open.
    pub(crate) fn alive(&self) -> bool {
        self.slots.iter().any(|s| s.get().is_some())
    }

    /// Replaces all connections: the server behind them changed its role.
    pub(crate) fn renew(&self) {
        self.slots.iter().filter_map(Slot::get).for_each(|link| link.retire());
        self.lost.notify_waiters();
    }

    /// Has all statements prepared anew.
    pub(crate) fn forget(&self) {
        self.slots.iter().filter_map(Slot::get).for_each(|link| link.forget());
    }

    /// Takes no more requests.
    pub(crate) fn close(&self) {
        self.slots.iter().for_each(|slot| slot.set(None));
    }
}

/// Keeps one connection open for ever.
async fn keep(readers: Arc<Readers>, site: Site, at: usize) {
    let slot = &readers.slots[at];
    let mut pause = PAUSES.0;
    loop {
        if slot.get().is_some() {
            pause = PAUSES.0;
            let _ = tokio::time::timeout(LOOK, readers.lost.notified()).await;
            continue;
        }
        match site.connect().await {
            Ok((link, _)) => {
                slot.set(Some(Arc::new(link)));
                readers.health.good();
                readers.opened.notify_waiters();
            }
            Err(error) => {
                if !readers.alive() {
                    readers.health.bad(&error);
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSES.1);
            }
        }
    }
}
