//! The half of a socket that receives. It keeps watch over a silent client too, since somebody always listens.

use std::sync::Arc;
use std::time::Duration;

use bistro_wire::socket::Receive;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::line::{Ending, Line};

/// The receiving half.
pub(super) struct Ear {
    line: Arc<Line>,
    message_bytes: usize,
    /// How long the client may be silent, and how long its answer to a ping may take.
    silence: Duration,
    due: Instant,
    pinged: bool,
}

impl Ear {
    pub(super) fn new(line: Arc<Line>, message_bytes: usize, silence: Duration) -> Self {
        Self { line, message_bytes, silence, due: Instant::now() + silence, pinged: false }
    }

    async fn receive(&mut self) -> Option<String> {
        let line = Arc::clone(&self.line);
        loop {
            tokio::select! {
                biased;
                () = line.closed() => return None,
                heard = line.read() => {
                    (self.due, self.pinged) = (Instant::now() + self.silence, false);
                    match heard {
                        Some(Ok(Message::Text(text))) => return Some(text.as_str().to_owned()),
                        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                        Some(Ok(Message::Binary(_))) => line.say_goodbye(1003, "Only text is spoken here").await,
                        Some(Ok(Message::Close(_))) | None => line.shut(Ending::Theirs),
                        Some(Err(error)) => self.refuse_broken(&error).await,
                    }
                }
                () = sleep_until(self.due) => self.look_after().await,
            }
        }
    }

    /// Asks a silent client whether it is there; gives up on one that was asked before.
    async fn look_after(&mut self) {
        if self.pinged {
            self.line.shut(Ending::Lost);
            return;
        }
        self.due = Instant::now() + self.silence;
        // Before it waits: whoever drops the future meanwhile finds that the client was asked.
        self.pinged = true;
        self.pinged = self.line.ping(self.silence).await;
    }

    /// Ends a socket whose client broke a rule.
    async fn refuse_broken(&self, error: &Error) {
        match error {
            Error::Capacity(_) => {
                let most = self.message_bytes;
                self.line.say_goodbye(1009, &format!("A message can be at most {most} bytes")).await;
            }
            Error::Utf8(_) => self.line.say_goodbye(1007, "Text must be UTF-8").await,
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => self.line.shut(Ending::Lost),
            Error::Protocol(error) => self.line.say_goodbye(1002, &error.to_string()).await,
            _ => self.line.shut(Ending::Lost),
        }
    }
}

impl Receive for Ear {
    fn next(&mut self) -> BoxFuture<'_, Option<String>> {
        Box::pin(self.receive())
    }
}
