//! Relations whose own type holds the foreign key.

use bistro_problem::Diagnostic;
use bistro_schema::{FieldId, OnDelete, TypeId, TypeKind, names};

use crate::codes;
use crate::draft::{Draft, FieldDecl, Shape, literal, word};
use crate::place::At;

/// Resolves every to-one relation that owns its key.
pub(crate) fn run(draft: &mut Draft) {
    for ty in draft.type_ids() {
        for n in 0..draft.decl(ty).fields.len() {
            let mut found = Vec::new();
            owner(draft, ty, n, &mut found);
            draft.diagnostics.extend(found);
        }
    }
}

fn owner(draft: &mut Draft, ty: TypeId, n: usize, found: &mut Vec<Diagnostic>) {
    let field = &draft.types[ty.0 as usize].fields[n];
    let Shape::ToOne(target, slot) = field.shape else {
        misplaced(field, found);
        return;
    };
    let near = field.columns.clone();
    let far: Vec<FieldId> = draft.schema.ty(target).key.clone();
    let on_delete = on_delete(draft, ty, field, found);
    let from = draft.schema.ty(ty);
    let columns: Vec<&str> = near.iter().map(|f| from.field(*f).column.as_str()).collect();
    let constraint = foreign_key(&from.collection, &columns);
    let relation = &mut draft.schema.types[ty.0 as usize].relations[slot.0 as usize];
    relation.on_delete = on_delete;
    relation.constraint = constraint;
    // A target without a usable key was reported; the pairs then stay empty.
    if near.len() == far.len() {
        relation.pairs = near.into_iter().zip(far).collect();
    }
}

/// The name of a foreign key's constraint.
pub(crate) fn foreign_key(table: &str, columns: &[&str]) -> String {
    let mut parts = vec![table];
    parts.extend(columns);
    parts.push("fkey");
    names::constraint(&parts)
}

fn on_delete(draft: &Draft, ty: TypeId, field: &FieldDecl, found: &mut Vec<Diagnostic>) -> OnDelete {
    let relation = field.directive("relation");
    let Some((written, at)) = relation.and_then(|d| word(d, "onDelete")) else { return OnDelete::NoAction };
    if matches!(draft.schema.ty(ty).kind, TypeKind::View { .. }) {
        let told = Diagnostic::error(codes::VIEW, at, "a view has no rows to delete");
        found.push(told.label("means nothing here").hint("remove onDelete"));
        return OnDelete::NoAction;
    }
    match written {
        "CASCADE" => OnDelete::Cascade,
        "RESTRICT" => OnDelete::Restrict,
        "SET_NULL" if field.node.ty.is_non_null() => {
            let message = format!("`{}` is required, so it cannot become null", field.node.name);
            let told = Diagnostic::error(codes::ON_DELETE, at, message).label("would break the `!`");
            let target = field.node.ty.inner_named_type();
            found.push(told.hint(format!("write `{}: {target}`, or use CASCADE", field.node.name)));
            OnDelete::NoAction
        }
        "SET_NULL" => OnDelete::SetNull,
        _ => OnDelete::NoAction,
    }
}

/// `@relation` and `@inverse` where they mean nothing.
fn misplaced(field: &FieldDecl, found: &mut Vec<Diagnostic>) {
    if let (Shape::Scalar(_), Some(d)) =
        (field.shape, field.directive("relation").or(field.directive("inverse")))
    {
        let message = format!("`{}` is not a relation", field.node.name);
        let told = Diagnostic::error(codes::RELATION, d.at(), message).label("needs a type of the file");
        found.push(told.hint(format!("remove @{}, or let the field's type be a model", d.name)));
    }
    let Some(d) = field.directive("relation") else { return };
    let owner_only = match field.shape {
        Shape::Inverse(..) => ["column", "onDelete", "through", "fields"].as_slice(),
        Shape::Many(..) => ["column", "onDelete", "fields"].as_slice(),
        _ => return,
    };
    for name in owner_only {
        if let Some(value) = literal(d, name) {
            let message = format!("`{}` holds no foreign key, so `{name}` means nothing", field.node.name);
            let told =
                Diagnostic::error(codes::RELATION, value.at(), message).label("belongs on the owning side");
            found.push(told.hint(format!("remove `{name}` here")));
        }
    }
}
