//! Accepting connections, and stopping.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use bistro_auth::Authenticator;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::TokioExecutor;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::connection;
use crate::cors::Cors;
use crate::health::Readiness;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::proxies::Proxies;
use crate::route::Site;

/// How long accepting waits after the system refused (no descriptors, no memory).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What stays the same for the life of a server.
pub struct Config {
    /// What connections may ask.
    pub limits: Limits,
    /// Which pages may read answers.
    pub cors: Cors,
    /// Which proxies say whom they speak for.
    pub proxies: Proxies,
    /// Whether refused requests are logged with their reason.
    pub dev: bool,
    /// Where `/` leads to.
    pub root: Option<&'static str>,
    /// Whether the server can work.
    pub readiness: Box<Readiness>,
}

impl Default for Config {
    fn default() -> Self {
        let (limits, cors) = (Limits::default(), Cors::default());
        let proxies = Proxies::default();
        Self { limits, cors, proxies, dev: false, root: None, readiness: Box::new(|| Ok(())) }
    }
}

/// What all connections share.
pub(crate) struct Front {
    pub(crate) limits: Limits,
    pub(crate) cors: Cors,
    pub(crate) proxies: Proxies,
    pub(crate) dev: bool,
    pub(crate) root: Option<&'static str>,
    pub(crate) readiness: Box<Readiness>,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) site: ArcSwap<Site>,
    pub(crate) metrics: Metrics,
    pub(crate) draining: AtomicBool,
    /// For those who cannot wait for their client to end: streams and sockets.
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) http1: http1::Builder,
    pub(crate) http2: http2::Builder<TokioExecutor>,
}

/// Where the server is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Serving.
    Serve,
    /// Ending requests, taking no connections.
    Drain,
    /// Ending connections whatever they do.
    Cut,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were still busy when the time was up.
    pub cut: usize,
}

/// The server.
#[derive(Clone)]
pub struct Server {
    front: Arc<Front>,
}

impl Server {
    /// A server for this site; it does nothing until [`Server::run`].
    pub fn new(config: Config, authenticator: Arc<Authenticator>, site: Site) -> Self {
        let Config { limits, cors, proxies, dev, root, readiness } = config;
        let (http1, http2) = (http1(&limits), http2(&limits));
        let (site, metrics) = (ArcSwap::from_pointee(site), Metrics::default());
        let (draining, phase) = (AtomicBool::new(false), watch::Sender::new(Phase::Serve));
        let front = Front {
            limits,
            cors,
            proxies,
            dev,
            root,
            readiness,
            authenticator,
            site,
            metrics,
            draining,
            phase,
            http1,
            http2,
        };
        Self { front: Arc::new(front) }
    }

    /// Puts another site in the place of the present one: requests that come from now on are answered by it.
    pub fn replace_site(&self, site: Site) {
        self.front.site.store(Arc::new(site));
    }

    /// The counters.
    pub fn metrics(&self) -> &Metrics {
        &self.front.metrics
    }

    /// Serves until `stop` is ready; then takes no more connections, lets requests end within `limits.drain`, and
    /// cuts what is left.
    pub async fn run(&self, listener: TcpListener, stop: impl Future<Output = ()>) -> Drained {
        let places = self.front.limits.connections.clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        let free = Arc::new(Semaphore::new(places));
        let mut stop = pin!(stop);
        loop {
            // A place first: with none free, accepting pauses and callers wait in the system's queue.
            let place = tokio::select! {
                () = &mut stop => break,
                place = Arc::clone(&free).acquire_owned() => place.expect("the semaphore is never closed"),
            };
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => accepted,
            };
            let Some((stream, address)) = taken(accepted).await else { continue };
            let (front, watching) = (Arc::clone(&self.front), self.front.phase.subscribe());
            tokio::spawn(async move {
                front.metrics.connected();
                connection::serve(Arc::clone(&front), stream, address.ip(), watching).await;
                front.metrics.disconnected();
                drop(place);
            });
        }
        drop(listener);
        self.drain(&free, places as u32).await
    }

    /// Waits for the connections to end.
    async fn drain(&self, free: &Semaphore, places: u32) -> Drained {
        self.front.draining.store(true, Ordering::Relaxed);
        self.front.phase.send_replace(Phase::Drain);
        if timeout(self.front.limits.drain_time, free.acquire_many(places)).await.is_ok() {
            return Drained { cut: 0 };
        }
        let cut = places as usize - free.available_permits();
        tracing::warn!(target: "bistro::http", cut, "connections were cut when the time to drain was up");
        self.front.phase.send_replace(Phase::Cut);
        // Cut connections end as soon as they are polled; one second is for a machine that is very busy.
        let _ = timeout(Duration::from_secs(1), free.acquire_many(places)).await;
        Drained { cut }
    }
}

/// The accepted connection, ready for short answers; `None` after a failure, which heals by itself.
async fn taken(accepted: std::io::Result<(TcpStream, SocketAddr)>) -> Option<(TcpStream, SocketAddr)> {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    match accepted {
        Ok((stream, address)) => {
            // Without it, an answer in two pieces waits for the client's acknowledgement; a socket that is gone refuses.
            let _ = stream.set_nodelay(true);
            Some((stream, address))
        }
        Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) => None,
        Err(error) => {
            tracing::warn!(target: "bistro::http", %error, "cannot accept connections; trying again");
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// HTTP/1.1. Times are kept by the pulse of a connection: hyper's own would also end idle connections.
fn http1(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.header_read_timeout(None).max_buf_size(limits.head_bytes());
    builder
}

/// HTTP/2 without TLS.
fn http2(limits: &Limits) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.head_bytes().try_into().unwrap_or(u32::MAX))
        .max_send_buf_size(256 << 10);
    builder
}
