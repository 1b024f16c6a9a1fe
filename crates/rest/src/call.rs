//! A request on data as far as its path and headers say; its query and body are the compiler's.

use std::borrow::Cow;

use bistro_engine::Context;
use bistro_ir::CallerKind;
use bistro_problem::{Code, Problem};
use bistro_wire::problem_reply::problem_response;
use bistro_wire::{Headers, Request, Response};

use crate::compile::{self, Verb};
use crate::media::{self, Media};
use crate::prefer::Prefer;

/// The one schema that clients name in profiles.
const PROFILE: &str = "public";

/// A request on a collection or on one of its rows.
pub(crate) struct Call<'a> {
    pub(crate) verb: Verb,
    /// The collection's name, decoded.
    pub(crate) collection: Cow<'a, str>,
    /// For one row: the last segment of the path, still encoded.
    pub(crate) item: Option<&'a str>,
    pub(crate) query: &'a str,
    pub(crate) range: Option<&'a str>,
    pub(crate) prefer: Prefer,
    pub(crate) media: Media,
    /// Whether the client named a profile, and so wants it named in the answer.
    pub(crate) profile: bool,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
    pub(crate) if_match: Option<&'a str>,
    pub(crate) if_none_match: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// Reads the headers; refuses profiles, preferences and media types that are not served.
    pub(crate) fn new(
        verb: Verb,
        (collection, item): (Cow<'a, str>, Option<&'a str>),
        query: &'a str,
        headers: &'a dyn Headers,
        body: &'a [u8],
    ) -> Result<Self, Problem> {
        let profile = profile(verb.reads(), headers)?;
        let prefer = match headers.get("prefer") {
            Some(_) => Prefer::parse(&headers.all("prefer"))?,
            None => Prefer::default(),
        };
        Ok(Self {
            verb,
            collection,
            item,
            query,
            range: headers.get("range"),
            prefer,
            media: media::negotiate(headers.get("accept"))?,
            profile,
            content_type: headers.get("content-type"),
            body,
            if_match: headers.get("if-match"),
            if_none_match: headers.get("if-none-match"),
        })
    }

    /// The request for the compiler.
    pub(crate) fn asked(&self) -> compile::Request<'_> {
        compile::Request {
            verb: self.verb,
            collection: &self.collection,
            item: self.item,
            query: self.query,
            range: self.range,
            prefer: &self.prefer,
            content_type: self.content_type,
            body: self.body,
            // A row by its key is one row or not found, which is said otherwise.
            singular: self.media.singular() && self.item.is_none(),
        }
    }
}

/// Checks `Accept-Profile` (reads) or `Content-Profile` (writes); whether there was one.
pub(crate) fn profile(reads: bool, headers: &dyn Headers) -> Result<bool, Problem> {
    match headers.get(if reads { "accept-profile" } else { "content-profile" }) {
        None => Ok(false),
        Some(PROFILE) => Ok(true),
        Some(other) => Err(Problem::new(Code::SchemaProfile, format!("Invalid schema: {other}"))
            .hint(format!("Only the following schemas are exposed: {PROFILE}"))),
    }
}

/// What is needed to tell a caller of a problem after the request is gone.
#[derive(Clone)]
pub(crate) struct Told {
    id: String,
    accept: Vec<(String, String)>,
    anonymous: bool,
}

impl Told {
    pub(crate) fn new(request: &Request<'_>, cx: &Context) -> Self {
        let accept = request.headers.get("accept").map(|a| ("accept".to_owned(), a.to_owned()));
        Self { id: request.id.to_owned(), accept: accept.into_iter().collect(), anonymous: is_anonymous(cx) }
    }

    /// The response of a problem.
    pub(crate) fn problem(&self, problem: Problem) -> Response {
        problem_response(problem, &self.accept, &self.id, self.anonymous)
    }

    /// The response of a result.
    pub(crate) fn answer(&self, result: Result<Response, Problem>) -> Response {
        result.unwrap_or_else(|problem| self.problem(problem))
    }
}

/// Whether no user stands behind the request, so that a refusal is 401.
pub(crate) fn is_anonymous(cx: &Context) -> bool {
    cx.caller.kind == CallerKind::Anonymous
}
