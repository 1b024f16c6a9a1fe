//! What an envelope comes to, for people and for tests: the operations in the order in which they run.

use std::sync::Arc;

use bistro_ir::Operation;
use bistro_problem::Problem;
use bistro_schema::{Roles, TypeId};

use crate::compile::{Asked, Compiled, Compiler, Includes, Selection, Selections};
use crate::describe::{Described, Verb};
use crate::envelope::Envelope;
use crate::limits::Limits;
use crate::names::NAMESPACE;

/// One operation of an envelope.
#[derive(Clone, Debug)]
pub struct Step {
    /// `ListPosts`, or what of it: `ListPosts, the total`.
    pub name: String,
    /// What is asked of the engine.
    pub operation: Operation,
}

/// Makes each selection anew.
struct Unkept;

impl Selections for Unkept {
    fn find(&self, _: TypeId, _: &Includes, make: &dyn Fn() -> Selection) -> Arc<Selection> {
        Arc::new(make())
    }
}

impl Described {
    /// The operations that an envelope of either version comes to; `namespace` is the service's. Nothing is run.
    ///
    /// # Errors
    /// What the caller would be told.
    pub fn steps(&self, text: &str, namespace: &str, limits: &Limits) -> Result<Vec<Step>, Problem> {
        let payload = Envelope::read_any(text, namespace)?.payload;
        let operation = self.asked(&payload, namespace)?;
        if operation.verb == Verb::SignIn {
            return Ok(Vec::new());
        }
        let compiler = Compiler { described: self, limits, selections: &Unkept };
        let Compiled { main, total, .. } = compiler.compile(operation.verb, operation.ty, &payload)?;
        let step = |name: String, Asked { operation, .. }: Asked| Step { name, operation };
        let total = total.map(|total| step(format!("{}, the total", operation.name), total));
        Ok(total.into_iter().chain([step(operation.name.to_string(), main)]).collect())
    }

    /// The same for a service in the usual namespace with the usual limits.
    pub fn usual_steps(&self, text: &str) -> Result<Vec<Step>, Problem> {
        self.steps(text, NAMESPACE, &Limits::default())
    }

    /// The service that callers of these roles see, without `SignIn`.
    pub fn of(engine: &bistro_engine::Engine, roles: Roles) -> Self {
        Self::new(engine.view(roles), false)
    }
}
