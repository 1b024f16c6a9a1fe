//! What can go wrong on the way out.

use std::net::IpAddr;

/// Why there is no answer. None of the texts holds the path or the query of the address, which may hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// The text is no address, or one with a name and password.
    #[error("it is no address: {0}")]
    Address(String),
    /// Plain http to a host that is not allowed.
    #[error("{host} may be asked by https only")]
    Insecure {
        /// The host.
        host: String,
    },
    /// The host's name stands for an address that is not allowed.
    #[error(
        "{host} is {address}, which is not public; list the host under [outgoing] allow if it may be asked"
    )]
    Forbidden {
        /// The host.
        host: String,
        /// The address.
        address: IpAddr,
    },
    /// The time is over.
    #[error("it took longer than {0} seconds")]
    TimedOut(u64),
    /// The answer is too large.
    #[error("it is larger than {0} KiB")]
    TooLarge(u64),
    /// The answer leads elsewhere too often.
    #[error("it redirects more than {0} times")]
    Redirects(u32),
    /// The answer is not of the form that was asked for.
    #[error("its answer cannot be read: {0}")]
    Unreadable(String),
    /// Names, connections, TLS or HTTP failed.
    #[error("{0}")]
    Failed(String),
}
