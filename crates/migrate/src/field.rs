//! One field: new, or before and after.

use bistro_schema::{Default, Field, FieldId, FieldKind, Kind, RelationKind, Schema, Type, TypeId};
use bistro_store::Change;

use crate::Difference;

/// A field that the tables do not have yet.
pub(crate) fn added(
    found: &mut Difference,
    new: &Schema,
    id: TypeId,
    ty: &Type,
    field_id: FieldId,
    field: &Field,
) {
    let text = format!("+ column {}.{} {}", ty.collection, field.name, kind_name(new, field));
    if matches!(field.kind, FieldKind::Computed(_)) {
        return found.notes.push(format!("+ computed {}.{}", ty.collection, field.name));
    }
    let owner = ty
        .relations()
        .find(|(_, r)| r.kind == RelationKind::ToOne && r.pairs.iter().any(|(f, _)| *f == field_id));
    if let Some((relation_id, relation)) = owner {
        if !field.nullable {
            return found.refuse(text, "existing rows have no related row; make the relation optional first");
        }
        // A relation over several columns is added once, with its first column.
        if relation.pairs.first().is_some_and(|(f, _)| *f == field_id) {
            found.step(Change::AddRelation(id, relation_id), text);
        }
        return;
    }
    let fills = match &field.default {
        Some(Default::Value(_)) => true,
        Some(Default::Expr(rule)) => field.scalar.kind == Kind::DateTime && rule.text.trim() == "now",
        None => field.updated,
    };
    if !field.nullable && !fills {
        let reason = "existing rows have no value for it; make it optional, or give it @default(value: …)";
        return found.refuse(text, reason);
    }
    found.step(Change::AddField(id, field_id), text);
}

/// A field that the tables have.
pub(crate) fn changed(
    found: &mut Difference,
    old: &Schema,
    new: &Schema,
    id: TypeId,
    ty: &Type,
    field_id: FieldId,
    (was, is): (&Field, &Field),
) {
    let name = format!("{}.{}", ty.collection, is.name);
    let stored = |f: &Field| !matches!(f.kind, FieldKind::Computed(_));
    if stored(was) != stored(is) || (was.kind == FieldKind::Counter) != (is.kind == FieldKind::Counter) {
        return found.refuse(
            format!("~ column {name}"),
            "a column cannot become computed or counted, or cease to be, in place",
        );
    }
    if was.column != is.column {
        return found.refuse(
            format!("~ column name of {name}"),
            "a rename is not additive; keep @column(name:) as it was",
        );
    }
    let same_storage = storage(was) == storage(is);
    if !same_storage {
        let text = format!("~ column {name}: {} → {}", kind_name(old, was), kind_name(new, is));
        return found.refuse(text, "the type of a column cannot change in place; add a new field and copy");
    }
    if was.nullable && !is.nullable {
        return found.refuse(
            format!("~ column {name}: required"),
            "rows may hold null; a required column needs a migration",
        );
    }
    if !was.nullable && is.nullable {
        return found.refuse(
            format!("~ column {name}: optional"),
            "the table requires the column; this needs a migration",
        );
    }
    if narrower(old, new, was, is) {
        found.step(
            Change::Narrow(id, field_id),
            format!("~ column {name}: values checked ({})", kind_name(new, is)),
        );
    }
    if default_text(was) != default_text(is) {
        found.notes.push(format!("~ default of {name}"));
    }
}

/// A default apart from where it stands in the file.
fn default_text(field: &Field) -> Option<String> {
    field.default.as_ref().map(|default| match default {
        Default::Value(value) => format!("{value:?}"),
        Default::Expr(rule) => rule.text.clone(),
    })
}

/// What decides how values are stored; kinds that store alike may be exchanged.
fn storage(field: &Field) -> (u8, bool, u8) {
    let (class, scale) = match field.scalar.kind {
        Kind::Id | Kind::Uuid => (0, 0),
        Kind::Int => (1, 0),
        Kind::BigInt => (2, 0),
        Kind::Float => (3, 0),
        Kind::Decimal { precision, scale, .. } => (if precision <= 18 { 4 } else { 5 }, scale),
        Kind::String | Kind::Email | Kind::Url | Kind::Html | Kind::Enum(_) => (6, 0),
        Kind::Boolean => (7, 0),
        Kind::Date => (8, 0),
        Kind::Time => (9, 0),
        Kind::DateTime => (10, 0),
        Kind::Json => (11, 0),
        Kind::Bytes => (12, 0),
    };
    (class, field.scalar.list, scale)
}

/// Whether some value that was allowed may not be any more, so that rows must be looked at.
fn narrower(old: &Schema, new: &Schema, was: &Field, is: &Field) -> bool {
    let values = |schema: &Schema, f: &Field| match f.scalar.kind {
        Kind::Enum(e) => Some(schema.enum_type(e).values.iter().map(|(v, _)| v.clone()).collect::<Vec<_>>()),
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

/// The kind as people write it.
fn kind_name(schema: &Schema, field: &Field) -> String {
    let list = if field.scalar.list { "[]" } else { "" };
    match field.scalar.kind {
        Kind::Enum(e) => format!("{}{list}", schema.enum_type(e).name),
        _ => field.scalar.postgres_name().to_owned(),
    }
}
