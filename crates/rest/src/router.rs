//! Paths and methods: what lies where under `/rest/v1` and `/batch/v1`.

use std::borrow::Cow;
use std::sync::Arc;

use bistro_engine::{Context, Engine};
use bistro_ir::Caller;
use bistro_problem::{Code, Problem};
use bistro_wire::problem_reply::problem_reply;
use bistro_wire::{Answer, Request, Response};
use bytes::Bytes;

use crate::call::{Call, is_anonymous, profile};
use crate::compile::{Limits, Path, Verb, path};
use crate::describe::About;
use crate::item::allowed;
use crate::render::Caps;
use crate::root::Documents;
use crate::warm::Shapes;

/// Caps and choices of the REST surface.
#[derive(Clone, Debug)]
pub struct Options {
    /// What a request may ask for.
    pub limits: Limits,
    /// What a reply may hold.
    pub caps: Caps,
    /// What the documents say of this API.
    pub about: About,
    /// How many shapes of requests are kept ready.
    pub shapes: usize,
}

impl Options {
    /// The options that go with an engine's own.
    pub fn of(engine: &bistro_engine::Options) -> Self {
        let limits = Limits {
            max_rows: engine.max_rows,
            embed_rows: engine.embed_rows,
            embed_depth: engine.embed_depth,
            aggregates: true,
            ..Limits::default()
        };
        let caps = Caps { records: engine.reply_records, bytes: engine.reply_bytes };
        Self { limits, caps, about: About::default(), shapes: engine.plans }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::of(&bistro_engine::Options::default())
    }
}

/// The REST surface of one engine. A changed schema makes a new engine, and so a new one of these.
pub struct Rest {
    engine: Arc<Engine>,
    options: Arc<Options>,
    pub(crate) documents: Documents,
    pub(crate) shapes: Shapes,
    no_headers: Arc<[(String, String)]>,
}

impl Rest {
    /// The surface of an engine.
    pub fn new(engine: Arc<Engine>, options: Options) -> Self {
        let shapes = Shapes::new(options.shapes);
        let (documents, no_headers) = (Documents::default(), Arc::default());
        Self { engine, options: Arc::new(options), documents, shapes, no_headers }
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(crate) fn options(&self) -> &Arc<Options> {
        &self.options
    }

    /// The context of a caller's request: its time, and the headers that rules read.
    pub fn context(&self, request: &Request<'_>, caller: Caller) -> Context {
        let wanted = self.engine.rule_headers();
        let headers = match wanted.is_empty() {
            true => Arc::clone(&self.no_headers),
            false => {
                let value = |name: &String| Some((name.clone(), request.headers.get(name)?.to_owned()));
                wanted.iter().filter_map(value).collect()
            }
        };
        Context { caller, now: request.now, headers }
    }

    /// Answers a request whose path is `/rest/v1`, lies below it, or is `/batch/v1`.
    pub fn handle(&self, request: Request<'_>, cx: Context) -> Answer {
        let anonymous = is_anonymous(&cx);
        match self.route(&request, cx) {
            Ok(answer) => answer,
            Err(problem) => {
                let refused = matches!(problem.code, Code::Method | Code::RpcVerb);
                let reply = problem_reply(problem, &request, anonymous);
                Answer::Now(if refused { reply.header("allow", methods(request.path)) } else { reply })
            }
        }
    }

    fn route(&self, request: &Request<'_>, cx: Context) -> Result<Answer, Problem> {
        if let Some(rest) = request.path.strip_prefix("/rest/v1") {
            return match path::split(rest)? {
                Path::Collection(name) if name == "openapi.json" => {
                    self.openapi(request, &cx).map(Answer::Now)
                }
                Path::Collection(name) => self.data(request, cx, name, None),
                Path::Item(name, key) => self.data(request, cx, name, Some(key)),
                Path::Function(name) => Err(crate::root::no_function(request, &name)),
                Path::Root => self.root(request, &cx).map(Answer::Now),
            };
        }
        match request.path.strip_prefix("/batch/v1") {
            Some("" | "/") => self.batch(request, cx),
            _ => Err(path::invalid()),
        }
    }

    /// A collection or one of its rows.
    fn data(
        &self,
        request: &Request<'_>,
        cx: Context,
        collection: Cow<'_, str>,
        item: Option<&str>,
    ) -> Result<Answer, Problem> {
        let Some(verb) = verb(request.method) else {
            if request.method != "OPTIONS" {
                return Err(unsupported(request.method));
            }
            profile(true, request.headers)?;
            let methods = allowed(&self.engine.view(cx.caller.roles), &collection, item.is_some())?;
            return Ok(Response::new(200, Bytes::new()).header("allow", methods).into());
        };
        let call = Call::new(verb, (collection, item), request.query, request.headers, request.body)?;
        if verb.reads() { self.read(request, cx, &call) } else { self.write(request, cx, &call) }
    }
}

/// The methods of a path, for the `Allow` of a 405.
fn methods(path: &str) -> &'static str {
    match path.strip_prefix("/rest/v1").and_then(|rest| path::split(rest).ok()) {
        Some(Path::Collection(name)) if name != "openapi.json" => "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE",
        Some(Path::Item(..)) => "OPTIONS,GET,HEAD,PUT,PATCH,DELETE",
        Some(Path::Function(_)) => "OPTIONS,GET,HEAD,POST",
        Some(Path::Root | Path::Collection(_)) => "OPTIONS,GET,HEAD",
        None => "OPTIONS,POST",
    }
}

/// The verb of a method on data.
pub(crate) fn verb(method: &str) -> Option<Verb> {
    Some(match method {
        "GET" => Verb::Get,
        "HEAD" => Verb::Head,
        "POST" => Verb::Post,
        "PATCH" => Verb::Patch,
        "PUT" => Verb::Put,
        "DELETE" => Verb::Delete,
        _ => return None,
    })
}

/// PGRST117.
pub(crate) fn unsupported(method: &str) -> Problem {
    Problem::new(Code::Method, format!("Unsupported HTTP method: {method}"))
}
