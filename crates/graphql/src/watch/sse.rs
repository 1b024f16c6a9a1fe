//! Streams of server-sent events, in the distinct connections mode of
//! [graphql-sse](https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md): one operation a request; each reply is
//! the event `next`, and `complete` is the last.

use std::time::Duration;

use bistro_engine::{Context, Listener, Types};
use bistro_wire::{Answer, Request, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::identity::{Credentials, Identity};
use super::operation::{self, Operation, Replies};
use crate::execute::Reply;
use crate::http::Media;
use crate::surface::GraphQl;

/// How often a comment says that the server is there.
const ALIVE: Duration = Duration::from_secs(12);

/// The answer that streams the replies of an operation to the caller of a request.
pub(crate) fn events(surface: &GraphQl, request: &Request<'_>, cx: Context, operation: Operation) -> Answer {
    let identity = Identity::judged(surface.authenticate(), Credentials::of(request.headers), cx);
    let head = Response::new(200, "")
        .header("content-type", Media::Events.content_type())
        .header("cache-control", "no-cache")
        .header("x-accel-buffering", "no")
        .header("vary", "Accept");
    let engine = operation.follows().then(|| surface.engine().feed().watch(&Types::default()));
    let id: Box<str> = request.id.into();
    let replies = operation.replies.inspect(move |reply| operation::log(&id, reply)).boxed();
    Answer::stream(head, stream(replies, identity, engine))
}

fn stream(
    replies: Replies,
    identity: Identity,
    engine: Option<Listener>,
) -> impl Stream<Item = Bytes> + Send {
    let mut alive = interval_at(Instant::now() + ALIVE, ALIVE);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let events = Events { replies, identity, engine, alive, state: State::Open };
    stream::unfold(events, |mut events| async move { events.next().await.map(|bytes| (bytes, events)) })
}

struct Events {
    replies: Replies,
    identity: Identity,
    /// Hears when a subscription's engine is replaced.
    engine: Option<Listener>,
    alive: Interval,
    state: State,
}

#[derive(PartialEq)]
enum State {
    Open,
    /// What is left to say is that it is over.
    Ending,
    Over,
}

impl Events {
    async fn next(&mut self) -> Option<Bytes> {
        match self.state {
            State::Over => return None,
            State::Ending => return Some(self.complete()),
            State::Open => {}
        }
        loop {
            // Credentials come before replies: none is told to whom has lost them.
            tokio::select! {
                biased;
                () = self.identity.due() => {
                    if let Err(problem) = self.identity.still().await {
                        self.state = State::Ending;
                        return Some(next(&Reply::refused(vec![problem.into()]).body));
                    }
                }
                // Without `complete`, so that the client asks again.
                () = replaced(&mut self.engine) => {
                    self.state = State::Over;
                    return None;
                }
                reply = self.replies.next() => {
                    self.alive.reset();
                    let Some(reply) = reply else { return Some(self.complete()) };
                    if !reply.ran {
                        self.state = State::Ending;
                    }
                    return Some(next(&reply.body));
                }
                _ = self.alive.tick() => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }

    fn complete(&mut self) -> Bytes {
        self.state = State::Over;
        // Without data browsers do not tell of an event.
        Bytes::from_static(b"event: complete\ndata: \n\n")
    }
}

/// Waits until the engine is replaced.
async fn replaced(engine: &mut Option<Listener>) {
    match engine {
        Some(engine) => while engine.next().await.is_some() {},
        None => std::future::pending().await,
    }
}

/// The event of a reply. Line ends in it can only stand between the tokens of a JSON document that was stored so.
fn next(body: &[u8]) -> Bytes {
    let mut event = Vec::with_capacity(body.len() + 32);
    event.extend_from_slice(b"event: next\ndata: ");
    for byte in body {
        match byte {
            b'\n' => event.extend_from_slice(b"\ndata: "),
            b'\r' => event.push(b' '),
            byte => event.push(*byte),
        }
    }
    event.extend_from_slice(b"\n\n");
    event.into()
}
