//! The orders of the system to end.

use crate::error::Failure;

/// Waits for an order to stop.
pub(crate) struct Stop {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Stop {
    /// Listens for SIGTERM and SIGINT, which from now on do not end the process by themselves.
    #[cfg(unix)]
    pub(crate) fn new() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|source| Failure::System { action: "listen for signals".into(), source })
        };
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Listens for Ctrl-C.
    #[cfg(not(unix))]
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Waits for the next order.
    #[cfg(unix)]
    pub(crate) async fn first(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Waits for the next order.
    #[cfg(not(unix))]
    pub(crate) async fn first(&mut self) {
        // Without a handler there is nothing to wait for; the system ends the process by itself then.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// From now on, another order ends the process at once.
pub(crate) fn end_at_once_on_another() {
    tokio::spawn(async {
        if let Ok(mut stop) = Stop::new() {
            stop.first().await;
            tracing::warn!("ended by a second signal");
            std::process::exit(1);
        }
    });
}
