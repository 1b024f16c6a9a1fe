//! One connection: its driver task, the statements it has prepared, how many requests it carries.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;
use tokio_postgres::{Client, Error, NoTls, Statement};

use crate::decode::Wire;
use crate::tls::Tls;

/// Statements that a connection keeps prepared; the server holds a plan of each.
const STATEMENTS: usize = 256;
/// A connection whose head has not moved for so long is waiting for something slow.
const STUCK: Duration = Duration::from_millis(20);
/// What a request is taken to cost before any was seen, in nanoseconds.
const USUAL: u64 = 20_000;
/// The longest that one request counts, in nanoseconds.
const LONGEST: u64 = 100_000_000;

/// SQL text with its hash, which is taken once a shape and not once a request.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    text: Arc<str>,
    hash: u64,
}

impl Text {
    pub(crate) fn new(text: &str) -> Self {
        let mut hasher = std::hash::DefaultHasher::new();
        text.hash(&mut hasher);
        Self { text: text.into(), hash: hasher.finish() }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && (Arc::ptr_eq(&self.text, &other.text) || self.text == other.text)
    }
}

impl Eq for Text {}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// Takes a hash for what it is.
#[derive(Default)]
struct Known(u64);

impl Hasher for Known {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, b| hash.rotate_left(8) ^ u64::from(*b));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// A statement that the server has prepared, and how its columns come over the wire.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) statement: Statement,
    pub(crate) columns: Box<[Wire]>,
}

#[derive(Default)]
struct Statements {
    kept: HashMap<Text, (Arc<Ready>, u64), BuildHasherDefault<Known>>,
    clock: u64,
}

/// A connection.
pub(crate) struct Link {
    client: Client,
    tls: Tls,
    driver: AbortHandle,
    statements: Mutex<Statements>,
    pending: AtomicUsize,
    /// When its head moved last, by [`clock`].
    moved: AtomicU64,
    /// Nanoseconds between two answers while it has work, on the average of the last ones.
    pace: AtomicU64,
    retired: AtomicBool,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("pending", &self.pending).finish_non_exhaustive()
    }
}

/// Nanoseconds since the first connection.
fn clock() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

impl Link {
    pub(crate) fn new(client: Client, tls: Tls, driver: AbortHandle) -> Self {
        Self {
            client,
            tls,
            driver,
            statements: Mutex::default(),
            pending: AtomicUsize::new(0),
            moved: AtomicU64::new(clock()),
            pace: AtomicU64::new(USUAL),
            retired: AtomicBool::new(false),
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether nothing can be sent any more.
    pub(crate) fn closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Whether no new work should come here.
    pub(crate) fn retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    /// Takes no new work any more; what it carries is still done.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
    }

    /// Closes the socket now, whatever it carries.
    pub(crate) fn kill(&self) {
        self.retire();
        self.driver.abort();
    }

    /// Asks the server to stop what runs, without waiting for it; and closes, for the request may arrive late and would
    /// hit the statement after.
    pub(crate) fn stop(&self) {
        self.retire();
        if self.closed() {
            return;
        }
        let (token, tls, driver) = (self.client.cancel_token(), self.tls.clone(), self.driver.clone());
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return driver.abort() };
        runtime.spawn(async move {
            let asked = async {
                match tls {
                    Tls::Plain => token.cancel_query(NoTls).await,
                    Tls::Rustls(tls) => token.cancel_query(tls).await,
                }
            };
            let _ = tokio::time::timeout(Duration::from_secs(5), asked).await;
            driver.abort();
        });
    }

    /// The prepared statement of a text.
    pub(crate) async fn prepare(&self, text: &Text) -> Result<Arc<Ready>, Error> {
        if let Some(ready) = self.kept(text) {
            return Ok(ready);
        }
        let statement = self.client.prepare(text.as_str()).await?;
        let columns = statement.columns().iter().map(|c| Wire::of(c.type_())).collect();
        let ready = Arc::new(Ready { statement, columns });
        self.keep(text, &ready);
        Ok(ready)
    }

    /// The statement, if it is prepared already.
    pub(crate) fn kept(&self, text: &Text) -> Option<Arc<Ready>> {
        let mut statements = self.statements();
        statements.clock += 1;
        let now = statements.clock;
        let (ready, used) = statements.kept.get_mut(text)?;
        *used = now;
        Some(ready.clone())
    }

    fn keep(&self, text: &Text, ready: &Arc<Ready>) {
        let mut statements = self.statements();
        if statements.kept.len() >= STATEMENTS {
            let oldest =
                statements.kept.iter().min_by_key(|(_, (_, used))| *used).map(|(text, _)| text.clone());
            oldest.map(|oldest| statements.kept.remove(&oldest));
        }
        let now = statements.clock;
        statements.kept.insert(text.clone(), (ready.clone(), now));
    }

    /// Prepares everything anew: tables have changed.
    pub(crate) fn forget(&self) {
        self.statements().kept.clear();
    }

    fn statements(&self) -> std::sync::MutexGuard<'_, Statements> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a request that comes now will wait, and whether the head stands still.
    pub(crate) fn load(&self) -> (Duration, bool) {
        let pending = self.pending.load(Ordering::Relaxed);
        let wait = (pending as u64).saturating_mul(self.pace.load(Ordering::Relaxed));
        (Duration::from_nanos(wait), pending > 0 && self.still() > STUCK)
    }

    /// How long its head has stood still.
    pub(crate) fn still(&self) -> Duration {
        Duration::from_nanos(clock().saturating_sub(self.moved.load(Ordering::Relaxed)))
    }

    /// A request comes.
    pub(crate) fn enter(&self) {
        if self.pending.fetch_add(1, Ordering::Relaxed) == 0 {
            self.moved.store(clock(), Ordering::Relaxed);
        }
    }

    /// A request is done or given up.
    pub(crate) fn leave(&self) {
        self.pending.fetch_sub(1, Ordering::Relaxed);
        let now = clock();
        let took = now.saturating_sub(self.moved.swap(now, Ordering::Relaxed)).min(LONGEST);
        let pace = self.pace.load(Ordering::Relaxed);
        self.pace.store((pace * 31 + took) / 32, Ordering::Relaxed);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if self.retired() {
            self.driver.abort();
        }
    }
}
