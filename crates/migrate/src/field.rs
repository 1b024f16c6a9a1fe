//! One field: new, or before and after.

use bistro_schema::text::write_json;
use bistro_schema::{Default, Field, FieldId, FieldKind, Kind, RelationKind, Schema, TypeId};
use bistro_store::Change;

use crate::Difference;
use crate::kind::{Verdict, kind_name, room, verdict};
use crate::pair::Pairs;
use crate::step::{Count, Step};
use crate::table::{TAKEN, enum_values};

fn stored(field: &Field) -> bool {
    !matches!(field.kind, FieldKind::Computed(_))
}

/// A field that the tables do not have yet.
pub(crate) fn added(found: &mut Difference, pairs: &Pairs<'_>, id: TypeId, field_id: FieldId) {
    let ty = pairs.new.ty(id);
    let field = ty.field(field_id);
    if !stored(field) {
        return found.notes.push(format!("+ computed {}.{}", ty.collection, field.name));
    }
    if ty.key.contains(&field_id) {
        return;
    }
    let text = format!("+ column {}.{} {}", ty.collection, field.name, kind_name(pairs.new, field));
    if field.kind == FieldKind::Generated {
        let reason = "the schema does not say how the database calculates it; add the column in SQL by hand";
        return found.refuse(text, reason);
    }
    let owned = ty
        .relations()
        .any(|(_, r)| r.kind == RelationKind::ToOne && r.pairs.iter().any(|(f, _)| *f == field_id));
    if owned {
        if !field.nullable {
            return found.refuse(text, "existing rows have no related row; make the relation optional first");
        }
        if let Some(relation) = crate::relation::brought(ty, field_id) {
            return found.step(Change::AddRelation(id, relation), text);
        }
        // The foreign key over several columns follows them.
        return found.push(Step::new(Change::AddField(id, field_id), text));
    }
    if !field.nullable && filled(field).is_none() {
        let reason = "existing rows have no value for it; make it optional, or give it @default(value: …)";
        return found.refuse(text, reason);
    }
    found.step(Change::AddField(id, field_id), text);
}

/// What rows without a value get, in plain words.
fn filled(field: &Field) -> Option<String> {
    match &field.default {
        Some(Default::Value(value)) => {
            let mut out = Vec::new();
            write_json(value.borrow(), &mut out);
            Some(String::from_utf8_lossy(&out).into_owned())
        }
        Some(Default::Expr(rule)) if field.scalar.kind == Kind::DateTime && rule.text.trim() == "now" => {
            Some("the time of the change".to_owned())
        }
        None if field.updated => Some("the time of the change".to_owned()),
        _ => None,
    }
}

/// A field that the tables have: what it was, in which type, and what it is.
pub(crate) fn changed(
    found: &mut Difference,
    pairs: &Pairs<'_>,
    (was, old): (TypeId, FieldId),
    (id, field_id): (TypeId, FieldId),
) {
    let (before, after) = (pairs.old.ty(was).field(old), pairs.new.ty(id).field(field_id));
    let collection = &pairs.new.ty(id).collection;
    let name = format!("{collection}.{}", after.name);
    match (stored(before), stored(after)) {
        (true, true) => {}
        (false, false) => return,
        (false, true) => return added(found, pairs, id, field_id),
        (true, false) => {
            let step =
                Step::new(Change::DropField(id, old), format!("- column {name}: computed from now on"));
            let loses = format!("all values stored in {name}");
            return found.push(step.destructive(loses, Some(Count::Values(was, old))));
        }
    }
    if (before.kind == FieldKind::Counter) != (after.kind == FieldKind::Counter) {
        let reason = "a column cannot begin or cease to be counted in place";
        return found.refuse(format!("~ column {name}"), reason);
    }
    if (before.kind == FieldKind::Generated) != (after.kind == FieldKind::Generated) {
        let reason = "a column cannot begin or cease to be calculated by the database in place";
        return found.refuse(format!("~ column {name}"), reason);
    }
    renamed(found, pairs, (was, old), (id, field_id));
    converted(found, pairs, (was, old), (id, field_id));
    nullable(found, pairs, (was, old), (id, field_id));
    if narrower(pairs.old, pairs.new, before, after) {
        let text = format!("~ column {name}: values checked ({})", kind_name(pairs.new, after));
        found.step(Change::Narrow(id, field_id), text);
    }
    if default_text(before) != default_text(after) {
        found.notes.push(format!("~ default of {name}"));
    }
}

fn renamed(
    found: &mut Difference,
    pairs: &Pairs<'_>,
    (was, old): (TypeId, FieldId),
    (id, field_id): (TypeId, FieldId),
) {
    let (table, ty) = (pairs.old.ty(was), pairs.new.ty(id));
    let (before, after) = (table.field(old), ty.field(field_id));
    if before.column == after.column {
        if before.name != after.name {
            found.notes.push(format!("~ field {}.{} is named {}", ty.collection, before.name, after.name));
        }
        return;
    }
    let text = format!("~ column {}.{} is named {}", ty.collection, before.column, after.column);
    let taken = table.fields.iter().any(|f| stored(f) && f.column.eq_ignore_ascii_case(&after.column));
    if taken && !before.column.eq_ignore_ascii_case(&after.column) {
        return found.refuse(text, TAKEN);
    }
    found.push(Step::new(Change::RenameField(id, old, field_id), text));
}

fn converted(
    found: &mut Difference,
    pairs: &Pairs<'_>,
    (was, old): (TypeId, FieldId),
    (id, field_id): (TypeId, FieldId),
) {
    let (table, ty) = (pairs.old.ty(was), pairs.new.ty(id));
    let (before, after) = (table.field(old), ty.field(field_id));
    let name = format!("{}.{}", ty.collection, after.name);
    let text = format!("~ column {name}: {} → {}", kind_name(pairs.old, before), kind_name(pairs.new, after));
    let mut kind = verdict(before, after);
    if kind == Verdict::Same && room(pairs.old, table, old) != room(pairs.new, ty, field_id) {
        kind = Verdict::Fit;
    }
    let key = ty.key.contains(&field_id);
    let counts = |k: Kind| matches!(k, Kind::Int | Kind::BigInt);
    if key
        && !matches!(kind, Verdict::Same | Verdict::Fit)
        && !(counts(before.scalar.kind) && counts(after.scalar.kind))
    {
        let reason = "the type of a key cannot change in place; make a new type and copy the rows";
        return found.refuse(text, reason);
    }
    let change = || Change::Convert(id, old, field_id);
    let values = Count::Values(was, old);
    match kind {
        Verdict::Same => {}
        Verdict::Fit => {
            let text = if before.scalar.kind == after.scalar.kind {
                format!("~ column {name}: room for its values")
            } else {
                text
            };
            found.step(Change::Fit(id, old, field_id), text);
        }
        Verdict::Convert => found.push(Step::new(change(), text).backfill(Some(values))),
        Verdict::Read => {
            let text = format!("{text} (fails if a value has no counterpart)");
            found.push(Step::new(change(), text).backfill(Some(values)));
        }
        Verdict::Lose(what) => {
            let loses = format!("{what} of {name}");
            found.push(Step::new(change(), text).destructive(loses, Some(values)));
        }
        Verdict::Refuse(reason) => found.refuse(text, reason),
    }
}

fn nullable(
    found: &mut Difference,
    pairs: &Pairs<'_>,
    (was, old): (TypeId, FieldId),
    (id, field_id): (TypeId, FieldId),
) {
    let ty = pairs.new.ty(id);
    let (before, after) = (pairs.old.ty(was).field(old), ty.field(field_id));
    let name = format!("{}.{}", ty.collection, after.name);
    if before.nullable == after.nullable || ty.key.contains(&field_id) {
        return;
    }
    if after.nullable {
        return found.push(Step::new(Change::Release(id, field_id), format!("~ column {name}: optional")));
    }
    let nulls = Count::Nulls(was, old);
    let change = Change::Require(id, field_id);
    let step = match filled(after) {
        Some(value) => {
            let text = format!("~ column {name}: required (rows without a value get {value})");
            Step::new(change, text).backfill(Some(nulls))
        }
        None => Step::new(change, format!("~ column {name}: required")).blocked_by(nulls),
    };
    found.push(step);
}

/// A default apart from where it stands in the file.
fn default_text(field: &Field) -> Option<String> {
    field.default.as_ref().map(|default| match default {
        Default::Value(value) => format!("{value:?}"),
        Default::Expr(rule) => rule.text.clone(),
    })
}

/// Whether some value that was allowed may not be any more, so that rows must be looked at.
fn narrower(old: &Schema, new: &Schema, was: &Field, is: &Field) -> bool {
    let values = |schema: &Schema, f: &Field| match f.scalar.kind {
        Kind::Enum(e) => Some(enum_values(schema, e).into_iter().map(str::to_owned).collect::<Vec<_>>()),
        _ => None,
    };
    let enums = match (values(old, was), values(new, is)) {
        (Some(before), Some(after)) => !before.iter().all(|v| after.contains(v)),
        (None, Some(_)) => true,
        (_, None) => false,
    };
    let kinds = was.scalar.kind != is.scalar.kind
        && matches!(is.scalar.kind, Kind::Email | Kind::Url | Kind::Decimal { .. });
    enums
        || kinds
        || (was.length != is.length && is.length.is_some())
        || (was.range != is.range && is.range.is_some())
        || (was.pattern != is.pattern && is.pattern.is_some())
}
