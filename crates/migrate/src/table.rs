//! One type before and after: its fields, keys, uniques and indexes.

use bistro_schema::{FieldId, RelationKind, Schema, Type, TypeId, TypeKind};
use bistro_store::Change;

use crate::{Difference, field};

/// Compares a type that both schemas have.
pub(crate) fn compare(
    found: &mut Difference,
    old: &Schema,
    new: &Schema,
    before: &Type,
    id: TypeId,
    ty: &Type,
) {
    let view = |t: &Type| matches!(t.kind, TypeKind::View { .. });
    match (view(before), view(ty)) {
        (true, true) => {
            if before.kind != ty.kind {
                found.step(Change::CreateType(id), format!("~ view {}", ty.collection));
            }
            return;
        }
        (false, false) => {}
        _ => {
            let text = format!("~ {} between table and view", ty.collection);
            return found.refuse(text, "a table cannot become a view, or a view a table; use another name");
        }
    }
    let names = |t: &Type| t.key.iter().map(|f| t.field(*f).name.clone()).collect::<Vec<_>>();
    if names(before) != names(ty) {
        let text =
            format!("~ key of {}: {} → {}", ty.collection, names(before).join(","), names(ty).join(","));
        found.refuse(text, "a key cannot change in place; make a new type and copy the rows");
    }
    fields(found, old, new, before, id, ty);
    relations(found, new, before, ty);
    uniques(found, before, id, ty);
    indexes(found, before, id, ty);
    checks(found, before, id, ty);
    let search =
        |t: &Type| t.search_fields().into_iter().map(|f| t.field(f).name.clone()).collect::<Vec<_>>();
    if search(before) != search(ty) {
        let text = format!("~ full-text index of {} ({})", ty.collection, search(ty).join(", "));
        found.step(Change::RebuildSearch(id), text);
    }
}

fn fields(found: &mut Difference, old: &Schema, new: &Schema, before: &Type, id: TypeId, ty: &Type) {
    for (field_id, after) in ty.fields() {
        match before.fields.iter().find(|f| f.name == after.name) {
            None => field::added(found, new, id, ty, field_id, after),
            Some(was) => field::changed(found, old, new, id, ty, field_id, (was, after)),
        }
    }
    for gone in before.fields.iter().filter(|f| !ty.fields.iter().any(|a| a.name == f.name)) {
        if matches!(gone.kind, bistro_schema::FieldKind::Computed(_)) {
            found.notes.push(format!("- computed {}.{}", ty.collection, gone.name));
        } else {
            let reason = "its values would be lost; hide it with @hidden, or write back the field";
            found.refuse(format!("- column {}.{}", ty.collection, gone.name), reason);
        }
    }
}

/// A foreign key on a column that exists, or one that changed its target or what a delete does.
fn relations(found: &mut Difference, new: &Schema, before: &Type, ty: &Type) {
    for relation in ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne) {
        let existed =
            relation.pairs.iter().all(|(f, _)| before.fields.iter().any(|b| b.name == ty.field(*f).name));
        if !existed {
            continue;
        }
        let target = &new.ty(relation.target).collection;
        let text = format!("~ relation {}.{} → {target}", ty.collection, relation.name);
        match before
            .relations
            .iter()
            .find(|r| r.constraint == relation.constraint && r.kind == RelationKind::ToOne)
        {
            None => found
                .refuse(text, "a column that has values cannot become a relation in place; add a new field"),
            Some(was) if was.on_delete != relation.on_delete => {
                found.refuse(text, "what a delete does is part of the table; it cannot change in place");
            }
            Some(_) => {}
        }
    }
}

fn uniques(found: &mut Difference, before: &Type, id: TypeId, ty: &Type) {
    for (n, unique) in ty.uniques.iter().enumerate() {
        if !before.uniques.iter().any(|u| u.name == unique.name) {
            let text = format!("+ unique {} ({})", ty.collection, list(ty, &unique.fields));
            found.step(Change::AddUnique(id, n), text);
        }
    }
    for gone in before.uniques.iter().filter(|u| !ty.uniques.iter().any(|n| n.name == u.name)) {
        found.step(
            Change::DropIndex(id, gone.name.clone()),
            format!("- unique {} ({})", ty.collection, gone.name),
        );
    }
}

fn indexes(found: &mut Difference, before: &Type, id: TypeId, ty: &Type) {
    for (n, index) in ty.indexes.iter().enumerate() {
        if !before.indexes.iter().any(|i| i.name == index.name) {
            found.step(
                Change::AddIndex(id, n),
                format!("+ index {} ({})", ty.collection, list(ty, &index.fields)),
            );
        }
    }
    for gone in before.indexes.iter().filter(|i| !ty.indexes.iter().any(|n| n.name == i.name)) {
        found
            .step(Change::DropIndex(id, gone.name.clone()), format!("- index {} ({})", ty.collection, gone.name));
    }
}

fn checks(found: &mut Difference, before: &Type, id: TypeId, ty: &Type) {
    for (n, check) in ty.checks.iter().enumerate() {
        if !before.checks.iter().any(|c| c.rule.text == check.rule.text) {
            found.step(Change::AddCheck(id, n), format!("+ check {} ({})", ty.collection, check.rule.text));
        }
    }
    for gone in before.checks.iter().filter(|c| !ty.checks.iter().any(|n| n.rule.text == c.rule.text)) {
        found.notes.push(format!("- check {} ({})", ty.collection, gone.rule.text));
    }
}

fn list(ty: &Type, fields: &[FieldId]) -> String {
    fields.iter().map(|f| ty.field(*f).name.as_str()).collect::<Vec<_>>().join(", ")
}
