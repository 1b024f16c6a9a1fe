//! The other sides that the file does not declare: what REST embeds by the name of a table.

use bistro_schema::{OnDelete, Relation, RelationId, RelationKind, Span, Through, TypeId};

use crate::draft::{Draft, id};

/// Gives every relation without an inverse one, undeclared and named for the owning collection.
pub(crate) fn run(draft: &mut Draft) {
    for ty in (0..draft.schema.types.len()).map(|n| TypeId(id(n))) {
        for slot in (0..draft.schema.ty(ty).relations.len()).map(|n| RelationId(id(n))) {
            let relation = draft.schema.ty(ty).relation(slot);
            if relation.inverse.is_some() || !relation.declared {
                continue;
            }
            let target = relation.target;
            let Some(made) = other_side(draft, ty, relation) else { continue };
            let there = &mut draft.schema.types[target.0 as usize].relations;
            let back = RelationId(id(there.len()));
            there.push(Relation { inverse: Some(slot), ..made });
            draft.schema.types[ty.0 as usize].relations[slot.0 as usize].inverse = Some(back);
        }
    }
}

fn other_side(draft: &Draft, ty: TypeId, relation: &Relation) -> Option<Relation> {
    let owner = draft.schema.ty(ty);
    let (kind, pairs, constraint) = match &relation.kind {
        RelationKind::ToOne if relation.pairs.is_empty() => return None,
        RelationKind::ToOne => {
            let near: Vec<_> = relation.pairs.iter().map(|(near, _)| *near).collect();
            let unique = owner.unique_over(&near);
            let kind = if unique { RelationKind::ToOneInverse } else { RelationKind::ToMany };
            let pairs = relation.pairs.iter().map(|(near, far)| (*far, *near)).collect();
            (kind, pairs, relation.constraint.clone())
        }
        RelationKind::ManyToMany(through) if relation.target != ty => {
            let back = Through { join: through.join, near: through.far, far: through.near };
            let constraint = draft.schema.ty(back.join).relation(back.near).constraint.clone();
            (RelationKind::ManyToMany(back), Vec::new(), constraint)
        }
        RelationKind::ManyToMany(_) | RelationKind::ToMany | RelationKind::ToOneInverse => return None,
    };
    Some(Relation {
        name: owner.collection.clone(),
        declared: false,
        description: None,
        target: ty,
        kind,
        pairs,
        constraint,
        on_delete: if relation.to_one() { relation.on_delete } else { OnDelete::Cascade },
        inverse: None,
        // What the owner's field forbids, its other side forbids too.
        allows: relation.allows.clone(),
        span: Span::default(),
    })
}
