//! The server's side of [graphql-transport-ws](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md), without
//! sockets and clocks: what a client says goes in, what is to be done comes out.

use std::collections::HashSet;
use std::time::Duration;

use apollo_compiler::response::{JsonMap, JsonValue};

use super::identity::Credentials;
use crate::execute::Reply;

/// The name of the subprotocol.
pub(super) const NAME: &str = "graphql-transport-ws";
/// How long a client may take to say who it is.
pub(super) const GREETING: Duration = Duration::from_secs(3);
/// Operations of one socket at a time.
pub(super) const OPERATIONS: usize = 100;
/// Messages of a client in a second.
const MESSAGES: u32 = 100;
/// Bytes of an operation's id.
const ID_BYTES: usize = 256;

/// What is to be done about a message.
#[derive(Debug, PartialEq)]
pub(super) enum Act {
    Send(String),
    Close(Farewell),
    /// Find out who it is, and say so by [`Protocol::welcome`].
    Judge(Credentials),
    Start {
        id: String,
        /// The parameters of the operation.
        payload: JsonMap,
    },
    Stop(String),
}

/// Why a socket is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Farewell {
    pub(super) code: u16,
    pub(super) reason: String,
}

impl Farewell {
    pub(super) fn new(code: u16, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }

    /// The client did not say who it is.
    pub(super) fn late() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }

    /// The credentials are refused.
    pub(super) fn forbidden() -> Self {
        Self::new(4403, "Forbidden")
    }

    /// The credentials hold no more, or there are none yet.
    pub(super) fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }

    /// Another schema is served now: clients come again and ask for their subscriptions again.
    pub(super) fn replaced() -> Self {
        Self::new(1012, "Service restart: the schema changed")
    }

    /// More is under way than its client waits for.
    pub(super) fn crowded() -> Self {
        Self::new(4429, "Too many operations")
    }

    /// Replies wait that the client does not take.
    pub(super) fn slow() -> Self {
        Self::new(4429, "Too many messages wait for the client")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nobody yet.
    Fresh,
    /// Being found out.
    Judging,
    Ready,
}

/// One socket's conversation.
pub(super) struct Protocol {
    state: State,
    /// The operations under way.
    open: HashSet<String>,
    /// The second that messages are counted in, and how many came.
    second: (u64, u32),
}

impl Protocol {
    pub(super) fn new() -> Self {
        Self { state: State::Fresh, open: HashSet::new(), second: (0, 0) }
    }

    /// Whether the client has said who it is.
    pub(super) fn greeted(&self) -> bool {
        self.state != State::Fresh
    }

    /// What a message asks for; `at` is the time since the socket was opened.
    pub(super) fn hear(&mut self, text: &str, at: Duration) -> Option<Act> {
        if !self.count(at) {
            return Some(Act::Close(Farewell::new(4429, "Too many messages")));
        }
        self.read(text).unwrap_or_else(|farewell| Some(Act::Close(farewell)))
    }

    /// The client is known, or is nobody that may be here.
    pub(super) fn welcome(&mut self, known: bool) -> Act {
        if !known {
            return Act::Close(Farewell::forbidden());
        }
        self.state = State::Ready;
        Act::Send(r#"{"type":"connection_ack"}"#.into())
    }

    /// The message of a reply; nothing where nobody waits for it any more. One that did not run ends its operation.
    pub(super) fn reply(&mut self, id: &str, reply: &Reply) -> Option<String> {
        if !self.open.contains(id) {
            return None;
        }
        if reply.ran {
            return Some(message(id, "next", Some(&String::from_utf8_lossy(&reply.body))));
        }
        self.open.remove(id);
        let errors = reply.failures.iter().map(|failure| failure.json()).collect::<Vec<_>>();
        Some(message(id, "error", Some(&serde_json::Value::from(errors).to_string())))
    }

    /// The message that an operation is done.
    pub(super) fn done(&mut self, id: &str) -> Option<String> {
        self.open.remove(id).then(|| message(id, "complete", None))
    }

    /// Counts a message; whether that many may come.
    fn count(&mut self, at: Duration) -> bool {
        let (second, count) = &mut self.second;
        if *second != at.as_secs() {
            (*second, *count) = (at.as_secs(), 0);
        }
        *count += 1;
        *count <= MESSAGES
    }

    fn read(&mut self, text: &str) -> Result<Option<Act>, Farewell> {
        let invalid = |what: &str| Farewell::new(4400, format!("Invalid message: {what}"));
        let read = serde_json::from_str::<JsonValue>(text);
        let Ok(JsonValue::Object(mut said)) = read else { return Err(invalid("no JSON object")) };
        let kind = said.remove("type");
        let id = match said.remove("id") {
            None => None,
            Some(JsonValue::String(id)) if !id.as_str().is_empty() && id.as_str().len() <= ID_BYTES => {
                Some(id.as_str().to_owned())
            }
            Some(_) => return Err(invalid("id is no string of 1 to 256 bytes")),
        };
        let payload = said.remove("payload").filter(|payload| !payload.is_null());
        let object = match payload {
            None => None,
            Some(JsonValue::Object(payload)) => Some(payload),
            Some(_) => return Err(invalid("payload is no object")),
        };
        match (kind.as_ref().and_then(JsonValue::as_str), id, object) {
            (Some("connection_init"), _, payload) => self.greet(payload.as_ref()).map(Some),
            (Some("ping"), _, payload) => Ok(Some(Act::Send(pong(payload)))),
            (Some("pong"), ..) => Ok(None),
            (Some("subscribe"), Some(id), Some(payload)) => self.start(id, payload).map(Some),
            (Some("subscribe"), ..) => Err(invalid("subscribe takes an id and a payload")),
            (Some("complete"), Some(id), _) => {
                // One that the server completed at the same time is unknown here, and no mistake.
                Ok(self.open.remove(&id).then_some(Act::Stop(id)))
            }
            (Some("complete"), ..) => Err(invalid("complete takes an id")),
            _ => Err(invalid("no type that a client sends")),
        }
    }

    fn greet(&mut self, payload: Option<&JsonMap>) -> Result<Act, Farewell> {
        if self.greeted() {
            return Err(Farewell::new(4429, "Too many initialisation requests"));
        }
        self.state = State::Judging;
        let mut credentials = Credentials::default();
        for (name, value) in payload.into_iter().flatten() {
            let place = match name.as_str().to_ascii_lowercase().as_str() {
                "apikey" => &mut credentials.apikey,
                "authorization" => &mut credentials.authorization,
                _ => continue,
            };
            match value {
                JsonValue::Null => {}
                JsonValue::String(text) => *place = Some(text.as_str().to_owned()),
                _ => return Err(Farewell::new(4400, "Invalid message: credentials are strings")),
            }
        }
        Ok(Act::Judge(credentials))
    }

    fn start(&mut self, id: String, payload: JsonMap) -> Result<Act, Farewell> {
        if self.state != State::Ready {
            return Err(Farewell::unauthorized());
        }
        if self.open.contains(&id) {
            return Err(Farewell::new(4409, format!("Subscriber for {id} already exists")));
        }
        if self.open.len() >= OPERATIONS {
            return Err(Farewell::new(4429, "Too many subscriptions"));
        }
        self.open.insert(id.clone());
        Ok(Act::Start { id, payload })
    }
}

fn pong(payload: Option<JsonMap>) -> String {
    let payload = payload.and_then(|payload| serde_json::to_string(&payload).ok());
    payload.map_or_else(
        || r#"{"type":"pong"}"#.to_owned(),
        |payload| format!(r#"{{"type":"pong","payload":{payload}}}"#),
    )
}

/// A message about an operation; `payload` is JSON.
fn message(id: &str, kind: &str, payload: Option<&str>) -> String {
    let mut text = Vec::with_capacity(64 + id.len() + payload.map_or(0, str::len));
    text.extend_from_slice(b"{\"id\":");
    bistro_schema::text::write_json_string(id, &mut text);
    text.extend_from_slice(format!(",\"type\":\"{kind}\"").as_bytes());
    if let Some(payload) = payload {
        text.extend_from_slice(b",\"payload\":");
        text.extend_from_slice(payload.as_bytes());
    }
    text.push(b'}');
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests;
