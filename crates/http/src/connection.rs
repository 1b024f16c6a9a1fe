//! The life of one connection.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::guarded_io::GuardedIo;
use crate::pulse::{Pulse, Verdict};
use crate::server::{Front, Phase};
use crate::service;

/// What the requests of a connection have in common.
pub(crate) struct Peer {
    pub(crate) front: Arc<Front>,
    pub(crate) ip: IpAddr,
    pub(crate) pulse: Pulse,
}

/// Serves a connection to its end: the client's, a limit's or the server's.
pub(crate) async fn serve(
    front: Arc<Front>,
    stream: TcpStream,
    ip: IpAddr,
    mut phase: watch::Receiver<Phase>,
) {
    let peer = Arc::new(Peer { front: Arc::clone(&front), ip, pulse: Pulse::new() });
    let io = TokioIo::new(GuardedIo::new(stream, Arc::clone(&peer)));
    let answering = Arc::clone(&peer);
    let service = service_fn(move |request| service::answer(Arc::clone(&answering), request));
    let mut connection = pin!(front.protocols.serve_connection(io, service));
    let mut timer = pin!(sleep_until(peer.pulse.first_look(&front.limits)));
    let mut closing = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(target: "bistro::http", %error, "connection ended");
                }
                return;
            }
            changed = phase.changed() => {
                if changed.is_err() || *phase.borrow() == Phase::Cut {
                    return;
                }
                connection.as_mut().graceful_shutdown();
                closing = true;
            }
            () = timer.as_mut() => match peer.pulse.look(&front.limits) {
                Verdict::Fine(at) => timer.as_mut().reset(at),
                // The reader writes the refusal when it is asked for bytes next, which is at once.
                Verdict::Late if !closing => {
                    timer.as_mut().reset(Instant::now() + front.limits.header_time);
                    closing = true;
                }
                Verdict::Idle if !closing => {
                    connection.as_mut().graceful_shutdown();
                    timer.as_mut().reset(Instant::now() + front.limits.header_time);
                    closing = true;
                }
                Verdict::Late | Verdict::Idle => return,
            },
        }
    }
}
