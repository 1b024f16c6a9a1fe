//! Enums of the file become enums of the schema.

use bistro_problem::Diagnostic;
use bistro_schema::EnumType;

use crate::codes;
use crate::draft::{Draft, description};
use crate::place::At;

/// Declares the enums.
pub(crate) fn run(draft: &mut Draft) {
    let mut found = Vec::new();
    for decl in &draft.enums {
        for (n, value) in decl.values.iter().enumerate() {
            if let Some(first) = decl.values[..n].iter().find(|v| v.value == value.value) {
                let message = format!("the value `{}` of `{}` is defined twice", value.value, decl.name);
                let told = Diagnostic::error(codes::DUPLICATE, value.value.at(), message).label("the second");
                found.push(told.related(first.value.at(), "the first").hint("remove one of them"));
            }
        }
        draft.schema.enums.push(EnumType {
            name: decl.name.to_string(),
            description: decl.description.clone(),
            values: decl
                .values
                .iter()
                .map(|v| (v.value.to_string(), description(v.description.as_ref())))
                .collect(),
        });
    }
    draft.diagnostics.extend(found);
}
