//! What one schema serves: its engine, its surfaces and their routes. Swapped as one when the schema changes.

use std::sync::Arc;
use std::time::Duration;

use bistro_auth::loopback::loopback_host;
use bistro_auth::{Authenticator, Nonces};
use bistro_engine::Engine;
use bistro_graphql::explorer::Explorer;
use bistro_graphql::{Authenticate, Credentials, GraphQl, Introspection, Trusted, describe};
use bistro_http::{AuthNeed, Cors, Limits, Proxies, Route, Site, Surface};
use bistro_ir::Caller;
use bistro_policy::Rules;
use bistro_problem::Problem;
use bistro_rest::describe::About;
use bistro_rest::{Beside, Docs, Rest, compile};
use bistro_schema::Schema;
use bistro_store::Store;
use bistro_wire::{Answer, Browser, Headers, Request, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::accounts::Mounted;
use crate::clock::now_s;
use crate::config::{Asking, Settings};
use crate::dev::Notice;
use crate::error::Failure;
use crate::project::Project;
use crate::soap;

/// How the server was started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mode {
    /// `bistro dev`.
    pub(crate) dev: bool,
    /// `--open`.
    pub(crate) open: bool,
}

/// The engine of a schema over a store that follows it.
pub(crate) fn engine(settings: &Settings, store: Arc<dyn Store>, rules: Arc<Rules>) -> Arc<Engine> {
    let limits = &settings.limits;
    let options = bistro_engine::Options {
        max_rows: limits.rows,
        embed_rows: limits.embed_rows,
        embed_depth: limits.embed_depth,
        reply_records: limits.reply_records,
        reply_bytes: limits.reply_bytes,
        write_rows: limits.write_rows,
        plans: limits.plans,
        ..bistro_engine::Options::default()
    };
    Engine::new(store, rules, options)
}

/// What the REST compiler may take from a request.
pub(crate) fn rest_limits(settings: &Settings, open: bool) -> compile::Limits {
    let limits = &settings.limits;
    compile::Limits {
        max_rows: limits.rows,
        embed_rows: limits.embed_rows,
        embed_depth: limits.embed_depth,
        parameters: limits.parameters,
        in_list: limits.in_list,
        aggregates: settings.rest.aggregates,
        unfiltered_writes: settings.rest.unfiltered_writes || open,
        ..compile::Limits::default()
    }
}

/// What the documents say of the API.
pub(crate) fn about(project: &Project) -> About {
    let server = project.settings.server.public_url.clone().unwrap_or_default();
    About { title: project.name(), server: server.trim_end_matches('/').to_owned(), ..About::default() }
}

/// What a server keeps when its schema changes.
#[derive(Clone, Copy)]
pub(crate) struct Kept<'k> {
    /// Where clients reach it.
    pub(crate) url: &'k str,
    /// The accounts.
    pub(crate) mounted: Option<&'k Mounted>,
    /// The nonces of callers who may write no record.
    pub(crate) nonces: &'k Arc<Nonces>,
}

/// The routes of an engine, and the GraphQL documents that are run by their id.
pub(crate) fn site(
    project: &Project,
    mode: &Mode,
    engine: &Arc<Engine>,
    authenticator: &Arc<Authenticator>,
    trusted: &Arc<Trusted>,
    kept: &Kept<'_>,
) -> Site {
    let Kept { url, mounted, nonces } = *kept;
    let keys = authenticator.keys();
    let publishable = keys.publishable();
    let mut routes = rest(project, mode, engine);
    let graphql = &project.settings.graphql;
    let explored = graphql.enabled && graphql.explorer;
    let publishable = mode.dev.then_some(publishable);
    let docs = Docs::new(
        &project.name(),
        publishable,
        Beside { explorer: explored, wsdl: project.settings.soap.enabled },
    );
    routes.push(page("/docs", move |request| docs.handle(request)));
    if graphql.enabled {
        routes.push(self::graphql(project, mode, engine, authenticator, trusted));
    }
    if project.settings.soap.enabled {
        routes.push(soap::route(&project.settings, url, engine, authenticator, (mounted, nonces)));
    }
    if let Some(mounted) = mounted {
        routes.extend(self::accounts(mounted));
    }
    if explored {
        let explorer = Explorer::new(&project.name(), publishable);
        routes.push(page("/graphql", move |request| explorer.handle(request)));
    }
    Site::new(Arc::clone(engine.schema()), routes)
}

/// The REST surface of an engine.
fn rest(project: &Project, mode: &Mode, engine: &Arc<Engine>) -> Vec<Route> {
    let limits = rest_limits(&project.settings, mode.open);
    let options = bistro_rest::Options {
        limits: limits.clone(),
        about: about(project),
        ..bistro_rest::Options::of(engine.options())
    };
    let rest = Rest::new(Arc::clone(engine), options);
    let rest = Arc::new(move |request: Request<'_>, caller: Caller| {
        let context = rest.context(&request, caller);
        rest.handle(request, context)
    });
    let rest: Arc<dyn Surface> = match mode.dev {
        true => Arc::new(Notice::new(rest, Arc::clone(engine), limits)),
        false => rest,
    };
    let below = |path: &str| Route::below(path, AuthNeed::Key, Arc::clone(&rest));
    let open = |path: &str| Route::exactly(path, AuthNeed::Optional, Arc::clone(&rest));
    vec![below("/rest/v1"), below("/batch/v1"), open("/rest/v1"), open("/rest/v1/openapi.json")]
}

/// The surface of accounts, which judges callers itself, and the page of caught mails.
fn accounts(mounted: &Mounted) -> Vec<Route> {
    let surface = bistro_accounts::Surface::new(Arc::clone(&mounted.accounts));
    let handle = move |request: Request<'_>, caller: Caller| surface.handle(&request, caller.ip);
    let handle: Arc<dyn Surface> = Arc::new(handle);
    // Applications look at the root too for what this server is as a provider (RFC 8414, 3).
    let below = |path: &str| Route::below(path, AuthNeed::Open, Arc::clone(&handle));
    let mut routes: Vec<_> = ["/auth/v1", "/.well-known"].map(below).into();
    // Pages, and addresses that only browsers go to.
    let pages = ["ui", "authorize", "callback", "oauth/authorize"];
    routes.extend(pages.map(|name| below(&format!("/auth/v1/{name}")).own_pages()));
    if let Some(caught) = &mounted.caught {
        for path in ["/dev/mail", "/dev/mail.json"] {
            let caught = Arc::clone(caught);
            let own = own_host(&mounted.accounts.settings.public_url).to_owned();
            routes.push(page(path, move |request| match known_host(request, &own) {
                true => caught.handle(request),
                false => Response::new(403, "Mails are shown under this server's own name alone\n")
                    .header("content-type", "text/plain"),
            }));
        }
    }
    routes
}

/// The host of the server's own address.
fn own_host(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, host)| host)
}

/// Whether the browser knows this server by its own name: a page of a stranger's can give a name of its own this server's
/// address, and would read the mails as one of ours.
fn known_host(request: &Request<'_>, own: &str) -> bool {
    request.headers.get("host").is_some_and(|host| host == own || loopback_host(host))
}

/// The GraphQL surface of an engine.
fn graphql(
    project: &Project,
    mode: &Mode,
    engine: &Arc<Engine>,
    authenticator: &Arc<Authenticator>,
    trusted: &Arc<Trusted>,
) -> Route {
    let options =
        bistro_graphql::Options { trusted: Arc::clone(trusted), ..graphql_options(&project.settings, mode) };
    let judge = Judge { authenticator: Arc::clone(authenticator), schema: Arc::clone(engine.schema()) };
    let surface = GraphQl::new(Arc::clone(engine), options).authenticated_by(Arc::new(judge));
    // A socket brings its key in its first message; other requests without one are refused by the surface.
    Route::exactly("/graphql/v1", AuthNeed::Optional, Arc::new(Documents(Arc::new(surface))))
}

/// Answers documents, and in their form what is refused in front of them.
struct Documents(Arc<GraphQl>);

impl Surface for Documents {
    fn handle(&self, request: Request<'_>, caller: Caller) -> Answer {
        let context = self.0.context(&request, caller);
        self.0.handle(request, context)
    }

    fn refused(&self, problem: Problem, headers: &dyn Headers, id: &str, anonymous: bool) -> Response {
        GraphQl::refused(problem, headers, id, anonymous)
    }
}

/// Judges the credentials of sockets and streams.
struct Judge {
    authenticator: Arc<Authenticator>,
    schema: Arc<Schema>,
}

impl Authenticate for Judge {
    fn judge(&self, shown: &Credentials) -> BoxFuture<'static, Result<Caller, Problem>> {
        let (apikey, authorization) = (shown.apikey.as_deref(), shown.authorization.as_deref());
        let browser = Browser::of("GET", &shown.browser);
        let shown = bistro_auth::Credentials { apikey, authorization, browser: Some(&browser) };
        let asked = self.authenticator.caller(&self.schema, &shown, now_s(), None);
        async move { asked?.wait().await }.boxed()
    }

    fn changed(&self, caller: &Caller) -> BoxFuture<'static, ()> {
        match caller.session {
            Some(session) => self.authenticator.watch(session).boxed(),
            None => std::future::pending().boxed(),
        }
    }
}

/// What the GraphQL surface may take from a request. The schema is everybody's while it is being written.
pub(crate) fn graphql_options(settings: &Settings, mode: &Mode) -> bistro_graphql::Options {
    let (limits, graphql) = (&settings.limits, &settings.graphql);
    let introspection = match graphql.introspection {
        Asking::Auto if mode.dev => Introspection::Everybody,
        Asking::Auto => Introspection::SignedIn,
        Asking::On => Introspection::Everybody,
        Asking::Off => Introspection::Nobody,
    };
    bistro_graphql::Options {
        limits: bistro_graphql::Limits {
            document_bytes: graphql.document,
            tokens: graphql.tokens,
            depth: graphql.depth,
            fields: graphql.fields,
            aliases: graphql.aliases,
            rows: graphql.rows,
            relations: limits.embed_depth,
            page: graphql.page.min(limits.rows),
            page_most: limits.rows,
            in_list: limits.in_list,
            batch: graphql.batch,
            unfiltered_writes: mode.open,
            poll: Duration::from_secs(graphql.poll),
            ..bistro_graphql::Limits::default()
        },
        describe: describe::Options { global_ids: graphql.global_ids, federation: graphql.federation },
        extends: graphql.extends.clone(),
        introspection,
        trusted: Arc::default(),
        only_trusted: graphql.only_trusted,
        automatic: graphql.apq,
    }
}

/// A page that everybody may see, with all that lies below it.
fn page(path: &str, handle: impl Fn(&Request<'_>) -> Response + Send + Sync + 'static) -> Route {
    let surface = move |request: Request<'_>, _: Caller| Answer::Now(handle(&request));
    Route::below(path, AuthNeed::Open, Arc::new(surface))
}

/// The limits of the front.
pub(crate) fn front_limits(settings: &Settings) -> Limits {
    let limits = &settings.limits;
    Limits {
        request_line: limits.request_line,
        header_bytes: limits.headers,
        header_count: limits.header_count,
        header_time: Duration::from_secs(limits.header_time),
        body_bytes: limits.body,
        body_idle: Duration::from_secs(limits.body_idle),
        body_time: Duration::from_secs(limits.body_time),
        request_time: Duration::from_secs(limits.request),
        idle_time: Duration::from_secs(limits.idle),
        connections: limits.connections,
        streams: limits.streams,
        drain_time: Duration::from_secs(limits.drain),
        ..Limits::default()
    }
}

/// Which pages may call.
pub(crate) fn cors(settings: &Settings) -> Result<Cors, Failure> {
    Cors::new(&settings.cors.origins, &settings.cors.cookie_origins).map_err(|message| Failure::Config {
        place: "the configuration".into(),
        message,
        hint: None,
    })
}

/// The proxies that say whom they speak for.
pub(crate) fn proxies(settings: &Settings) -> Result<Proxies, Failure> {
    Proxies::new(&settings.server.proxies).map_err(|entry| Failure::Config {
        place: "the configuration".into(),
        message: format!("server.proxies lists addresses and networks, not {entry:?}"),
        hint: None,
    })
}
