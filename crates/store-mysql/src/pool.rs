//! A bounded pool of connections that mends itself.
//!
//! Each connection serves one piece of work at a time: the protocol answers in order. Whoever finds all of them busy
//! waits in line, and the line has an end. Reads and writes have places and lines of their own, and draw on the same idle
//! connections. A connection goes back only between statements; whatever stops in the middle
//! of one, a dropped future included, costs its connection, and the server is told to stop what runs on it.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bistro_store::{StoreError, StoreErrorKind};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connect::Site;
use crate::error::lost;

/// How long a connection may lie idle: less than what firewalls and servers usually allow.
const IDLE: Duration = Duration::from_secs(240);
/// How often a server that was lost is looked for.
const LOOK: Duration = Duration::from_millis(500);

/// After how long without a word the server is asked whether it is there.
const SILENT: Duration = Duration::from_secs(1);
/// How long that answer may take.
const ANSWER: Duration = Duration::from_secs(2);
/// So many looks at records go by before expired ones are removed.
const TURN: u32 = 32;

/// The connections of one store.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) site: Site,
    reads: Lane,
    writes: Lane,
    idle: Mutex<Vec<Idle>>,
    /// Counts losses: connections made before the last one are not used again.
    generation: AtomicU32,
    /// Why the server cannot be reached, as far as the last attempt showed.
    trouble: Mutex<Option<String>>,
    /// Whether somebody looks for the server.
    looking: AtomicBool,
    /// Whether the server is being asked whether it is there.
    asking: AtomicBool,
    /// When the server was heard of last.
    heard: Mutex<Instant>,
    runtime: Handle,
    /// Counts looks at records.
    turns: AtomicU32,
    closed: AtomicBool,
}

/// What a connection is wanted for. Reads never wait for writes, which may in turn wait for each other's locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Read,
    Write,
}

/// The places of one kind of work, and the line before them.
#[derive(Debug)]
struct Lane {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// How many may wait.
    queue: usize,
}

impl Lane {
    fn new(most: usize, queue: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(most.max(1))), waiting: AtomicUsize::new(0), queue }
    }

    async fn permit(&self, until: Instant) -> Result<OwnedSemaphorePermit, StoreError> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let place = Place::take(&self.waiting, self.queue)?;
        let permit = tokio::time::timeout_at(until.into(), self.permits.clone().acquire_owned()).await;
        drop(place);
        match permit {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(closed()),
            Err(_) => Err(StoreError::new(StoreErrorKind::TimedOut, "it waited too long for a connection")),
        }
    }
}

#[derive(Debug)]
struct Idle {
    conn: Conn,
    since: Instant,
    generation: u32,
}

/// A connection on loan.
#[derive(Debug)]
pub(crate) struct Lease {
    conn: Option<Conn>,
    /// Whether it has been used before, so that the server may have gone meanwhile.
    used: bool,
    /// Since when it lay idle.
    since: Instant,
    /// Whether nothing runs on it.
    rests: bool,
    generation: u32,
    pool: Arc<Pool>,
    permit: Option<OwnedSemaphorePermit>,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    /// A pool of at most `readers` and `writers` connections, which starts with one.
    pub(crate) fn new(site: Site, first: Conn, readers: usize, writers: usize, queue: usize) -> Arc<Self> {
        let idle = vec![Idle { conn: first, since: Instant::now(), generation: 0 }];
        Arc::new(Self {
            site,
            reads: Lane::new(readers, queue),
            writes: Lane::new(writers, queue),
            idle: Mutex::new(idle),
            generation: AtomicU32::new(0),
            trouble: Mutex::new(None),
            looking: AtomicBool::new(false),
            asking: AtomicBool::new(false),
            heard: Mutex::new(Instant::now()),
            runtime: Handle::current(),
            turns: AtomicU32::new(0),
            closed: AtomicBool::new(false),
        })
    }

    /// A connection, as soon as one is free.
    pub(crate) async fn lease(self: &Arc<Self>, work: Work, until: Instant) -> Result<Lease, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        let lane = match work {
            Work::Read => &self.reads,
            Work::Write => &self.writes,
        };
        let permit = lane.permit(until).await?;
        let generation = self.generation.load(Ordering::Acquire);
        let lease = |conn, used, since| Lease {
            conn: Some(conn),
            used,
            since,
            rests: true,
            generation,
            pool: self.clone(),
            permit: Some(permit),
        };
        if let Some(conn) = self.take_idle(generation) {
            return Ok(lease(conn.0, true, conn.1));
        }
        Ok(lease(self.connect().await?, false, Instant::now()))
    }

    /// A connection of its own beside the pool, for what lasts.
    pub(crate) async fn beside(&self) -> Result<Conn, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        self.site.connect().await
    }

    fn take_idle(&self, generation: u32) -> Option<(Conn, Instant)> {
        let mut idle = lock(&self.idle);
        let now = Instant::now();
        while let Some(last) = idle.pop() {
            if last.generation == generation && now.duration_since(last.since) < IDLE {
                return Some((last.conn, last.since));
            }
        }
        None
    }

    async fn connect(self: &Arc<Self>) -> Result<Conn, StoreError> {
        let made = self.site.connect().await;
        match &made {
            Ok(_) => self.heard(),
            Err(error) => self.lost(&error.cause, self.generation.load(Ordering::Acquire)),
        }
        made
    }

    /// Whether the server answered when it was last asked. If that is long ago, it is asked now, for whoever comes next.
    pub(crate) fn reachable(self: &Arc<Self>) -> Result<(), StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        if let Some(why) = &*lock(&self.trouble) {
            return Err(StoreError::new(StoreErrorKind::Unavailable, why.clone()));
        }
        let silent = lock(&self.heard).elapsed() > SILENT;
        if silent && !self.asking.swap(true, Ordering::AcqRel) {
            let pool = self.clone();
            self.runtime.spawn(async move {
                pool.ask().await;
                pool.asking.store(false, Ordering::Release);
            });
        }
        Ok(())
    }

    /// Asks the server, by a connection that lies idle or a new one.
    async fn ask(self: &Arc<Self>) {
        // All connections of readers are busy: the server is heard of as soon as one ends its work.
        let Ok(permit) = self.reads.permits.clone().try_acquire_owned() else { return };
        let generation = self.generation.load(Ordering::Acquire);
        let Some((conn, since)) = self.take_idle(generation) else {
            drop(self.connect().await);
            return;
        };
        let (conn, permit, pool) = (Some(conn), Some(permit), self.clone());
        let mut lease = Lease { conn, used: true, since, rests: true, generation, pool, permit };
        match tokio::time::timeout(ANSWER, lease.work().ping()).await {
            Ok(Ok(())) => {
                lease.rest();
                self.heard();
            }
            Ok(Err(error)) => lease.failed(&StoreError::new(StoreErrorKind::Unavailable, error.to_string())),
            Err(_) => {
                lease.failed(&StoreError::new(StoreErrorKind::Unavailable, "the server does not answer"))
            }
        }
    }

    /// The server answered.
    fn heard(&self) {
        *lock(&self.heard) = Instant::now();
        *lock(&self.trouble) = None;
    }

    /// The server was lost by a connection of this generation: no older one is trusted, and somebody looks for it.
    fn lost(self: &Arc<Self>, why: &str, generation: u32) {
        let next = generation.wrapping_add(1);
        let first =
            self.generation.compare_exchange(generation, next, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if first {
            lock(&self.idle).clear();
        }
        *lock(&self.trouble) = Some(why.to_owned());
        if self.looking.swap(true, Ordering::AcqRel) {
            return;
        }
        let pool = Arc::downgrade(self);
        self.runtime.spawn(async move {
            loop {
                let Some(pool) = pool.upgrade() else { return };
                let found = pool.closed.load(Ordering::Acquire) || pool.look().await;
                if found {
                    pool.looking.store(false, Ordering::Release);
                    return;
                }
                drop(pool);
                tokio::time::sleep(LOOK).await;
            }
        });
    }

    /// Whether the server is there again; what finds it is kept for use.
    async fn look(&self) -> bool {
        let generation = self.generation.load(Ordering::Acquire);
        match self.site.connect().await {
            Ok(conn) => {
                self.heard();
                lock(&self.idle).push(Idle { conn, since: Instant::now(), generation });
                true
            }
            Err(error) => {
                *lock(&self.trouble) = Some(error.cause);
                false
            }
        }
    }

    /// Whether it is time to look after expired records: every now and then.
    pub(crate) fn turn(&self) -> bool {
        self.turns.fetch_add(1, Ordering::Relaxed).is_multiple_of(TURN)
    }

    /// Takes no more work; connections end as they come back.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.reads.permits.close();
        self.writes.permits.close();
        lock(&self.idle).clear();
    }
}

/// A place in the line.
struct Place<'p>(&'p AtomicUsize);

impl<'p> Place<'p> {
    fn take(waiting: &'p AtomicUsize, most: usize) -> Result<Self, StoreError> {
        let place = Place(waiting);
        if waiting.fetch_add(1, Ordering::AcqRel) >= most {
            drop(place);
            return Err(StoreError::new(StoreErrorKind::Overloaded, "too much waits for a connection"));
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn closed() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "the store is closed")
}

impl Lease {
    /// The connection, for something that is not over before [`Lease::rest`] is called.
    pub(crate) fn work(&mut self) -> &mut Conn {
        self.rests = false;
        self.conn.as_mut().expect("a lease holds its connection until it ends")
    }

    /// Nothing runs on the connection any more.
    pub(crate) fn rest(&mut self) {
        self.rests = true;
    }

    /// Whether the server may have gone before this loan began.
    pub(crate) fn used(&self) -> bool {
        self.used
    }

    /// How long the connection lay idle before.
    pub(crate) fn rested(&self) -> Duration {
        self.since.elapsed()
    }

    /// Another connection in the place of this one, which the server surely still has.
    pub(crate) async fn renew(&mut self) -> Result<(), StoreError> {
        self.conn = None;
        self.generation = self.pool.generation.load(Ordering::Acquire);
        self.conn = Some(self.pool.connect().await?);
        (self.used, self.rests, self.since) = (false, true, Instant::now());
        Ok(())
    }

    /// What an error means for the connection and for the pool.
    pub(crate) fn failed(&mut self, error: &StoreError) {
        if !lost(error) {
            self.rests = true;
            return;
        }
        if error.kind == StoreErrorKind::Unavailable {
            self.pool.lost(&error.cause, self.generation);
        }
        // Nothing can run there any more, and nothing can be said to it.
        self.conn = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        let pool = &self.pool;
        if self.rests {
            let stale = self.generation != pool.generation.load(Ordering::Acquire);
            if !stale && !pool.closed.load(Ordering::Acquire) {
                let idle = Idle { conn, since: Instant::now(), generation: self.generation };
                lock(&pool.idle).push(idle);
                *lock(&pool.heard) = Instant::now();
            }
            return;
        }
        // The place in the pool stays taken until the server has let go of the statement.
        let (permit, site) = (self.permit.take(), pool.site.clone());
        pool.runtime.spawn(async move {
            stop(&site, conn).await;
            drop(permit);
        });
    }
}

/// Ends a connection that a statement runs on, and the statement with it.
async fn stop(site: &Site, conn: Conn) {
    let id = conn.id();
    match site.connect().await {
        Ok(mut other) => {
            if let Err(error) = other.query_drop(format!("KILL CONNECTION {id}")).await {
                tracing::debug!(%error, id, "a connection that was let go could not be stopped");
            }
        }
        Err(error) => tracing::debug!(%error, "no connection to stop another one by"),
    }
    drop(conn);
}
