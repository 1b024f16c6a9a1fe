//! Writes: inserts, upserts, updates, deletes, with what they return.

use bistro_ir::{Action, Body, Conflict, Expr, Write};
use bistro_schema::{FieldId, FieldKind, Schema, TypeId, Value};

use super::{Params, filter, read, value};
use crate::rng::Rng;

/// A write to some type that takes writes, and its rows.
pub(super) fn write(
    schema: &Schema,
    rng: &mut Rng,
    params: &mut Params,
    filling: bool,
) -> (Body, Vec<Vec<Option<Value>>>) {
    let writable: Vec<TypeId> = schema.types().filter(|(_, t)| t.writable()).map(|(id, _)| id).collect();
    let ty = *rng.pick(&writable);
    let t = schema.ty(ty);
    let stored = |f: &bistro_schema::Field| !matches!(f.kind, FieldKind::Computed(_)) && !f.updated;
    let keys = &t.key;
    let row = |columns: &[FieldId], rng: &mut Rng| -> Vec<Option<Value>> {
        columns.iter().map(|c| Some(value::value(schema, t.field(*c), rng))).collect()
    };
    let (action, rows) = match rng.below(if filling { 3 } else { 6 }) {
        0..=2 => {
            // Keys are always given: the two sides would make different ones.
            let columns: Vec<FieldId> = t
                .fields()
                .filter(|(id, f)| stored(f) && (keys.contains(id) || !f.nullable || rng.once_in(2)))
                .map(|(id, _)| id)
                .collect();
            let rows = (0..1 + rng.below(2)).map(|_| row(&columns, rng)).collect();
            let conflict = rng.once_in(3).then(|| Conflict { fields: keys.clone(), merge: rng.once_in(2) });
            (Action::Insert { columns, conflict }, rows)
        }
        3 | 4 => {
            let columns: Vec<FieldId> = t
                .fields()
                .filter(|(id, f)| stored(f) && !keys.contains(id) && rng.once_in(3))
                .map(|(id, _)| id)
                .collect();
            let rows = vec![row(&columns, rng)];
            (Action::Update { filter: filter::filter(schema, ty, rng, params, 1), columns }, rows)
        }
        _ => {
            let one = filter::filter(schema, ty, rng, params, 1);
            let two = filter::filter(schema, ty, rng, params, 0);
            (Action::Delete { filter: Expr::And(vec![one, two]) }, Vec::new())
        }
    };
    let returning = rng.once_in(2).then(|| {
        let mut read = read::plain(schema, ty, rng, params, 1);
        read.filter = Expr::TRUE;
        read
    });
    (Body::Write(Write { ty, action, returning }), rows)
}
