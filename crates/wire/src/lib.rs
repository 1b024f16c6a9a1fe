//! The narrow HTTP boundary: a [`Request`] borrows what the connection read, a [`Response`] is a status, headers and
//! bytes. No server, runtime or framework is named here, so surfaces are plain functions and the front can be replaced.
//! A [`Problem`] becomes a response in [`problem_reply`], the same for every surface that answers JSON.
//!
//! The pages that surfaces have besides are [`files`].
//!
//! An answer may also be a stream of pieces, or a change to a [`socket`] that both sides write to.
//!
//! Invariant: header names are lower case.

pub mod browser;
pub mod etag;
pub mod files;
pub mod problem_reply;
pub mod socket;

use std::borrow::Cow;

use bistro_problem::Problem;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

pub use browser::Browser;
pub use socket::Upgrade;

/// A request as a surface sees it. Its body has been read whole, within the limits.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// `GET`, `POST` …
    pub method: &'a str,
    /// The path, still percent-encoded, from the first slash.
    pub path: &'a str,
    /// What follows the question mark, still encoded; empty without one.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a dyn Headers,
    /// The body.
    pub body: &'a Bytes,
    /// The id of the request, printed in problems and logs.
    pub id: &'a str,
    /// The time of the request in microseconds since the epoch.
    pub now: i64,
}

/// Headers by name.
pub trait Headers: Sync {
    /// The first value of the header with this lower-case name, if it is text.
    fn get(&self, name: &str) -> Option<&str>;
    /// All values of the header, in order.
    fn all<'s>(&'s self, name: &str) -> Vec<&'s str>;
}

/// Headers in a list, for tests and for the operations of a batch.
impl Headers for Vec<(String, String)> {
    fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    fn all<'s>(&'s self, name: &str) -> Vec<&'s str> {
        self.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect()
    }
}

/// A finished response.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Headers with lower-case names.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body.
    pub body: Bytes,
    /// The problem that the response tells of, for the log of the server; boxed because it is rare.
    pub problem: Option<Box<Problem>>,
}

impl Response {
    /// A response without headers.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), problem: None }
    }

    /// The status that it counts as. A fault of SOAP 1.1 is a 500 by its binding whoever is to blame; its problem knows.
    pub fn counts_as(&self) -> u16 {
        match &self.problem {
            Some(problem) if self.status >= 500 => problem.status,
            _ => self.status,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What a surface answers: at once on the calling thread, or after waiting.
pub enum Answer {
    /// The response.
    Now(Response),
    /// The response, when the future ends. Dropping the future leaks nothing.
    Later(BoxFuture<'static, Response>),
    /// A response whose body comes in pieces, for as long as it likes.
    Stream(Stream),
    /// The connection becomes a WebSocket.
    Upgrade(Upgrade),
}

/// A response whose body comes in pieces, such as server-sent events. Each piece is sent as it comes, and the next is asked
/// for when the client has taken enough. The time of a request does not end it, but a connection on which nothing moves for
/// `limits.idle` does, so the surface sends something now and then. It is dropped when the client goes away, and when the
/// server stops.
pub struct Stream {
    /// Status and headers; its body is not looked at.
    pub head: Response,
    /// The pieces of the body; its end is the end of the response.
    pub body: BoxStream<'static, Bytes>,
}

impl Answer {
    /// An answer that waits.
    pub fn later(future: impl Future<Output = Response> + Send + 'static) -> Self {
        Answer::Later(Box::pin(future))
    }

    /// An answer whose body is a stream.
    pub fn stream(head: Response, body: impl futures_util::Stream<Item = Bytes> + Send + 'static) -> Self {
        Answer::Stream(Stream { head, body: Box::pin(body) })
    }

    /// The response, whichever way it comes. A stream is gathered to its end; a socket is none: 426.
    pub async fn wait(self) -> Response {
        match self {
            Answer::Now(response) => response,
            Answer::Later(future) => future.await,
            Answer::Stream(Stream { head, body }) => {
                let pieces: Vec<Bytes> = body.collect().await;
                Response { body: pieces.concat().into(), ..head }
            }
            Answer::Upgrade(_) => Response::new(426, Bytes::new()),
        }
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Answer::Now(response)
    }
}
