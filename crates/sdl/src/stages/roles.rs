//! The enum marked `@roles` becomes the roles of the schema, each with all that it includes.

use bistro_problem::Diagnostic;
use bistro_schema::Roles;
use bistro_schema::model::Role;
use bistro_schema::names::nearest;

use crate::codes;
use crate::draft::{Draft, EnumDecl, description, directive, words};
use crate::place::At;

/// Role names that are built in.
const BUILT_IN: &[&str] = &["admin", "anon", "authenticated", "service_role"];

/// Declares the roles.
pub(crate) fn run(draft: &mut Draft) {
    let Some(decl) = draft.roles.take() else { return };
    let mut found = Vec::new();
    let names: Vec<&str> = decl.values.iter().map(|v| v.value.as_str()).collect();
    for value in &decl.values {
        let name = &value.value;
        if BUILT_IN.contains(&name.as_str()) {
            let told = Diagnostic::error(codes::ROLES, name.at(), format!("the role `{name}` is built in"));
            found.push(told.label("cannot be declared").hint("remove it; built-in roles always exist"));
        }
    }
    if let Some(extra) = decl.values.get(Roles::DECLARED_MAX) {
        let message = format!("a schema has at most {} roles", Roles::DECLARED_MAX);
        found.push(Diagnostic::error(codes::ROLES, extra.value.at(), message).label("one too many"));
    }
    let includes = included(&decl, &names, &mut found);
    cycles(&decl, &includes, &mut found);
    let count = names.len().min(Roles::DECLARED_MAX);
    draft.schema.roles = (0..count)
        .map(|n| Role {
            name: names[n].to_owned(),
            closure: closure(n, &includes, count),
            description: description(decl.values[n].description.as_ref()),
        })
        .collect();
    draft.diagnostics.extend(found);
    draft.roles = Some(decl);
}

/// For each role the roles that it names.
fn included(decl: &EnumDecl, names: &[&str], found: &mut Vec<Diagnostic>) -> Vec<Vec<usize>> {
    let mut all = Vec::with_capacity(names.len());
    for value in &decl.values {
        let mut own = Vec::new();
        let listed =
            directive(&value.directives, "includes").and_then(|d| words(d, "roles")).unwrap_or_default();
        for (role, at) in listed {
            match names.iter().position(|n| *n == role) {
                Some(n) => own.push(n),
                None => {
                    let told =
                        Diagnostic::error(codes::UNKNOWN_ROLE, at, format!("the role `{role}` is unknown"));
                    let hint = match nearest(role, names.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "only roles of this enum can be included".to_owned(),
                    };
                    found.push(told.label("not a role of this enum").hint(hint));
                }
            }
        }
        all.push(own);
    }
    all
}

fn cycles(decl: &EnumDecl, includes: &[Vec<usize>], found: &mut Vec<Diagnostic>) {
    for (n, value) in decl.values.iter().enumerate() {
        let beyond = includes[n].iter().fold(vec![false; includes.len()], |mut seen, m| {
            reach(*m, includes, &mut seen);
            seen
        });
        if beyond[n] {
            let message = format!("the role `{}` includes itself", value.value);
            let told = Diagnostic::error(codes::ROLES, value.value.at(), message);
            found.push(told.label("part of a cycle").hint("remove one @includes of the cycle"));
        }
    }
}

fn closure(n: usize, includes: &[Vec<usize>], count: usize) -> Roles {
    let mut seen = vec![false; includes.len()];
    reach(n, includes, &mut seen);
    (0..count).filter(|m| seen[*m]).fold(Roles::NONE, |set, m| set.with(Roles::declared(m)))
}

/// Marks everything that `from` leads to, itself included.
fn reach(from: usize, includes: &[Vec<usize>], seen: &mut [bool]) {
    let mut waiting = vec![from];
    while let Some(n) = waiting.pop() {
        if !std::mem::replace(&mut seen[n], true) {
            waiting.extend(&includes[n]);
        }
    }
}
