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

/// One thing that is calculated of each field that fits.
struct Calculation {
    member: &'static str,
    end: &'static str,
    words: &'static str,
    means: fn(TypeId) -> Meaning,
    fits: fn(Kind) -> bool,
    gives: fn(Kind) -> Kind,
}

const CALCULATIONS: [Calculation; 4] = [
    Calculation {
        member: "sum",
        end: "Sum",
        words: "The sum",
        means: Meaning::Sum,
        fits: Kind::is_number,
        gives: |kind| if kind == Kind::Int { Kind::BigInt } else { kind },
    },
    Calculation {
        member: "avg",
        end: "Avg",
        words: "The average",
        means: Meaning::Avg,
        fits: Kind::is_number,
        gives: |kind| if matches!(kind, Kind::Decimal { .. }) { kind } else { Kind::Float },
    },
    Calculation {
        member: "min",
        end: "Min",
        words: "The least value",
        means: Meaning::Min,
        fits: has_ends,
        gives: |kind| kind,
    },
    Calculation {
        member: "max",
        end: "Max",
        words: "The greatest value",
        means: Meaning::Max,
        fits: has_ends,
        gives: |kind| kind,
    },
];

/// Describes what is calculated, as far as fields fit; answers the members that give it.
fn calculated(build: &mut Build<'_>, id: TypeId) -> Vec<FieldDefinition> {
    let ty = build.ty(id);
    let mut out = Vec::new();
    for Calculation { member, end, words, means, fits, gives } in CALCULATIONS {
        let fields = build.shown(id).fields.clone();
        let fields =
            fields.into_iter().map(|f| ty.field(f)).filter(|f| !f.scalar.list && fits(f.scalar.kind));
        let members: Vec<FieldDefinition> =
            fields.map(|f| field(&f.name, maybe(build.scalar(gives(f.scalar.kind))), "")).collect();
        if members.is_empty() {
            continue;
        }
        let type_name = format!("{}{end}", ty.name);
        build.object(&type_name, means(id), &format!("{words} of each field; null without rows."), members);
        out.push(field(member, sure(&type_name), &format!("{words} of each field.")));
    }
    out
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
