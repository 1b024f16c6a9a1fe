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
    /// How long the client of a WebSocket may be silent before it is asked whether it is there, and how long it may take to
    /// answer. Beyond: closed.
    pub socket_silence: Duration,
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
            socket_silence: Duration::from_secs(30),
            drain_time: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// What makes these limits unusable, in words for the author of the configuration.
    pub fn fault(&self) -> Option<String> {
        let times = [
            ("limits.header_time", self.header_time),
            ("limits.body_idle", self.body_idle),
            ("limits.body_time", self.body_time),
            ("limits.request", self.request_time),
            ("limits.idle", self.idle_time),
        ];
        let instant = times.iter().find(|(_, time)| time.is_zero()).map(|(name, _)| *name);
        let least = [
            ("limits.request_line", self.request_line, 256),
            ("limits.headers", self.header_bytes, 1024),
            ("limits.header_count", self.header_count, 8),
            ("limits.connections", self.connections, 1),
            ("limits.streams", self.streams as usize, 1),
        ];
        let small = least.iter().find(|(_, value, least)| value < least);
        match (instant, small) {
            (Some(name), _) => Some(format!("{name} must be longer than nothing")),
            (_, Some((name, value, least))) => Some(format!("{name} is {value}; at least {least} is needed")),
            _ if self.header_count > 100 => Some("limits.header_count can be at most 100".to_owned()),
            _ if self.request_line > 64 << 10 => Some("limits.request_line can be at most 65536".to_owned()),
            _ => None,
        }
    }

    /// The most bytes of a request before its body that the reader keeps.
    pub(crate) fn head_bytes(&self) -> usize {
        // The slack pays for separators; hyper wants 8 KiB at the least.
        (self.request_line + self.header_bytes + 4 * self.header_count + 64).max(8 << 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_limits_are_named() {
        let base = Limits::default;
        let cases = [
            (base(), None),
            (Limits { header_time: Duration::ZERO, ..base() }, Some("limits.header_time")),
            (Limits { connections: 0, ..base() }, Some("limits.connections is 0")),
            (Limits { header_count: 101, ..base() }, Some("at most 100")),
            (Limits { request_line: 1 << 20, ..base() }, Some("at most 65536")),
        ];
        for (limits, expected) in cases {
            let fault = limits.fault();
            assert_eq!(fault.is_some(), expected.is_some(), "{fault:?}");
            assert!(fault.unwrap_or_default().contains(expected.unwrap_or_default()));
        }
    }
}
