//! Accounts, as far as they are rows: looked for by `keys token`, made by its `--create`.

use std::sync::Arc;

use bistro_engine::{Context, Engine};
use bistro_ir::{
    Body, Bound, Caller, Compare, Expr, Input, Item, Operand, Operation, Param, ParamId, Read, Root,
};
use bistro_schema::{Roles, Schema, TypeId, TypeKind, Value, literal};
use bistro_store::Collect;

use crate::clock::now_us;
use crate::error::Failure;
use crate::seed;

/// The type whose rows are accounts, if its key is one field.
pub(crate) fn account_type(schema: &Schema) -> Option<TypeId> {
    let (id, _) = schema.types().find(|(_, t)| t.kind == TypeKind::Account && t.key.len() == 1)?;
    Some(id)
}

/// Looks for the account, or makes it with the fields of a JSON object. Answers a warning, or nothing.
pub(crate) async fn look_or_make(
    engine: &Arc<Engine>,
    sub: &str,
    create: Option<&str>,
) -> Result<String, Failure> {
    let schema = Arc::clone(engine.schema());
    let Some(ty) = account_type(&schema) else {
        return match create {
            Some(_) => Err(Failure::Usage("--create needs a type with @account in the schema".into())),
            None => Ok(String::new()),
        };
    };
    let (t, key) = (schema.ty(ty), schema.ty(ty).key[0]);
    let parsed = literal::parse(&schema, t.field(key).scalar, sub);
    let there = match &parsed {
        Ok(value) => exists(engine, ty, value.clone()).await?,
        Err(_) => false,
    };
    match (create, parsed) {
        (Some(_), _) if there => Ok(String::new()),
        (Some(fields), Ok(_)) => {
            let name = &t.field(key).name;
            seed::row(engine, ty, &with_key(fields, name, sub)?, "--create").await?;
            Ok(String::new())
        }
        (Some(_), Err(error)) => Err(Failure::Usage(format!("--sub: {}", error.message))),
        (None, Ok(_)) if there => Ok(String::new()),
        (None, _) => Ok(format!("{} has no row {sub}; --create '{{…}}' makes it", t.collection)),
    }
}

/// The object with the key as its first member.
fn with_key(fields: &str, name: &str, sub: &str) -> Result<String, Failure> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(fields).map_err(|error| {
            Failure::Usage(format!("--create takes a JSON object with the row's fields: {error}"))
        })?;
    let mut row = serde_json::Map::new();
    row.insert(name.to_owned(), sub.into());
    row.extend(object.into_iter().filter(|(member, _)| member != name));
    Ok(serde_json::Value::Object(row).to_string())
}

async fn exists(engine: &Arc<Engine>, ty: TypeId, key: Value) -> Result<bool, Failure> {
    let field = engine.schema().ty(ty).key[0];
    let own = Operand::Field(Root::Scope(0), field);
    let scalar = engine.schema().ty(ty).field(field).scalar;
    let read = Read {
        ty,
        select: vec![Item::Value { key: "key".into(), operand: own.clone(), cast: None }],
        filter: Expr::Compare(Compare::Eq, own, Operand::Param(ParamId(0))),
        order: Vec::new(),
        limit: Some(Bound::Fixed(1)),
        offset: None,
        total: false,
    };
    let operation = Operation { body: Body::Read(read), params: vec![Param { scalar }] };
    let ready = engine.ready(Roles::SERVICE, &operation)?;
    let input = Input { params: vec![key], ..Input::default() };
    let context = Context::new(Caller::service(), now_us());
    let (_, outcome) = engine.read(context, ready, input, Box::new(Collect::new())).await?;
    Ok(outcome.rows > 0)
}
