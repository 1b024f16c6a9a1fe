//! `@was`: earlier names of types, fields and relations.

use apollo_compiler::Node;
use apollo_compiler::ast::Directive;
use bistro_problem::Diagnostic;
use bistro_schema::{TypeId, TypeKind, Was};

use crate::codes;
use crate::draft::{Draft, FieldDecl, Shape, text};
use crate::place::{At, Place};

/// Keeps what was called otherwise, and says what cannot have been.
pub(crate) fn run(draft: &mut Draft) {
    let (mut was, mut found) = (Vec::new(), Vec::new());
    for ty in draft.type_ids() {
        type_was(draft, ty, &mut was, &mut found);
        for field in &draft.decl(ty).fields {
            field_was(draft, ty, field, &mut was, &mut found);
        }
    }
    draft.schema.was = was;
    draft.diagnostics.extend(found);
}

fn type_was(draft: &Draft, ty: TypeId, was: &mut Vec<Was>, found: &mut Vec<Diagnostic>) {
    let decl = draft.decl(ty);
    let Some((name, at)) = decl.directive("was").and_then(|d| text(d, "name")) else { return };
    if matches!(draft.schema.ty(ty).kind, TypeKind::View { .. }) {
        let told = Diagnostic::error(codes::VIEW, at, "a view has no rows to keep under a new name");
        return found.push(told.label("means nothing here").hint("remove @was"));
    }
    if draft.type_named(name).is_some() {
        return found.push(there(name, at, "type"));
    }
    if was.iter().any(|w| w.field.is_none() && w.name == name) {
        return found.push(twice(name, at));
    }
    was.push(Was { ty, field: None, name: name.to_owned() });
}

fn field_was(draft: &Draft, ty: TypeId, field: &FieldDecl, was: &mut Vec<Was>, found: &mut Vec<Diagnostic>) {
    let Some((directive, (name, at))) =
        field.directive("was").and_then(|d| text(d, "name").map(|name| (d, name)))
    else {
        return;
    };
    let (decl, of) = (draft.decl(ty), draft.schema.ty(ty));
    if let Some(message) = meaningless(field, matches!(of.kind, TypeKind::View { .. })) {
        return found.push(misplaced(directive, field, message));
    }
    if decl.field(name).is_some() {
        return found.push(there(name, at, "field"));
    }
    let same = |w: &Was| w.ty == ty && w.field.is_some() && w.name == name;
    if was.iter().any(same) {
        return found.push(twice(name, at));
    }
    let own = field.node.name.as_str();
    if let Shape::Many(..) = field.shape {
        return was.push(Was { ty, field: Some(own.to_owned()), name: name.to_owned() });
    }
    // A foreign key of several columns has a name of its own for each, which begins with the relation's.
    for column in &field.columns {
        let now = &of.field(*column).name;
        let end = now.strip_prefix(own).filter(|_| field.columns.len() > 1).unwrap_or_default();
        was.push(Was { ty, field: Some(now.clone()), name: format!("{name}{end}") });
    }
}

fn meaningless(field: &FieldDecl, view: bool) -> Option<&'static str> {
    match field.shape {
        _ if view => Some("is a field of a view"),
        Shape::Inverse(..) => Some("is the other side of a relation, which stores nothing"),
        _ if field.directive("computed").is_some() => Some("is computed and stores nothing"),
        _ => None,
    }
}

fn misplaced(directive: &Node<Directive>, field: &FieldDecl, why: &str) -> Diagnostic {
    let message = format!("`{}` {why}", field.node.name);
    Diagnostic::error(codes::DOES_NOT_FIT, directive.at(), message)
        .label("nothing to keep under a new name")
        .hint("remove @was")
}

fn there(name: &str, at: Place, what: &str) -> Diagnostic {
    let message = format!("the {what} `{name}` is still in the file");
    Diagnostic::error(codes::WAS, at, message)
        .label("not a name of the past")
        .hint(format!("remove the {what} `{name}`, or remove @was"))
}

fn twice(name: &str, at: Place) -> Diagnostic {
    Diagnostic::error(codes::WAS, at, format!("`{name}` was renamed twice"))
        .label("the second time")
        .hint("only one can have had that name; remove one @was")
}
