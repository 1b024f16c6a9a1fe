//! GraphQL over HTTP (<https://graphql.github.io/graphql-over-http/draft>): in which forms a request comes, which text it means,
//! and with which status and media type it is answered.
//!
//! No page of another site can write here: bodies other than JSON are 415, so that a browser asks first (a preflight); a GET
//! never writes; and callers are known by headers, which no browser adds by itself.

mod amount;
mod batch;
pub(crate) mod digest;
mod forms;
mod media;
mod parameters;
mod persisted;
mod refused;
mod reply;
mod texts;
mod trusted;

use std::sync::Arc;

use bistro_engine::Context;
use bistro_ir::CallerKind;
use bistro_problem::{Code, Problem};
use bistro_wire::problem_reply::problem_reply;
use bistro_wire::{Answer, Headers, Request, Response, socket};

use crate::document::Bound;
use crate::execute::{Answered, Reply};
use crate::failure::Failure;
use crate::plan::{Kind, Plan};
use crate::surface::{Ask, GraphQl};
use crate::watch;

pub(crate) use media::{Accepted, Media};
pub(crate) use parameters::Parameters;
pub(crate) use refused::refused;
pub(crate) use reply::Dress;
pub(crate) use texts::Texts;
pub use trusted::Trusted;

/// Where GraphQL is served.
const PATH: &str = "/graphql/v1";
/// What may be done there.
const METHODS: &str = "GET, HEAD, POST, OPTIONS";

/// Answers a request to [`PATH`].
pub(crate) fn handle(surface: &Arc<GraphQl>, request: &Request<'_>, cx: Context) -> Answer {
    if let Some(offered) = socket::asked(request).filter(|_| is_here(request)) {
        // A socket brings its key in its first message.
        let answer = watch::upgrade(surface, request, cx, &offered);
        return answer.unwrap_or_else(|problem| problem_reply(problem, request, false).into());
    }
    let anonymous = cx.caller.kind == CallerKind::Anonymous;
    if anonymous && is_nobody(request.headers) && request.method != "OPTIONS" {
        let problem = Problem::new(Code::NoKey, "No API key found in request")
            .hint("Send the header apikey, or Authorization: Bearer <token>.");
        return refused(problem, request.headers, request.id, true).into();
    }
    let accepted = media::negotiate(request.headers.get("accept"));
    let media = match &accepted {
        Ok(Accepted { best: Media::GraphQl, .. }) => Media::GraphQl,
        _ => Media::Json,
    };
    let dress = Dress { media, anonymous };
    accepted.and_then(|accepted| road(surface, request, cx, accepted, dress)).unwrap_or_else(|problem| {
        let method = problem.code == Code::Method;
        let response = dress.refused(problem);
        Answer::Now(if method { response.header("allow", allowed(request.method)) } else { response })
    })
}

fn is_here(request: &Request<'_>) -> bool {
    request.path.trim_end_matches('/') == PATH
}

/// Whether a request comes without any credential. Sockets bring theirs in their first message, so the front lets them by.
fn is_nobody(headers: &dyn Headers) -> bool {
    headers.get("apikey").is_none() && headers.get("authorization").is_none()
}

/// The methods that a 405 names: a GET is refused for its mutation alone.
fn allowed(method: &str) -> &'static str {
    if is_read(method) { "POST" } else { METHODS }
}

fn is_read(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

/// From the path to the answer. Errors: a request that is none of GraphQL, whatever its document says.
fn road(
    surface: &GraphQl,
    request: &Request<'_>,
    cx: Context,
    accepted: Accepted,
    dress: Dress,
) -> Result<Answer, Problem> {
    if !is_here(request) {
        let message = format!("Nothing is served here; GraphQL is at {PATH}");
        return Err(Problem::new(Code::NotFound, message));
    }
    let asked = match request.method {
        "GET" | "HEAD" => forms::Asked::One(forms::query(request.query)?),
        "POST" => {
            media::check_content_type(request.headers.get("content-type"))?;
            forms::body(request.body, surface.options().limits.batch)?
        }
        "OPTIONS" => return Ok(Response::new(204, "").header("allow", METHODS).into()),
        other => return Err(Problem::new(Code::Method, format!("Unsupported HTTP method: {other}"))),
    };
    match asked {
        forms::Asked::One(asked) => one(surface, request, cx, &asked, accepted, dress),
        forms::Asked::Many(asked) => Ok(batch::run(surface, &cx, asked, dress)),
    }
}

/// Answers one operation.
fn one(
    surface: &GraphQl,
    request: &Request<'_>,
    cx: Context,
    asked: &Parameters,
    accepted: Accepted,
    dress: Dress,
) -> Result<Answer, Problem> {
    if is_read(request.method) && is_mutation(surface, &cx, asked) {
        return Err(Problem::new(Code::Method, "A mutation cannot be sent by GET").hint("Send it by POST."));
    }
    let planned = ask(surface, &cx, asked);
    let follows = planned.as_ref().is_ok_and(|(plan, _)| plan.kind == Kind::Subscription);
    if follows && !accepted.events {
        return Err(no_stream());
    }
    if follows || accepted.best == Media::Events {
        let operation = watch::operation(surface, cx.clone(), planned);
        return Ok(watch::events(surface, request, cx, operation));
    }
    let (plan, bound) = match planned {
        Ok(planned) => planned,
        Err(failures) => return Ok(dress.reply(Reply::refused(failures)).into()),
    };
    Ok(match surface.running(cx).run(plan, bound) {
        Answered::Now(reply) => dress.reply(reply).into(),
        Answered::Later(reply) => Answer::later(async move { dress.reply(reply.await) }),
    })
}

/// Whether a request means a mutation. What cannot be read is none; planning it says why.
fn is_mutation(surface: &GraphQl, cx: &Context, asked: &Parameters) -> bool {
    let Ok(text) = surface.texts().text(asked) else { return false };
    let document = surface.document(cx.caller.roles, text.as_str());
    document.is_ok_and(|(_, document)| document.operation(asked.name()).is_ok_and(|o| o.is_mutation()))
}

/// What a request's parameters come to: a plan and its values.
pub(crate) fn ask(
    surface: &GraphQl,
    cx: &Context,
    asked: &Parameters,
) -> Result<(Arc<Plan>, Bound), Vec<Failure>> {
    let texts = surface.texts();
    let text = texts.text(asked).map_err(|problem| vec![problem.into()])?;
    let ask = Ask { text: text.as_str(), variables: &asked.variables, operation_name: asked.name() };
    let planned = surface.ask(cx, ask)?;
    texts.keep(&text);
    Ok(planned)
}

fn no_stream() -> Problem {
    let message = "A subscription is answered as a stream of events, or over a WebSocket";
    let hint =
        "Send Accept: text/event-stream, or open a WebSocket with the subprotocol graphql-transport-ws.";
    Problem::new(Code::MediaType, message).hint(hint)
}
