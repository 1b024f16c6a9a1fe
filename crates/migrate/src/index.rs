//! Uniques, indexes and the full-text index of a type before and after.

use bistro_schema::{FieldId, Type, TypeId};
use bistro_store::Change;

use crate::Difference;
use crate::pair::Pairs;
use crate::step::Step;

/// Compares what lies over the fields of a type.
pub(crate) fn compare(found: &mut Difference, pairs: &Pairs<'_>, was: TypeId, id: TypeId) {
    let (before, ty) = (pairs.old.ty(was), pairs.new.ty(id));
    let over = |sets: &[(&str, &[FieldId])]| -> Vec<(String, Option<Vec<FieldId>>)> {
        sets.iter().map(|(name, fields)| ((*name).to_owned(), pairs.old_fields(id, fields))).collect()
    };
    let uniques =
        |t: &'_ Type| t.uniques.iter().map(|u| (u.name.clone(), u.fields.clone())).collect::<Vec<_>>();
    let indexes =
        |t: &'_ Type| t.indexes.iter().map(|i| (i.name.clone(), i.fields.clone())).collect::<Vec<_>>();
    for (what, had, has) in
        [("unique", uniques(before), uniques(ty)), ("index", indexes(before), indexes(ty))]
    {
        let listed: Vec<(&str, &[FieldId])> = has.iter().map(|(n, f)| (n.as_str(), f.as_slice())).collect();
        for (n, (name, fields)) in over(&listed).into_iter().enumerate() {
            let same = had.iter().find(|(_, f)| Some(f) == fields.as_ref());
            let text = format!("{} ({})", ty.collection, list(ty, &has[n].1));
            match same {
                Some((had, _)) if *had == name => {}
                Some((had, _)) => {
                    let change = Change::RenameIndex(id, had.clone(), name.clone());
                    found.push(Step::new(change, format!("~ {what} {had} is named {name}")));
                }
                None if what == "unique" => found.step(Change::AddUnique(id, n), format!("+ unique {text}")),
                None => found.step(Change::AddIndex(id, n), format!("+ index {text}")),
            }
        }
        let kept: Vec<Vec<FieldId>> = over(&listed).into_iter().filter_map(|(_, f)| f).collect();
        for (name, _) in had.iter().filter(|(_, fields)| !kept.contains(fields)) {
            let change = Change::DropIndex(id, name.clone());
            found.step(change, format!("- {what} {} ({name})", ty.collection));
        }
    }
    search(found, before, id, ty);
}

/// The full-text index is made again when its columns, their names or the table's name are others.
fn search(found: &mut Difference, before: &Type, id: TypeId, ty: &Type) {
    let columns =
        |t: &Type| t.search_fields().into_iter().map(|f| t.field(f).column.clone()).collect::<Vec<_>>();
    let (had, has) = (columns(before), columns(ty));
    let renamed = before.collection != ty.collection && !(had.is_empty() && has.is_empty());
    if had != has || renamed {
        let text = format!("~ full-text index of {} ({})", ty.collection, list(ty, &ty.search_fields()));
        found.step(Change::RebuildSearch(id), text);
    }
}

fn list(ty: &Type, fields: &[FieldId]) -> String {
    fields.iter().map(|f| ty.field(*f).name.as_str()).collect::<Vec<_>>().join(", ")
}
