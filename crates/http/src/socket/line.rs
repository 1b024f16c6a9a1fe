//! An open socket, and the half of it that sends.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bistro_wire::socket::{Closed, REASON_BYTES, Transmit};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{Sink as _, Stream as _};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::guarded_io::GuardedIo;

/// The frames over the socket.
pub(super) type Frames = WebSocketStream<GuardedIo>;

/// Why nothing is sent any more.
#[derive(Clone)]
pub(super) enum Ending {
    /// This side said goodbye, or is about to, in these words.
    Ours(CloseFrame),
    /// The client did.
    Theirs,
    /// The client is not there any more, or takes nothing: it is told nothing.
    Lost,
}

/// An open socket, shared by those who send, the one who receives, and its session.
pub(super) struct Line {
    /// Locked for one poll at a time; taken by the session when it says goodbye.
    frames: Mutex<Option<Frames>>,
    /// Held by whoever sends, so that messages go one after the other.
    sending: tokio::sync::Mutex<()>,
    ending: OnceLock<Ending>,
    closing: Notify,
    /// How long a message may take to go.
    patience: Duration,
}

impl Line {
    pub(super) fn new(frames: Frames, patience: Duration) -> Self {
        Self {
            frames: Mutex::new(Some(frames)),
            sending: tokio::sync::Mutex::default(),
            ending: OnceLock::new(),
            closing: Notify::new(),
            patience,
        }
    }

    /// Takes the frames away from those who send and receive. With these words, if nothing has ended the socket before.
    pub(super) fn take(&self, code: u16, reason: &str) -> Option<(Frames, Ending)> {
        self.shut(Ending::Ours(goodbye(code, reason)));
        let frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner).take();
        frames.zip(self.ending.get().cloned())
    }

    /// Ready when nobody can send any more.
    pub(super) async fn closed(&self) {
        let closing = self.closing.notified();
        if !self.is_closed() {
            closing.await;
        }
    }

    fn is_closed(&self) -> bool {
        self.ending.get().is_some()
    }

    /// From now on nothing is sent, and nothing that comes is handed on.
    pub(super) fn shut(&self, ending: Ending) {
        // The first reason stands.
        let _ = self.ending.set(ending);
        self.closing.notify_waiters();
    }

    /// One poll of the frames; an error once they have been taken.
    fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut Frames>, &mut Context<'_>) -> Poll<Result<T, Error>>,
    ) -> Poll<Result<T, Error>> {
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        match frames.as_mut() {
            Some(frames) => poll(Pin::new(frames), cx),
            None => Poll::Ready(Err(Error::AlreadyClosed)),
        }
    }

    /// Sends a message whole, while `sending` is held.
    async fn push(&self, message: Message) -> Result<(), Error> {
        let mut message = Some(message);
        poll_fn(|cx| {
            self.poll(cx, |mut frames, cx| {
                if message.is_some() {
                    ready!(frames.as_mut().poll_ready(cx))?;
                }
                if let Some(message) = message.take() {
                    frames.as_mut().start_send(message)?;
                }
                frames.poll_flush(cx)
            })
        })
        .await
    }

    /// Sends a message in turn. Whoever does not take it in time is not waited for again.
    async fn send_in_turn(&self, message: Message) -> Result<(), Closed> {
        let _turn = self.sending.lock().await;
        if self.is_closed() {
            return Err(Closed);
        }
        match timeout(self.patience, self.push(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                self.shut(Ending::Lost);
                Err(Closed)
            }
        }
    }

    /// What comes next; `None` when the client has gone.
    pub(super) async fn read(&self) -> Option<Result<Message, Error>> {
        let next = poll_fn(|cx| {
            self.poll(cx, |frames, cx| match ready!(frames.poll_next(cx)) {
                Some(Ok(message)) => Poll::Ready(Ok(message)),
                Some(Err(error)) => Poll::Ready(Err(error)),
                None => Poll::Ready(Err(Error::ConnectionClosed)),
            })
        });
        match next.await {
            Err(Error::ConnectionClosed | Error::AlreadyClosed) => None,
            other => Some(other),
        }
    }

    /// Says goodbye, unless the socket is closed. From the first moment on nothing else is sent.
    pub(super) async fn say_goodbye(&self, code: u16, reason: &str) {
        if self.is_closed() {
            return;
        }
        let words = goodbye(code, reason);
        self.shut(Ending::Ours(words.clone()));
        let _turn = self.sending.lock().await;
        // A client that does not take it is cut when the session ends.
        let _ = timeout(self.patience, self.push(Message::Close(Some(words)))).await;
    }

    /// Asks the client whether it is there. False while a message is going, whose sender watches the client.
    pub(super) async fn ping(&self, patience: Duration) -> bool {
        let Ok(_turn) = self.sending.try_lock() else { return false };
        let _ = timeout(patience, self.push(Message::Ping(Bytes::new()))).await;
        true
    }
}

/// The last message.
fn goodbye(code: u16, reason: &str) -> CloseFrame {
    CloseFrame { code: code.into(), reason: reason[..reason.floor_char_boundary(REASON_BYTES)].into() }
}

impl Transmit for Line {
    fn send(&self, text: String) -> BoxFuture<'_, Result<(), Closed>> {
        Box::pin(self.send_in_turn(Message::text(text)))
    }

    fn close(&self, code: u16, reason: &str) -> BoxFuture<'_, ()> {
        let reason = reason.to_owned();
        Box::pin(async move { self.say_goodbye(code, &reason).await })
    }
}
