//! What one schema serves: its engine, its surfaces and their routes. Swapped as one when the schema changes.

use std::sync::Arc;
use std::time::Duration;

use bistro_engine::Engine;
use bistro_graphql::explorer::Explorer;
use bistro_graphql::{GraphQl, Introspection};
use bistro_http::{AuthNeed, Cors, Limits, Route, Site, Surface};
use bistro_ir::Caller;
use bistro_policy::Rules;
use bistro_rest::describe::About;
use bistro_rest::{Docs, Rest, compile};
use bistro_store::Store;
use bistro_wire::{Answer, Request, Response};

use crate::config::Settings;
use crate::dev::Notice;
use crate::error::Failure;
use crate::project::Project;

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

/// The routes of an engine.
pub(crate) fn site(project: &Project, mode: &Mode, engine: &Arc<Engine>, publishable: &str) -> Site {
    let options = bistro_rest::Options {
        limits: rest_limits(&project.settings, mode.open),
        about: about(project),
        ..bistro_rest::Options::of(engine.options())
    };
    let docs = Docs::new(&project.name(), mode.dev.then_some(publishable));
    let explorer = Explorer::new(&project.name(), mode.dev.then_some(publishable));
    let rest = Rest::new(Arc::clone(engine), options);
    let rest = Arc::new(move |request: Request<'_>, caller: Caller| {
        let context = rest.context(&request, caller);
        rest.handle(request, context)
    });
    let rest: Arc<dyn Surface> = match mode.dev {
        true => Arc::new(Notice::new(rest, Arc::clone(engine), rest_limits(&project.settings, mode.open))),
        false => rest,
    };
    let graphql = graphql(project, mode, engine);
    let below = |path: &str| Route::below(path, AuthNeed::Key, Arc::clone(&rest));
    let open = |path: &str| Route::exactly(path, AuthNeed::Optional, Arc::clone(&rest));
    let routes = vec![
        below("/rest/v1"),
        below("/batch/v1"),
        open("/rest/v1"),
        open("/rest/v1/"),
        open("/rest/v1/openapi.json"),
        Route::exactly("/graphql/v1", AuthNeed::Key, graphql),
        page("/docs", move |request| docs.handle(request)),
        page("/graphql", move |request| explorer.handle(request)),
    ];
    Site::new(Arc::clone(engine.schema()), routes)
}

/// The GraphQL surface of an engine.
fn graphql(project: &Project, mode: &Mode, engine: &Arc<Engine>) -> Arc<dyn Surface> {
    let surface = GraphQl::new(Arc::clone(engine), graphql_options(&project.settings, mode));
    Arc::new(move |request: Request<'_>, caller: Caller| {
        let context = surface.context(&request, caller);
        surface.handle(request, context)
    })
}

/// What the GraphQL surface may take from a request. The schema is everybody's while it is being written.
pub(crate) fn graphql_options(settings: &Settings, mode: &Mode) -> bistro_graphql::Options {
    let limits = &settings.limits;
    let introspection = if mode.dev { Introspection::Everybody } else { Introspection::SignedIn };
    bistro_graphql::Options {
        limits: bistro_graphql::Limits {
            relations: limits.embed_depth,
            page: limits.rows.min(bistro_graphql::Limits::default().page),
            page_most: limits.rows,
            in_list: limits.in_list,
            unfiltered_writes: mode.open,
            ..bistro_graphql::Limits::default()
        },
        introspection,
        ..bistro_graphql::Options::default()
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
    Cors::new(&settings.cors.origins).map_err(|message| Failure::Config {
        place: "the configuration".into(),
        message,
        hint: None,
    })
}
