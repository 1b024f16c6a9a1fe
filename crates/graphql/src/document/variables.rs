//! The variables of a request, as the operation declares them.

use apollo_compiler::executable::{ExecutableDocument, Operation};
use apollo_compiler::request::{RequestError, coerce_variable_values};
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use bistro_problem::{Code, Problem};

use crate::describe::Described;
use crate::failure::Failure;
use crate::plan::Place;

/// How many characters of a message are kept: it may repeat what the caller sent.
const MESSAGE_MAX: usize = 300;

/// The values of the variables that the operation declares; what it does not declare is left out.
pub(super) fn coerce(
    described: &Described,
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &JsonMap,
) -> Result<JsonMap, Vec<Failure>> {
    if operation.variables.is_empty() {
        return Ok(JsonMap::new());
    }
    coerce_variable_values(&described.schema, operation, variables)
        .map(Valid::into_inner)
        .map_err(|error| wrong(described, document, operation, variables, &error))
}

/// Each variable that has no value of its type.
fn wrong(
    described: &Described,
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &JsonMap,
    error: &RequestError,
) -> Vec<Failure> {
    let mut alone = Operation { variables: Vec::new(), ..operation.clone() };
    let mut failures = Vec::new();
    for variable in &operation.variables {
        alone.variables = vec![variable.clone()];
        let Err(error) = coerce_variable_values(&described.schema, &alone, variables) else { continue };
        let message =
            format!("The variable ${} is not of type {}: {}", variable.name, variable.ty, cut(&error));
        let range = variable.line_column_range(&document.sources);
        let places = range.map(|r| Place { line: r.start.line, column: r.start.column });
        let problem = Problem::new(Code::Variables, message);
        failures.push(Failure { problem, places: places.into_iter().collect(), path: Vec::new() });
    }
    if failures.is_empty() {
        failures.push(Problem::new(Code::Variables, cut(error)).into());
    }
    failures
}

fn cut(error: &RequestError) -> String {
    error.message().to_string().chars().take(MESSAGE_MAX).collect()
}
