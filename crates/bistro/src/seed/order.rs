//! The order of writing: a row comes after the rows that it refers to. Where types or rows refer to each other in a
//! circle, an optional relation is written empty first and filled in at the end.

use std::collections::HashMap;

use bistro_schema::{FieldId, Relation, RelationKind, Schema, TypeId, text};

use super::place::Mistake;
use super::read::{Seeds, Table};
use super::row::Row;
use crate::error::Failure;

/// Seeds in the order in which they can be written.
#[derive(Debug)]
pub(super) struct Ordered {
    /// The rows.
    pub(super) seeds: Seeds,
    /// Fields that are written empty first and filled in at the end, by type.
    pub(super) later: HashMap<TypeId, Vec<FieldId>>,
}

/// Checks every row's values and decides the order.
pub(super) fn decide(schema: &Schema, mut seeds: Seeds) -> Result<Ordered, Failure> {
    let mut later: HashMap<TypeId, Vec<FieldId>> = HashMap::new();
    seeds.tables = tables(schema, std::mem::take(&mut seeds.tables), &mut later)?;
    for at in 0..seeds.tables.len() {
        let ty = seeds.tables[at].ty;
        let links = links(schema, &seeds, at, &later)?;
        if links.iter().all(Vec::is_empty) {
            continue;
        }
        match sorted(&links) {
            Ok(order) => {
                let mut rows: Vec<Option<_>> =
                    std::mem::take(&mut seeds.tables[at].rows).into_iter().map(Some).collect();
                seeds.tables[at].rows = order.into_iter().filter_map(|n| rows[n].take()).collect();
            }
            Err(row) => {
                let fields: Vec<FieldId> = own(schema, ty).flat_map(|r| optional(schema, ty, r)).collect();
                if fields.is_empty() {
                    let place = seeds.tables[at].rows[row].place;
                    let message = "the row refers to itself in a circle of required relations";
                    return Err(Mistake::at(place.line, message).in_file(&seeds.files[place.file].name));
                }
                later.entry(ty).or_default().extend(fields);
            }
        }
    }
    Ok(Ordered { seeds, later })
}

/// The relations of a type that hold a foreign key to the type itself.
fn own(schema: &Schema, ty: TypeId) -> impl Iterator<Item = &Relation> {
    schema.ty(ty).relations.iter().filter(move |r| r.kind == RelationKind::ToOne && r.target == ty)
}

/// The fields of a foreign key that may be null.
fn optional(schema: &Schema, ty: TypeId, relation: &Relation) -> Vec<FieldId> {
    relation.pairs.iter().map(|(near, _)| *near).filter(|f| schema.ty(ty).field(*f).nullable).collect()
}

/// Tables, those referred to first.
fn tables(
    schema: &Schema,
    mut left: Vec<Table>,
    later: &mut HashMap<TypeId, Vec<FieldId>>,
) -> Result<Vec<Table>, Failure> {
    let mut done = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waiting: Vec<TypeId> = left.iter().map(|t| t.ty).collect();
        let needs = |ty: TypeId, later: &HashMap<TypeId, Vec<FieldId>>| {
            let put_off = later.get(&ty).cloned().unwrap_or_default();
            let relations =
                schema.ty(ty).relations.iter().filter(|r| r.kind == RelationKind::ToOne && r.target != ty);
            let open = relations.filter(|r| waiting.contains(&r.target));
            open.filter(|r| !r.pairs.iter().any(|(f, _)| put_off.contains(f)))
                .cloned()
                .collect::<Vec<Relation>>()
        };
        if let Some(next) = left.iter().position(|t| needs(t.ty, later).is_empty()) {
            done.push(left.remove(next));
            continue;
        }
        let circle = left.iter().find_map(|t| {
            let fields =
                needs(t.ty, later).iter().map(|r| optional(schema, t.ty, r)).find(|f| !f.is_empty())?;
            Some((t.ty, fields))
        });
        let Some((ty, fields)) = circle else {
            let names: Vec<&str> = waiting.iter().map(|t| schema.ty(*t).collection.as_str()).collect();
            let text = format!(
                "{} refer to each other by required relations; make one of them optional",
                names.join(", ")
            );
            return Err(Failure::Tables(text));
        };
        later.entry(ty).or_default().extend(fields);
    }
    Ok(done)
}

/// For each row of a table, the rows of the same table that it refers to. Reads every row, and so checks its values.
fn links(
    schema: &Schema,
    seeds: &Seeds,
    at: usize,
    later: &HashMap<TypeId, Vec<FieldId>>,
) -> Result<Vec<Vec<usize>>, Failure> {
    let table = &seeds.tables[at];
    let put_off = later.get(&table.ty).cloned().unwrap_or_default();
    let relations: Vec<&Relation> =
        own(schema, table.ty).filter(|r| !r.pairs.iter().any(|(f, _)| put_off.contains(f))).collect();
    let mut names: Vec<HashMap<Vec<u8>, usize>> = vec![HashMap::new(); relations.len()];
    let mut wanted: Vec<Vec<(usize, Vec<u8>)>> = Vec::new();
    for (n, raw) in table.rows.iter().enumerate() {
        let row = seeds.decode(schema, table.ty, raw)?;
        if relations.is_empty() {
            continue;
        }
        let mut wants = Vec::new();
        for (r, relation) in relations.iter().enumerate() {
            if let Some(name) = joined(&row, relation.pairs.iter().map(|(_, far)| *far)) {
                names[r].insert(name, n);
            }
            wants.extend(joined(&row, relation.pairs.iter().map(|(near, _)| *near)).map(|name| (r, name)));
        }
        wanted.push(wants);
    }
    let found = |n: usize, wants: Vec<(usize, Vec<u8>)>| -> Vec<usize> {
        let found = wants.into_iter().filter_map(|(r, name)| names[r].get(&name).copied());
        // A row may be its own parent.
        found.filter(|parent| *parent != n).collect()
    };
    Ok(wanted.into_iter().enumerate().map(|(n, wants)| found(n, wants)).collect())
}

/// The values of fields as one text; `None` if one is null or not given.
fn joined(row: &Row, fields: impl Iterator<Item = FieldId>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for field in fields {
        let value = row.value(field).filter(|v| !v.is_null())?;
        text::write_json(value.borrow(), &mut out);
        out.push(0);
    }
    Some(out)
}

/// Rows so that each comes after those that it refers to, otherwise in their old order; or a row in a circle.
fn sorted(links: &[Vec<usize>]) -> Result<Vec<usize>, usize> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; links.len()];
    let mut order = Vec::with_capacity(links.len());
    for start in 0..links.len() {
        let mut stack = vec![(start, 0)];
        while let Some((row, next)) = stack.pop() {
            if next == 0 {
                if marks[row] != Mark::New {
                    continue;
                }
                marks[row] = Mark::Open;
            }
            match links[row].get(next) {
                Some(parent) => {
                    stack.push((row, next + 1));
                    match marks[*parent] {
                        Mark::New => stack.push((*parent, 0)),
                        Mark::Open => return Err(*parent),
                        Mark::Done => {}
                    }
                }
                None => {
                    marks[row] = Mark::Done;
                    order.push(row);
                }
            }
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn parents_come_first_and_circles_are_found() {
        let check = |links: &[&[usize]], want: Result<&[usize], usize>| {
            let links: Vec<Vec<usize>> = links.iter().map(|l| l.to_vec()).collect();
            assert_eq!(sorted(&links), want.map(<[usize]>::to_vec), "{links:?}");
        };
        check(&[&[], &[], &[]], Ok(&[0, 1, 2]));
        check(&[&[2], &[], &[1]], Ok(&[1, 2, 0]));
        check(&[&[1, 2], &[2], &[]], Ok(&[2, 1, 0]));
        check(&[&[1], &[0]], Err(0));
    }
}
