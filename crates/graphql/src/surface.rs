//! The surface of one engine: what a request's text comes to, and running it.

use std::sync::Arc;

use apollo_compiler::response::JsonMap;
use bistro_engine::{Context, Engine};
use bistro_ir::{Caller, CallerKind};
use bistro_problem::{Code, Problem};
use bistro_schema::Roles;
use bistro_wire::{Answer, Headers, Request, Response};
use quick_cache::sync::Cache;

use crate::Limits;
use crate::describe::{self, Described};
use crate::document::{Bound, Document, Documents};
use crate::execute::Run;
use crate::failure::Failure;
use crate::http::{self, Texts, Trusted};
use crate::plan::Plan;
use crate::render::Caps;
use crate::watch::Authenticate;

/// For how many sets of roles the described schema is kept.
const DESCRIBED: usize = 64;

/// Who may ask for the schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Introspection {
    /// Every caller, for what its roles see.
    #[default]
    Everybody,
    /// Callers with a user's token or the secret key.
    SignedIn,
    /// Nobody.
    Nobody,
}

/// Choices of the GraphQL surface.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What a request may ask for.
    pub limits: Limits,
    /// Forms of the schema.
    pub describe: describe::Options,
    /// As a subgraph: the types of another one, to which this one only adds fields, by their names.
    pub extends: Vec<String>,
    /// Who may ask for the schema.
    pub introspection: Introspection,
    /// The documents that are run by their id alone.
    pub trusted: Arc<Trusted>,
    /// Whether no others are run.
    pub only_trusted: bool,
    /// Whether documents that were sent once are known by their hash afterwards.
    pub automatic: bool,
}

impl Options {
    /// The options that go with an engine's own.
    pub fn of(engine: &bistro_engine::Options) -> Self {
        let limits = Limits {
            relations: engine.embed_depth,
            page_most: engine.max_rows,
            page: engine.max_rows.min(Limits::default().page),
            ..Limits::default()
        };
        Self { limits, ..Self::default() }
    }
}

/// The GraphQL surface of one engine. A changed schema makes a new engine, and so a new one of these.
pub struct GraphQl {
    engine: Arc<Engine>,
    options: Options,
    texts: Texts,
    documents: Documents,
    described: Cache<Roles, Arc<Described>>,
    no_headers: Arc<[(String, String)]>,
    authenticate: Option<Arc<dyn Authenticate>>,
}

/// What a client asks: a document and what goes with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) text: &'a str,
    pub(crate) variables: &'a JsonMap,
    /// Which operation of the document.
    pub(crate) operation_name: Option<&'a str>,
}

impl GraphQl {
    /// The surface of an engine.
    pub fn new(engine: Arc<Engine>, options: Options) -> Self {
        let described = Cache::new(DESCRIBED);
        let texts = Texts::new(Arc::clone(&options.trusted), options.only_trusted, options.automatic);
        let (documents, no_headers) = (Documents::new(), Arc::default());
        Self { engine, options, texts, documents, described, no_headers, authenticate: None }
    }

    /// The surface with somebody who judges credentials: those that sockets bring in a message, and those of clients that
    /// stay, again and again.
    #[must_use]
    pub fn authenticated_by(self, authenticate: Arc<dyn Authenticate>) -> Self {
        Self { authenticate: Some(authenticate), ..self }
    }

    pub(crate) fn authenticate(&self) -> Option<&Arc<dyn Authenticate>> {
        self.authenticate.as_ref()
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn texts(&self) -> &Texts {
        &self.texts
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

    /// The schema that these roles see.
    pub fn described(&self, roles: Roles) -> Result<Arc<Described>, Problem> {
        if let Some(described) = self.described.get(&roles) {
            return Ok(described);
        }
        let Options { describe, limits, .. } = &self.options;
        let described = Described::limited(&self.engine.view(roles), *describe, limits)?;
        let extends = self.options.extends.iter().filter_map(|name| self.engine.schema().by_name(name));
        let described = Arc::new(described.extending(extends));
        self.described.insert(roles, Arc::clone(&described));
        Ok(described)
    }

    /// The document of a text, read and judged for these roles.
    pub(crate) fn document(
        &self,
        roles: Roles,
        text: &str,
    ) -> Result<(Arc<Described>, Arc<Document>), Vec<Failure>> {
        let described = self.described(roles).map_err(|problem| vec![problem.into()])?;
        let document = self.documents.read(&described, roles, text, &self.options.limits)?;
        Ok((described, document))
    }

    /// What a request comes to: a plan and its values.
    pub(crate) fn ask(&self, cx: &Context, ask: Ask<'_>) -> Result<(Arc<Plan>, Bound), Vec<Failure>> {
        let roles = cx.caller.roles;
        let (described, document) = self.document(roles, ask.text)?;
        let (engine, limits) = (&self.engine, &self.options.limits);
        let view = engine.view(roles);
        let asked = document.plan(engine, &described, &view, ask.operation_name, ask.variables, limits)?;
        if asked.0.introspects && !self.shows_schema(&cx.caller) {
            let message = match self.options.introspection {
                Introspection::Nobody => "The schema is shown to nobody",
                _ => "The schema is shown to callers who are signed in",
            };
            return Err(vec![Problem::new(Code::IntrospectionOff, message).into()]);
        }
        Ok(asked)
    }

    fn shows_schema(&self, caller: &Caller) -> bool {
        match self.options.introspection {
            Introspection::Everybody => true,
            Introspection::SignedIn => caller.kind != CallerKind::Anonymous,
            Introspection::Nobody => false,
        }
    }

    /// Answers a request to `/graphql/v1`.
    pub fn handle(self: &Arc<Self>, request: Request<'_>, cx: Context) -> Answer {
        http::handle(self, &request, cx)
    }

    /// The response to a request to `/graphql/v1` that is refused before it comes here.
    pub fn refused(problem: Problem, headers: &dyn Headers, id: &str, anonymous: bool) -> Response {
        http::refused(problem, headers, id, anonymous)
    }

    /// What running a plan for this caller needs.
    pub(crate) fn running(&self, cx: Context) -> Run {
        let options = self.engine.options();
        let caps = Caps { records: options.reply_records, bytes: options.reply_bytes };
        Run { engine: Arc::clone(&self.engine), caps, cx }
    }
}
