//! A mail, and who takes it.

use futures_util::future::{BoxFuture, FutureExt as _, ready};

/// A mail to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text, for those who read no HTML.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
}

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Too many wait to be sent.
    #[error("too many mails wait to be sent")]
    Full,
    /// An address or a setting cannot be used.
    #[error("{0}")]
    Unusable(String),
}

/// Takes mails. What it takes it sends aside; what cannot be delivered is logged.
pub trait Mailer: Send + Sync {
    /// Takes a mail.
    ///
    /// # Errors
    /// If it is none that can be sent, or too many wait.
    fn send(&self, mail: Mail) -> Result<(), MailError>;

    /// Waits until what was taken is sent or given up; for the end of the program. Whoever calls it sets the deadline.
    fn drain(&self) -> BoxFuture<'static, ()> {
        ready(()).boxed()
    }
}
