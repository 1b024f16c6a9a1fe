//! What a request becomes, stage by stage.

mod document;
mod envelope;

use std::sync::Arc;

use bistro_engine::Engine;
use bistro_ir::Operation;
use bistro_rest::compile::{self, Compiled, Path, Verb, path};
use bistro_rest::prefer::Prefer;
use bistro_schema::Roles;

use self::document::Document;
use self::envelope::Envelope;
use crate::error::Failure;
use crate::project::Project;
use crate::{caller, site};

/// A request to explain.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// `GET /rest/v1/posts?select=title`, a document of GraphQL, or an envelope of SOAP.
    pub(crate) request: String,
    /// The body of a write, or the variables of a document.
    pub(crate) body: Option<String>,
    /// `anon`, `service`, or claims.
    pub(crate) caller: String,
}

/// The stages of a request as text. Nothing is read or written.
pub(crate) async fn explain(
    project: &Project,
    engine: &Arc<Engine>,
    open: bool,
    question: &Question,
) -> Result<String, Failure> {
    let caller = caller::parse(engine.schema(), &question.caller)?;
    let roles = caller.roles;
    let steps: Vec<(String, Operation)> = if let Some(envelope) = Envelope::of(question)? {
        let steps = envelope.steps(project, engine, roles)?;
        steps.into_iter().map(|step| (step.name, step.operation)).collect()
    } else if let Some(document) = Document::of(question)? {
        let steps = document.steps((project, open), engine, roles)?;
        steps.into_iter().map(|step| (step.name, step.operation)).collect()
    } else {
        let operation = operation(project, engine, open, (question, roles))?;
        return stages(engine, roles, &operation).await;
    };
    let mut out = Vec::new();
    for (name, operation) in steps {
        out.push(format!("## {name}\n{}", stages(engine, roles, &operation).await?));
    }
    if out.is_empty() {
        return Ok("nothing is read or written: the reply is known from the schema\n".into());
    }
    Ok(out.join("\n"))
}

/// What becomes of one operation.
async fn stages(engine: &Engine, roles: Roles, operation: &Operation) -> Result<String, Failure> {
    let explained = engine.explain(roles, operation).await?;
    let stage = |name: &str, text: &str| format!("# {name}\n{}\n", text.trim_end());
    Ok([
        stage("operation: what was asked", &explained.operation),
        stage("authorized: with the rules of this caller", &explained.authorized),
        stage("plan: where values come from, and what it may cost", &explained.plan),
        stage("lowered: what the database runs", &explained.lowered),
    ]
    .join("\n"))
}

/// The operation of a request of REST.
fn operation(
    project: &Project,
    engine: &Engine,
    open: bool,
    (question, roles): (&Question, Roles),
) -> Result<Operation, Failure> {
    let (method, target) = split(&question.request)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let verb = verb(method)?;
    let limits = site::rest_limits(&project.settings, open);
    let body = question.body.as_deref().unwrap_or_default().as_bytes();
    Ok(compile(engine, &limits, roles, (verb, path, query, body))?.operation)
}

/// Compiles a request on rows for callers of these roles.
pub(crate) fn compile(
    engine: &Engine,
    limits: &compile::Limits,
    roles: Roles,
    (verb, path, query, body): (Verb, &str, &str, &[u8]),
) -> Result<Compiled, Failure> {
    let Some(rest) = path.strip_prefix("/rest/v1") else {
        return Err(usage(&format!("{path} is not below /rest/v1")));
    };
    let (collection, item) = match path::split(rest)? {
        Path::Collection(name) => (name, None),
        Path::Item(name, key) => (name, Some(key)),
        Path::Function(_) | Path::Root => return Err(usage(&format!("{path} reads and writes no rows"))),
    };
    let prefer = Prefer::default();
    let request = compile::Request {
        verb,
        collection: &collection,
        item,
        query,
        range: None,
        prefer: &prefer,
        content_type: Some("application/json"),
        body,
        singular: false,
    };
    Ok(compile::compile(&engine.view(roles), &request, limits)?)
}

fn split(request: &str) -> Result<(&str, &str), Failure> {
    let (method, target) = request.trim().split_once(' ').ok_or_else(|| usage("no path"))?;
    Ok((method, target.trim()))
}

fn verb(method: &str) -> Result<Verb, Failure> {
    Ok(match method.to_ascii_uppercase().as_str() {
        "GET" => Verb::Get,
        "HEAD" => Verb::Head,
        "POST" => Verb::Post,
        "PATCH" => Verb::Patch,
        "PUT" => Verb::Put,
        "DELETE" => Verb::Delete,
        _ => return Err(usage(&format!("{method:?} is no method of REST"))),
    })
}

fn usage(why: &str) -> Failure {
    Failure::Usage(format!(
        "write the request as 'GET /rest/v1/posts?select=title', '{{ posts {{ nodes {{ title }} }} }}', or a SOAP envelope: {why}"
    ))
}
