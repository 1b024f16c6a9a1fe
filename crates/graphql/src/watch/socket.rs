//! A WebSocket: the messages of [`Protocol`] in and out, its operations side by side, all in the task of its connection.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use apollo_compiler::response::JsonMap;
use bistro_engine::{Context, Types};
use bistro_problem::{Code, Problem};
use bistro_wire::socket::{Closed, Incoming, Outgoing};
use bistro_wire::{Answer, Request, Upgrade};
use futures_util::StreamExt as _;
use futures_util::future::{AbortHandle, Abortable, BoxFuture};
use futures_util::stream::{self, BoxStream, SelectAll};
use tokio::time::{Instant, sleep_until, timeout};

use super::identity::{Credentials, Identity};
use super::operation::{self, Operation};
use super::protocol::{Act, Farewell, GREETING, NAME, OPERATIONS, Protocol};
use crate::execute::Reply;
use crate::http::Parameters;
use crate::plan::Kind;
use crate::surface::GraphQl;

/// Bytes of a client's message.
const MESSAGE_BYTES: usize = 64 << 10;
/// Messages that wait for a client.
const WAITING: usize = 256;
/// How long mutations may go on whose client has gone.
const REST: Duration = Duration::from_secs(60);

/// Answers a request to become a socket, which offers these subprotocols.
///
/// # Errors
/// A client that does not speak [`NAME`].
pub(crate) fn upgrade(
    surface: &Arc<GraphQl>,
    request: &Request<'_>,
    cx: Context,
    offered: &[&str],
) -> Result<Answer, Problem> {
    if !offered.contains(&NAME) {
        let message = format!("The socket does not offer the subprotocol {NAME}");
        return Err(Problem::new(Code::BadRequest, message)
            .hint("Use a client of graphql-ws; graphql-ws was the name of an older subprotocol."));
    }
    let shown = Credentials::of(request.headers);
    let session = Session::new(Arc::clone(surface), request.id.into(), shown, cx);
    let speak = move |incoming, outgoing| session.run(incoming, outgoing);
    Ok(Answer::Upgrade(Upgrade::new(Some(NAME), MESSAGE_BYTES, speak)))
}

/// A reply of the operation with this number, or its end. Its id may be another's by then.
type Event = (u64, Option<Reply>);

struct Session {
    surface: Arc<GraphQl>,
    /// The id of the request that became the socket, for the log.
    request: Box<str>,
    /// The credentials of the handshake, for clients that can send headers.
    shown: Credentials,
    cx: Context,
    protocol: Protocol,
    /// Who it is, once it has said so.
    identity: Option<Identity>,
    operations: SelectAll<BoxStream<'static, Event>>,
    running: HashMap<u64, Running>,
    /// The number of the next operation.
    next: u64,
    /// Whether another engine has taken over: subscriptions are to be asked for again, there.
    replaced: bool,
    /// Messages that wait for their turn.
    outbox: VecDeque<String>,
}

/// An operation under way.
struct Running {
    /// Its client's name for it; `None` when the client does not wait for it any more.
    id: Option<String>,
    stop: AbortHandle,
    kind: Kind,
}

impl Session {
    fn new(surface: Arc<GraphQl>, request: Box<str>, shown: Credentials, cx: Context) -> Self {
        Self {
            surface,
            request,
            shown,
            cx,
            protocol: Protocol::new(),
            identity: None,
            operations: SelectAll::new(),
            running: HashMap::new(),
            next: 0,
            replaced: false,
            outbox: VecDeque::new(),
        }
    }

    async fn run(mut self, incoming: Incoming, outgoing: Outgoing) {
        if let Some(Farewell { code, reason }) = self.converse(incoming, &outgoing).await {
            outgoing.close(code, &reason).await;
        }
        // What was to be written is written, whole, though its client has gone.
        self.running.values_mut().filter(|running| running.kind != Kind::Mutation).for_each(Running::end);
        let rest = async { while self.operations.next().await.is_some() {} };
        if timeout(REST, rest).await.is_err() {
            tracing::warn!(target: "bistro::graphql", id = &*self.request, "a mutation of a socket did not end");
        }
    }

    /// Goes on until the client leaves, or until there is a reason to close.
    async fn converse(&mut self, mut incoming: Incoming, outgoing: &Outgoing) -> Option<Farewell> {
        let opened = Instant::now();
        let mut engine = self.surface.engine().feed().watch(&Types::default());
        let mut sending: Option<BoxFuture<'_, Result<(), Closed>>> = None;
        loop {
            if let Some(farewell) = self.enough() {
                return Some(farewell);
            }
            if sending.is_none() {
                sending = self.outbox.pop_front().map(|text| outgoing.send(text));
            }
            // A reply is asked for when the client has taken the one before: what it does not take waits where it is bounded.
            let idle = sending.is_none() && !self.operations.is_empty();
            tokio::select! {
                // Credentials come before replies: none is told to whom has lost them.
                biased;
                () = due(&mut self.identity) => {
                    if let Some(identity) = &mut self.identity && identity.still().await.is_err() {
                        return Some(Farewell::unauthorized());
                    }
                }
                _ = engine.next(), if !self.replaced => self.replaced = true,
                said = incoming.next() => {
                    let mut act = self.protocol.hear(&said?, opened.elapsed());
                    if let Some(Act::Judge(credentials)) = act {
                        act = Some(self.judge(credentials).await);
                    }
                    if let Some(farewell) = act.and_then(|act| self.act(act)) {
                        return Some(farewell);
                    }
                }
                sent = sent(&mut sending) => {
                    sending = None;
                    sent.ok()?;
                }
                event = self.operations.next(), if idle => {
                    if let Some((number, reply)) = event {
                        self.event(number, reply);
                    }
                }
                () = sleep_until(opened + GREETING), if !self.protocol.greeted() => return Some(Farewell::late()),
            }
        }
    }

    /// Why the socket should not go on. What is asked once may end first: its client would ask again, and write again.
    fn enough(&self) -> Option<Farewell> {
        if self.outbox.len() > WAITING {
            return Some(Farewell::slow());
        }
        // Mutations go on that their client has completed, and it may ask for as many again.
        if self.running.len() > 2 * OPERATIONS {
            return Some(Farewell::crowded());
        }
        let done =
            self.outbox.is_empty() && self.running.values().all(|running| running.kind == Kind::Subscription);
        (self.replaced && done).then(Farewell::replaced)
    }

    /// Does what the protocol asks for; a reason to close, if it comes to that.
    fn act(&mut self, act: Act) -> Option<Farewell> {
        match act {
            Act::Send(text) => self.outbox.push_back(text),
            Act::Close(farewell) => return Some(farewell),
            // It has been judged before.
            Act::Judge(_) => {}
            Act::Start { id, payload } => self.start(id, payload),
            Act::Stop(id) => {
                let named = |running: &&mut Running| running.id.as_ref() == Some(&id);
                if let Some(running) = self.running.values_mut().find(named) {
                    running.end();
                }
                self.running.retain(|_, running| !running.stop.is_aborted());
            }
        }
        None
    }

    async fn judge(&mut self, credentials: Credentials) -> Act {
        let credentials = credentials.or(&self.shown);
        self.identity = Identity::judge(self.surface.authenticate(), credentials, &self.cx).await.ok();
        self.protocol.welcome(self.identity.is_some())
    }

    fn start(&mut self, id: String, payload: JsonMap) {
        let Some(identity) = &self.identity else { return };
        let parameters = Parameters::read(payload);
        let asked = parameters.as_ref().map_err(Clone::clone);
        let Operation { replies, kind } = operation::asked(&self.surface, &identity.cx, asked);
        let (stop, stopped) = AbortHandle::new_pair();
        let end = stream::once(std::future::ready(None));
        let events = Abortable::new(replies.map(Some).chain(end), stopped);
        let number = self.next;
        self.next += 1;
        self.operations.push(events.map(move |event| (number, event)).boxed());
        self.running.insert(number, Running { id: Some(id), stop, kind });
    }

    fn event(&mut self, number: u64, reply: Option<Reply>) {
        let Some(running) = self.running.get(&number) else { return };
        let replaced = self.replaced && running.kind == Kind::Subscription;
        if let Some(reply) = &reply {
            operation::log(&self.request, reply);
        }
        if let Some(id) = &running.id {
            self.outbox.extend(match &reply {
                Some(reply) => self.protocol.reply(id, reply),
                // Its client asks again, so it must not hear that this is done.
                None if replaced => None,
                None => self.protocol.done(id),
            });
        }
        if reply.is_none_or(|reply| !reply.ran)
            && let Some(running) = self.running.remove(&number)
        {
            running.stop.abort();
        }
    }
}

impl Running {
    /// Its client does not wait for it any more. A mutation goes on: half of it would be worse than what was asked for.
    fn end(&mut self) {
        self.id = None;
        if self.kind != Kind::Mutation {
            self.stop.abort();
        }
    }
}

/// Waits until the credentials are to be judged again, if there are some.
async fn due(identity: &mut Option<Identity>) {
    match identity {
        Some(identity) => identity.due().await,
        None => std::future::pending().await,
    }
}

/// Waits until the message under way is sent, if there is one.
async fn sent(sending: &mut Option<BoxFuture<'_, Result<(), Closed>>>) -> Result<(), Closed> {
    match sending {
        Some(sending) => sending.await,
        None => std::future::pending().await,
    }
}
