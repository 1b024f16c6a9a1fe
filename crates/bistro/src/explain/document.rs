//! A GraphQL document as a question: by itself, its variables the body, or as the request that carries it.

use std::sync::Arc;

use bistro_engine::Engine;
use bistro_graphql::{GraphQl, Step};
use bistro_schema::Roles;
use serde::Deserialize;
use serde_json::Value;

use super::{Question, usage};
use crate::error::Failure;
use crate::project::Project;
use crate::site::{self, Mode};

/// What a document begins with.
const BEGINNINGS: [&str; 5] = ["query", "mutation", "subscription", "fragment", "#"];

/// A document and what goes with it; the members of a request's body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    query: String,
    #[serde(default)]
    variables: Value,
    operation_name: Option<String>,
}

impl Document {
    /// The document of a question; `None` if it asks for something of REST.
    pub(super) fn of(question: &Question) -> Result<Option<Self>, Failure> {
        let request = question.request.trim();
        let word = request.split(|c: char| !c.is_ascii_alphabetic() && c != '#').next().unwrap_or_default();
        if request.starts_with('{') || BEGINNINGS.contains(&word) {
            let variables = question.body.as_deref().map(serde_json::from_str).transpose();
            let variables = variables.map_err(|e| usage(&format!("--body is no JSON of variables: {e}")))?;
            let variables = variables.unwrap_or_default();
            return Ok(Some(Self { query: request.to_owned(), variables, operation_name: None }));
        }
        let Some((_, target)) = request.split_once(' ') else { return Ok(None) };
        if target.trim().trim_end_matches('/') != "/graphql/v1" {
            return Ok(None);
        }
        let body = question.body.as_deref().ok_or_else(|| usage("the document stands in --body"))?;
        let document = serde_json::from_str(body);
        document.map(Some).map_err(|e| usage(&format!("--body is not {{\"query\": \"…\"}}: {e}")))
    }

    /// The operations that it comes to.
    pub(super) fn steps(
        &self,
        (project, open): (&Project, bool),
        engine: &Arc<Engine>,
        roles: Roles,
    ) -> Result<Vec<Step>, Failure> {
        let mode = Mode { dev: true, open };
        let options = site::graphql_options(&project.settings, &mode);
        let surface = GraphQl::new(Arc::clone(engine), options);
        let variables = if self.variables.is_null() { String::new() } else { self.variables.to_string() };
        let steps = surface.steps(roles, &self.query, &variables, self.operation_name.as_deref());
        steps.map_err(Failure::Document)
    }
}
