//! Connections that one job or one long read has for itself: opened when needed, up to a number, kept for the next.

use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bistro_store::{StoreError, StoreErrorKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connect::Site;
use crate::health::Health;
use crate::link::Link;

/// A connection that nobody used for so long is closed when another comes back.
const IDLE: Duration = Duration::from_secs(300);
/// The pause before another try where the server has no room for a connection.
const FULL: Duration = Duration::from_millis(50);

/// A number of connections.
pub(crate) struct Pool {
    site: Site,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<(Link, Instant)>>,
    waiting: AtomicUsize,
    most: usize,
    deadline: Duration,
    health: Arc<Health>,
    renewed: Mutex<Option<Instant>>,
}

impl Pool {
    /// At most `size` connections, for which at most `most` requests wait, each no longer than `deadline`.
    pub(crate) fn new(
        site: Site,
        size: usize,
        most: usize,
        deadline: Duration,
        health: &Arc<Health>,
    ) -> Self {
        Self {
            site,
            permits: Arc::new(Semaphore::new(size.max(1))),
            idle: Mutex::default(),
            waiting: AtomicUsize::new(0),
            most: most.max(1),
            deadline,
            health: health.clone(),
            renewed: Mutex::default(),
        }
    }

    /// Takes a connection, waiting for one if all are in use.
    ///
    /// # Errors
    /// [`StoreErrorKind::Overloaded`] if too many wait, [`StoreErrorKind::TimedOut`] if none came back in time,
    /// [`StoreErrorKind::Unavailable`] if the server cannot be reached.
    pub(crate) async fn lease(self: &Arc<Self>) -> Result<Lease, StoreError> {
        self.health.open()?;
        let permit = match self.permits.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.wait().await?,
        };
        if let Some(link) = self.kept() {
            return Ok(Lease::new(link, permit, self));
        }
        let until = Instant::now() + self.deadline;
        loop {
            match self.site.connect().await {
                Ok((link, _)) => {
                    self.health.good();
                    return Ok(Lease::new(link, permit, self));
                }
                // Other programs have the server's connections: one of ours may come back, or one of theirs go.
                Err(error) if error.cause.contains("max_connections") && Instant::now() < until => {
                    tokio::time::sleep(FULL).await;
                    if let Some(link) = self.kept() {
                        return Ok(Lease::new(link, permit, self));
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let _waits = Waits::enter(self)?;
        match tokio::time::timeout(self.deadline, self.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(StoreError::new(StoreErrorKind::Unavailable, "the store is closed")),
            Err(_) => {
                let text = "it waited too long for a connection to the database";
                Err(StoreError::new(StoreErrorKind::TimedOut, text))
            }
        }
    }

    /// The connection that was used last, so that those not needed grow old.
    fn kept(&self) -> Option<Link> {
        let mut idle = self.lock();
        while let Some((link, _)) = idle.pop() {
            if !link.closed() && !link.retired() {
                return Some(link);
            }
        }
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Link, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, link: Link) {
        if link.closed() || link.retired() || self.health.open().is_err() {
            return;
        }
        let mut idle = self.lock();
        let now = Instant::now();
        let old = idle.iter().take_while(|(_, since)| now.duration_since(*since) > IDLE).count();
        idle.drain(..old);
        idle.push((link, now));
    }

    /// Throws away all connections that nobody uses, at most once a second. `false` if that was just done.
    pub(crate) fn renew(&self) -> bool {
        let mut renewed = self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        if renewed.is_some_and(|at| at.elapsed() < Duration::from_secs(1)) {
            return false;
        }
        *renewed = Some(Instant::now());
        self.lock().clear();
        true
    }

    /// Has all statements prepared anew.
    pub(crate) fn forget(&self) {
        self.lock().iter().for_each(|(link, _)| link.forget());
    }

    /// Takes no more requests; those that wait are refused.
    pub(crate) fn close(&self) {
        self.permits.close();
        self.lock().clear();
    }
}

/// Counts a request among those that wait.
struct Waits<'p>(&'p Pool);

impl<'p> Waits<'p> {
    fn enter(pool: &'p Pool) -> Result<Self, StoreError> {
        if pool.waiting.fetch_add(1, Ordering::Relaxed) >= pool.most {
            pool.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(StoreError::new(
                StoreErrorKind::Overloaded,
                "too many requests wait for a connection",
            ));
        }
        Ok(Self(pool))
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection in use. Dropping it gives it back, unless its state is unknown: then it is closed.
pub(crate) struct Lease {
    link: Option<Link>,
    pool: Arc<Pool>,
    clean: bool,
    /// Given back after the connection, whatever becomes of it.
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    fn new(link: Link, permit: OwnedSemaphorePermit, pool: &Arc<Pool>) -> Self {
        Self { link: Some(link), pool: pool.clone(), clean: true, _permit: permit }
    }

    /// Something is under way: if the lease is dropped now, the connection is closed and the server told to stop.
    pub(crate) fn begin(&mut self) {
        self.clean = false;
    }

    /// Nothing is under way any more.
    pub(crate) fn end(&mut self) {
        self.clean = true;
    }
}

impl Deref for Lease {
    type Target = Link;

    fn deref(&self) -> &Link {
        self.link.as_ref().expect("a lease has its connection until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(link) = self.link.take() else { return };
        if self.clean {
            self.pool.give_back(link);
        } else {
            link.stop();
        }
    }
}
