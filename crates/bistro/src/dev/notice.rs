//! In development, an answer that rules emptied is logged with the rule that did it.

use std::sync::Arc;

use bistro_engine::{Context, Engine};
use bistro_http::Surface;
use bistro_ir::Caller;
use bistro_rest::compile::{Limits, Verb};
use bistro_schema::Roles;
use bistro_store::Collect;
use bistro_wire::{Answer, Request, Response};
use bytes::Bytes;

use crate::clock::now_us;
use crate::explain;

/// A surface whose empty answers are looked into.
pub(crate) struct Notice {
    inner: Arc<dyn Surface>,
    looker: Arc<Looker>,
}

struct Looker {
    engine: Arc<Engine>,
    limits: Limits,
}

/// A request as far as it is needed to ask again.
struct Asked {
    id: String,
    verb: Verb,
    body: Bytes,
    path: String,
    query: String,
    roles: Roles,
}

impl Notice {
    /// Around a surface of this engine.
    pub(crate) fn new(inner: Arc<dyn Surface>, engine: Arc<Engine>, limits: Limits) -> Self {
        Self { inner, looker: Arc::new(Looker { engine, limits }) }
    }
}

impl Surface for Notice {
    fn handle(&self, request: Request<'_>, caller: Caller) -> Answer {
        let verb = match request.method {
            "GET" => Verb::Get,
            "PATCH" => Verb::Patch,
            "DELETE" => Verb::Delete,
            _ => return self.inner.handle(request, caller),
        };
        if caller.roles.passes_rules() {
            return self.inner.handle(request, caller);
        }
        let asked = Asked {
            id: request.id.to_owned(),
            verb,
            body: request.body.clone(),
            path: request.path.to_owned(),
            query: request.query.to_owned(),
            roles: caller.roles,
        };
        let looker = Arc::clone(&self.looker);
        match self.inner.handle(request, caller) {
            Answer::Now(response) => {
                looker.look(&response, asked);
                Answer::Now(response)
            }
            Answer::Later(future) => Answer::later(async move {
                let response = future.await;
                looker.look(&response, asked);
                response
            }),
            other => other,
        }
    }
}

impl Looker {
    /// Looks into an empty answer aside, so that the caller does not wait.
    fn look(self: Arc<Self>, response: &Response, asked: Asked) {
        let list = matches!(response.status, 200 | 206) && &response.body[..] == b"[]";
        if list || matches!(response.status, 404 | 406) {
            tokio::spawn(async move { self.explain(asked).await });
        }
    }

    /// Logs the rule, if without it there would have been rows.
    async fn explain(&self, asked: Asked) {
        let compile = |roles, verb, body: &[u8]| {
            let request = (verb, asked.path.as_str(), asked.query.as_str(), body);
            explain::compile(&self.engine, &self.limits, roles, request).ok()
        };
        let ready = |roles, operation: &bistro_ir::Operation| self.engine.ready(roles, operation).ok();
        let Some(narrowed) =
            compile(asked.roles, asked.verb, &asked.body[..]).and_then(|c| ready(asked.roles, &c.operation))
        else {
            return;
        };
        // What a write found nothing of is looked for as a read.
        let Some(all) = compile(Roles::SERVICE, Verb::Get, b"") else { return };
        let Some(open) = ready(Roles::SERVICE, &all.operation).filter(|_| !narrowed.rule().is_empty()) else {
            return;
        };
        let context = Context::new(Caller::service(), now_us());
        let read = self.engine.read(context, open, all.input, Box::new(Collect::new())).await;
        if read.is_ok_and(|(_, outcome)| outcome.rows > 0) {
            let (id, path, rule) = (asked.id, asked.path, narrowed.rule());
            tracing::info!(target: "bistro::rules", id, path, rule, "no rows: a rule hid them");
        }
    }
}
