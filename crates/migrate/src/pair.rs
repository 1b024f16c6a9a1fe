//! Which types, fields and relations of two schemas are the same thing.
//!
//! Tables: by name, then by `@was`, then by the type's own name. Columns alike, and at last by the column's name. A `@was`
//! of the schema before counts backwards, so that the way back finds the same pairs.

use bistro_schema::{Field, FieldId, RelationId, Schema, Type, TypeId, TypeKind, Was};

/// Whether a field before and a field now are the same.
type Same<'a> = &'a dyn Fn(&Field, &Field) -> bool;

/// The pairs of two schemas.
pub(crate) struct Pairs<'s> {
    pub(crate) old: &'s Schema,
    pub(crate) new: &'s Schema,
    types: Vec<Option<TypeId>>,
    fields: Vec<Vec<Option<FieldId>>>,
}

impl<'s> Pairs<'s> {
    pub(crate) fn new(old: &'s Schema, new: &'s Schema) -> Self {
        let mut pairs = Self { old, new, types: vec![None; new.types.len()], fields: Vec::new() };
        let join = |t: &Type| matches!(t.kind, TypeKind::Join { .. });
        pairs.types_by(|before, after| before.collection == after.collection);
        pairs
            .types_by(|before, after| !join(before) && !join(after) && renamed_type(old, new, before, after));
        pairs.types_by(|before, after| {
            !join(before)
                && !join(after)
                && before.name == after.name
                && before.writable() == after.writable()
        });
        pairs.joins();
        pairs.fields = (0..new.types.len()).map(|n| pairs.fields_of(TypeId(n as u16))).collect();
        pairs
    }

    /// Pairs what is not paired yet.
    fn types_by(&mut self, same: impl Fn(&Type, &Type) -> bool) {
        for (id, after) in self.new.types() {
            if self.types[id.0 as usize].is_none() {
                let free = |b: &TypeId| !self.types.contains(&Some(*b));
                let found = self.old.types().find(|(b, before)| free(b) && same(before, after));
                self.types[id.0 as usize] = found.map(|(b, _)| b);
            }
        }
    }

    /// Tables of links follow the lists that they belong to.
    fn joins(&mut self) {
        for (id, after) in self.new.types() {
            let TypeKind::Join { owner, relation } = after.kind else { continue };
            let (None, Some(was)) = (self.types[id.0 as usize], self.types[owner.0 as usize]) else {
                continue;
            };
            let list = &self.new.ty(owner).relation(relation).name;
            let found = self.old.types().find(|(b, before)| match before.kind {
                TypeKind::Join { owner: o, relation: r } => {
                    let named = &self.old.ty(o).relation(r).name;
                    let same = named == list
                        || was_called(&self.new.was, owner, list, named)
                        || was_called(&self.old.was, was, named, list);
                    o == was && same && !self.types.contains(&Some(*b))
                }
                _ => false,
            });
            self.types[id.0 as usize] = found.map(|(b, _)| b);
        }
    }

    fn fields_of(&self, id: TypeId) -> Vec<Option<FieldId>> {
        let after = self.new.ty(id);
        let mut found: Vec<Option<FieldId>> = vec![None; after.fields.len()];
        let Some(was) = self.old_type(id) else { return found };
        let before = self.old.ty(was);
        if matches!(after.kind, TypeKind::Join { .. }) {
            // Both have the columns of the near side first.
            return if before.fields.len() == after.fields.len() {
                before.fields().map(|(f, _)| Some(f)).collect()
            } else {
                found
            };
        }
        let called = |f: &Field, name: &str| f.name == name || f.alias.as_deref() == Some(name);
        let mentions = |all: &[Was], ty: TypeId, now: &Field, then: &Field| {
            all.iter().any(|w| w.ty == ty && w.field.as_ref() == Some(&now.name) && called(then, &w.name))
        };
        let ways: [Same<'_>; 3] = [
            &|b, a| b.name == a.name,
            &|b, a| mentions(&self.new.was, id, a, b) || mentions(&self.old.was, was, b, a),
            &|b, a| b.column == a.column && b.alias.is_some() == a.alias.is_some(),
        ];
        for same in ways {
            for (n, field) in after.fields.iter().enumerate() {
                if found[n].is_none() {
                    let free = |b: &FieldId| !found.contains(&Some(*b));
                    found[n] = before.fields().find(|(b, f)| free(b) && same(f, field)).map(|(b, _)| b);
                }
            }
        }
        found
    }

    /// What a type of the new schema was.
    pub(crate) fn old_type(&self, id: TypeId) -> Option<TypeId> {
        self.types[id.0 as usize]
    }

    /// What became of a type of the old schema.
    pub(crate) fn new_type(&self, id: TypeId) -> Option<TypeId> {
        self.types.iter().position(|t| *t == Some(id)).map(|n| TypeId(n as u16))
    }

    /// What a field was.
    pub(crate) fn old_field(&self, ty: TypeId, field: FieldId) -> Option<FieldId> {
        self.fields[ty.0 as usize][field.0 as usize]
    }

    /// What became of a field of the type that is `ty` now.
    pub(crate) fn new_field(&self, ty: TypeId, old: FieldId) -> Option<FieldId> {
        self.fields[ty.0 as usize].iter().position(|f| *f == Some(old)).map(|n| FieldId(n as u16))
    }

    /// Fields of the new type as they were; `None` where one is new.
    pub(crate) fn old_fields(&self, ty: TypeId, fields: &[FieldId]) -> Option<Vec<FieldId>> {
        fields.iter().map(|f| self.old_field(ty, *f)).collect()
    }

    /// The foreign key over the same fields to the same type, as it was.
    pub(crate) fn old_relation(&self, ty: TypeId, relation: RelationId) -> Option<RelationId> {
        let was = self.old_type(ty)?;
        let of = self.new.ty(ty).relation(relation);
        let target = self.old_type(of.target)?;
        let pairs: Option<Vec<(FieldId, FieldId)>> = of
            .pairs
            .iter()
            .map(|(near, far)| Some((self.old_field(ty, *near)?, self.old_field(of.target, *far)?)))
            .collect();
        let pairs = pairs?;
        let mut all = self.old.ty(was).relations();
        all.find(|(_, r)| r.kind == of.kind && r.target == target && r.pairs == pairs).map(|(id, _)| id)
    }
}

fn renamed_type(old: &Schema, new: &Schema, before: &Type, after: &Type) -> bool {
    let mentions = |schema: &Schema, now: &Type, then: &Type| {
        schema
            .was
            .iter()
            .any(|w| w.field.is_none() && schema.ty(w.ty).name == now.name && w.name == then.name)
    };
    mentions(new, after, before) || mentions(old, before, after)
}

fn was_called(all: &[Was], ty: TypeId, now: &str, then: &str) -> bool {
    all.iter().any(|w| w.ty == ty && w.field.as_deref() == Some(now) && w.name == then)
}
