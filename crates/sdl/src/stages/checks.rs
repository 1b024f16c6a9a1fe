//! `@check`: conditions that every stored row keeps.

use bistro_problem::Diagnostic;
use bistro_schema::names::constraint;
use bistro_schema::{Check, TypeKind};

use crate::codes;
use crate::draft::{Draft, text};
use crate::place::At;
use crate::stages::fields::rule;

/// Keeps the text of every check; the rule compiler reads it.
pub(crate) fn run(draft: &mut Draft) {
    let mut found = Vec::new();
    for (decl, ty) in draft.types.iter().zip(&mut draft.schema.types) {
        for directive in decl.directives.iter().filter(|d| d.name == "check") {
            if matches!(ty.kind, TypeKind::View { .. }) {
                let told = Diagnostic::error(codes::VIEW, directive.at(), "a view stores nothing to check");
                found.push(told.label("means nothing here").hint("check the models that the view reads"));
                continue;
            }
            let Some(rule) = rule(directive, "expr", &mut found) else { continue };
            let end = match ty.checks.len() {
                0 => "check".to_owned(),
                n => format!("check{n}"),
            };
            let message =
                text(directive, "message").map(|(m, _)| m.trim().to_owned()).filter(|m| !m.is_empty());
            ty.checks.push(Check { name: constraint(&[&ty.collection, &end]), rule, message });
        }
    }
    draft.diagnostics.extend(found);
}
