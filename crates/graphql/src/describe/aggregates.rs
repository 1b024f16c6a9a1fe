//! Counts, sums, averages, least and greatest values: over all rows that match, or by groups.

use apollo_compiler::ast::FieldDefinition;
use bistro_schema::{Field, FieldId, Kind, TypeId};

use super::build::Build;
use super::meaning::Meaning;
use super::nodes::{field, list, maybe, sure};

/// Describes what can be said of many rows of a type.
pub(super) fn aggregates(build: &mut Build<'_>, id: TypeId) {
    let name = build.ty(id).name.clone();
    let count = || field("count", sure("Int"), "How many rows.");
    let calculated = calculated(build, id);
    let mut members = vec![count()];
    members.extend(calculated.iter().cloned());
    let about = format!("What rows of `{}` amount to.", build.ty(id).collection);
    build.object(&format!("{name}Aggregate"), Meaning::Aggregate(id), &about, members);
    let by = grouped(build, id);
    if by.is_empty() {
        return;
    }
    let values: Vec<(String, String)> = (by.iter().map(|f| build.ty(id).field(*f)))
        .map(|f| (f.name.clone(), f.description.clone().unwrap_or_default()))
        .collect();
    let values = values.iter().map(|(name, about)| (name.as_str(), about.as_str()));
    build.enumeration(
        &format!("{name}Field"),
        Meaning::Fields(id),
        &format!("The fields of `{name}`."),
        values,
    );
    let key: Vec<FieldDefinition> = by.iter().map(|f| member(build, build.ty(id).field(*f), "")).collect();
    let key_name = format!("{name}GroupKey");
    let about = "The values in which the rows of a group agree; null where the field is not one of `by`.";
    build.object(&key_name, Meaning::GroupKey(id), about, key);
    let mut members = vec![field("key", sure(&key_name), "In what its rows agree."), count()];
    members.extend(calculated);
    build.object(&format!("{name}Group"), Meaning::Group(id), "Rows that agree in some fields.", members);
}

/// The fields by which rows can be grouped.
pub(super) fn grouped(build: &Build<'_>, id: TypeId) -> Vec<FieldId> {
    let ty = build.ty(id);
    let word = |f: &Field| !matches!(f.name.as_str(), "true" | "false" | "null");
    let fits = |f: &Field| word(f) && !f.scalar.list && !matches!(f.scalar.kind, Kind::Json | Kind::Bytes);
    build.shown(id).columns.iter().copied().filter(|f| fits(ty.field(*f))).collect()
}

/// The members `sum`, `avg`, `min` and `max`, as far as fields fit, and their types.
fn calculated(build: &mut Build<'_>, id: TypeId) -> Vec<FieldDefinition> {
    let (sum, avg) = (
        |k| if matches!(k, Kind::Int) { Kind::BigInt } else { k },
        |k| match k {
            Kind::Decimal { .. } => k,
            _ => Kind::Float,
        },
    );
    let same = |k| k;
    let parts: [(&str, &str, Meaning, Fits, &dyn Fn(Kind) -> Kind); 4] = [
        ("sum", "Sum", Meaning::Sum(id), Kind::is_number, &sum),
        ("avg", "Avg", Meaning::Avg(id), Kind::is_number, &avg),
        ("min", "Min", Meaning::Min(id), has_ends, &same),
        ("max", "Max", Meaning::Max(id), has_ends, &same),
    ];
    let mut out = Vec::new();
    for (called, end, means, fits, kind) in parts {
        let fields: Vec<FieldId> =
            build.shown(id).fields.iter().copied().filter(|f| suits(build, id, *f, fits)).collect();
        if fields.is_empty() {
            continue;
        }
        let type_name = format!("{}{end}", build.ty(id).name);
        let words = match called {
            "sum" => "The sum",
            "avg" => "The average",
            "min" => "The least value",
            _ => "The greatest value",
        };
        let ty = build.ty(id);
        let members = fields.iter().map(|f| ty.field(*f));
        let members = members.map(|f| field(&f.name, maybe(build.scalar(kind(f.scalar.kind))), "")).collect();
        build.object(&type_name, means, &format!("{words} of each field; null without rows."), members);
        out.push(field(called, sure(&type_name), &format!("{words} of each field.")));
    }
    out
}

type Fits = fn(Kind) -> bool;

fn suits(build: &Build<'_>, id: TypeId, f: FieldId, fits: Fits) -> bool {
    let scalar = build.ty(id).field(f).scalar;
    !scalar.list && fits(scalar.kind)
}

/// Whether a least and a greatest value mean anything.
fn has_ends(kind: Kind) -> bool {
    !matches!(kind, Kind::Json | Kind::Bytes | Kind::Boolean | Kind::Html)
}

/// A field's value where it may be absent.
pub(super) fn member(build: &mut Build<'_>, f: &Field, about: &str) -> FieldDefinition {
    let scalar = build.scalar(f.scalar.kind);
    field(&f.name, if f.scalar.list { list(scalar) } else { maybe(scalar) }, about)
}
