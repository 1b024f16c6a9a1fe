//! The life of one connection.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::again::Again;
use crate::guarded_io::GuardedIo;
use crate::pulse::{Pulse, Verdict};
use crate::server::{Front, Phase};
use crate::service;
use crate::socket::Session;
use crate::stream::Payload;

/// What the requests of a connection have in common.
pub(crate) struct Peer {
    pub(crate) front: Arc<Front>,
    pub(crate) ip: IpAddr,
    pub(crate) pulse: Pulse,
    /// The WebSocket that the connection becomes once the answer to the present request has gone.
    next: Mutex<Option<Box<Session>>>,
}

impl Peer {
    /// Makes the connection a WebSocket after this answer.
    pub(crate) fn become_socket(&self, session: Session) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(session));
    }
}

/// The first bytes of HTTP/2 without TLS.
const PREFACE: &[u8] = b"PRI * HTTP/2.0";

/// How long to wait for more when the first bytes could be of either protocol; such a split is rare.
const SPLIT_PAUSE: Duration = Duration::from_millis(5);

/// Serves a connection to its end: the client's, a limit's or the server's.
pub(crate) async fn serve(
    front: Arc<Front>,
    stream: TcpStream,
    ip: IpAddr,
    mut phase: watch::Receiver<Phase>,
) {
    let http2 = tokio::select! {
        biased;
        http2 = timeout(front.limits.idle_time, speaks_http2(&stream)) => http2.unwrap_or(None),
        _ = phase.wait_for(|phase| *phase != Phase::Serve) => None,
    };
    let Some(http2) = http2 else { return };
    let peer =
        Arc::new(Peer { front: Arc::clone(&front), ip, pulse: Pulse::new(http2), next: Mutex::default() });
    let io = TokioIo::new(GuardedIo::new(stream, Arc::clone(&peer)));
    let answering = Arc::clone(&peer);
    let service = service_fn(move |request| service::answer(Arc::clone(&answering), request));
    match http2 {
        false => watch_over(&peer, phase, front.http1.serve_connection(io, service).with_upgrades()).await,
        // In a box: its state is large, and most connections are of the other kind.
        true => Box::pin(watch_over(&peer, phase, front.http2.serve_connection(io, service))).await,
    }
    let session = peer.next.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(session) = session {
        // In a box for the same reason.
        Box::pin(session.run(&peer)).await;
    }
}

/// Looks at the first bytes without taking them; `None` if the client left. Told apart here and not by a reader in
/// between, because that would cost each idle connection a page of memory.
async fn speaks_http2(stream: &TcpStream) -> Option<bool> {
    let mut first = [0; PREFACE.len()];
    loop {
        match stream.peek(&mut first).await {
            Ok(0) | Err(_) => return None,
            Ok(n) if first[..n] != PREFACE[..n] => return Some(false),
            Ok(n) if n == PREFACE.len() => return Some(true),
            Ok(_) => sleep(SPLIT_PAUSE).await,
        }
    }
}

/// A connection of either protocol, as far as its life is concerned.
trait Graceful: Future<Output = Result<(), hyper::Error>> {
    /// Ends it after the requests that have begun.
    fn end(self: Pin<&mut Self>);
}

impl<I, S> Graceful for http1::UpgradeableConnection<I, S>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    S: HttpService<Incoming, ResBody = Payload>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn end(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S> Graceful for http2::Connection<I, S, TokioExecutor>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + 'static,
    S: HttpService<Incoming, ResBody = Payload>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: Send + 'static,
    TokioExecutor: hyper::rt::bounds::Http2ServerConnExec<S::Future, Payload>,
{
    fn end(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Drives a connection and ends it when a limit or the server says so.
async fn watch_over(peer: &Peer, mut phase: watch::Receiver<Phase>, connection: impl Graceful) {
    let limits = &peer.front.limits;
    let (again, mut connection) = (Again::new(), pin!(connection));
    let mut timer = pin!(sleep_until(peer.pulse.first_look(limits)));
    let mut closing = false;
    loop {
        tokio::select! {
            biased;
            ended = poll_fn(|cx| again.poll(connection.as_mut(), cx)) => {
                if let Err(error) = ended {
                    tracing::debug!(target: "bistro::http", %error, "connection ended");
                }
                return;
            }
            changed = phase.changed() => {
                if changed.is_err() || *phase.borrow() == Phase::Cut {
                    return;
                }
                connection.as_mut().end();
                closing = true;
            }
            () = timer.as_mut() => match peer.pulse.look(limits) {
                Verdict::Fine(at) => timer.as_mut().reset(at),
                // The reader writes the refusal when it is asked for bytes next, which is at once.
                Verdict::Late if !closing => {
                    timer.as_mut().reset(Instant::now() + limits.header_time);
                    closing = true;
                }
                Verdict::Idle if !closing => {
                    connection.as_mut().end();
                    timer.as_mut().reset(Instant::now() + limits.header_time);
                    closing = true;
                }
                Verdict::Late | Verdict::Idle => return,
            },
        }
    }
}
