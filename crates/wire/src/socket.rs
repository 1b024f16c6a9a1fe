//! WebSockets as a surface sees them: messages of text, in both directions at once. The server does the handshake, the frames,
//! the pings and the closing handshake.

use futures_util::future::BoxFuture;

use crate::{Headers, Request};

/// The most bytes that the reason of a close can have.
pub const REASON_BYTES: usize = 123;

/// The answer to a request that [`asked`] for a WebSocket.
pub struct Upgrade {
    /// The subprotocol that is spoken, one of those that were offered; `None` if none was.
    pub protocol: Option<&'static str>,
    /// The largest message that is taken from the client, in bytes; a larger one closes the socket with 1009.
    pub message_bytes: usize,
    /// What speaks with the client. The socket is closed (1000) when its future ends, and the future is dropped when the server
    /// stops (the client is then told 1001).
    pub speak: Speak,
}

/// A function that speaks over a socket until one side has enough.
pub type Speak = Box<dyn FnOnce(Incoming, Outgoing) -> BoxFuture<'static, ()> + Send>;

impl Upgrade {
    /// An upgrade to this subprotocol.
    pub fn new<F, T>(protocol: Option<&'static str>, message_bytes: usize, speak: F) -> Self
    where
        F: FnOnce(Incoming, Outgoing) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let speak: Speak = Box::new(move |incoming, outgoing| Box::pin(speak(incoming, outgoing)));
        Self { protocol, message_bytes, speak }
    }
}

/// What the client sends. Somebody should always be waiting for it: pings and the client's farewell are read there too.
pub type Incoming = Box<dyn Receive>;

/// What the client is sent: shared, so that several tasks can send while another waits for messages.
pub type Outgoing = std::sync::Arc<dyn Transmit>;

/// The receiving half of a socket.
pub trait Receive: Send {
    /// The next message; `None` when the client has gone, was told to go, or broke the protocol. Dropping the future loses
    /// nothing.
    fn next(&mut self) -> BoxFuture<'_, Option<String>>;
}

/// The sending half of a socket.
pub trait Transmit: Send + Sync {
    /// Sends a message, whole and in turn; waits while the client takes nothing, and gives up on a client that takes too long.
    fn send(&self, text: String) -> BoxFuture<'_, Result<(), Closed>>;

    /// Says goodbye with a code (4000 to 4999 are a protocol's own) and a reason of at most [`REASON_BYTES`], cut where it is
    /// longer. [`Receive::next`] answers `None` from then on; to close twice does nothing.
    fn close(&self, code: u16, reason: &str) -> BoxFuture<'_, ()>;
}

/// The socket is closed: nothing can be sent any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// The subprotocols that a request offers in order of preference, if it asks to become a WebSocket; `None` if it does not.
pub fn asked<'a>(request: &Request<'a>) -> Option<Vec<&'a str>> {
    let headers: &'a dyn Headers = request.headers;
    let wanted = headers.get("upgrade").is_some_and(|value| value.trim().eq_ignore_ascii_case("websocket"));
    if request.method != "GET" || !wanted {
        return None;
    }
    let lists = headers.all("sec-websocket-protocol");
    Some(
        lists.into_iter().flat_map(|list| list.split(',')).map(str::trim).filter(|p| !p.is_empty()).collect(),
    )
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::asked;
    use crate::Request;

    #[test]
    fn a_request_may_ask_for_a_socket() {
        let check = |method: &str, headers: &[(&str, &str)], expected: Option<&[&str]>| {
            let headers: Vec<(String, String)> =
                headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let body = Bytes::new();
            let request =
                Request { method, path: "/", query: "", headers: &headers, body: &body, id: "r1", now: 0 };
            assert_eq!(asked(&request).as_deref(), expected, "{method} {headers:?}");
        };
        let upgrade = ("upgrade", "WebSocket");
        let offer = |text| ("sec-websocket-protocol", text);
        check("GET", &[], None);
        check("GET", &[offer("a")], None);
        check("GET", &[("upgrade", "h2c")], None);
        check("POST", &[upgrade], None);
        check("GET", &[upgrade], Some(&[]));
        check("GET", &[upgrade, offer("a, b"), offer("c,")], Some(&["a", "b", "c"]));
    }
}
