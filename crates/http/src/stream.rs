//! Bodies as hyper asks for them: whole ones, and streams that end with their client or with the server.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, CatchUnwind};
use futures_util::{Stream as _, StreamExt as _};
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use crate::connection::Peer;
use crate::server::Phase;

/// The body of a response.
pub(crate) enum Payload {
    Whole(Full<Bytes>),
    /// In a box, so that the many connections without one have no room for it.
    Pieces(Box<Pieces>),
}

/// A body that comes in pieces.
pub(crate) struct Pieces {
    peer: Arc<Peer>,
    body: CatchUnwind<AssertUnwindSafe<BoxStream<'static, Bytes>>>,
    /// Ready when the server stops: whoever listens would otherwise hold it up.
    stop: BoxFuture<'static, ()>,
}

/// The surface panicked within a stream: the connection breaks off, so that the client sees that there would be more.
#[derive(Debug)]
pub(crate) struct BrokeOff;

impl fmt::Display for BrokeOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream broke off")
    }
}

impl std::error::Error for BrokeOff {}

impl Payload {
    /// A body that is there.
    pub(crate) fn whole(body: Bytes) -> Self {
        Payload::Whole(Full::new(body))
    }

    /// A body that comes in pieces.
    pub(crate) fn stream(peer: Arc<Peer>, body: BoxStream<'static, Bytes>) -> Self {
        peer.pulse.stream_began();
        peer.front.metrics.stream_began();
        let mut phase = peer.front.phase.subscribe();
        let stop = Box::pin(async move { drop(phase.wait_for(|phase| *phase != Phase::Serve).await) });
        Payload::Pieces(Box::new(Pieces { peer, body: AssertUnwindSafe(body).catch_unwind(), stop }))
    }
}

impl Pieces {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BrokeOff>>> {
        if self.stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        Poll::Ready(
            ready!(Pin::new(&mut self.body).poll_next(cx))
                .map(|piece| piece.map_err(|panic| self.broke_off(&*panic))),
        )
    }

    fn broke_off(&self, panic: &(dyn Any + Send)) -> BrokeOff {
        self.peer.front.panicked_in("a stream", panic);
        BrokeOff
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        self.peer.pulse.stream_ended();
        self.peer.front.metrics.stream_ended();
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = BrokeOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokeOff>>> {
        match self.get_mut() {
            Payload::Whole(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Payload::Pieces(pieces) => pieces.poll(cx).map_ok(Frame::data),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Payload::Whole(body) => body.is_end_stream(),
            Payload::Pieces(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Payload::Whole(body) => body.size_hint(),
            Payload::Pieces(_) => SizeHint::default(),
        }
    }
}
