//! The structure of a request's variables: what of them decides the plan, without what only fills it.
//!
//! Names of members that are given, nulls, lengths of lists of input objects, and the values of Booleans and of enums of
//! ours, and the type of a global id, are part of it; every other value, and every list of such values, is a mark. What the compiler reads of variables
//! beyond that makes a plan that is not kept ([`crate::compile::Compiler::only_once`]).

use apollo_compiler::ast::Type;
use apollo_compiler::executable::Operation;
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::ExtendedType;
use bistro_schema::Schema;

use crate::compile;
use crate::describe::{Described, Meaning};

/// The longest structure by which a plan is kept.
const BYTES_MAX: usize = 4 << 10;

/// The structure of an operation's variables, behind its document's number and its name; `None` if it is too long to keep
/// a plan by.
pub(super) fn of(
    (described, schema): (&Described, &Schema),
    document: u64,
    operation: &Operation,
    variables: &JsonMap,
) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(&document.to_le_bytes());
    out.extend_from_slice(operation.name.as_ref().map_or(&[][..], |name| name.as_bytes()));
    // A letter of a value is none of the name.
    out.push(0);
    for variable in &operation.variables {
        match variables.get(variable.name.as_str()) {
            None => out.push(b'-'),
            Some(value) => {
                outline(described, &variable.ty, value, &mut out)?;
                // Of a global id the type decides: `node` reads another one.
                let id = value.as_str().filter(|_| variable.ty.inner_named_type() == "ID");
                if let Some(ty) = id.and_then(|id| compile::node_type(described, schema, id)) {
                    out.push(b'#');
                    out.extend_from_slice(&ty.0.to_le_bytes());
                }
            }
        }
    }
    Some(out)
}

fn outline(described: &Described, ty: &Type, value: &JsonValue, out: &mut Vec<u8>) -> Option<()> {
    if out.len() > BYTES_MAX {
        return None;
    }
    match (ty, value) {
        (_, JsonValue::Null) => out.push(b'0'),
        (Type::List(inner) | Type::NonNullList(inner), JsonValue::Array(items)) => {
            if !counts(described, inner.inner_named_type()) {
                out.push(b'*');
                return Some(());
            }
            out.push(b'[');
            items.iter().try_for_each(|item| outline(described, inner, item, out))?;
            out.push(b']');
        }
        (ty, value) => named(described, ty.inner_named_type(), value, out)?,
    }
    Some(())
}

/// Whether what is in values of this type decides the plan.
fn counts(described: &Described, type_name: &str) -> bool {
    match described.schema.types.get(type_name) {
        Some(ExtendedType::InputObject(_)) => true,
        Some(ExtendedType::Enum(_)) => !matches!(described.meaning(type_name), Some(Meaning::Enum(_))),
        _ => type_name == "Boolean",
    }
}

fn named(described: &Described, type_name: &str, value: &JsonValue, out: &mut Vec<u8>) -> Option<()> {
    match (described.schema.types.get(type_name), value) {
        (_, JsonValue::Bool(truth)) => out.push(if *truth { b't' } else { b'f' }),
        (Some(ExtendedType::Enum(_)), JsonValue::String(name)) if counts(described, type_name) => {
            out.push(b'=');
            out.extend_from_slice(name.as_str().as_bytes());
            out.push(b';');
        }
        (Some(ExtendedType::InputObject(input)), JsonValue::Object(members)) => {
            out.push(b'{');
            for (name, value) in members {
                let defined = input.fields.get(name.as_str())?;
                out.extend_from_slice(name.as_str().as_bytes());
                out.push(b':');
                outline(described, &defined.ty, value, out)?;
            }
            out.push(b'}');
        }
        _ => out.push(b'.'),
    }
    Some(())
}
