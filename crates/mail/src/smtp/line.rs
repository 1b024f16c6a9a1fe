//! The line in which mails wait: bounded, several carried at a time, each tried a few times.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::message::Message;

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
    transport: AsyncSmtpTransport<Tokio1Executor>,
    room: Arc<Semaphore>,
    carriers: Semaphore,
    stopping: watch::Sender<bool>,
}

impl Line {
    pub(super) fn new(transport: AsyncSmtpTransport<Tokio1Executor>) -> Self {
        Self {
            transport,
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
            let Err(error) = self.carry(&message).await else { return };
            let why = reason(&error);
            let Some(pause) = pause.filter(|_| !error.is_permanent() && !stopping) else {
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

    async fn carry(&self, message: &Message) -> Result<(), Error> {
        let _carrier = self.carriers.acquire().await;
        self.transport.send_raw(&message.envelope, &message.bytes).await.map(drop)
    }

    /// Waits until no mail waits any more. What cannot be delivered now is given up, and nothing is taken after it.
    pub(super) async fn drain(&self) {
        self.stopping.send_replace(true);
        let _all = self.room.acquire_many(WAITING).await;
        self.room.close();
    }
}

/// Why a server did not take a mail. What it says may name the recipient: its number must do.
fn reason(error: &Error) -> String {
    match error.status() {
        Some(status) => format!("the server answered {status}"),
        None => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}
