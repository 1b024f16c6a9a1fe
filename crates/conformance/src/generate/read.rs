//! Reads: fields, embeds, aggregates, orders, pages.

use bistro_ir::{Aggregate, Bound, Embed, Expr, Item, Operand, Order, Read, Root};
use bistro_schema::{FieldKind, Kind, RelationId, RelationKind, Scalar, Schema, TypeId, Value};

use super::{Params, filter};
use crate::rng::Rng;

/// A read of some type.
pub(super) fn read(schema: &Schema, rng: &mut Rng, params: &mut Params) -> Read {
    let ty = TypeId(rng.below(schema.types.len()) as u16);
    if rng.once_in(6) {
        return grouped(schema, ty, rng, params);
    }
    let mut read = plain(schema, ty, rng, params, 2);
    read.total = rng.once_in(5);
    if rng.once_in(3) {
        let number = |rng: &mut Rng, params: &mut Params| {
            let n = Value::Int(rng.below(6) as i64);
            Some(Bound::Param(params.slot(Scalar::one(Kind::BigInt), n)))
        };
        read.limit = number(rng, params);
        read.offset = if rng.once_in(2) { number(rng, params) } else { None };
    }
    read
}

/// Fields and embeds, in an order that leaves no choice.
pub(super) fn plain(schema: &Schema, ty: TypeId, rng: &mut Rng, params: &mut Params, depth: usize) -> Read {
    let t = schema.ty(ty);
    let mut select: Vec<Item> = Vec::new();
    for (id, field) in t.fields().filter(|(_, f)| !f.hidden) {
        if t.key.contains(&id) || rng.once_in(2) {
            let operand = Operand::Field(Root::Scope(0), id);
            select.push(Item::Value { key: field.name.clone(), operand, cast: None });
        }
    }
    if depth > 0 {
        for (id, relation) in t.relations().filter(|(_, r)| r.declared) {
            if rng.once_in(3) {
                let read = if !relation.to_one() && rng.once_in(4) {
                    counted(schema, relation.target, rng, params)
                } else {
                    plain(schema, relation.target, rng, params, depth - 1)
                };
                select.push(embed(&relation.name, id, read));
            }
        }
    }
    let filter = if rng.once_in(3) { Expr::TRUE } else { filter::filter(schema, ty, rng, params, 2) };
    Read { ty, select, filter, order: order(schema, ty, rng), limit: None, offset: None, total: false }
}

fn embed(key: &str, relation: RelationId, read: Read) -> Item {
    let (key, read) = (key.to_owned(), Box::new(read));
    Item::Embed(Embed {
        key,
        relation,
        read,
        when: Box::new(Expr::TRUE),
        link: Box::new(Expr::TRUE),
        spread: false,
    })
}

/// How many rows there are: one row, also over nothing.
fn counted(schema: &Schema, ty: TypeId, rng: &mut Rng, params: &mut Params) -> Read {
    let count =
        Item::Aggregate { key: "count".into(), function: Aggregate::Count, operand: None, cast: None };
    let filter = if rng.once_in(2) { Expr::TRUE } else { filter::filter(schema, ty, rng, params, 1) };
    Read { ty, select: vec![count], filter, order: vec![], limit: None, offset: None, total: false }
}

/// A term or none, and then the key.
fn order(schema: &Schema, ty: TypeId, rng: &mut Rng) -> Vec<Order> {
    let t = schema.ty(ty);
    let sortable = |k: Kind| !matches!(k, Kind::Json);
    let fields: Vec<_> =
        t.fields().filter(|(_, f)| sortable(f.scalar.kind) && !f.scalar.list).map(|(id, _)| id).collect();
    let first = if rng.once_in(2) { vec![*rng.pick(&fields)] } else { Vec::new() };
    let term = |id, rng: &mut Rng| Order {
        operand: Operand::Field(Root::Scope(0), id),
        descending: rng.once_in(2),
        nulls_first: rng.once_in(2),
    };
    first.into_iter().chain(t.key.iter().copied()).map(|id| term(id, rng)).collect()
}

/// Groups and aggregates.
fn grouped(schema: &Schema, ty: TypeId, rng: &mut Rng, params: &mut Params) -> Read {
    let t = schema.ty(ty);
    let groups: Vec<_> = t
        .fields()
        .filter(|(_, f)| {
            matches!(f.scalar.kind, Kind::Boolean | Kind::Enum(_) | Kind::Int) && f.kind == FieldKind::Stored
        })
        .map(|(id, _)| id)
        .collect();
    let by = if groups.is_empty() || rng.once_in(2) { None } else { Some(*rng.pick(&groups)) };
    let operand = |id| Operand::Field(Root::Scope(0), id);
    let mut select: Vec<Item> = Vec::new();
    select.extend(by.map(|id| Item::Value { key: "by".to_owned(), operand: operand(id), cast: None }));
    let aggregate =
        |key: &str, function, of| Item::Aggregate { key: key.to_owned(), function, operand: of, cast: None };
    select.push(aggregate("count", Aggregate::Count, None));
    let exact = |k: Kind| matches!(k, Kind::Int | Kind::BigInt | Kind::Decimal { .. });
    for (id, field) in t.fields().filter(|(_, f)| exact(f.scalar.kind)) {
        if rng.once_in(2) {
            let function = *rng.pick(&[
                Aggregate::Sum,
                Aggregate::Avg,
                Aggregate::Min,
                Aggregate::Max,
                Aggregate::Count,
            ]);
            select.push(aggregate(&field.name, function, Some(operand(id))));
        }
    }
    let mut order: Vec<_> = by.into_iter().collect();
    let ways: Vec<_> = t.relations().filter(|(_, r)| r.kind == RelationKind::ToOne).collect();
    if !ways.is_empty() && rng.once_in(2) {
        let (id, way) = *rng.pick(&ways);
        select.push(embed(&way.name, id, plain(schema, way.target, rng, params, 0)));
        order.extend(way.pairs.iter().map(|(near, _)| *near));
    }
    let term = |id| Order { operand: operand(id), descending: false, nulls_first: true };
    let order = order.into_iter().map(term).collect();
    let filter = filter::filter(schema, ty, rng, params, 1);
    let limit = rng.once_in(3).then_some(Bound::Fixed(1));
    Read { ty, select, filter, order, limit, offset: None, total: rng.once_in(2) }
}
