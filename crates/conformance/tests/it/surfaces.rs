//! What requests to each surface ask of the middle; nothing is run.

use std::sync::Arc;

use bistro_engine::Engine;
use bistro_ir::Operation;
use bistro_policy::Rules;
use bistro_problem::{Code, Problem};
use bistro_rest::compile::{self, Verb, path};
use bistro_rest::prefer::Prefer;
use bistro_schema::Roles;
use bistro_store_memory::MemoryStore;

/// The operation of a REST request: method and target below `/rest/v1`, `Prefer`, an empty line, the body.
pub(crate) fn rest(engine: &Engine, roles: Roles, request: &str) -> Result<Operation, Problem> {
    let no_request = |why: &str| Problem::new(Code::BadRequest, why);
    let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
    let mut lines = head.lines();
    let line = lines.next().and_then(|line| line.split_once(' '));
    let (method, target) = line.ok_or_else(|| no_request("no request line"))?;
    let prefers: Vec<&str> = lines.filter_map(|line| line.strip_prefix("Prefer: ")).collect();
    let (place, query) = target.split_once('?').unwrap_or((target, ""));
    let (collection, item) = match path::split(place)? {
        path::Path::Collection(name) => (name, None),
        path::Path::Item(name, key) => (name, Some(key)),
        _ => return Err(no_request("a request on no rows")),
    };
    let verb = match method {
        "GET" => Verb::Get,
        "POST" => Verb::Post,
        "PATCH" => Verb::Patch,
        "PUT" => Verb::Put,
        "DELETE" => Verb::Delete,
        _ => return Err(no_request("no such method")),
    };
    let prefer = Prefer::parse(&prefers)?;
    let request = compile::Request {
        verb,
        collection: &collection,
        item,
        query,
        range: None,
        prefer: &prefer,
        content_type: Some("application/json"),
        body: body.trim().as_bytes(),
        singular: false,
    };
    let limits = compile::Limits { aggregates: true, ..compile::Limits::default() };
    compile::compile(&engine.view(roles), &request, &limits).map(|compiled| compiled.operation)
}

/// An engine of a schema file without mistakes, over no rows.
pub(crate) fn engine(text: &str) -> Arc<Engine> {
    let (rules, found) = Rules::compile(Arc::new(bistro_sdl::read("schema.graphql", text).schema));
    assert!(!found.iter().any(|d| d.is_error()), "the rules are wrong: {found:#?}");
    let rules = Arc::new(rules);
    let store = MemoryStore::new(Arc::clone(rules.schema()));
    Engine::new(store, rules, bistro_engine::Options::default())
}
