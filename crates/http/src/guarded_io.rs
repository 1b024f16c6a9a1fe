//! The socket as hyper sees it. It tells the [`Pulse`] what moves, and gives words to refusals that hyper sends bare.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::connection::Peer;
use crate::refusal;

/// A socket with a watch on it.
pub(crate) struct GuardedIo {
    stream: TcpStream,
    peer: Arc<Peer>,
    /// Whether the first line of the present head has ended.
    line_ended: bool,
    /// A refusal that is being written in place of hyper's, and how much of it has gone.
    refusal: Option<(Vec<u8>, usize)>,
}

impl GuardedIo {
    pub(crate) fn new(stream: TcpStream, peer: Arc<Peer>) -> Self {
        Self { stream, peer, line_ended: false, refusal: None }
    }

    /// Notes the bytes that came.
    fn came(&mut self, bytes: &[u8]) {
        let (of_head, begins) = self.peer.pulse.read();
        if !of_head {
            return;
        }
        let ended_before = self.line_ended && !begins;
        self.line_ended = ended_before || bytes.contains(&b'\n');
    }

    /// Writes the refusal; once it has gone, hyper is told that its own bytes have.
    fn write_refusal(&mut self, cx: &mut Context<'_>, instead: usize) -> Option<Poll<io::Result<usize>>> {
        let (bytes, gone) = self.refusal.as_mut()?;
        while *gone < bytes.len() {
            match Pin::new(&mut self.stream).poll_write(cx, &bytes[*gone..]) {
                Poll::Pending => return Some(Poll::Pending),
                Poll::Ready(Err(error)) => return Some(Poll::Ready(Err(error))),
                Poll::Ready(Ok(n)) => *gone += n,
            }
        }
        self.refusal = None;
        Some(Poll::Ready(Ok(instead)))
    }

    /// Whether hyper is about to send a bare refusal; its words are then made ready.
    fn takes_over(&mut self, bytes: &[u8]) -> bool {
        if self.refusal.is_none() && self.peer.pulse.in_head() {
            let words = refusal::instead_of(bytes, !self.line_ended, &self.peer.front.limits);
            self.refusal = words.map(|words| (words, 0));
        }
        self.refusal.is_some()
    }
}

impl AsyncRead for GuardedIo {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.peer.pulse.is_late() {
            // As far as the socket takes it at once: whoever is this slow may miss the words.
            let _ = this.stream.try_write(&refusal::late(&this.peer.front.limits));
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            this.came(&buf.filled()[before..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for GuardedIo {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.takes_over(bytes)
            && let Some(poll) = this.write_refusal(cx, bytes.len())
        {
            return poll;
        }
        let poll = Pin::new(&mut this.stream).poll_write(cx, bytes);
        if matches!(poll, Poll::Ready(Ok(_))) {
            this.peer.pulse.wrote();
        }
        poll
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let [only] = pieces
            && this.takes_over(only)
            && let Some(poll) = this.write_refusal(cx, only.len())
        {
            return poll;
        }
        let poll = Pin::new(&mut this.stream).poll_write_vectored(cx, pieces);
        if matches!(poll, Poll::Ready(Ok(_))) {
            this.peer.pulse.wrote();
        }
        poll
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
