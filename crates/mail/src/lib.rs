//! Mail: its texts come from [`Templates`], and a [`Mailer`] takes it: [`Smtp`] sends it, [`Catch`] keeps it for a page of the
//! development server.
//!
//! Invariants: to hand a mail over takes no longer than to put it into a line, so that nobody can tell from the time whether
//! one was sent; the line has an end; no text of a caller reaches a header unchecked.

mod catch;
mod mail;
mod page;
mod smtp;
mod templates;
mod text;

pub use catch::{Catch, Caught};
pub use mail::{Mail, MailError, Mailer};
pub use smtp::{Smtp, SmtpSettings};
pub use templates::{Letter, TemplateError, Templates, Values};
