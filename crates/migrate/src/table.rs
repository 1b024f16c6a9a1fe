//! One type before and after.

use bistro_schema::{FieldKind, Schema, Type, TypeId};
use bistro_store::Change;

use crate::pair::Pairs;
use crate::step::{Count, Step};
use crate::{Difference, field, index, is_view, relation};

/// Compares a type that both schemas have.
pub(crate) fn compare(found: &mut Difference, pairs: &Pairs<'_>, id: TypeId) {
    let Some(was) = pairs.old_type(id) else { return };
    let (before, ty) = (pairs.old.ty(was), pairs.new.ty(id));
    match (is_view(before), is_view(ty)) {
        (true, true) => return view(found, before, id, ty),
        (false, false) => {}
        _ => {
            let text = format!("~ {} between table and view", ty.collection);
            return found.refuse(text, "a table cannot become a view, or a view a table; use another name");
        }
    }
    if before.collection != ty.collection {
        let taken = pairs.old.types.iter().any(|t| t.collection == ty.collection);
        let text = format!("~ table {} is named {}", before.collection, ty.collection);
        if taken {
            found.refuse(text, TAKEN);
        } else {
            found.push(Step::new(Change::RenameType(was, id), text));
        }
    }
    let key = pairs.old_fields(id, &ty.key);
    if key.as_ref() != Some(&before.key) {
        let text = format!("~ key of {}: {} → {}", ty.collection, key_names(before), key_names(ty));
        found.refuse(text, "a key cannot change in place; make a new type and copy the rows");
    }
    fields(found, pairs, was, id);
    relation::compare(found, pairs, was, id);
    index::compare(found, pairs, was, id);
    checks(found, before, id, ty);
}

/// Why a name that something else still has cannot be taken in the same step.
pub(crate) const TAKEN: &str = "something else has that name before; take two migrations";

fn view(found: &mut Difference, before: &Type, id: TypeId, ty: &Type) {
    if before.kind != ty.kind || before.collection != ty.collection {
        if before.collection != ty.collection {
            let gone = Change::DropView(before.collection.clone());
            found.step(gone, format!("- view {}", before.collection));
        }
        found.step(Change::CreateType(id), format!("~ view {}", ty.collection));
    }
}

fn key_names(ty: &Type) -> String {
    ty.key.iter().map(|f| ty.field(*f).name.as_str()).collect::<Vec<_>>().join(",")
}

fn fields(found: &mut Difference, pairs: &Pairs<'_>, was: TypeId, id: TypeId) {
    let (before, ty) = (pairs.old.ty(was), pairs.new.ty(id));
    for (field_id, _) in ty.fields() {
        match pairs.old_field(id, field_id) {
            None => field::added(found, pairs, id, field_id),
            Some(old) => field::changed(found, pairs, (was, old), (id, field_id)),
        }
    }
    for (old, gone) in before.fields().filter(|(f, _)| pairs.new_field(id, *f).is_none()) {
        let name = format!("{}.{}", ty.collection, gone.name);
        if matches!(gone.kind, FieldKind::Computed(_)) {
            found.notes.push(format!("- computed {name}"));
            continue;
        }
        if before.key.contains(&old) {
            continue;
        }
        let step = Step::new(Change::DropField(id, old), format!("- column {name}"));
        found.push(step.destructive(format!("all values of {name}"), Some(Count::Values(was, old))));
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

/// The values of an enum, for comparisons across schemas.
pub(crate) fn enum_values(schema: &Schema, of: bistro_schema::EnumId) -> Vec<&str> {
    schema.enum_type(of).values.iter().map(|(v, _)| v.as_str()).collect()
}
