//! Writes: inserts, upserts, updates, deletes, with what they return.

use bistro_ir::{Action, Body, Conflict, Expr, Write};
use bistro_schema::{Field, FieldId, FieldKind, Type, TypeId, Value};

use super::Maker;

impl Maker<'_> {
    /// A write to some type that takes writes, and its rows.
    pub(super) fn write(&mut self, filling: bool) -> (Body, Vec<Vec<Option<Value>>>) {
        // Some stores' full text does not see what the open transaction wrote.
        self.search &= self.able.fresh_words;
        let schema = self.schema;
        let writable: Vec<TypeId> = schema.types().filter(|(_, t)| t.writable()).map(|(id, _)| id).collect();
        let ty = *self.rng.pick(&writable);
        let (action, rows) = match self.rng.below(if filling { 3 } else { 6 }) {
            0..=2 => self.insert(schema.ty(ty)),
            3 | 4 => self.update(ty),
            _ => {
                let (one, two) = (self.filter(ty, 1), self.filter(ty, 0));
                (Action::Delete { filter: Expr::And(vec![one, two]) }, Vec::new())
            }
        };
        let returning = self.rng.once_in(2).then(|| {
            let mut read = self.plain(ty, 1);
            read.filter = Expr::TRUE;
            read
        });
        (Body::Write(Write { ty, action, returning }), rows)
    }

    fn insert(&mut self, t: &Type) -> (Action, Vec<Vec<Option<Value>>>) {
        // Keys are always given: the two sides would make different ones.
        let mut columns: Vec<FieldId> = Vec::new();
        for (id, field) in t.fields().filter(|(_, f)| stored(f)) {
            if t.key.contains(&id) || !field.nullable || self.rng.once_in(2) {
                columns.push(id);
            }
        }
        let count = if self.rng.once_in(10) { 12 } else { 1 + self.rng.below(2) };
        let rows = (0..count).map(|_| self.row(t, &columns)).collect();
        let conflict = self.rng.once_in(3).then(|| self.conflict(t, &columns));
        (Action::Insert { columns, conflict }, rows)
    }

    /// The key, or a unique field that is given.
    fn conflict(&mut self, t: &Type, columns: &[FieldId]) -> Conflict {
        let unique = t.uniques.iter().map(|u| u.fields.clone());
        let sets: Vec<_> =
            unique.filter(|set| set.iter().all(|f| columns.contains(f))).chain([t.key.clone()]).collect();
        Conflict { fields: self.rng.pick(&sets).clone(), merge: self.rng.once_in(2) }
    }

    fn update(&mut self, ty: TypeId) -> (Action, Vec<Vec<Option<Value>>>) {
        let schema = self.schema;
        let t = schema.ty(ty);
        let mut columns: Vec<FieldId> = Vec::new();
        for (id, _) in t.fields().filter(|(id, f)| stored(f) && !t.key.contains(id)) {
            if self.rng.once_in(3) {
                columns.push(id);
            }
        }
        let rows = vec![self.row(t, &columns)];
        (Action::Update { filter: self.filter(ty, 1), columns }, rows)
    }

    fn row(&mut self, t: &Type, columns: &[FieldId]) -> Vec<Option<Value>> {
        let cell = |maker: &mut Self, id: &FieldId| {
            let default = !t.key.contains(id) && maker.rng.once_in(12);
            (!default).then(|| maker.value(t.field(*id)))
        };
        columns.iter().map(|id| cell(self, id)).collect()
    }
}

fn stored(field: &Field) -> bool {
    !matches!(field.kind, FieldKind::Computed(_)) && !field.updated
}
