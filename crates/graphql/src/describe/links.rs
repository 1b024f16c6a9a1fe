//! Which rows these roles may link to others when they write.

use bistro_schema::{Action, FieldId, RelationId, RelationKind, SchemaView, TypeId, TypeKind};

use super::shown::Shown;

/// What a write may do with rows over a relation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) connect: bool,
    pub(super) create: bool,
    pub(super) disconnect: bool,
}

impl Links {
    pub(super) fn any(self) -> bool {
        self.connect || self.create || self.disconnect
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            connect: self.connect || other.connect,
            create: self.create || other.create,
            disconnect: self.disconnect || other.disconnect,
        }
    }
}

/// What a new row (`Create`) or a change (`Update`) of the type may do over the relation.
pub(super) fn links(
    view: &SchemaView,
    all: &[Shown],
    ty: TypeId,
    relation: RelationId,
    action: Action,
) -> Links {
    let schema = view.schema();
    let r = schema.ty(ty).relation(relation);
    let (own, target) = (&all[usize::from(ty.0)], &all[usize::from(r.target.0)]);
    let writes = if action == Action::Create { &own.create } else { &own.update };
    let update = action == Action::Update;
    match &r.kind {
        RelationKind::ToOne if r.pairs.iter().all(|(near, _)| writes.contains(near)) => {
            Links { connect: target.keyed(), create: !target.create.is_empty(), disconnect: false }
        }
        RelationKind::ToMany => {
            let far = |set: &[FieldId]| r.pairs.iter().all(|(_, far)| set.contains(far));
            let connect = target.keyed() && far(&target.update);
            let nullable = r.pairs.iter().all(|(_, far)| schema.ty(r.target).field(*far).nullable);
            Links { connect, create: far(&target.create), disconnect: update && connect && nullable }
        }
        RelationKind::ManyToMany(through) => {
            let connect = target.keyed() && may_join(view, all, through.join, [through.near, through.far]);
            let disconnect = update && target.keyed() && view.type_allows(through.join, Action::Delete);
            Links { connect, create: connect && !target.create.is_empty(), disconnect }
        }
        RelationKind::ToOne | RelationKind::ToOneInverse => Links::default(),
    }
}

/// Whether a link can be made: the join table is ours, or a model whose other fields need not be given.
fn may_join(view: &SchemaView, all: &[Shown], join: TypeId, ends: [RelationId; 2]) -> bool {
    let ty = view.schema().ty(join);
    if matches!(ty.kind, TypeKind::Join { .. }) {
        return view.type_allows(join, Action::Create);
    }
    let shown = &all[usize::from(join.0)];
    let linked =
        |f: FieldId| ends.iter().any(|end| ty.relation(*end).pairs.iter().any(|(near, _)| *near == f));
    ty.fields().all(|(f, _)| if linked(f) { shown.create.contains(&f) } else { !ty.requires(f) })
}
