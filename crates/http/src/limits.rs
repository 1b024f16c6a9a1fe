//! What a connection may ask of the server.

use std::time::Duration;

/// All limits of the front. Each is refused with a 4xx that names it, or ends the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `limits.request_line`: bytes of the request line. Beyond: 414.
    pub request_line: usize,
    /// `limits.headers`: bytes of all header names and values. Beyond: 431.
    pub header_bytes: usize,
    /// `limits.header_count`: header fields, at most 100. Beyond: 431.
    pub header_count: usize,
    /// `limits.header_time`: from the first byte of a request to the end of its headers. Beyond: 408.
    pub header_time: Duration,
    /// `limits.body`: bytes of a body, where its route sets no limit of its own. Beyond: 413.
    pub body_bytes: usize,
    /// `limits.body_idle`: between two pieces of a body. Beyond: 408.
    pub body_idle: Duration,
    /// `limits.body_time`: for a whole body. Beyond: 408.
    pub body_time: Duration,
    /// `limits.request`: from the end of the body to the response. Beyond: 504.
    pub request_time: Duration,
    /// `limits.idle`: a connection without a request, or whose client takes nothing. Beyond: closed.
    pub idle_time: Duration,
    /// `limits.connections`: open connections. Beyond: accepting waits.
    pub connections: usize,
    /// `limits.streams`: requests at once on one HTTP/2 connection. Beyond: refused streams.
    pub streams: u32,
    /// `limits.drain`: how long requests may take to end after the order to stop.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_line: 64 << 10,
            header_bytes: 16 << 10,
            header_count: 100,
            header_time: Duration::from_secs(10),
            body_bytes: 2 << 20,
            body_idle: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            request_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(120),
            connections: 10_000,
            streams: 100,
            drain_time: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// The most bytes of a request before its body that the reader keeps.
    pub(crate) fn head_bytes(&self) -> usize {
        // The slack pays for separators; hyper wants 8 KiB at the least.
        (self.request_line + self.header_bytes + 4 * self.header_count + 64).max(8 << 10)
    }
}
