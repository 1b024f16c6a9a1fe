//! Inserts, updates and deletes, with uniques and foreign keys.

use bistro_ir::ParamId;
use bistro_schema::{FieldId, FieldKind, OnDelete, Relation, RelationKind, Schema, Type, TypeId, Value};
use bistro_store::store::Written;
use bistro_store::{Delete, Insert, StoreError, StoreErrorKind, Update};

use crate::compare::same;
use crate::data::{Data, Row, cell};

/// One row in.
pub(crate) fn insert(
    schema: &Schema,
    data: &mut Data,
    insert: &Insert,
    binds: &[Value],
) -> Result<Written, StoreError> {
    let ty = schema.ty(insert.ty);
    let mut row = Row::new();
    put(ty, &mut row, &insert.values, binds);
    for field in ty.fields.iter().filter(|f| f.kind == FieldKind::Counter) {
        let table = data.table(ty);
        match row.get(&field.name) {
            Some(Value::Int(given)) => table.counter = table.counter.max(*given),
            _ => {
                table.counter += 1;
                row.insert(field.name.clone(), Value::Int(table.counter));
            }
        }
    }
    required(insert.ty, ty, &row)?;
    unique(schema, data, insert.ty, &row, None)?;
    data.table(ty).rows.push(row.clone());
    parents(schema, data, ty, &row)?;
    Ok(Written { key: key(ty, &row), touched: true })
}

/// One row changed.
pub(crate) fn update(
    schema: &Schema,
    data: &mut Data,
    update: &Update,
    binds: &[Value],
) -> Result<Written, StoreError> {
    let ty = schema.ty(update.ty);
    let Some(at) = find(schema, data, update.ty, &update.key, binds) else { return Ok(Written::default()) };
    let before = data.table(ty).rows[at].clone();
    let mut row = before.clone();
    put(ty, &mut row, &update.set, binds);
    required(update.ty, ty, &row)?;
    unique(schema, data, update.ty, &row, Some(at))?;
    for field in ty.fields.iter().filter(|f| f.kind == FieldKind::Counter) {
        if let Value::Int(now) = cell(&row, field) {
            let table = data.table(ty);
            table.counter = table.counter.max(now);
        }
    }
    data.table(ty).rows[at] = row.clone();
    parents(schema, data, ty, &row)?;
    for (other, relation) in owners(schema, update.ty) {
        let refers = |child: &Row| {
            relation
                .pairs
                .iter()
                .all(|(near, far)| same(&cell(child, other.field(*near)), &cell(&before, ty.field(*far))))
        };
        let moved = relation
            .pairs
            .iter()
            .any(|(_, far)| !same(&cell(&before, ty.field(*far)), &cell(&row, ty.field(*far))));
        if moved && data.table(other).rows.iter().any(refers) {
            return Err(StoreError::new(StoreErrorKind::ForeignKey(None), relation.constraint.clone()));
        }
    }
    Ok(Written { key: Vec::new(), touched: true })
}

/// One row away, with what hangs on it.
pub(crate) fn delete(
    schema: &Schema,
    data: &mut Data,
    delete: &Delete,
    binds: &[Value],
) -> Result<Written, StoreError> {
    let Some(at) = find(schema, data, delete.ty, &delete.key, binds) else { return Ok(Written::default()) };
    remove(schema, data, delete.ty, at)?;
    Ok(Written { key: Vec::new(), touched: true })
}

fn remove(schema: &Schema, data: &mut Data, ty: TypeId, at: usize) -> Result<(), StoreError> {
    let t = schema.ty(ty);
    let gone = data.table(t).rows.remove(at);
    for (other, relation) in owners(schema, ty) {
        let refers = |row: &Row| {
            relation.pairs.iter().all(|(near, far)| {
                let value = cell(row, other.field(*near));
                !value.is_null() && same(&value, &cell(&gone, t.field(*far)))
            })
        };
        while let Some(child) = data.table(other).rows.iter().position(refers) {
            match relation.on_delete {
                OnDelete::Cascade => {
                    let id = schema.by_collection(&other.collection).unwrap_or(ty);
                    remove(schema, data, id, child)?;
                }
                OnDelete::SetNull => {
                    for (near, _) in &relation.pairs {
                        data.table(other).rows[child].insert(other.field(*near).name.clone(), Value::Null);
                    }
                }
                OnDelete::NoAction | OnDelete::Restrict => {
                    return Err(StoreError::new(
                        StoreErrorKind::ForeignKey(None),
                        relation.constraint.clone(),
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Every foreign key that leads to a type, with the type that owns it.
fn owners(schema: &Schema, ty: TypeId) -> Vec<(&Type, &Relation)> {
    let all = schema.types.iter().flat_map(|t| t.relations.iter().map(move |r| (t, r)));
    all.filter(|(_, r)| r.kind == RelationKind::ToOne && r.target == ty).collect()
}

fn put(ty: &Type, row: &mut Row, values: &[(FieldId, ParamId)], binds: &[Value]) {
    for (field, id) in values {
        row.insert(ty.field(*field).name.clone(), binds[id.0 as usize].clone());
    }
}

fn key(ty: &Type, row: &Row) -> Vec<Value> {
    ty.key.iter().map(|f| cell(row, ty.field(*f))).collect()
}

fn find(schema: &Schema, data: &Data, ty: TypeId, key: &[ParamId], binds: &[Value]) -> Option<usize> {
    let t = schema.ty(ty);
    let fits =
        |row: &Row| t.key.iter().zip(key).all(|(f, id)| same(&cell(row, t.field(*f)), &binds[id.0 as usize]));
    data.rows(schema, ty).iter().position(fits)
}

fn required(id: TypeId, ty: &Type, row: &Row) -> Result<(), StoreError> {
    let stored = ty.fields.iter().filter(|f| !matches!(f.kind, FieldKind::Computed(_)));
    match stored.filter(|f| !f.nullable).find(|f| cell(row, f).is_null()) {
        None => Ok(()),
        Some(f) => Err(StoreError::new(StoreErrorKind::NotNull { ty: id, field: f.name.clone() }, "null")),
    }
}

fn unique(schema: &Schema, data: &Data, ty: TypeId, row: &Row, at: Option<usize>) -> Result<(), StoreError> {
    let t = schema.ty(ty);
    let pkey = bistro_schema::names::constraint(&[&t.collection, "pkey"]);
    let sets = std::iter::once((&pkey, &t.key)).chain(t.uniques.iter().map(|u| (&u.name, &u.fields)));
    for (name, fields) in sets {
        let clash = |other: &Row| {
            fields.iter().all(|f| {
                let value = cell(row, t.field(*f));
                !value.is_null() && same(&value, &cell(other, t.field(*f)))
            })
        };
        let others = data.rows(schema, ty).iter().enumerate().filter(|(n, _)| Some(*n) != at);
        if !fields.is_empty() && others.map(|(_, r)| r).any(clash) {
            let constraint = name.clone();
            return Err(StoreError::new(
                StoreErrorKind::Unique { ty, constraint },
                "a row with this value exists",
            ));
        }
    }
    Ok(())
}

fn parents(schema: &Schema, data: &Data, ty: &Type, row: &Row) -> Result<(), StoreError> {
    for relation in ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne) {
        let target = schema.ty(relation.target);
        let values: Vec<Value> = relation.pairs.iter().map(|(near, _)| cell(row, ty.field(*near))).collect();
        if values.iter().any(Value::is_null) {
            continue;
        }
        let is_parent = |parent: &Row| {
            relation.pairs.iter().zip(&values).all(|((_, far), v)| same(&cell(parent, target.field(*far)), v))
        };
        if !data.rows(schema, relation.target).iter().any(is_parent) {
            return Err(StoreError::new(StoreErrorKind::ForeignKey(None), relation.constraint.clone()));
        }
    }
    Ok(())
}
