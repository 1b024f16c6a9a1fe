//! Rows as they are stored, read before they go.

use std::any::Any;
use std::sync::OnceLock;

use bistro_ir::{Bound, Compare, Expr, Operand, ParamId, Root};
use bistro_schema::{FieldId, FieldKind, Schema, Type, TypeId, Value, ValueRef};
use bistro_store::{Cost, NewRow, Output, Prepared, Select, Sink, Statement, Store, StoreError, Transaction};

use super::commit::size;
use super::record::{BYTES, ROWS};
use crate::engine::Engine;

/// The fields of a type that a row holds, in order.
pub(super) fn stored(ty: &Type) -> impl Iterator<Item = FieldId> {
    let holds = |kind: &FieldKind| !matches!(kind, FieldKind::Computed(_));
    ty.fields().filter(move |(_, field)| holds(&field.kind)).map(|(id, _)| id)
}

/// The key of a row of stored values.
pub(super) fn key_of(ty: &Type, row: &[Value]) -> Vec<Value> {
    let value = |key: &FieldId| stored(ty).position(|f| f == *key).and_then(|n| row.get(n)).cloned();
    ty.key.iter().map(|key| value(key).unwrap_or(Value::Null)).collect()
}

/// The stored values of the row with this key, however large it is.
pub(super) async fn read_row(
    engine: &Engine,
    tx: &mut dyn Transaction,
    ty: TypeId,
    key: &[Value],
) -> Result<Option<Vec<Value>>, StoreError> {
    let Some(of) = engine.feed().of(ty) else { return Ok(None) };
    let schema = engine.schema();
    let prepared = prepared(&of.row, engine.store.as_ref(), schema, (ty, &schema.ty(ty).key))?;
    Ok(read(tx, prepared, key).await?.0.into_iter().next())
}

/// Reads rows; whether these are all of them.
pub(super) async fn read(
    tx: &mut dyn Transaction,
    prepared: &Prepared,
    values: &[Value],
) -> Result<(Vec<Vec<Value>>, bool), StoreError> {
    let mut gather = Gather::default();
    tx.read(prepared, values, &mut gather).await?;
    Ok((gather.rows, !gather.full))
}

/// Keeps rows up to a number and a size.
#[derive(Default)]
struct Gather {
    rows: Vec<Vec<Value>>,
    bytes: usize,
    /// Whether there are more than it keeps.
    full: bool,
}

impl Sink for Gather {
    fn begin_row(&mut self) {
        self.rows.push(Vec::new());
    }

    fn value(&mut self, _: usize, value: ValueRef<'_>) {
        if let Some(row) = self.rows.last_mut() {
            row.push(value.to_owned());
        }
    }

    fn begin_nested(&mut self, _: usize) {}

    fn end_nested(&mut self, _: usize) {}

    fn end_row(&mut self) -> bool {
        self.bytes += self.rows.last().map_or(0, |row| size(row));
        self.full = self.rows.len() > ROWS || self.rows.len() > 1 && self.bytes > BYTES;
        !self.full
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

/// The select of stored rows by the values of some fields, made once.
pub(super) fn prepared<'p>(
    once: &'p OnceLock<Prepared>,
    store: &dyn Store,
    schema: &Schema,
    (ty, by): (TypeId, &[FieldId]),
) -> Result<&'p Prepared, StoreError> {
    if let Some(prepared) = once.get() {
        return Ok(prepared);
    }
    let field = |f: FieldId| Operand::Field(Root::Scope(0), f);
    let of = schema.ty(ty);
    let equals =
        |(n, f): (usize, &FieldId)| Expr::Compare(Compare::Eq, field(*f), Operand::Param(ParamId(n as u16)));
    let select = Select {
        ty,
        outputs: stored(of).map(|f| Output::Value(field(f), of.field(f).scalar)).collect(),
        filter: Expr::all(by.iter().enumerate().map(equals)),
        order: Vec::new(),
        limit: Some(Bound::Fixed(ROWS as u64 + 1)),
        offset: None,
        total: false,
        new: NewRow::default(),
        lock: false,
        cost: Cost::Unbounded,
    };
    let prepared = store.prepare(&Statement::Select(select))?;
    Ok(once.get_or_init(|| prepared))
}
