//! The life of a WebSocket.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bistro_wire::Upgrade;
use futures_util::{FutureExt as _, StreamExt as _};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::ear::Ear;
use super::line::{Ending, Frames, Line};
use crate::connection::Peer;
use crate::guarded_io::GuardedIo;
use crate::server::Phase;

/// How long a surface may take to notice that its client has gone, and how long a client may take to answer a farewell.
const FAREWELL: Duration = Duration::from_secs(3);

/// Bytes that are read at once; a socket keeps a buffer of this size.
const READ_BUFFER: usize = 4 << 10;

/// A WebSocket that is about to be.
pub(crate) struct Session {
    on: OnUpgrade,
    upgrade: Upgrade,
}

impl Session {
    pub(super) fn new(on: OnUpgrade, upgrade: Upgrade) -> Self {
        Self { on, upgrade }
    }

    /// Speaks until one side has enough, then says goodbye.
    pub(crate) async fn run(self, peer: &Arc<Peer>) {
        let Session { on, upgrade } = self;
        // Nothing comes where the connection ended before its answer had gone.
        let Ok(upgraded) = on.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<GuardedIo>>() else { return };
        // While it is held, what comes is taken for no head of a request.
        let _active = peer.pulse.begin();
        let config = config(upgrade.message_bytes);
        let read = parts.read_buf.to_vec();
        let frames =
            WebSocketStream::from_partially_read(parts.io.into_inner(), read, Role::Server, Some(config))
                .await;
        peer.front.metrics.socket_opened();
        let mut phase = peer.front.phase.subscribe();
        tokio::select! {
            biased;
            _ = phase.wait_for(|phase| *phase == Phase::Cut) => {}
            () = hold(peer, frames, upgrade) => {}
        }
        peer.front.metrics.socket_closed();
    }
}

fn config(message_bytes: usize) -> WebSocketConfig {
    // Each message is flushed by its sender, so the buffer for writing never holds more than one.
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(message_bytes))
        .max_frame_size(Some(message_bytes))
}

/// Lets the surface speak, until it has ended, the client has gone or the server stops.
async fn hold(peer: &Peer, frames: Frames, upgrade: Upgrade) {
    let silence = peer.front.limits.socket_silence;
    let line = Arc::new(Line::new(frames, silence * 2));
    let ear = Ear::new(Arc::clone(&line), upgrade.message_bytes, silence);
    let speaking = {
        let line = Arc::clone(&line);
        AssertUnwindSafe(async move { (upgrade.speak)(Box::new(ear), line).await }).catch_unwind()
    };
    let mut phase = peer.front.phase.subscribe();
    let (code, reason) = tokio::select! {
        biased;
        _ = phase.wait_for(|phase| *phase != Phase::Serve) => (1001, "The server stops"),
        ended = speaking => after(peer, ended),
        () = async { line.closed().await; sleep(FAREWELL).await } => (1000, ""),
    };
    if let Some((frames, ending)) = line.take(code, reason) {
        // Who does not answer in time is left.
        let _ = timeout(FAREWELL, part(frames, ending)).await;
    }
}

/// The words of farewell after the surface has ended.
fn after(peer: &Peer, ended: Result<(), Box<dyn Any + Send>>) -> (u16, &'static str) {
    match ended {
        Ok(()) => (1000, ""),
        Err(panic) => {
            peer.front.panicked_in("a socket", &*panic);
            (1011, "Something went wrong in the server")
        }
    }
}

/// Says goodbye, if nobody has, and waits for the client to do so, unless it was the first.
async fn part(mut frames: Frames, ending: Ending) {
    let (words, mut answered) = match ending {
        Ending::Lost => return,
        Ending::Ours(words) => (Some(words), false),
        Ending::Theirs => (None, true),
    };
    // Sends what has not gone yet. It fails where the client has gone; what it sent is then read to its end all the same.
    let _ = frames.close(words).await;
    while let Some(Ok(message)) = frames.next().await {
        answered |= message.is_close();
    }
    let io = frames.get_mut();
    if io.shutdown().await.is_ok() && !answered {
        // What a client had under way when it was told to go must be read: a reset would overtake the farewell.
        let mut rest = [0; 1024];
        while let Ok(1..) = io.read(&mut rest).await {}
    }
}
