//! Which indexes would help a select: what the filter pins, then what it orders or bounds by.

use bistro_ir::{Compare, Expr};
use bistro_schema::{FieldId, Kind, RelationKind, Schema, TypeId};
use bistro_store::{Output, Select};

use crate::cost::{pins, plain};

/// An index that a type does not have and that a select would use, as far as its shape tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The type.
    pub ty: TypeId,
    /// The fields, in order.
    pub fields: Vec<FieldId>,
}

/// The indexes that would help a select and what hangs on it, each once.
pub fn candidates(schema: &Schema, select: &Select) -> Vec<Candidate> {
    let mut found = Vec::new();
    collect(schema, select, &[], &mut found);
    found
}

/// `tied` are the fields that tie the rows to the enclosing row.
fn collect(schema: &Schema, select: &Select, tied: &[FieldId], found: &mut Vec<Candidate>) {
    if let Some(fields) = wanted(schema, select, tied) {
        let candidate = Candidate { ty: select.ty, fields };
        if !found.contains(&candidate) {
            found.push(candidate);
        }
    }
    for output in &select.outputs {
        let Output::Nested(nested) = output else { continue };
        let relation = schema.ty(select.ty).relation(nested.relation);
        let many = matches!(relation.kind, RelationKind::ManyToMany(_));
        let far: Vec<FieldId> =
            if many { Vec::new() } else { relation.pairs.iter().map(|(_, far)| *far).collect() };
        collect(schema, &nested.select, &far, found);
    }
}

fn wanted(schema: &Schema, select: &Select, tied: &[FieldId]) -> Option<Vec<FieldId>> {
    let ty = schema.ty(select.ty);
    if !ty.writable() {
        return None;
    }
    let mut fields: Vec<FieldId> = tied.to_vec();
    let mut pinned = Vec::new();
    pins(&select.filter, &mut pinned);
    fields.extend(pinned.into_iter().filter(|f| !tied.contains(f)));
    fields.dedup();
    let known = |set: &[FieldId]| {
        !set.is_empty() && set.len() <= fields.len() && set.iter().all(|f| fields.contains(f))
    };
    if known(&ty.key) || ty.uniques.iter().any(|u| known(&u.fields)) {
        return None;
    }
    let equal = fields.len();
    let next: Vec<FieldId> = match select.order.is_empty() {
        false => select.order.iter().map_while(|o| plain(&o.operand)).collect(),
        true => ranged(&select.filter).into_iter().take(1).collect(),
    };
    fields.extend(next.into_iter().filter(|f| !fields[..equal].contains(f)).collect::<Vec<_>>());
    // The key at the end of an order is what every index ends with anyway.
    while fields.len() > 1 && ty.key.as_slice() == [*fields.last()?] {
        fields.pop();
    }
    fields.truncate(4);
    let indexable = |f: &FieldId| {
        let scalar = ty.field(*f).scalar;
        !scalar.list && !matches!(scalar.kind, Kind::Json)
    };
    let served = |set: &[FieldId]| set.starts_with(&fields);
    let there = served(&ty.key)
        || ty.uniques.iter().any(|u| served(&u.fields))
        || ty.indexes.iter().any(|i| served(&i.fields));
    let only_relation = fields == tied;
    (!fields.is_empty() && fields.iter().all(indexable) && !there && !only_relation).then_some(fields)
}

/// Fields of the row that must lie on one side of a value.
fn ranged(filter: &Expr) -> Vec<FieldId> {
    match filter {
        Expr::And(parts) => parts.iter().flat_map(ranged).collect(),
        Expr::Compare(Compare::Lt | Compare::Le | Compare::Gt | Compare::Ge, a, b) => {
            plain(a).or_else(|| plain(b)).into_iter().collect()
        }
        Expr::In(a, _) | Expr::Like { operand: a, fold: false, .. } => plain(a).into_iter().collect(),
        _ => Vec::new(),
    }
}
