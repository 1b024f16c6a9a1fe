//! Both kinds of client: a socket without a network, and a stream.

use std::sync::Arc;
use std::time::Duration;

use bistro_ir::Caller;
use bistro_wire::socket::{Closed, Receive, Transmit};
use bistro_wire::{Answer, Request, Response};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::{Place, caller};

/// 2025-10-09T08:53:20Z: the instant of every request.
const NOW: i64 = 1_760_000_000_000_000;
/// How long something may take that happens.
const SOON: Duration = Duration::from_secs(10);
/// How long it is waited for what should not happen.
const QUIET: Duration = Duration::from_millis(120);

fn credentials(who: &str) -> (String, String) {
    match who {
        "anon" | "service" => ("apikey".into(), who.into()),
        _ => ("authorization".into(), format!("Bearer {who}")),
    }
}

impl Place {
    /// The answer to a request with these headers.
    pub(super) fn answer(&self, method: &str, headers: Vec<(String, String)>, body: String) -> Answer {
        let body = Bytes::from(body);
        let request = Request {
            method,
            path: "/graphql/v1",
            query: "",
            headers: &headers,
            body: &body,
            id: "r",
            now: NOW,
        };
        let header = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let shown = bistro_graphql::Credentials {
            apikey: header("apikey"),
            authorization: header("authorization"),
            ..Default::default()
        };
        let cx = self.surface.context(&request, caller(&shown).unwrap_or_else(|_| Caller::anonymous()));
        self.surface.handle(request, cx)
    }

    /// Runs a document as the service; it must have no errors.
    pub(super) async fn write(&self, document: &str) {
        let headers = vec![("content-type".into(), "application/json".into()), credentials("service")];
        let query = serde_json::to_string(document).unwrap();
        let Response { body, .. } =
            self.answer("POST", headers, format!(r#"{{"query":{query}}}"#)).wait().await;
        assert!(
            !body.windows(8).any(|w| w == b"\"errors\""),
            "{document}: {}",
            String::from_utf8_lossy(&body)
        );
    }
}

/// A client of a socket.
pub(super) struct Client {
    says: UnboundedSender<String>,
    hears: UnboundedReceiver<String>,
}

struct Incoming(UnboundedReceiver<String>);

impl Receive for Incoming {
    fn next(&mut self) -> BoxFuture<'_, Option<String>> {
        Box::pin(self.0.recv())
    }
}

struct Outgoing {
    sends: UnboundedSender<String>,
    /// A client that takes nothing.
    stuck: bool,
}

impl Transmit for Outgoing {
    fn send(&self, text: String) -> BoxFuture<'_, Result<(), Closed>> {
        Box::pin(async move {
            if self.stuck {
                std::future::pending::<()>().await;
            }
            self.sends.send(text).map_err(|_| Closed)
        })
    }

    fn close(&self, code: u16, reason: &str) -> BoxFuture<'_, ()> {
        drop(self.sends.send(format!("close {code} {reason}")));
        Box::pin(std::future::ready(()))
    }
}

impl Client {
    /// A socket whose handshake has these headers.
    pub(super) fn open(place: &Place, headers: &[(&str, &str)], stuck: bool) -> Self {
        let asked = [("upgrade", "websocket"), ("sec-websocket-protocol", "graphql-transport-ws")];
        let headers = asked.iter().chain(headers).map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        let Answer::Upgrade(upgrade) = place.answer("GET", headers.collect(), String::new()) else {
            panic!("the socket is refused");
        };
        assert_eq!(upgrade.protocol, Some("graphql-transport-ws"));
        let ((says, said), (sends, hears)) = (unbounded_channel(), unbounded_channel());
        let ended = sends.clone();
        let spoken = (upgrade.speak)(Box::new(Incoming(said)), Arc::new(Outgoing { sends, stuck }));
        tokio::spawn(async move {
            spoken.await;
            drop(ended.send("end".into()));
        });
        Self { says, hears }
    }

    /// A socket whose client has said who it is.
    pub(super) async fn greeted(place: &Place, who: &str) -> Self {
        let mut client = Self::open(place, &[], false);
        let (name, value) = credentials(who);
        client.say(&format!(r#"{{"type":"connection_init","payload":{{"{name}":"{value}"}}}}"#));
        assert_eq!(client.hear().await, "connection_ack");
        client
    }

    pub(super) fn say(&self, text: &str) {
        drop(self.says.send(text.to_owned()));
    }

    /// Cuts the connection.
    pub(super) fn leave(&mut self) {
        self.says = unbounded_channel().0;
    }

    /// The next message, as `id type payload`, or the farewell.
    pub(super) async fn hear(&mut self) -> String {
        short(&timeout(SOON, self.hears.recv()).await.expect("something comes").unwrap())
    }

    /// What comes although nothing should.
    pub(super) async fn nothing(&mut self) -> Option<String> {
        timeout(QUIET, self.hears.recv()).await.ok().flatten()
    }
}

fn short(message: &str) -> String {
    let Some(rest) = message.strip_prefix("{\"id\":\"") else {
        let kind = message.strip_prefix("{\"type\":\"").and_then(|m| m.strip_suffix("\"}"));
        return kind.unwrap_or(message).to_owned();
    };
    let (id, rest) = rest.split_once("\",\"type\":\"").unwrap();
    let (kind, rest) = rest.split_once('"').unwrap();
    let payload = rest.strip_prefix(",\"payload\":").and_then(|rest| rest.strip_suffix('}'));
    match payload {
        Some(payload) => format!("{id} {kind} {payload}"),
        None => format!("{id} {kind}"),
    }
}

/// A client of a stream of events.
pub(super) struct Stream {
    body: BoxStream<'static, Bytes>,
    text: String,
}

impl Stream {
    pub(super) async fn open(place: &Place, who: &str, document: &str) -> Self {
        let headers = vec![
            ("content-type".into(), "application/json".into()),
            ("accept".into(), "text/event-stream".into()),
            credentials(who),
        ];
        let query = serde_json::to_string(document).unwrap();
        let answer = place.answer("POST", headers, format!(r#"{{"query":{query}}}"#));
        let Answer::Stream(stream) = answer else {
            let body = answer.wait().await.body;
            panic!("no stream: {}", String::from_utf8_lossy(&body));
        };
        assert_eq!(stream.head.status, 200);
        let typed = ("content-type", "text/event-stream; charset=utf-8".into());
        assert!(stream.head.headers.contains(&typed));
        Self { body: stream.body, text: String::new() }
    }

    /// The next event, its lines joined by ` | `; comments are passed over, `end` is the end of the stream.
    pub(super) async fn read(&mut self) -> String {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.replace('\n', " | "), rest.to_owned());
                self.text = rest;
                if !event.starts_with(':') {
                    return event.trim_end().to_owned();
                }
            }
            match timeout(SOON, self.body.next()).await.expect("something comes") {
                Some(piece) => self.text.push_str(std::str::from_utf8(&piece).unwrap()),
                None => return "end".into(),
            }
        }
    }
}
