//! Reads: lists of rows, and one row by its key.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bistro_engine::{Context, Engine, Outcome, Ready, Session};
use bistro_ir::{Body, Bound, Input, Operation};
use bistro_problem::{Code, Problem};
use bistro_wire::{Answer, Request, Response};
use bytes::Bytes;

use crate::call::{Call, Told};
use crate::compile::{self, Compiled, Verb};
use crate::headers::{PRIVATE, VARY, content_range, etag, matches_etag};
use crate::media::Media;
use crate::render::{Caps, Shape, Style, Writer};
use crate::router::{Options, Rest};

/// A read made ready: shared by all requests of its shape, form and roles.
pub(crate) struct ReadPlan {
    pub(crate) ready: Arc<Ready>,
    shape: Arc<Shape>,
    media: Media,
    /// Whether the path names one row.
    item: bool,
    offset: Option<Bound>,
    applied: Option<String>,
    /// The size of the last body, which the next one is likely to have.
    size: AtomicUsize,
}

/// What one request wants besides.
#[derive(Default)]
pub(crate) struct Wanted {
    content_location: String,
    if_none_match: Option<String>,
    profile: bool,
}

impl Wanted {
    pub(crate) fn new(call: &Call<'_>) -> Self {
        let seen = call.if_none_match.filter(|_| call.item.is_some());
        let content_location = match call.item {
            Some(_) => String::new(),
            None => content_location(&call.collection, call.query),
        };
        Self { content_location, if_none_match: seen.map(str::to_owned), profile: call.profile }
    }
}

/// How a form of reply prints values.
pub(crate) fn style(media: Media) -> Style {
    let decimal_strings = matches!(media, Media::Json { decimal_strings: true });
    Style { strip_nulls: media.nulls_stripped(), decimal_strings }
}

impl ReadPlan {
    /// Compiles, authorises and plans.
    pub(crate) fn new(
        engine: &Engine,
        options: &Options,
        cx: &Context,
        call: &Call<'_>,
    ) -> Result<(Operation, Self, Input), Problem> {
        let view = engine.view(cx.caller.roles);
        let Compiled { operation, input, .. } = compile::compile(&view, &call.asked(), &options.limits)?;
        let Body::Read(read) = &operation.body else {
            return Err(Problem::bug("a read was compiled to a write"));
        };
        let plan = Self {
            ready: engine.ready(cx.caller.roles, &operation)?,
            shape: Arc::new(Shape::new(engine.schema(), read, style(call.media))),
            media: call.media,
            item: call.item.is_some(),
            offset: read.offset,
            applied: call.prefer.applied(call.verb),
            size: AtomicUsize::new(256),
        };
        Ok((operation, plan, input))
    }

    /// The sink of one reply.
    pub(crate) fn writer(&self, caps: Caps) -> Writer {
        // A little more than last time, so that the buffer seldom grows.
        let size = self.size.load(Ordering::Relaxed);
        Writer::new(self.media, self.shape.clone(), caps, size + size / 8 + 64)
    }

    /// The response of what the sink took.
    pub(crate) fn respond(
        &self,
        writer: Writer,
        outcome: &Outcome,
        input: &Input,
        wanted: Wanted,
    ) -> Result<Response, Problem> {
        let body = writer.finish()?;
        self.size.store(body.len(), Ordering::Relaxed);
        if self.item {
            return self.one(body, outcome, wanted);
        }
        let offset = compile::bound(self.offset, input).unwrap_or(0);
        if let Some(total) = outcome.total.filter(|total| offset > *total) {
            let details = format!("An offset of {offset} was requested, but there are only {total} rows.");
            return Err(Problem::new(Code::Range, "Requested range not satisfiable").details(details));
        }
        let body = if self.media.singular() { only(body, outcome.rows)? } else { Bytes::from(body) };
        let partial = outcome.total.is_some_and(|total| outcome.rows < total);
        let mut response = Response { status: if partial { 206 } else { 200 }, body, ..Response::default() };
        response.headers.reserve_exact(8);
        response.headers.push(("content-type", self.media.content_type().into()));
        response.headers.push(("content-range", content_range(offset, outcome.rows, outcome.total).into()));
        response.headers.push(("content-location", wanted.content_location.into()));
        self.dress(&mut response, wanted.profile);
        Ok(response)
    }

    /// The response of a row by its key.
    fn one(&self, body: Vec<u8>, outcome: &Outcome, wanted: Wanted) -> Result<Response, Problem> {
        if outcome.rows == 0 {
            return Err(not_found());
        }
        let body = if self.media == Media::Csv { Bytes::from(body) } else { only(body, outcome.rows)? };
        let tag = etag(&body);
        let fresh = wanted.if_none_match.is_some_and(|seen| matches_etag(&seen, &tag));
        let mut response = match fresh {
            true => Response::new(304, Bytes::new()),
            false => Response::new(200, body).header("content-type", self.media.content_type()),
        };
        response.headers.push(("etag", tag.into()));
        self.dress(&mut response, wanted.profile && !fresh);
        Ok(response)
    }

    fn dress(&self, response: &mut Response, profile: bool) {
        response.headers.push(("vary", VARY.into()));
        response.headers.push(("cache-control", PRIVATE.into()));
        if let Some(applied) = &self.applied {
            response.headers.push(("preference-applied", applied.clone().into()));
        }
        if profile {
            response.headers.push(("content-profile", "public".into()));
        }
    }

    /// Runs inside a transaction.
    pub(crate) async fn run(
        &self,
        session: &mut Session<'_>,
        caps: Caps,
        input: &Input,
        wanted: Wanted,
    ) -> Result<Response, Problem> {
        let mut writer = self.writer(caps);
        let outcome = session.run(&self.ready, input, &mut writer).await?;
        self.respond(writer, &outcome, input, wanted)
    }
}

/// The one row of a list, without the brackets; PGRST116 for any other number.
pub(crate) fn only(body: Vec<u8>, rows: u64) -> Result<Bytes, Problem> {
    if rows != 1 {
        return Err(Problem::new(Code::Singular, "Cannot coerce the result to a single JSON object")
            .details(format!("The result contains {rows} rows")));
    }
    let end = body.len() - 1;
    Ok(Bytes::from(body).slice(1..end))
}

/// No row has the key of the path, or none that the caller may see.
pub(crate) fn not_found() -> Problem {
    Problem::new(Code::Singular, "Cannot coerce the result to a single JSON object")
        .details("The result contains 0 rows")
        .hint("No row has this key, or none that you may see.")
        .status(404)
}

/// `/posts?limit=1&select=id`: the parameters sorted, as the client encoded them.
fn content_location(collection: &str, query: &str) -> String {
    let mut text = String::with_capacity(collection.len() + query.len() + 2);
    text.push('/');
    crate::encode::push(collection, &mut text);
    if query.is_empty() {
        return text;
    }
    text.push('?');
    if !query.contains('&') {
        text.push_str(query);
        return text;
    }
    let mut parameters: Vec<&str> = query.split('&').collect();
    parameters.sort_unstable();
    for (n, parameter) in parameters.iter().enumerate() {
        if n > 0 {
            text.push('&');
        }
        text.push_str(parameter);
    }
    text
}

impl Rest {
    /// Answers a read.
    pub(crate) fn read(
        &self,
        request: &Request<'_>,
        cx: Context,
        call: &Call<'_>,
    ) -> Result<Answer, Problem> {
        debug_assert!(matches!(call.verb, Verb::Get | Verb::Head));
        let (plan, input) = self.read_plan(&cx, call)?;
        self.run_read(request, cx, plan, input, Wanted::new(call))
    }

    /// At once on this thread where the store can, otherwise later.
    fn run_read(
        &self,
        request: &Request<'_>,
        cx: Context,
        plan: Arc<ReadPlan>,
        input: Input,
        wanted: Wanted,
    ) -> Result<Answer, Problem> {
        let mut writer = plan.writer(self.options().caps);
        if let Some(outcome) = self.engine().read_now(&cx, &plan.ready, &input, &mut writer)? {
            return plan.respond(writer, &outcome, &input, wanted).map(Answer::Now);
        }
        let told = Told::new(request, &cx);
        let (engine, ready) = (Arc::clone(self.engine()), Arc::clone(&plan.ready));
        Ok(Answer::later(async move {
            // The offset is all that the reply still needs of the input.
            let kept = Input { params: input.params.clone(), ..Input::default() };
            let done = engine.read(cx, ready, input, Box::new(writer)).await;
            told.answer(done.and_then(|(sink, outcome)| {
                let writer = sink.into_any().downcast::<Writer>();
                let writer = writer.map_err(|_| Problem::bug("a read gave back another sink"))?;
                plan.respond(*writer, &outcome, &kept, wanted)
            }))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::content_location;

    #[test]
    fn parameters_are_sorted_in_the_location() {
        let cases = [
            ("posts", "", "/posts"),
            ("posts", "select=id", "/posts?select=id"),
            ("a b", "select=id&limit=1&a=eq.%20", "/a%20b?a=eq.%20&limit=1&select=id"),
        ];
        for (collection, query, expected) in cases {
            assert_eq!(content_location(collection, query), expected);
        }
    }
}
