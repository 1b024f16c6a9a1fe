//! Whether tables that somebody else keeps fit a schema.

use std::fmt;

use bistro_schema::{Field, FieldId, FieldKind, Kind, RelationKind, Schema, Type};
use bistro_store::Catalogue;
use bistro_store::catalogue::{Column, Nature, Table};

/// One thing that does not fit, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where: `posts`, or `posts.title`.
    pub place: String,
    /// What is wrong, and the mend.
    pub message: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// A schema over tables that somebody else keeps.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The schema, with what each column is declared as, for the store to convert by.
    pub schema: Schema,
    /// Constraints as the database calls them, and as the schema does.
    pub constraints: Vec<(String, String)>,
}

/// Holds a schema to the tables that are there.
///
/// # Errors
/// Everything that does not fit.
pub fn fit(schema: &Schema, catalogue: &Catalogue) -> Result<Fitted, Vec<Misfit>> {
    let mut fitted = schema.clone();
    let mut misfits = Vec::new();
    for ty in &mut fitted.types {
        let Some(table) = catalogue.table(&ty.collection) else {
            misfits.push(missing(ty, catalogue));
            continue;
        };
        if ty.writable() && table.view {
            say(&mut misfits, &ty.collection, format!("it is a view: write `type {} @view`", ty.name));
        }
        if ty.writable() && !table.view {
            key(ty, table, &mut misfits);
        }
        let (place, writable) = (ty.collection.clone(), ty.writable());
        for field in ty.fields.iter_mut().filter(|f| !matches!(f.kind, FieldKind::Computed(_))) {
            match table.column(&field.column) {
                Some(column) => {
                    column_fits(schema, &place, table, field, column, &mut misfits);
                    if writable && column.generated && field.kind != FieldKind::Generated {
                        let message = "the database calculates it: mark it with @generated".to_owned();
                        say(&mut misfits, &format!("{place}.{}", field.name), message);
                    }
                    field.declared = Some(column.declared.clone());
                }
                None => {
                    let names = table.columns.iter().map(|c| c.name.as_str());
                    let near = bistro_schema::names::nearest(&field.column, names);
                    let near = near.map_or(String::new(), |n| format!("; did you mean {n:?}?"));
                    say(
                        &mut misfits,
                        &format!("{place}.{}", field.name),
                        format!("there is no column {:?}{near}", field.column),
                    );
                }
            }
        }
        if ty.fields.iter().any(|f| f.search) {
            say(&mut misfits, &place, "@search needs an index of Bistro's own: remove it".to_owned());
        }
    }
    if !misfits.is_empty() {
        return Err(misfits);
    }
    let constraints = fitted.types.iter().flat_map(|ty| constraints(ty, catalogue)).collect();
    Ok(Fitted { schema: fitted, constraints })
}

/// The names of uniques and foreign keys, where the database has others.
fn constraints(ty: &Type, catalogue: &Catalogue) -> Vec<(String, String)> {
    let Some(table) = catalogue.table(&ty.collection) else { return Vec::new() };
    let same = |fields: &[FieldId], columns: &[String]| {
        fields.len() == columns.len()
            && fields.iter().all(|f| columns.iter().any(|c| *c == ty.field(*f).column))
    };
    let uniques = ty.uniques.iter().filter_map(|unique| {
        let set = table.uniques.iter().find(|set| same(&unique.fields, &set.columns))?;
        Some((set.name.clone(), unique.name.clone()))
    });
    let owned = ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne);
    let references = owned.filter_map(|relation| {
        let near: Vec<FieldId> = relation.pairs.iter().map(|(near, _)| *near).collect();
        let reference = table.references.iter().find(|r| same(&near, &r.columns))?;
        Some((reference.name.clone()?, relation.constraint.clone()))
    });
    uniques.chain(references).filter(|(there, here)| there != here).collect()
}

fn say(misfits: &mut Vec<Misfit>, place: &str, message: String) {
    misfits.push(Misfit { place: place.to_owned(), message });
}

fn missing(ty: &Type, catalogue: &Catalogue) -> Misfit {
    let names = catalogue.tables.iter().map(|t| t.name.as_str());
    let near = bistro_schema::names::nearest(&ty.collection, names);
    let near = near.map_or(String::new(), |n| format!("; did you mean `@model(name: {n:?})`?"));
    Misfit { place: ty.name.clone(), message: format!("there is no table {:?}{near}", ty.collection) }
}

/// A row must be found by its key alone.
fn key(ty: &Type, table: &Table, misfits: &mut Vec<Misfit>) {
    let columns: Vec<&str> = ty.key.iter().map(|f| ty.field(*f).column.as_str()).collect();
    let same =
        |set: &[String]| set.len() == columns.len() && set.iter().all(|c| columns.contains(&c.as_str()));
    if !same(&table.key) && !table.uniques.iter().any(|u| same(&u.columns)) {
        let message = format!("nothing makes ({}) unique there, so it cannot be the key", columns.join(", "));
        say(misfits, &ty.collection, message);
    }
}

fn column_fits(
    schema: &Schema,
    place: &str,
    table: &Table,
    field: &Field,
    column: &Column,
    misfits: &mut Vec<Misfit>,
) {
    let place = format!("{place}.{}", field.name);
    if !holds(schema, field, column) {
        let message = format!("the column is {}, which holds no {}", column.declared, word(schema, field));
        say(misfits, &place, message);
    }
    let in_key = table.key.contains(&column.name);
    if !field.nullable && column.nullable && !in_key && !table.view {
        let message = format!("the column may be null: write `{}: {}`", field.name, word(schema, field));
        say(misfits, &place, message);
    }
    if field.kind == FieldKind::Counter && !column.counted {
        let message = "the database does not count it up: write `@model(key: […])` instead of @id".to_owned();
        say(misfits, &place, message);
    }
}

/// Whether a column's values can be a field's, whoever made it.
pub fn holds(schema: &Schema, field: &Field, column: &Column) -> bool {
    column.list == field.scalar.list && nature_fits(schema, field.scalar.kind, column.nature.as_ref())
}

fn word(schema: &Schema, field: &Field) -> String {
    let word = match field.scalar.kind {
        Kind::Enum(id) => schema.enum_type(id).name.clone(),
        Kind::Decimal { .. } => "Decimal".to_owned(),
        Kind::Id => "ID".to_owned(),
        Kind::Uuid => "UUID".to_owned(),
        Kind::Json => "JSON".to_owned(),
        Kind::Url => "URL".to_owned(),
        kind => format!("{kind:?}"),
    };
    if field.scalar.list { format!("[{word}!]") } else { word }
}

/// Whether a column's values can be a field's. Where the database knows no more than text, the schema may know more.
fn nature_fits(schema: &Schema, kind: Kind, nature: Option<&Nature>) -> bool {
    let Some(nature) = nature else { return false };
    match (kind, nature) {
        (Kind::Enum(id), Nature::Enum { values, .. }) => {
            schema.enum_type(id).values.iter().all(|(v, _)| values.contains(v))
        }
        (_, Nature::Enum { .. }) => kind.is_text(),
        (kind, Nature::Kind(there)) => match there {
            Kind::String => kind.is_text(),
            Kind::Uuid | Kind::Id => kind.is_uuid(),
            Kind::Int | Kind::BigInt => matches!(kind, Kind::Int | Kind::BigInt),
            Kind::Decimal { .. } => matches!(kind, Kind::Decimal { .. }),
            there => *there == kind,
        },
    }
}
