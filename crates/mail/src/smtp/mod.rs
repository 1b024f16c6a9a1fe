//! Mail by SMTP. Requests never wait for a server: mails wait in line, and a few are carried at a time.

mod line;
mod message;
mod server;
mod stream;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt as _};
use lettre::message::Mailbox;
use tokio::runtime::Handle;

use crate::mail::{Mail, MailError, Mailer};
use line::Line;
use server::Server;

/// Where mail goes.
#[derive(Clone)]
pub struct SmtpSettings {
    /// `smtps://USER:PASSWORD@HOST`, or `smtp://…` with STARTTLS; on this machine `smtp://` goes without.
    pub url: String,
    /// The sender: `Name <address>`, or an address.
    pub from: String,
    /// A file of certificates (PEM): the authorities that the server's own must come from, instead of the public ones.
    pub ca: Option<PathBuf>,
}

/// Sends by SMTP.
pub struct Smtp {
    from: Mailbox,
    line: Arc<Line>,
    runtime: Handle,
}

impl Smtp {
    /// One whose mails are carried by tasks of the present runtime.
    ///
    /// # Errors
    /// If the address of the server or of the sender, or the file of authorities, cannot be used.
    pub fn new(settings: &SmtpSettings) -> Result<Self, MailError> {
        let from = settings.from.parse::<Mailbox>();
        let from = from.map_err(|error| MailError::Unusable(format!("mail.from: {error}")))?;
        let line = Arc::new(Line::new(Server::at(&settings.url, settings.ca.as_deref())?));
        Ok(Self { from, line, runtime: Handle::current() })
    }
}

impl Mailer for Smtp {
    fn send(&self, mail: Mail) -> Result<(), MailError> {
        let message = message::message(&self.from, mail)?;
        let place = self.line.enter().ok_or(MailError::Full)?;
        let line = Arc::clone(&self.line);
        self.runtime.spawn(async move {
            line.deliver(message).await;
            drop(place);
        });
        Ok(())
    }

    fn drain(&self) -> BoxFuture<'static, ()> {
        let line = Arc::clone(&self.line);
        async move { line.drain().await }.boxed()
    }
}
