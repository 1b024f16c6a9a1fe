//! What was what: types and fields of the schema before, as changes relate them to those of the next.

use bistro_schema::{Field, FieldId, Relation, RelationKind, Schema, Type, TypeId};
use bistro_store::Change;

use crate::ddl::column;
use crate::dialect::Dialect;

/// A foreign key before, with its type, and now.
pub(crate) type KeptForeign<'a> = ((&'a Type, &'a Relation), (TypeId, &'a Relation));

/// Two schemas and the changes between them.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) old: &'a Schema,
    pub(crate) next: &'a Schema,
    pub(crate) changes: &'a [Change],
}

impl<'a> Context<'a> {
    /// The type as the tables have it.
    pub(crate) fn before(&self, id: TypeId) -> Option<(TypeId, &'a Type)> {
        let renamed = self.changes.iter().find_map(|c| match c {
            Change::RenameType(old, new) if *new == id => Some(*old),
            _ => None,
        });
        let old = self.old;
        let created = self.changes.iter().any(|c| matches!(c, Change::CreateType(t) if *t == id));
        let found =
            renamed.or_else(|| old.by_collection(&self.next.ty(id).collection).filter(|_| !created))?;
        Some((found, old.ty(found)))
    }

    /// The field as the tables have it; none for one that is new.
    pub(crate) fn field_before(&self, id: TypeId, field: FieldId) -> Option<(FieldId, &'a Field)> {
        let (_, was) = self.before(id)?;
        let mut renamed = None;
        for change in self.changes {
            match change {
                Change::AddField(t, f) if *t == id && *f == field => return None,
                Change::AddRelation(t, r) if *t == id => {
                    let relation = self.next.ty(id).relation(*r);
                    if relation.pairs.iter().any(|(near, _)| *near == field) {
                        return None;
                    }
                }
                Change::RenameField(t, old, new) if *t == id && *new == field => renamed = Some(*old),
                _ => {}
            }
        }
        if let Some(old) = renamed {
            return Some((old, was.field(old)));
        }
        let column = &self.next.ty(id).field(field).column;
        was.fields().find(|(_, f)| column::stored(f) && f.column == *column)
    }

    /// What became of a field of the type that is `id` now.
    pub(crate) fn field_after(&self, id: TypeId, old: FieldId) -> Option<FieldId> {
        let ty = self.next.ty(id);
        let stored = ty.fields().filter(|(_, f)| column::stored(f));
        stored.map(|(f, _)| f).find(|f| self.field_before(id, *f).is_some_and(|(was, _)| was == old))
    }

    /// Fields as they were; `None` where one is new.
    pub(crate) fn fields_before(&self, id: TypeId, fields: &[FieldId]) -> Option<Vec<FieldId>> {
        fields.iter().map(|f| self.field_before(id, *f).map(|(old, _)| old)).collect()
    }

    /// Foreign keys that were there before and still are: the type and the relation before and now.
    pub(crate) fn kept_foreign(&self) -> Vec<KeptForeign<'a>> {
        let owned = |r: &&Relation| r.kind == RelationKind::ToOne && !r.pairs.is_empty();
        let next = self.next;
        let mut out = Vec::new();
        for (id, ty) in next.types().filter(|(_, t)| t.writable()) {
            let Some((_, was)) = self.before(id) else { continue };
            for relation in ty.relations.iter().filter(owned) {
                let near = relation.pairs.iter().map(|(near, _)| *near).collect::<Vec<_>>();
                let target = self.before(relation.target).map(|(t, _)| t);
                let (Some(near), Some(target)) = (self.fields_before(id, &near), target) else { continue };
                let same = |r: &&Relation| {
                    r.target == target && r.pairs.iter().map(|(n, _)| *n).eq(near.iter().copied())
                };
                let dropped = |r: &Relation| {
                    self.changes
                        .iter()
                        .any(|c| matches!(c, Change::DropForeign(t, n) if *t == id && *n == r.constraint))
                };
                let found = was.relations.iter().filter(owned).find(same).filter(|r| !dropped(r));
                out.extend(found.map(|r| ((was, r), (id, relation))));
            }
        }
        out
    }

    /// Whether the column of a field that was there gets another type.
    pub(crate) fn retyped(&self, id: TypeId, field: FieldId) -> bool {
        let (Some((_, was)), Some((_, before))) = (self.before(id), self.field_before(id, field)) else {
            return false;
        };
        let ty = self.next.ty(id);
        let before = column::column_type(self.dialect, self.old, was, before);
        before != column::column_type(self.dialect, self.next, ty, ty.field(field))
    }
}
