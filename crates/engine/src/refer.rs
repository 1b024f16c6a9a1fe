//! Which foreign key a store refused, found by looking: the words that clients match on need its name.

use bistro_ir::{Compare, Expr, Operand, ParamId, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, OnDelete, Relation, RelationKind, SchemaView, TypeId, Value};
use bistro_store::{
    BrokenReference, Collect, Cost, NewRow, Output, Prepared, Select, Statement, StoreError, Transaction,
};

use crate::problem::named;
use crate::values::plain;

type Prepare<'p> = dyn Fn(&Statement) -> Result<Prepared, StoreError> + Send + Sync + 'p;

/// The problem for the foreign key that the row (or, on delete, a row that refers to it) breaks.
pub(crate) async fn find(
    view: &SchemaView,
    prepare: &Prepare<'_>,
    tx: &mut dyn Transaction,
    ty: TypeId,
    cells: &[(FieldId, Value)],
    key: &[Value],
    deletes: bool,
) -> Option<Problem> {
    let schema = view.schema().clone();
    if deletes {
        return referring(view, prepare, tx, ty, key, true).await;
    }
    for relation in schema.ty(ty).relations.iter().filter(|r| r.kind == RelationKind::ToOne) {
        let value = |f: &FieldId| cells.iter().find(|(id, _)| id == f).map(|(_, v)| v.clone());
        let values: Option<Vec<Value>> = relation.pairs.iter().map(|(near, _)| value(near)).collect();
        let Some(values) = values.filter(|v| !v.iter().any(Value::is_null)) else { continue };
        let far: Vec<FieldId> = relation.pairs.iter().map(|(_, far)| *far).collect();
        if !exists(prepare, tx, relation.target, &far, &values).await? {
            return Some(missing(view, ty, relation, &values));
        }
    }
    referring(view, prepare, tx, ty, key, false).await
}

/// The problem for the foreign key that the store named; `None` where the schema has no such constraint, or not all values
/// of it are known.
pub(crate) fn named_by_store(
    view: &SchemaView,
    ty: TypeId,
    broken: &BrokenReference,
    cells: &[(FieldId, Value)],
    key: &[Value],
) -> Option<Problem> {
    let schema = view.schema().clone();
    let is = |r: &&Relation| r.kind == RelationKind::ToOne && r.constraint == broken.constraint;
    if !broken.still_referenced {
        let relation = schema.ty(ty).relations.iter().find(is)?;
        let value = |f: &FieldId| cells.iter().find(|(id, _)| id == f).map(|(_, v)| v.clone());
        let values: Option<Vec<Value>> = relation.pairs.iter().map(|(near, _)| value(near)).collect();
        return Some(missing(view, ty, relation, &values?));
    }
    let t = schema.ty(ty);
    let (other, relation) =
        schema.types().find_map(|(id, o)| o.relations.iter().find(is).map(|relation| (id, relation)))?;
    let part = |far: &FieldId| t.key.iter().position(|k| k == far).and_then(|n| key.get(n).cloned());
    let values: Option<Vec<Value>> = relation.pairs.iter().map(|(_, far)| part(far)).collect();
    Some(still_referenced(view, ty, other, relation, &values?))
}

/// A row refers to one that is not there.
fn missing(view: &SchemaView, ty: TypeId, relation: &Relation, values: &[Value]) -> Problem {
    let t = view.schema().ty(ty);
    let near: Vec<FieldId> = relation.pairs.iter().map(|(near, _)| *near).collect();
    if !named(view, ty, &near) {
        let message = format!("insert or update on table \"{}\" violates a foreign key", t.collection);
        return Problem::new(Code::ForeignKey, message);
    }
    let message = format!(
        "insert or update on table \"{}\" violates foreign key constraint \"{}\"",
        t.collection, relation.constraint
    );
    let names: Vec<&str> = relation.pairs.iter().map(|(near, _)| t.field(*near).name.as_str()).collect();
    let values: Vec<String> = values.iter().map(plain).collect();
    let problem = Problem::new(Code::ForeignKey, message);
    // The values may be defaults, which not everybody who gives others may read.
    let shown = near.iter().all(|f| view.field_allows(ty, *f, bistro_schema::Action::Read));
    if !shown || !view.type_exists(relation.target) {
        return problem;
    }
    let target = &view.schema().ty(relation.target).collection;
    let details =
        format!("Key ({})=({}) is not present in table \"{target}\".", names.join(", "), values.join(", "));
    problem.details(details)
}

/// A row is still referred to. A row that goes takes some of those that refer to it along; one whose key changes does not.
async fn referring(
    view: &SchemaView,
    prepare: &Prepare<'_>,
    tx: &mut dyn Transaction,
    ty: TypeId,
    key: &[Value],
    deletes: bool,
) -> Option<Problem> {
    let schema = view.schema().clone();
    let t = schema.ty(ty);
    for (other, o) in schema.types() {
        for relation in o.relations.iter().filter(|r| r.kind == RelationKind::ToOne && r.target == ty) {
            if deletes && !matches!(relation.on_delete, OnDelete::NoAction | OnDelete::Restrict) {
                continue;
            }
            let part = |far: &FieldId| t.key.iter().position(|k| k == far).and_then(|n| key.get(n).cloned());
            let values: Option<Vec<Value>> = relation.pairs.iter().map(|(_, far)| part(far)).collect();
            let near: Vec<FieldId> = relation.pairs.iter().map(|(near, _)| *near).collect();
            let Some(values) = values else { continue };
            if exists(prepare, tx, other, &near, &values).await? {
                return Some(still_referenced(view, ty, other, relation, &values));
            }
        }
    }
    None
}

fn still_referenced(
    view: &SchemaView,
    ty: TypeId,
    other: TypeId,
    relation: &Relation,
    values: &[Value],
) -> Problem {
    let t = view.schema().ty(ty);
    let near: Vec<FieldId> = relation.pairs.iter().map(|(near, _)| *near).collect();
    if !view.type_exists(other) || !named(view, other, &near) {
        return Problem::new(
            Code::ForeignKey,
            format!("update or delete on table \"{}\" violates a foreign key", t.collection),
        );
    }
    let o = &view.schema().ty(other).collection;
    let message = format!(
        "update or delete on table \"{}\" violates foreign key constraint \"{}\" on table \"{o}\"",
        t.collection, relation.constraint
    );
    let names: Vec<&str> = relation.pairs.iter().map(|(_, far)| t.field(*far).name.as_str()).collect();
    let values: Vec<String> = values.iter().map(plain).collect();
    let details =
        format!("Key ({})=({}) is still referenced from table \"{o}\".", names.join(", "), values.join(", "));
    Problem::new(Code::ForeignKey, message).details(details)
}

/// Whether a row has these values in these fields; `None` where the store fails.
async fn exists(
    prepare: &Prepare<'_>,
    tx: &mut dyn Transaction,
    ty: TypeId,
    fields: &[FieldId],
    values: &[Value],
) -> Option<bool> {
    let equals = |(n, f): (usize, &FieldId)| {
        Expr::Compare(Compare::Eq, Operand::Field(Root::Scope(0), *f), Operand::Param(ParamId(n as u16)))
    };
    let select = Select {
        ty,
        outputs: vec![Output::Aggregate { function: bistro_ir::Aggregate::Count, operand: None }],
        filter: Expr::all(fields.iter().enumerate().map(equals)),
        order: Vec::new(),
        limit: None,
        offset: None,
        total: false,
        new: NewRow::default(),
        lock: false,
        cost: Cost::Unbounded,
    };
    let prepared = prepare(&Statement::Select(select)).ok()?;
    let mut collect = Collect::new();
    tx.read(&prepared, values, &mut collect).await.ok()?;
    let count = collect.values().into_iter().flatten().next();
    Some(!matches!(count, None | Some(Value::Int(0))))
}
