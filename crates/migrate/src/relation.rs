//! Foreign keys before and after.

use bistro_schema::{FieldId, OnDelete, Relation, RelationId, RelationKind, Type, TypeId};
use bistro_store::Change;

use crate::Difference;
use crate::pair::Pairs;
use crate::step::Step;

/// Compares the foreign keys of a type that have no new columns alone.
pub(crate) fn compare(found: &mut Difference, pairs: &Pairs<'_>, was: TypeId, id: TypeId) {
    let (before, ty) = (pairs.old.ty(was), pairs.new.ty(id));
    let owned = |r: &Relation| r.kind == RelationKind::ToOne && !r.pairs.is_empty();
    let mut kept = Vec::new();
    for (relation_id, relation) in ty.relations().filter(|(_, r)| owned(r)) {
        // A column that is new brings one of them, see `field::added`.
        if added_whole(pairs, id, relation_id) {
            continue;
        }
        let target = &pairs.new.ty(relation.target).collection;
        let text = format!("~ relation {}.{} → {target}", ty.collection, relation.name);
        let Some(old) = pairs.old_relation(id, relation_id) else {
            found
                .push(Step::new(Change::AddForeign(id, relation_id), format!("{text}: checked from now on")));
            continue;
        };
        let had = before.relation(old);
        if had.on_delete != relation.on_delete {
            let text = format!("{text}: on delete {}", word(relation.on_delete));
            found.push(Step::new(Change::AddForeign(id, relation_id), text));
            continue;
        }
        kept.push(old);
        if had.constraint != relation.constraint {
            let text = format!("~ constraint {} is named {}", had.constraint, relation.constraint);
            found.push(Step::new(Change::RenameForeign(id, had.constraint.clone(), relation_id), text));
        }
    }
    for (old, had) in before.relations().filter(|(_, r)| owned(r)) {
        if !kept.contains(&old) {
            let text = format!("- constraint {} of {}", had.constraint, ty.collection);
            found.push(Step::new(Change::DropForeign(id, had.constraint.clone()), text));
        }
    }
}

/// Whether a foreign key is added together with its column.
fn added_whole(pairs: &Pairs<'_>, id: TypeId, relation_id: RelationId) -> bool {
    let ty = pairs.new.ty(id);
    matches!(ty.relation(relation_id).pairs.as_slice(), [(near, _)]
        if pairs.old_field(id, *near).is_none() && brought(ty, *near) == Some(relation_id))
}

/// The relation that a new column brings: the first over it alone. Others over the same column follow it.
pub(crate) fn brought(ty: &Type, field: FieldId) -> Option<RelationId> {
    let over =
        |r: &Relation| r.kind == RelationKind::ToOne && matches!(r.pairs.as_slice(), [(f, _)] if *f == field);
    ty.relations().find(|(_, r)| over(r)).map(|(id, _)| id)
}

fn word(action: OnDelete) -> &'static str {
    match action {
        OnDelete::NoAction => "nothing, it is refused",
        OnDelete::Restrict => "restrict",
        OnDelete::Cascade => "cascade",
        OnDelete::SetNull => "set null",
    }
}
