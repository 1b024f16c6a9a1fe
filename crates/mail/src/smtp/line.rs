//! The line in which mails wait: bounded, several carried at a time, each tried a few times.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::message::Message;
use super::server::{Refusal, Server};

/// How many mails wait at most, those that will be tried again included.
const WAITING: u32 = 1_000;
/// How many are carried at a time: one recipient's slow server keeps nobody else waiting.
const AT_A_TIME: usize = 4;
/// The pauses before a mail is tried again; after the last it is given up. Servers that do not know a sender yet want it to
/// come back after some minutes.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(300)];

/// The line.
pub(super) struct Line {
    server: Server,
    room: Arc<Semaphore>,
    carriers: Semaphore,
    stopping: watch::Sender<bool>,
}

impl Line {
    pub(super) fn new(server: Server) -> Self {
        Self {
            server,
            room: Arc::new(Semaphore::new(WAITING as usize)),
            carriers: Semaphore::new(AT_A_TIME),
            stopping: watch::Sender::new(false),
        }
    }

    /// A place in the line, if there is one.
    pub(super) fn enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).try_acquire_owned().ok()
    }

    /// Carries a mail, a few times if need be.
    pub(super) async fn deliver(&self, message: Message) {
        for pause in PAUSES.into_iter().map(Some).chain([None]) {
            let stopping = *self.stopping.borrow();
            let Err(refusal) = self.carry(&message).await else { return };
            let why = reason(&refusal);
            let Some(pause) = pause.filter(|_| !for_good(&refusal) && !stopping) else {
                tracing::error!(mail = message.id, why, "a mail was not delivered");
                return;
            };
            tracing::warn!(mail = message.id, why, "a mail is tried again in {} s", pause.as_secs());
            let mut stops = self.stopping.subscribe();
            // Who stops tries once more at once.
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stops.wait_for(|stops| *stops) => {}
            }
        }
    }

    async fn carry(&self, message: &Message) -> Result<(), Refusal> {
        let _carrier = self.carriers.acquire().await;
        self.server.take(message).await
    }

    /// Waits until no mail waits any more. What cannot be delivered now is given up, and nothing is taken after it.
    pub(super) async fn drain(&self) {
        self.stopping.send_replace(true);
        let _all = self.room.acquire_many(WAITING).await;
        self.room.close();
    }
}

/// Whether it would be refused again: the server said so.
fn for_good(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Error(error) if error.is_permanent())
}

/// Why a server did not take a mail. What it says may name the recipient: its number must do.
fn reason(refusal: &Refusal) -> String {
    let error = match refusal {
        Refusal::Slow => return "the server took too long".to_owned(),
        Refusal::Unreachable(error) => return format!("the server cannot be reached: {error}"),
        Refusal::Error(error) => error,
    };
    match error.status() {
        Some(status) => format!("the server answered {status}"),
        None => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}
