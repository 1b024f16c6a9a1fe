//! Cursors: the values of a row by which its list is ordered, behind a signature of that order.

use apollo_compiler::response::JsonValue;
use bistro_problem::{Code, Problem};
use bistro_schema::{Scalar, Schema, Value};

/// The n-th value of a cursor.
pub(crate) fn value(
    schema: &Schema,
    scalar: Scalar,
    json: &JsonValue,
    at: usize,
    signature: u32,
) -> Result<Value, Problem> {
    let _ = (schema, scalar, json, at, signature);
    Err(Problem::new(Code::BadCursor, ""))
}
