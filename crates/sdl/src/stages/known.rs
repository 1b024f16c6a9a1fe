//! Whether every directive and argument is known, stands where it may, and exists in this version.

use apollo_compiler::Node;
use apollo_compiler::ast::Directive;
use bistro_problem::Diagnostic;
use bistro_schema::names::nearest;

use crate::codes;
use crate::directives::{self, On};
use crate::draft::{Draft, literal};
use crate::place::At;

/// Checks every use of a directive.
pub(crate) fn run(draft: &mut Draft) {
    let mut found = Vec::new();
    for ty in &draft.types {
        listed(&ty.directives, On::Type, &mut found);
        ty.fields.iter().for_each(|f| listed(&f.node.directives, On::Field, &mut found));
    }
    for en in draft.enums.iter().chain(&draft.roles) {
        listed(&en.directives, On::Enum, &mut found);
        en.values.iter().for_each(|v| listed(&v.directives, On::EnumValue, &mut found));
    }
    draft.diagnostics.extend(found);
}

/// The directives of one place.
fn listed(all: &[Node<Directive>], on: On, found: &mut Vec<Diagnostic>) {
    let mut seen: Vec<&Node<Directive>> = Vec::new();
    for directive in all {
        used(directive, on, found);
        let Some(row) = directives::named(&directive.name).filter(|row| !row.repeatable) else { continue };
        match seen.iter().find(|d| d.name == directive.name) {
            Some(first) => {
                let message = format!("`@{}` stands here twice", row.name);
                let told = Diagnostic::error(codes::MISPLACED, directive.at(), message).label("the second");
                found.push(told.related(first.at(), "the first").hint("write it once"));
            }
            None => seen.push(directive),
        }
    }
}

fn used(directive: &Node<Directive>, on: On, found: &mut Vec<Diagnostic>) {
    let name = directive.name.as_str();
    let Some(row) = directives::named(name) else {
        let fitting =
            directives::ALL.iter().chain(directives::BUILT_IN).filter(|d| d.on.contains(&on) && !d.lacking);
        let told = Diagnostic::error(
            codes::UNKNOWN_DIRECTIVE,
            directive.at(),
            format!("the directive `@{name}` is unknown"),
        );
        let hint = match nearest(name, fitting.map(|d| d.name)) {
            Some(near) => format!("did you mean `@{near}`?"),
            None => "the reference of the schema language lists the directives".to_owned(),
        };
        found.push(told.label("no such directive").hint(hint));
        return;
    };
    if !row.on.contains(&on) {
        let places: Vec<&str> = row.on.iter().map(|p| p.words()).collect();
        let message = format!("`@{name}` cannot stand on {}", on.word());
        let told = Diagnostic::error(codes::MISPLACED, directive.at(), message).label("misplaced");
        found.push(told.hint(format!("it stands on {}", places.join(" and "))));
        return;
    }
    if row.lacking {
        let told = Diagnostic::error(codes::LACKING, directive.at(), format!("this version lacks `@{name}`"));
        found.push(told.label("known, but not yet served").hint("remove it until a version that has it"));
        return;
    }
    if name == "model" && literal(directive, "store").is_some() {
        let at = directive.arguments.iter().find(|a| a.name == "store").map_or((0, 0), At::at);
        let told = Diagnostic::error(codes::LACKING, at, "this version lacks `@model(store:)`");
        found.push(
            told.label("known, but not yet served").hint("remove the argument: all models live in one store"),
        );
    }
    for argument in &directive.arguments {
        if row.arguments.iter().any(|(n, _, _)| argument.name == *n) {
            continue;
        }
        let message = format!("`@{name}` has no argument `{}`", argument.name);
        let told =
            Diagnostic::error(codes::UNKNOWN_ARGUMENT, argument.at(), message).label("no such argument");
        let names: Vec<&str> = row.arguments.iter().map(|(n, _, _)| *n).collect();
        found.push(match nearest(&argument.name, names.iter().copied()) {
            Some(near) => told.hint(format!("did you mean `{near}`?")),
            None if names.is_empty() => told.hint(format!("write `@{name}` without arguments")),
            None => told.hint(format!("its arguments are: {}", names.join(", "))),
        });
    }
}
