//! The documents at the root and at `openapi.json`, kept for each set of roles; and the functions that are not there.

use std::sync::Arc;

use bistro_engine::Context;
use bistro_problem::{Code, Problem};
use bistro_schema::Roles;
use bistro_wire::{Request, Response};
use bytes::Bytes;
use quick_cache::sync::Cache;

use crate::describe::{openapi, swagger};
use crate::headers::{JSON, OPENAPI, PRIVATE, etag, matches_etag};
use crate::router::{Rest, unsupported};

/// A document and its ETag.
struct Document {
    body: Bytes,
    etag: String,
}

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Which {
    OpenApi,
    Swagger,
}

/// The documents made so far. Sets of roles are few, but callers choose them, so that the number is bounded.
pub(crate) struct Documents(Cache<(Roles, Which), Arc<Document>>);

impl Default for Documents {
    fn default() -> Self {
        Self(Cache::new(64))
    }
}

impl Rest {
    /// `/rest/v1/`: the Swagger 2.0 document.
    pub(crate) fn root(&self, request: &Request<'_>, cx: &Context) -> Result<Response, Problem> {
        self.document(request, cx, Which::Swagger, OPENAPI)
    }

    /// `/rest/v1/openapi.json`
    pub(crate) fn openapi(&self, request: &Request<'_>, cx: &Context) -> Result<Response, Problem> {
        self.document(request, cx, Which::OpenApi, JSON)
    }

    fn document(
        &self,
        request: &Request<'_>,
        cx: &Context,
        which: Which,
        content_type: &'static str,
    ) -> Result<Response, Problem> {
        match request.method {
            "GET" | "HEAD" => {}
            "OPTIONS" => return Ok(Response::new(200, Bytes::new()).header("allow", "OPTIONS,GET,HEAD")),
            other => return Err(unsupported(other)),
        }
        crate::call::profile(true, request.headers)?;
        let roles = cx.caller.roles;
        let document = match self.documents.0.get(&(roles, which)) {
            Some(document) => document,
            None => {
                let (view, about) = (self.engine().view(roles), &self.options().about);
                let text = match which {
                    Which::OpenApi => openapi(&view, about),
                    Which::Swagger => swagger(&view, about),
                };
                let document = Arc::new(Document { etag: etag(text.as_bytes()), body: text.into() });
                self.documents.0.insert((roles, which), Arc::clone(&document));
                document
            }
        };
        let fresh =
            request.headers.get("if-none-match").is_some_and(|seen| matches_etag(seen, &document.etag));
        let response = match fresh {
            true => Response::new(304, Bytes::new()),
            false => Response::new(200, document.body.clone()).header("content-type", content_type),
        };
        Ok(response
            .header("etag", document.etag.clone())
            .header("vary", "Authorization, Apikey")
            .header("cache-control", PRIVATE))
    }
}

/// What a call of a function meets: there are none yet.
pub(crate) fn no_function(request: &Request<'_>, name: &str) -> Problem {
    if !matches!(request.method, "GET" | "HEAD" | "POST" | "OPTIONS") {
        return Problem::new(Code::RpcVerb, format!("Cannot use the {} method on RPC", request.method));
    }
    let arguments = arguments(request);
    let called = match arguments.is_empty() {
        true => "without parameters".to_owned(),
        false => format!("with parameters {}", arguments.join(", ")),
    };
    let message = match arguments.is_empty() {
        true => format!("Could not find the function public.{name} without parameters in the schema cache"),
        false => {
            format!("Could not find the function public.{name}({}) in the schema cache", arguments.join(", "))
        }
    };
    let details = format!(
        "Searched for the function public.{name} {called}, but no matches were found in the schema cache."
    );
    Problem::new(Code::UnknownFunction, message).details(details)
}

/// The names of the arguments, sorted: members of the body, or parameters of the query.
fn arguments(request: &Request<'_>) -> Vec<String> {
    const MOST: usize = 20;
    let mut names: Vec<String> = if request.method == "POST" {
        let body: Option<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_slice(request.body).ok();
        body.into_iter().flatten().map(|(name, _)| name).collect()
    } else {
        let keys = request.query.split('&').filter_map(|pair| pair.split_once('=')).map(|(key, _)| key);
        keys.filter(|key| *key != "select").map(str::to_owned).collect()
    };
    names.sort_unstable();
    names.dedup();
    names.truncate(MOST);
    names
}
