//! Mails on their way: by SMTP to a server on this machine, and on the page of caught ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod caught;
mod failing;
mod secured;
mod sent;
mod sink;
