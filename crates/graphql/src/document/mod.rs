//! Texts of documents: read, counted, validated, and kept; and the plans that were made of each.

mod bound;

use std::sync::Arc;

use apollo_compiler::Node;
use apollo_compiler::executable::{self, ExecutableDocument};
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use bistro_engine::Engine;
use bistro_problem::{Code, Problem};
use bistro_schema::{Roles, SchemaView};

use crate::Limits;
use crate::describe::Described;
use crate::failure::Failure;
use crate::plan::Plan;

pub(crate) use bound::{Bound, BoundRoot, PageNow};

/// A text that was parsed, counted and validated once for a set of roles.
pub(crate) struct Document {
    pub(crate) executable: Valid<ExecutableDocument>,
}

/// The documents that were asked last, by text and roles.
pub(crate) struct Documents {}

impl Documents {
    pub(crate) fn new() -> Self {
        Self {}
    }

    /// The document of a text.
    pub(crate) fn read(
        &self,
        described: &Arc<Described>,
        roles: Roles,
        text: &str,
        limits: &Limits,
    ) -> Result<Arc<Document>, Vec<Failure>> {
        let _ = (described, roles, text, limits);
        Err(vec![Problem::new(Code::GraphqlSyntax, "").into()])
    }
}

impl Document {
    /// The operation that a request means, without planning it.
    pub(crate) fn operation(&self, name: Option<&str>) -> Result<&Node<executable::Operation>, Failure> {
        self.executable
            .operations
            .get(name)
            .map_err(|e| Problem::new(Code::OperationName, e.message().to_string()).into())
    }

    /// The plan for these variables, and their values in it.
    pub(crate) fn plan(
        &self,
        engine: &Engine,
        described: &Described,
        view: &Arc<SchemaView>,
        name: Option<&str>,
        variables: &JsonMap,
        limits: &Limits,
    ) -> Result<(Arc<Plan>, Bound), Vec<Failure>> {
        let _ = (engine, described, view, variables, limits);
        let _ = self.operation(name).map_err(|failure| vec![failure])?;
        Err(vec![Problem::new(Code::GraphqlInvalid, "").into()])
    }
}
