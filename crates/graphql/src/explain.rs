//! What a document comes to, for people and for tests: the operations in the order in which they run.

use std::sync::Arc;

use apollo_compiler::response::JsonMap;
use bistro_ir::Operation;
use bistro_problem::{Code, Problem};
use bistro_schema::Roles;

use crate::failure::Failure;
use crate::plan::{Plan, Work};
use crate::surface::GraphQl;

/// One operation of a document.
#[derive(Clone, Debug)]
pub struct Step {
    /// The root field that it is done for, and which of its operations it is: `posts`, or `posts, 1 of 2`.
    pub name: String,
    /// What is asked of the engine.
    pub operation: Operation,
}

impl GraphQl {
    /// The operations that a document comes to for callers of these roles; `variables` is a JSON object or empty. Nothing is
    /// run. An error is what the caller would be told, a line each.
    pub fn steps(
        &self,
        roles: Roles,
        text: &str,
        variables: &str,
        name: Option<&str>,
    ) -> Result<Vec<Step>, String> {
        let plan = self
            .planned(roles, text, variables, name)
            .map_err(|failures| failures.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        Ok(plan.roots.iter().flat_map(|root| named(&root.key, operations(&root.work))).collect())
    }

    /// The same without names.
    pub fn operations(
        &self,
        roles: Roles,
        text: &str,
        variables: &str,
        name: Option<&str>,
    ) -> Result<Vec<Operation>, String> {
        let steps = self.steps(roles, text, variables, name)?;
        Ok(steps.into_iter().map(|step| step.operation).collect())
    }

    fn planned(
        &self,
        roles: Roles,
        text: &str,
        variables: &str,
        name: Option<&str>,
    ) -> Result<Arc<Plan>, Vec<Failure>> {
        let variables: JsonMap = match variables.trim() {
            "" => JsonMap::new(),
            text => serde_json::from_str(text).map_err(|e| {
                let problem = Problem::new(Code::Variables, format!("The variables are no JSON object: {e}"));
                vec![problem.into()]
            })?,
        };
        let (described, document) = self.document(roles, text)?;
        let (view, limits) = (self.engine().view(roles), &self.options().limits);
        let planned = document.plan(self.engine(), &described, &view, name, &variables, limits);
        planned.map(|(plan, _)| plan)
    }
}

fn operations(work: &Work) -> Vec<Operation> {
    let reading = match work {
        Work::Known(_) => return Vec::new(),
        Work::Changes(changes) => {
            let parts = changes.nodes.iter().flat_map(|node| &node.parts);
            return parts.map(|part| part.operation.clone()).collect();
        }
        Work::Write(writing) => return writing.operations(),
        Work::Read(reading) | Work::Live(reading) => reading,
        Work::Entities(entities) => &entities.reading,
    };
    reading.parts.iter().map(|part| part.operation.clone()).collect()
}

fn named(key: &str, operations: Vec<Operation>) -> Vec<Step> {
    let count = operations.len();
    let name = |n: usize| if count == 1 { key.to_owned() } else { format!("{key}, {} of {count}", n + 1) };
    operations.into_iter().enumerate().map(|(n, operation)| Step { name: name(n), operation }).collect()
}

/// A failure in one line: where, what, and the mend.
fn line(failure: &Failure) -> String {
    let place = failure.places.first().map(|p| format!("{}:{}: ", p.line, p.column)).unwrap_or_default();
    let hint = failure.problem.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{place}{}{hint}", failure.problem.message)
}
