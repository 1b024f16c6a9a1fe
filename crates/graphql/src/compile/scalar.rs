//! JSON values of variables and literals as values of slots.

use apollo_compiler::response::JsonValue;
use bistro_problem::Problem;
use bistro_schema::{Scalar, Schema, Value};

use super::Rules;

pub(super) fn plain(_: &Schema, _: Scalar, _: &JsonValue) -> Result<Value, Problem> {
    Ok(Value::Null)
}

pub(super) fn compared(_: &Schema, _: Scalar, _: &JsonValue) -> Result<Value, Problem> {
    Ok(Value::Null)
}

pub(super) fn among(_: Rules<'_>, _: Scalar, _: &JsonValue) -> Result<Value, Problem> {
    Ok(Value::Null)
}

pub(super) fn like(_: Rules<'_>, _: &JsonValue) -> Result<Value, Problem> {
    Ok(Value::Null)
}

pub(super) fn prefix(_: Rules<'_>, _: &JsonValue) -> Result<Value, Problem> {
    Ok(Value::Null)
}

pub(super) fn regex(_: Rules<'_>, _: &JsonValue) -> Result<Value, Problem> {
    Ok(Value::Null)
}

pub(super) fn rows(_: Rules<'_>, _: &JsonValue, _: u64) -> Result<Value, Problem> {
    Ok(Value::Null)
}

pub(super) fn skip(_: &JsonValue) -> Result<Value, Problem> {
    Ok(Value::Null)
}

pub(super) fn key(_: &Schema, _: Scalar, _: &JsonValue, _: usize, _: u16) -> Result<Value, Problem> {
    Ok(Value::Null)
}
