//! A request that works: which collection, as whom, with which body. What is shown was tried, and rolled back.

use std::sync::Arc;

use bistro_engine::{Context, Engine};
use bistro_ir::{Action, Body, Bound, Caller, Expr, Input, Item, Operand, Operation, Read, Root, Write};
use bistro_problem::Problem;
use bistro_schema::{FieldId, Kind, Roles, TypeId, Value, text};
use bistro_store::Collect;

use super::sample_body::{self, Filled};
use crate::account::account_type;
use crate::clock::now_us;

/// How many people are tried.
const PEOPLE: u64 = 3;

/// A request that works.
#[derive(Debug)]
pub(super) struct Sample {
    /// The collection.
    pub(super) collection: String,
    /// The key of the person in whose name it works.
    pub(super) person: Option<String>,
    /// What that person is called.
    pub(super) name: Option<String>,
    /// It takes the secret key.
    pub(super) as_service: bool,
    /// Whether strangers find rows in the collection.
    pub(super) list_alone: bool,
    /// The new row as JSON; `None` where nothing could be made.
    pub(super) body: Option<String>,
    /// The filter that finds the new row.
    pub(super) read_back: String,
}

/// Somebody who could ask.
struct Asker {
    caller: Caller,
    person: Option<String>,
    name: Option<String>,
}

/// Finds a request that works; `None` if the schema has nothing to list.
pub(super) async fn find(engine: &Arc<Engine>) -> Option<Sample> {
    let schema = Arc::clone(engine.schema());
    let mut askers = people(engine).await;
    askers.push(Asker { caller: Caller::anonymous(), person: None, name: None });
    askers.push(Asker { caller: Caller::service(), person: None, name: None });
    let mut candidates: Vec<TypeId> =
        schema.types().filter(|(_, t)| t.writable() && !t.key.is_empty()).map(|(id, _)| id).collect();
    candidates.sort_by_key(|id| rank(engine, *id));
    for asker in &askers {
        for ty in &candidates {
            for filled in sample_body::bodies(engine, *ty, &asker.caller).await {
                if works(engine, *ty, asker, &filled).await {
                    return Some(sample(engine, *ty, asker, Some(&filled)).await);
                }
            }
        }
    }
    let (asker, (ty, _)) = askers.first().zip(schema.types().next())?;
    Some(sample(engine, ty, asker, None).await)
}

/// Types with a text of their own and few relations are the plainest to show; accounts and join tables the least.
fn rank(engine: &Engine, id: TypeId) -> (bool, bool, usize) {
    let ty = engine.schema().ty(id);
    let plain = matches!(ty.kind, bistro_schema::TypeKind::Model);
    let text = ty.fields.iter().any(|f| f.scalar.kind == Kind::String && !f.nullable && f.default.is_none());
    (!plain, !text, ty.relations.iter().filter(|r| r.to_one()).count())
}

async fn sample(engine: &Arc<Engine>, ty: TypeId, asker: &Asker, filled: Option<&Filled>) -> Sample {
    let key = engine.schema().ty(ty).key.clone();
    Sample {
        collection: engine.schema().ty(ty).collection.clone(),
        person: asker.person.clone(),
        name: asker.name.clone(),
        as_service: asker.caller.roles == Roles::SERVICE,
        list_alone: !first_as(engine, Caller::anonymous(), ty, &key, 1).await.is_empty(),
        body: filled.map(|f| f.json.clone()),
        read_back: filled.map(|f| f.read_back.clone()).unwrap_or_default(),
    }
}

/// The first people among the accounts.
async fn people(engine: &Arc<Engine>) -> Vec<Asker> {
    let schema = Arc::clone(engine.schema());
    let Some(ty) = account_type(&schema) else { return Vec::new() };
    let t = schema.ty(ty);
    let name = t.fields().find(|(_, f)| f.name == "name" || f.name == "handle").map(|(id, _)| id);
    let fields: Vec<FieldId> = t.key.iter().copied().chain(name).collect();
    let rows = first(engine, ty, &fields, PEOPLE).await;
    let asker = |row: Vec<Value>| {
        let Some(Value::Uuid(id)) = row.first() else { return None };
        let shown = |value: &Value| {
            let mut out = Vec::new();
            text::write_plain(value.borrow(), &mut out);
            String::from_utf8(out).ok().filter(|text| !text.is_empty())
        };
        let person = row.first().and_then(shown);
        Some(Asker { caller: Caller::user(*id), person, name: row.get(1).and_then(shown) })
    };
    rows.into_iter().filter_map(asker).collect()
}

/// Values of the first rows of a type, as the service sees them; none if that fails, for this is only a help.
pub(super) async fn first(
    engine: &Arc<Engine>,
    ty: TypeId,
    fields: &[FieldId],
    most: u64,
) -> Vec<Vec<Value>> {
    first_as(engine, Caller::service(), ty, fields, most).await
}

/// The same as somebody sees them.
async fn first_as(
    engine: &Arc<Engine>,
    caller: Caller,
    ty: TypeId,
    fields: &[FieldId],
    most: u64,
) -> Vec<Vec<Value>> {
    let item = |field: &FieldId| {
        let operand = Operand::Field(Root::Scope(0), *field);
        Item::Value { key: engine.schema().ty(ty).field(*field).name.clone(), operand, cast: None }
    };
    let order = engine.schema().ty(ty).key.iter().map(|field| bistro_ir::Order {
        operand: Operand::Field(Root::Scope(0), *field),
        descending: false,
        nulls_first: false,
    });
    let read = Read {
        ty,
        select: fields.iter().map(item).collect(),
        filter: Expr::TRUE,
        order: order.collect(),
        limit: Some(Bound::Fixed(most)),
        offset: None,
        total: false,
    };
    let operation = Operation { body: Body::Read(read), params: Vec::new() };
    let Ok(ready) = engine.ready(caller.roles, &operation) else { return Vec::new() };
    let context = Context::new(caller, now_us());
    let done = engine.read(context, ready, Input::default(), Box::new(Collect::new())).await;
    let sink = done.ok().and_then(|(sink, _)| sink.into_any().downcast::<Collect>().ok());
    sink.map(|collect| collect.values()).unwrap_or_default()
}

/// Whether the asker may make the row and read it, tried in a transaction that is rolled back.
async fn works(engine: &Arc<Engine>, ty: TypeId, asker: &Asker, filled: &Filled) -> bool {
    let key = engine.schema().ty(ty).key.iter().map(|f| Item::Value {
        key: "key".into(),
        operand: Operand::Field(Root::Scope(0), *f),
        cast: None,
    });
    let returning = Read {
        ty,
        select: key.collect(),
        filter: Expr::TRUE,
        order: Vec::new(),
        limit: None,
        offset: None,
        total: false,
    };
    let action = Action::Insert { columns: filled.columns.clone(), conflict: None };
    let body = Body::Write(Write { ty, action, returning: Some(returning) });
    let operation = Operation { body, params: Vec::new() };
    let Ok(ready) = engine.ready(asker.caller.roles, &operation) else { return false };
    let input = Input { rows: vec![filled.values.clone()], ..Input::default() };
    let context = Context::new(asker.caller.clone(), now_us());
    let tried = engine.transact::<()>(
        context,
        Box::new(move |session| {
            Box::pin(async move {
                let outcome = session.run(&ready, &input, &mut Collect::new()).await?;
                // The error rolls the row back; its text says whether it was made.
                Err(Problem::bug(if outcome.rows == 1 { WORKED } else { "nothing was made" }))
            })
        }),
    );
    matches!(tried.await, Err(problem) if problem.cause.as_deref() == Some(WORKED))
}

const WORKED: &str = "tried";
