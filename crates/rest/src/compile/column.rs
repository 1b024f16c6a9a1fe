//! A name and a JSON path become a value of a row: the one way from a caller's name to a column that is read.

use bistro_ir::{Operand, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, Kind, Scalar, Schema, SchemaView, TypeId, names};

use super::cursor::JsonPath;

/// A value of a row, and what it is.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) operand: Operand,
    pub(crate) scalar: Scalar,
    /// The field, where no JSON path goes into it.
    pub(crate) field: Option<FieldId>,
}

/// The column that the caller names, or 42703.
pub(crate) fn resolve(
    view: &SchemaView,
    ty: TypeId,
    name: &str,
    path: Option<JsonPath>,
) -> Result<Column, Problem> {
    let field = view.readable(ty, name).ok_or_else(|| unknown(view, ty, name))?;
    let scalar = view.schema().ty(ty).field(field).scalar;
    let operand = Operand::Field(Root::Scope(0), field);
    let Some(path) = path else { return Ok(Column { operand, scalar, field: Some(field) }) };
    if scalar != Scalar::one(Kind::Json) {
        let name = type_name(view.schema(), scalar);
        let arrow = if path.text && path.steps.len() == 1 { "->>" } else { "->" };
        return Err(Problem::new(
            Code::BadOperator,
            format!("operator does not exist: {name} {arrow} unknown"),
        ));
    }
    let scalar = Scalar::one(if path.text { Kind::String } else { Kind::Json });
    let operand = Operand::Json { base: Box::new(operand), path: path.steps, text: path.text };
    Ok(Column { operand, scalar, field: None })
}

/// 42703; hidden and unknown answer alike.
pub(crate) fn unknown(view: &SchemaView, ty: TypeId, name: &str) -> Problem {
    let table = &view.schema().ty(ty).collection;
    let near = names::nearest(name, view.readable_fields(ty).map(|(_, f)| f.name.as_str()));
    Problem::new(Code::UnknownColumn, format!("column {table}.{name} does not exist"))
        .hint_opt(near.map(|n| format!("Perhaps you meant to reference the column \"{table}.{n}\".")))
}

/// The name of a type in PostgreSQL's messages.
pub(crate) fn type_name(schema: &Schema, scalar: Scalar) -> String {
    match scalar.kind {
        Kind::Enum(id) if scalar.list => format!("{}[]", schema.enum_type(id).name),
        Kind::Enum(id) => schema.enum_type(id).name.clone(),
        _ => scalar.postgres_name().to_owned(),
    }
}
