//! The one HTTP client of the server. What it is told to ask may come from strangers or from documents of strangers, so it
//! goes only where it may: a [`Guard`] judges every connection, redirects included, by its host and by each address that
//! the host's name stands for, and the connection is made to the addresses that were judged.
//!
//! Start reading at [`Client`]; which addresses are public says [`address`].
//!
//! Invariants: https, but to hosts that [`Allow`] names; no address of this machine or of a private network, but those that
//! [`Allow`] names; answers, times and requests at once have limits; no cookies, no proxies, nothing of the environment.

pub mod address;
mod allow;
mod client;
mod error;
mod guard;

pub use allow::Allow;
pub use client::{Answer, Client, Limits};
pub use error::OutgoingError;
