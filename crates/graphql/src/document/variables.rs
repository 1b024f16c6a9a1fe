//! The variables of a request, as the operation declares them.

use std::borrow::Cow;

use apollo_compiler::Schema;
use apollo_compiler::ast::Type;
use apollo_compiler::executable::{ExecutableDocument, Operation};
use apollo_compiler::request::{RequestError, coerce_variable_values};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use bistro_problem::{Code, Problem};

use crate::compile::given;
use crate::describe::Described;
use crate::failure::Failure;
use crate::plan::Place;

/// How many characters of a message are kept: it may repeat what the caller sent.
const MESSAGE_MAX: usize = 300;

/// The values of the variables that the operation declares. Others may stand beside them, and are nobody's.
pub(crate) fn coerce<'v>(
    described: &Described,
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &'v JsonMap,
) -> Result<Cow<'v, JsonMap>, Vec<Failure>> {
    if are_exact(described, operation, variables) {
        return Ok(Cow::Borrowed(variables));
    }
    let coerced = coerce_variable_values(&described.schema, operation, variables);
    let mut coerced =
        coerced.map_err(|error| wrong(described, document, operation, variables, &error))?.into_inner();
    for declared in operation.variables.iter().filter(|declared| !variables.contains_key(&*declared.name)) {
        if let Some(default) = declared.default_value.as_ref().filter(|_| keeps_digits(&declared.ty)) {
            // What was coerced has passed through a double.
            coerced.insert(declared.name.as_str(), given::literal(default, &JsonMap::new()));
        }
    }
    Ok(Cow::Owned(coerced))
}

/// Whether the values of a type are numbers that a double need not hold, and that are read from their text as well.
fn keeps_digits(ty: &Type) -> bool {
    matches!(ty.inner_named_type().as_str(), "BigInt" | "Decimal")
}

/// Whether coercing would change nothing, which is what most requests bring.
pub(crate) fn are_exact(described: &Described, operation: &Operation, variables: &JsonMap) -> bool {
    operation.variables.iter().all(|declared| match variables.get(declared.name.as_str()) {
        Some(value) => is_exact(&described.schema, &declared.ty, value),
        None => declared.default_value.is_none() && !declared.ty.is_non_null(),
    })
}

fn is_exact(schema: &Schema, ty: &Type, value: &JsonValue) -> bool {
    match (ty, value) {
        (ty, JsonValue::Null) => !ty.is_non_null(),
        (Type::List(inner) | Type::NonNullList(inner), JsonValue::Array(items)) => {
            items.iter().all(|item| is_exact(schema, inner, item))
        }
        // A single value stands for a list of it: that is a change.
        (Type::List(_) | Type::NonNullList(_), _) => false,
        (Type::Named(name) | Type::NonNullNamed(name), value) => match schema.types.get(name) {
            Some(ExtendedType::Scalar(_)) => is_scalar(name, value),
            Some(ExtendedType::Enum(of)) => value.as_str().is_some_and(|name| of.values.contains_key(name)),
            Some(ExtendedType::InputObject(of)) => is_input(schema, of, value),
            _ => false,
        },
    }
}

fn is_input(schema: &Schema, of: &InputObjectType, value: &JsonValue) -> bool {
    let Some(members) = value.as_object() else { return false };
    let known = members.iter().all(|(name, value)| {
        of.fields.get(name.as_str()).is_some_and(|field| is_exact(schema, &field.ty, value))
    });
    known
        && of.fields.iter().all(|(name, field)| {
            let optional = field.default_value.is_none() && !field.ty.is_non_null();
            optional || members.contains_key(name.as_str())
        })
}

/// Whether a value is one of a scalar of GraphQL's own; of those of ours every value may be one.
fn is_scalar(name: &str, value: &JsonValue) -> bool {
    match name {
        "Int" => value.as_i64().is_some_and(|int| i32::try_from(int).is_ok()),
        "Float" => value.is_f64(),
        "String" => value.is_string(),
        "Boolean" => value.is_boolean(),
        "ID" => value.is_string() || value.is_i64(),
        _ => true,
    }
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
        let places = places.into_iter().collect();
        failures.push(Failure { problem: Box::new(problem), places, path: None });
    }
    if failures.is_empty() {
        failures.push(Problem::new(Code::Variables, cut(error)).into());
    }
    failures
}

fn cut(error: &RequestError) -> String {
    error.message().to_string().chars().take(MESSAGE_MAX).collect()
}
