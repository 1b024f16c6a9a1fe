//! A server as the store uses it: shared connections for reads, leased ones for jobs and for reads that take long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bistro_schema::Value;
use bistro_store::{Prepared, Sink, StoreError, StoreErrorKind, Summary};
use bistro_store_sql::encode::Width;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;

use crate::connect::Site;
use crate::error::{from_driver, lost, stale};
use crate::execute::{Run, Trouble};
use crate::health::Health;
use crate::link::Link;
use crate::pool::{Lease, Pool};
use crate::prepare::{Level, Program, Reading};
use crate::readers::{Keepers, Readers};
use crate::replica::Replicas;
use crate::transaction::in_time;

/// A read that took so long on a shared connection has one for itself the next times.
const SLOW: Duration = Duration::from_millis(250);
/// Longer than the deadline that the server keeps, after which the way to it counts as dead.
const GRACE: Duration = Duration::from_secs(2);

/// The connections for reads to one server.
pub(crate) struct Place {
    pub(crate) readers: Arc<Readers>,
    pub(crate) aside: Arc<Pool>,
    pub(crate) health: Arc<Health>,
    _keepers: Keepers,
}

impl Place {
    /// Connects, to go on from a first connection where there is one.
    pub(crate) fn start(site: &Site, first: Option<Link>, sizes: Sizes, deadline: Duration) -> Self {
        let health = Arc::new(Health::default());
        let (readers, keepers) = Readers::start(site, sizes.readers, sizes.queue, first, &health);
        let aside = Arc::new(Pool::new(site.clone(), sizes.aside, sizes.queue, deadline, &health));
        Self { readers, aside, health, _keepers: keepers }
    }

    fn forget(&self) {
        self.readers.forget();
        self.aside.forget();
    }

    fn close(&self) {
        self.health.close();
        self.readers.close();
        self.aside.close();
    }
}

/// The connections to a server, and to those that repeat what it writes.
pub(crate) struct Server {
    pub(crate) site: Site,
    pub(crate) primary: Place,
    pub(crate) writers: Arc<Pool>,
    replicas: Option<Replicas>,
    /// Where jobs run: callers need not be on a runtime.
    pub(crate) runtime: Handle,
    deadline: Duration,
}

/// How many connections of each sort.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) readers: usize,
    pub(crate) aside: usize,
    pub(crate) writers: usize,
    /// How many requests may wait for each sort.
    pub(crate) queue: usize,
}

impl Server {
    /// Takes over the first connection.
    pub(crate) fn start(
        site: Site,
        first: Link,
        replicas: Vec<Site>,
        sizes: Sizes,
        deadline: Duration,
    ) -> Self {
        let primary = Place::start(&site, Some(first), sizes, deadline);
        let writers = Pool::new(site.clone(), sizes.writers, sizes.queue, deadline, &primary.health);
        let places = replicas.iter().map(|site| Place::start(site, None, sizes, deadline)).collect();
        let replicas = Replicas::start(&primary, places);
        let runtime = Handle::current();
        Self { site, primary, writers: Arc::new(writers), replicas, runtime, deadline }
    }

    /// How long an answer may take before the way to the server counts as dead.
    pub(crate) fn patience(&self) -> Duration {
        self.deadline + GRACE
    }

    /// Looks at an error on its way out: a server that may only be read is no primary any more, so that the connections
    /// to it are replaced by such to whoever is now.
    pub(crate) fn met(&self, error: StoreError) -> StoreError {
        if error.kind == StoreErrorKind::ReadOnly && self.writers.renew() {
            self.primary.aside.renew();
            self.primary.readers.renew();
        }
        error
    }

    /// Something was committed, or may have been.
    pub(crate) fn wrote(&self) {
        if let Some(replicas) = &self.replicas {
            replicas.wrote();
        }
    }

    /// Tables have changed.
    pub(crate) fn forget(&self) {
        self.writers.forget();
        self.primary.forget();
        self.replicas.iter().flat_map(Replicas::places).for_each(Place::forget);
    }

    /// Takes no more work.
    pub(crate) fn close(&self) {
        self.primary.close();
        self.writers.close();
        self.replicas.iter().flat_map(Replicas::places).for_each(Place::close);
    }

    /// Reads outside transactions.
    pub(crate) async fn read(
        self: Arc<Self>,
        prepared: Prepared,
        binds: Vec<Value>,
        mut sink: Box<dyn Sink>,
    ) -> Result<(Box<dyn Sink>, Summary), StoreError> {
        let program = Program::of(&prepared)?;
        let reading = program.reading()?;
        let (mut width, mut again) = (Width::NARROW, true);
        loop {
            let level = reading.level_for(&program.schema, width, &binds)?;
            // A second try goes to the one server that has everything.
            let replica = self.replicas.as_ref().filter(|_| again).and_then(Replicas::current);
            let place = replica.unwrap_or(&self.primary);
            let ran = match reading.shares() {
                true => self.share(place, reading, level, &binds, &mut *sink).await,
                false => self.alone(place, reading, level, &binds, &mut *sink).await,
            };
            match ran {
                Ok(summary) => return Ok((sink, summary)),
                Err(Trouble::Wide(wider)) if width.or(wider) != width => {
                    width = width.or(wider);
                    continue;
                }
                Err(Trouble::Driver(error)) if again && (lost(&error) || stale(&error)) => again = false,
                Err(trouble) if again && replica.is_some() && elsewhere(&trouble) => again = false,
                Err(trouble) => return Err(self.met(trouble.into_error())),
            }
            sink.reset();
        }
    }

    /// On a connection that others use at the same time.
    async fn share(
        &self,
        place: &Place,
        reading: &Reading,
        level: &Level,
        binds: &[Value],
        sink: &mut dyn Sink,
    ) -> Result<Summary, Trouble> {
        let turn = place.readers.turn().await?;
        let (link, began) = (turn.link(), Instant::now());
        let ran = in_time(self.patience(), Run { link, binds, whole: false }.read(level, sink)).await;
        reading.took(began.elapsed() > SLOW);
        match &ran {
            Err(Trouble::Driver(error)) if lost(error) => link.retire(),
            Err(Trouble::Driver(error)) if stale(error) => link.forget(),
            Err(Trouble::Store(error))
                if error.kind == StoreErrorKind::TimedOut && link.still() > self.deadline =>
            {
                link.kill();
            }
            _ => {}
        }
        ran
    }

    /// On a connection of its own.
    async fn alone(
        &self,
        place: &Place,
        reading: &Reading,
        level: &Level,
        binds: &[Value],
        sink: &mut dyn Sink,
    ) -> Result<Summary, Trouble> {
        let mut lease = place.aside.lease().await?;
        let began = Instant::now();
        lease.begin();
        let run = Run { link: &lease, binds, whole: false };
        let ran = match level.total.is_some() {
            true => in_time(self.patience(), run.snapshot(level, sink)).await,
            false => in_time(self.patience(), run.read(level, sink)).await,
        };
        reading.took(began.elapsed() > SLOW);
        settle(&mut lease, level.total.is_some(), ran.as_ref().err()).await;
        ran
    }

    /// Runs a question of Bistro's own on a connection of its own.
    pub(crate) fn look<T, W>(self: &Arc<Self>, mut work: W) -> BoxFuture<'static, Result<T, StoreError>>
    where
        T: Send + 'static,
        W: for<'l> FnMut(&'l Link) -> BoxFuture<'l, Result<T, Trouble>> + Send + 'static,
    {
        let server = Arc::clone(self);
        Box::pin(async move {
            let mut again = true;
            loop {
                let mut lease = server.primary.aside.lease().await?;
                lease.begin();
                let done = in_time(server.patience(), work(&lease)).await;
                settle(&mut lease, false, done.as_ref().err()).await;
                match done {
                    Err(Trouble::Driver(error)) if again && (lost(&error) || stale(&error)) => again = false,
                    done => return done.map_err(|t| server.met(t.into_error())),
                }
            }
        })
    }

    /// A connection that nobody else gets, without a deadline for its statements.
    pub(crate) async fn own(&self) -> Result<Link, StoreError> {
        self.primary.health.open()?;
        let (link, _) = self.site.connect().await?;
        link.client().batch_execute("SET statement_timeout = 0").await.map_err(|e| from_driver(&e))?;
        Ok(link)
    }
}

/// Whether another server may do what this replica could not.
fn elsewhere(trouble: &Trouble) -> bool {
    use StoreErrorKind::{Overloaded, Serialization, Unavailable};
    let kind = match trouble {
        Trouble::Driver(error) => from_driver(error).kind,
        Trouble::Store(error) => error.kind.clone(),
        Trouble::Wide(_) => return false,
    };
    matches!(kind, Overloaded | Serialization | Unavailable)
}

/// Whether a lease can be given back after a run that ended.
async fn settle(lease: &mut Lease, transaction: bool, trouble: Option<&Trouble>) {
    match trouble {
        None => lease.end(),
        Some(Trouble::Driver(error)) if lost(error) => lease.retire(),
        // No answer came, or the sink's owner ended it: something may still be under way.
        Some(Trouble::Store(_)) => {}
        Some(trouble) => {
            if matches!(trouble, Trouble::Driver(error) if stale(error)) {
                lease.forget();
            }
            if !transaction || lease.client().batch_execute("ROLLBACK").await.is_ok() {
                lease.end();
            }
        }
    }
}
