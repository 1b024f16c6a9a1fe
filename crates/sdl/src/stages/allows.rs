//! `@allow` on types and fields: who, what, on which condition. The condition stays text.

use apollo_compiler::Node;
use apollo_compiler::ast::Directive;
use bistro_problem::Diagnostic;
use bistro_schema::names::nearest;
use bistro_schema::{Action, Allow, Roles, Schema, TypeKind};

use crate::codes;
use crate::draft::{Draft, Shape, literal, words};
use crate::place::{At, Place};
use crate::stages::fields::{held_by, rule};

/// Reads the rules of every type and field.
pub(crate) fn run(draft: &mut Draft) {
    let mut found = Vec::new();
    for n in 0..draft.types.len() {
        let decl = &draft.types[n];
        let view = matches!(draft.schema.types[n].kind, TypeKind::View { .. });
        let mine = decl.directives.iter().filter(|d| d.name == "allow");
        let allows: Vec<Allow> = mine.filter_map(|d| allow(&draft.schema, d, &mut found)).collect();
        if view {
            allows.iter().for_each(|a| only_read(a, &mut found));
        }
        let mut fields = Vec::new();
        for field in &decl.fields {
            let own: Vec<Allow> =
                field.directives("allow").filter_map(|d| allow(&draft.schema, d, &mut found)).collect();
            own.iter().for_each(|a| no_delete(a, &mut found));
            // Fields under a relation over fields have rules of their own.
            let columns = if held_by(field).is_some() { Vec::new() } else { field.columns.clone() };
            fields.push((field.shape, columns, own));
        }
        let ty = &mut draft.schema.types[n];
        ty.allows = allows;
        for (shape, columns, own) in fields {
            columns.iter().for_each(|c| ty.fields[c.0 as usize].allows = own.clone());
            if let Shape::ToOne(_, slot) | Shape::Inverse(_, slot) | Shape::Many(_, slot) = shape {
                ty.relations[slot.0 as usize].allows = own;
            }
        }
    }
    draft.diagnostics.extend(found);
}

fn allow(schema: &Schema, directive: &Node<Directive>, found: &mut Vec<Diagnostic>) -> Option<Allow> {
    let mut actions = Vec::new();
    for (word, _) in words(directive, "to")? {
        let Some(action) = Action::ALL.into_iter().find(|a| a.word() == word) else { continue };
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    if literal(directive, "to").and_then(|v| v.as_list()).is_some_and(<[_]>::is_empty) {
        let told = Diagnostic::error(codes::ALLOW, directive.at(), "this @allow allows nothing")
            .label("`to` is empty");
        found.push(told.hint("name at least one of READ, CREATE, UPDATE, DELETE"));
    }
    let roles = roles(schema, directive, found);
    let when = match literal(directive, "when") {
        // A rule whose condition was refused must not become one without condition.
        Some(_) => Some(rule(directive, "when", found)?),
        None => None,
    };
    Some(Allow { actions, roles, when, span: directive.span() })
}

fn roles(schema: &Schema, directive: &Node<Directive>, found: &mut Vec<Diagnostic>) -> Roles {
    let Some(named) = words(directive, "roles") else { return Roles::EVERYBODY };
    if named.is_empty() {
        let told = Diagnostic::error(codes::ALLOW, directive.at(), "this @allow is for nobody")
            .label("`roles` is empty");
        found.push(told.hint("name a role, or remove `roles` to allow everybody"));
    }
    named.into_iter().fold(Roles::NONE, |set, (name, at)| set.with(role(schema, name, at, found)))
}

fn role(schema: &Schema, name: &str, at: Place, found: &mut Vec<Diagnostic>) -> Roles {
    match name {
        "anon" => return Roles::ANON,
        "authenticated" => return Roles::AUTHENTICATED,
        "admin" | "service_role" => {
            let told = Diagnostic::error(
                codes::ALLOW,
                at,
                format!("`{name}` passes every rule without being named"),
            );
            found.push(told.label("needs no rule").hint("remove it"));
            return Roles::NONE;
        }
        _ => {}
    }
    if let Some(n) = schema.roles.iter().position(|r| r.name == name) {
        return Roles::declared(n);
    }
    let known = schema.roles.iter().map(|r| r.name.as_str()).chain(["anon", "authenticated"]);
    let told = Diagnostic::error(codes::UNKNOWN_ROLE, at, format!("the role `{name}` is unknown"))
        .label("no such role");
    found.push(match nearest(name, known) {
        Some(near) => told.hint(format!("did you mean `{near}`?")),
        None => told.hint(format!("declare it: `enum Role @roles {{ {name} }}`")),
    });
    Roles::NONE
}

fn only_read(allow: &Allow, found: &mut Vec<Diagnostic>) {
    if allow.actions.iter().any(|a| *a != Action::Read) {
        let at = (allow.span.start, allow.span.end);
        let told = Diagnostic::error(codes::VIEW, at, "a view can only be read").label("allows writing");
        found.push(told.hint("keep `to: [READ]`"));
    }
}

fn no_delete(allow: &Allow, found: &mut Vec<Diagnostic>) {
    if allow.actions.contains(&Action::Delete) {
        let at = (allow.span.start, allow.span.end);
        let told =
            Diagnostic::error(codes::ALLOW, at, "a field cannot be deleted on its own").label("names DELETE");
        found.push(told.hint("allow DELETE on the type; on fields use READ, CREATE, UPDATE"));
    }
}
