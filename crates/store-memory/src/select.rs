//! Selects: scan, filter, group, sort, cut, and push into the sink.

use std::cmp::Ordering;

use bistro_ir::{Aggregate, Bound, Operand, Order};
use bistro_schema::{FieldId, RelationId, RelationKind, Schema, TypeId, Value};
use bistro_store::{Output, Select, Sink, Summary};

use crate::aggregate::aggregate;
use crate::compare::{ordered, same};
use crate::data::{Row, cell};
use crate::eval::{Env, Scopes};

/// Runs a select over all rows of its type.
pub(crate) fn run<'e>(env: &Env<'e>, select: &Select, sink: &mut dyn Sink) -> Summary {
    let rows = env.data.rows(env.schema, select.ty).iter().collect();
    over(env, select, rows, sink)
}

/// Runs a select over some rows of its type.
fn over<'e>(env: &Env<'e>, select: &Select, rows: Vec<&'e Row>, sink: &mut dyn Sink) -> Summary {
    let keeps = |row: &&Row| env.truth(&vec![(select.ty, *row)], &select.filter) == Some(true);
    let rows: Vec<&'e Row> = rows.into_iter().filter(keeps).collect();
    let mut groups: Vec<Vec<&'e Row>> = if grouped(select) {
        group(env, select, rows)
    } else {
        rows.into_iter().map(|row| vec![row]).collect()
    };
    groups.sort_by(|a, b| order(env, select, a, b));
    let total = groups.len() as u64;
    let bound = |b: Bound| match b {
        Bound::Fixed(n) => n,
        Bound::Param(id) => match env.binds[id.0 as usize] {
            Value::Int(n) => n.max(0) as u64,
            _ => u64::MAX,
        },
    };
    let skip = select.offset.map_or(0, bound).min(total) as usize;
    let take = select.limit.map_or(u64::MAX, bound).min(total) as usize;
    let mut taken = 0;
    for rows in groups.iter().skip(skip).take(take) {
        taken += 1;
        if !emit(env, select, rows, sink) {
            break;
        }
    }
    Summary { rows: taken, total: select.total.then_some(total) }
}

fn grouped(select: &Select) -> bool {
    select.outputs.iter().any(|o| matches!(o, Output::Aggregate { .. }))
}

/// What makes rows one group: plain values, and the keys of to-one embeds.
fn group_key(env: &Env<'_>, select: &Select, row: &Row) -> Vec<Value> {
    let scopes: Scopes<'_> = vec![(select.ty, row)];
    // The row outlives the evaluation of its own key.
    let mut key = Vec::new();
    for output in &select.outputs {
        match output {
            Output::Value(operand, _) => key.push(value(env, &scopes, operand)),
            Output::Nested(nested) => {
                let open = value(env, &scopes, &Operand::Truth(Box::new(nested.when.clone())));
                let (t, open) = (env.schema.ty(select.ty), open == Value::Bool(true));
                let own = |near| if open { cell(row, t.field(near)) } else { Value::Null };
                key.extend(near(env.schema, select.ty, nested.relation).into_iter().map(own));
            }
            Output::Aggregate { .. } => {}
        }
    }
    key
}

/// The fields that a way starts from.
fn near(schema: &Schema, ty: TypeId, relation: RelationId) -> Vec<FieldId> {
    let relation = schema.ty(ty).relation(relation);
    match &relation.kind {
        RelationKind::ManyToMany(through) => {
            let pairs = &schema.ty(through.join).relation(through.near).pairs;
            pairs.iter().map(|(_, own)| *own).collect()
        }
        _ => relation.pairs.iter().map(|(near, _)| *near).collect(),
    }
}

fn value<'e>(env: &Env<'e>, scopes: &Scopes<'_>, operand: &Operand) -> Value {
    let shorter = Env { schema: env.schema, data: env.data, binds: env.binds, new: env.new };
    shorter.value(scopes, operand)
}

fn group<'e>(env: &Env<'e>, select: &Select, rows: Vec<&'e Row>) -> Vec<Vec<&'e Row>> {
    let mut groups: Vec<(Vec<Value>, Vec<&'e Row>)> = Vec::new();
    for row in rows {
        let key = group_key(env, select, row);
        let alike = |k: &[Value]| k.len() == key.len() && k.iter().zip(&key).all(|(a, b)| same(a, b));
        match groups.iter_mut().find(|(k, _)| alike(k)) {
            Some((_, members)) => members.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    // Aggregates over nothing are one row, unless something groups.
    let plain = select.outputs.iter().all(|o| matches!(o, Output::Aggregate { .. }));
    if groups.is_empty() && plain {
        return vec![Vec::new()];
    }
    groups.into_iter().map(|(_, members)| members).collect()
}

fn order(env: &Env<'_>, select: &Select, a: &[&Row], b: &[&Row]) -> Ordering {
    let (Some(a), Some(b)) = (a.first(), b.first()) else { return Ordering::Equal };
    let term = |o: &Order| {
        let of = |row: &Row| value(env, &vec![(select.ty, row)], &o.operand);
        ordered(&of(a), &of(b), o.descending, o.nulls_first)
    };
    select.order.iter().map(term).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

fn emit<'e>(env: &Env<'e>, select: &Select, rows: &[&'e Row], sink: &mut dyn Sink) -> bool {
    sink.begin_row();
    let scopes: Option<Scopes<'e>> = rows.first().map(|row| vec![(select.ty, *row)]);
    for (index, output) in select.outputs.iter().enumerate() {
        match output {
            Output::Value(operand, _) => {
                let value = scopes.as_ref().map_or(Value::Null, |s| env.value(s, operand));
                sink.value(index, value.borrow());
            }
            Output::Aggregate { function, operand } => {
                let values = operand.as_ref().map(|(operand, _)| {
                    rows.iter().map(|row| env.value(&vec![(select.ty, *row)], operand)).collect()
                });
                let made = aggregate(*function, rows.len(), values);
                sink.value(index, widen(*function, operand.as_ref().map(|(_, s)| *s), made).borrow());
            }
            Output::Nested(nested) => {
                sink.begin_nested(index);
                if let Some(row) = rows.first() {
                    let from = |f: FieldId| cell(row, env.schema.ty(select.ty).field(f));
                    let open = env.truth(&vec![(select.ty, *row)], &nested.when) == Some(true);
                    let related: Vec<(TypeId, &'e Row)> = match open {
                        true => env.related(select.ty, &from, nested.relation, &nested.link),
                        false => Vec::new(),
                    };
                    over(env, &nested.select, related.into_iter().map(|(_, r)| r).collect(), sink);
                }
                sink.end_nested(index);
            }
        }
    }
    sink.end_row()
}

/// A sum of BigInt is an exact number without a limit, whatever its size.
fn widen(function: Aggregate, scalar: Option<bistro_schema::Scalar>, value: Value) -> Value {
    let big = scalar.is_some_and(|s| s.kind == bistro_schema::Kind::BigInt);
    match value {
        Value::Int(sum) if big && function == Aggregate::Sum => {
            Value::Decimal(bistro_schema::Decimal { mantissa: i128::from(sum), scale: 0 })
        }
        value => value,
    }
}
