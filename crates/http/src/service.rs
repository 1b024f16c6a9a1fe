//! One request: judged in a fixed order, handed to its surface, dressed.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bistro_auth::Asked;
use bistro_auth::loopback::{loopback_host, loopback_origin};
use bistro_ir::{Caller, CallerKind};
use bistro_problem::{Code, Problem};
use bistro_wire::problem_reply::problem_response;
use bistro_wire::{Answer, Headers as _, Request, Response, Stream, Upgrade};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use hyper::Method;
use hyper::body::{Body as _, Incoming};
use hyper::http::request::Parts;

use crate::admitted::{Admitted, caller, view, within};
use crate::connection::Peer;
use crate::headers::HeaderView;
use crate::reply::{Reply, reply};
use crate::request_id::RequestId;
use crate::route::{Route, Site};
use crate::server::Front;
use crate::stream::Payload;
use crate::transport::scheme;
use crate::{body, health, log, refusal, socket};

/// An answer on its way. Most are ready at once; only the others take a box, so that an idle connection holds no room
/// for the state of one.
pub(crate) enum Answering {
    Ready(Option<Reply>),
    Later(Pin<Box<dyn Future<Output = Reply> + Send>>),
}

impl Future for Answering {
    type Output = Result<Reply, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Answering::Ready(reply) => {
                Poll::Ready(Ok(reply.take().expect("a future is not polled after its end")))
            }
            Answering::Later(future) => future.as_mut().poll(cx).map(Ok),
        }
    }
}

/// What a request came to so far.
enum Step {
    Settled(Settled),
    Later(Waiting),
}

/// What a request came to.
enum Settled {
    Response(Response),
    Stream(Stream),
    Upgrade(Upgrade),
}

impl From<Response> for Step {
    fn from(response: Response) -> Self {
        Step::Settled(Settled::Response(response))
    }
}

/// A surface's work that goes on, whether nobody is signed in for whom it does, and how long it may take.
struct Waiting {
    future: BoxFuture<'static, Response>,
    anonymous: bool,
    time: Duration,
}

/// Answers a request; whatever goes wrong is an answer too.
pub(crate) fn answer(peer: Arc<Peer>, request: hyper::Request<Incoming>) -> Answering {
    let (parts, body) = request.into_parts();
    if !body.is_end_stream() {
        return Answering::Later(Box::pin(with_body(peer, parts, body)));
    }
    let _active = peer.pulse.begin();
    let id = RequestId::of(&parts.headers);
    let step = match admit(&peer, &parts) {
        Ok(Ok(admitted)) => match admitted.known() {
            Ok(admitted) => handle(&peer.front, &parts, admitted, &Bytes::new(), &id),
            Err(admitted) => return Answering::Later(Box::pin(looked_up(peer.clone(), parts, admitted, id))),
        },
        Ok(Err(own)) => own.into(),
        Err(problem) => refused(&peer.front, &parts, &id, problem, true).into(),
    };
    match step {
        Step::Settled(settled) => Answering::Ready(Some(finish(&peer, &parts, &id, settled))),
        Step::Later(waiting) => {
            let peer = Arc::clone(&peer);
            Answering::Later(Box::pin(async move {
                let _active = peer.pulse.begin();
                let response = in_time(&peer.front, &parts, &id, waiting).await;
                dress(&peer.front, &parts, &id, response)
            }))
        }
    }
}

/// Answers a request whose body comes first.
async fn with_body(peer: Arc<Peer>, parts: Parts, body: Incoming) -> Reply {
    let _active = peer.pulse.begin();
    let front = &*peer.front;
    let id = RequestId::of(&parts.headers);
    let refused = |problem| refused(front, &parts, &id, problem, true).into();
    let step = match admit(&peer, &parts) {
        Ok(Ok(admitted)) => match admitted.looked_up(front).await {
            Ok(admitted) => match body::read(body, admitted.body_limit, &front.limits).await {
                Ok(body) => handle(front, &parts, admitted, &body, &id),
                Err(problem) => refused(problem),
            },
            Err(problem) => refused(problem),
        },
        Ok(Err(own)) => own.into(),
        Err(problem) => refused(problem),
    };
    after(&peer, &parts, &id, step).await
}

/// Answers a request without a body whose caller's session has to be looked up.
async fn looked_up(peer: Arc<Peer>, parts: Parts, admitted: Admitted<Asked>, id: RequestId) -> Reply {
    let _active = peer.pulse.begin();
    let step = match admitted.looked_up(&peer.front).await {
        Ok(admitted) => handle(&peer.front, &parts, admitted, &Bytes::new(), &id),
        Err(problem) => refused(&peer.front, &parts, &id, problem, true).into(),
    };
    after(&peer, &parts, &id, step).await
}

/// The reply for a step, when it is done.
async fn after(peer: &Arc<Peer>, parts: &Parts, id: &RequestId, step: Step) -> Reply {
    match step {
        Step::Settled(settled) => finish(peer, parts, id, settled),
        Step::Later(waiting) => {
            let response = in_time(&peer.front, parts, id, waiting).await;
            dress(&peer.front, parts, id, response)
        }
    }
}

/// The reply for what a request came to.
fn finish(peer: &Arc<Peer>, parts: &Parts, id: &RequestId, settled: Settled) -> Reply {
    let front = &*peer.front;
    match settled {
        Settled::Response(response) => dress(front, parts, id, response),
        Settled::Stream(Stream { head, body }) => {
            let reply = dress(front, parts, id, head);
            match parts.method == Method::HEAD {
                true => reply,
                false => reply.map(|_| Payload::stream(Arc::clone(peer), body)),
            }
        }
        Settled::Upgrade(upgrade) => {
            let response = socket::accept(peer, parts, upgrade)
                .unwrap_or_else(|problem| problem_response(problem, &view(parts), id.as_str(), true));
            dress(front, parts, id, response)
        }
    }
}

/// The response to a request that its surface did not answer, in the form of who answers at its path.
fn refused(front: &Front, parts: &Parts, id: &RequestId, problem: Problem, anonymous: bool) -> Response {
    let (headers, site) = (view(parts), front.site.load());
    match site.route(parts.uri.path()) {
        Some(route) => route.surface().refused(problem, &headers, id.as_str(), anonymous),
        None => problem_response(problem, &headers, id.as_str(), anonymous),
    }
}

/// Counts, logs, and adds the headers that every answer has.
fn dress(front: &Front, parts: &Parts, id: &RequestId, response: Response) -> Reply {
    front.metrics.answered(response.counts_as());
    log::request(id.as_str(), parts.method.as_str(), parts.uri.path(), &response, front.dev);
    let mut reply = reply(response, id, &parts.method, parts.version);
    let origin = parts.headers.get(hyper::header::ORIGIN);
    let own = |_: &_| front.site.load().route(parts.uri.path()).is_some_and(Route::is_own_pages);
    front.cors.dress(reply.headers_mut(), origin.filter(|origin| !own(origin)));
    reply
}

/// The road of a request up to its surface: a problem of the front, an answer of the front's own, or a surface's work.
fn admit(peer: &Peer, parts: &Parts) -> Result<Result<Admitted<Asked>, Response>, Problem> {
    let front = &*peer.front;
    check_head(front, parts)?;
    check_host(front, parts)?;
    if parts.method == Method::OPTIONS && parts.headers.contains_key("access-control-request-method") {
        return Ok(Err(front.cors.preflight(&parts.headers)));
    }
    let path = parts.uri.path();
    if let Some(response) = own(front, path) {
        return Ok(Err(response));
    }
    let site = front.site.load();
    let route = site.route(path).ok_or_else(|| not_found(path, &site))?;
    let now = now();
    let caller = caller(peer, parts, &site, route, now)?;
    let usual = body::Most { bytes: front.limits.body_bytes, setting: "limits.body" };
    let body_limit = route.body_limit().unwrap_or(usual);
    let time = front.limits.request_time;
    let scheme = scheme(&front.proxies, peer.ip, &parts.headers, front.authenticator.cookies().secure());
    Ok(Ok(Admitted { surface: Arc::clone(route.surface()), caller, body_limit, scheme, now, time }))
}

/// Hands a request to its surface. Problems of the surface are dressed by itself; a panic or the end of patience is ours.
fn handle(front: &Front, parts: &Parts, admitted: Admitted<Caller>, body: &Bytes, id: &RequestId) -> Step {
    let Admitted { surface, caller, scheme, now, time, .. } = admitted;
    let anonymous = caller.kind == CallerKind::Anonymous;
    let headers = HeaderView { scheme, ..view(parts) };
    let request = Request {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or(""),
        headers: &headers,
        body,
        id: id.as_str(),
        now,
    };
    // A surface holds no lock across a request that it could leave broken: state behind it is swapped whole.
    match catch_unwind(AssertUnwindSafe(|| surface.handle(request, caller))) {
        Ok(Answer::Now(response)) => response.into(),
        Ok(Answer::Later(future)) => Step::Later(Waiting { future, anonymous, time }),
        Ok(Answer::Stream(stream)) => Step::Settled(Settled::Stream(stream)),
        Ok(Answer::Upgrade(upgrade)) => Step::Settled(Settled::Upgrade(upgrade)),
        Err(panic) => {
            let problem = front.panicked(&*panic);
            refused(front, parts, id, problem, anonymous).into()
        }
    }
}

/// Waits for a surface's work as long as a request may take.
async fn in_time(front: &Front, parts: &Parts, id: &RequestId, waiting: Waiting) -> Response {
    let Waiting { future, anonymous, time } = waiting;
    within(front, time, future).await.unwrap_or_else(|problem| refused(front, parts, id, problem, anonymous))
}

/// Limits on the head that hyper does not keep itself.
fn check_head(front: &Front, parts: &Parts) -> Result<(), Problem> {
    let limits = &front.limits;
    let query = parts.uri.query().map_or(0, |q| q.len() + 1);
    // The method, two spaces and the version.
    let around = parts.method.as_str().len() + 10;
    if parts.uri.path().len() + query + around > limits.request_line {
        return Err(refusal::uri_too_long(limits));
    }
    let bytes: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > limits.header_bytes || parts.headers.len() > limits.header_count {
        return Err(refusal::headers_too_large(limits));
    }
    Ok(())
}

/// On the open server, names of other machines are refused: a page elsewhere must not act here with all rights.
fn check_host(front: &Front, parts: &Parts) -> Result<(), Problem> {
    if !front.authenticator.open() {
        return Ok(());
    }
    let headers = view(parts);
    let host = headers.get("host").is_some_and(loopback_host);
    let origin = !parts.headers.contains_key("origin") || headers.get("origin").is_some_and(loopback_origin);
    if host && origin {
        return Ok(());
    }
    let name = if host { "Origin" } else { "Host" };
    Err(Problem::new(
        Code::HostRefused,
        format!("This server runs with --open, and {name} is not this machine"),
    )
    .hint("Use http://localhost or http://127.0.0.1, or start without --open and send a key."))
}

/// The front's own paths.
fn own(front: &Front, path: &str) -> Option<Response> {
    match front.root {
        Some(root) if path == "/" => Some(Response::new(307, "").header("location", root)),
        _ => health::answer(path, front.draining.load(Ordering::Relaxed), &*front.readiness),
    }
}

/// Microseconds since the epoch.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64)
}

fn not_found(path: &str, site: &Site) -> Problem {
    let shown: String = path.chars().take(100).collect();
    Problem::new(Code::NotFound, format!("Nothing is served at {shown}"))
        .hint(format!("There are: {}, /health/live, /health/ready", site.paths()))
}
