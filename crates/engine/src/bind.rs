//! Values for the binds of a plan: the request's parameters, the caller, the clock, constants.

use bistro_ir::{AuthValue, Input, RequestValue};
use bistro_plan::Bind;
use bistro_schema::{Scalar, Schema, Value, literal};

use crate::context::Context;

/// Fills every bind that a request decides; cells and keys of written rows stay null until their row comes.
pub(crate) fn fill(schema: &Schema, cx: &Context, binds: &[Bind], input: &Input) -> Vec<Value> {
    binds.iter().map(|bind| one(schema, cx, bind, input)).collect()
}

fn one(schema: &Schema, cx: &Context, bind: &Bind, input: &Input) -> Value {
    match bind {
        Bind::Param(id) => input.params.get(id.0 as usize).cloned().unwrap_or(Value::Null),
        Bind::Literal(value) => value.clone(),
        Bind::Auth(what, scalar) => auth(schema, cx, what, *scalar),
        Bind::Now => Value::DateTime(cx.now),
        Bind::Request(RequestValue::Ip) => cx.caller.ip.map_or(Value::Null, |ip| Value::text(ip.to_string())),
        Bind::Request(RequestValue::Header(name)) => {
            let found = cx.headers.iter().find(|(n, _)| n == name);
            found.map_or(Value::Null, |(_, v)| Value::text(v.as_str()))
        }
        Bind::Cell(_) | Bind::Key(_) => Value::Null,
    }
}

/// A value of the caller, read as the scalar that it is compared with; null where it can't be.
pub(crate) fn auth(schema: &Schema, cx: &Context, what: &AuthValue, scalar: Scalar) -> Value {
    let caller = &cx.caller;
    let read = |text: &str| literal::parse(schema, scalar, text).unwrap_or(Value::Null);
    match what {
        AuthValue::Id if scalar.kind.is_uuid() => caller.id.map_or(Value::Null, Value::Uuid),
        AuthValue::Id => caller.id.map_or(Value::Null, |id| {
            let mut text = Vec::with_capacity(36);
            bistro_schema::text::write_plain(bistro_schema::ValueRef::Uuid(&id), &mut text);
            String::from_utf8(text).map_or(Value::Null, |t| read(&t))
        }),
        AuthValue::Role => read(caller.role),
        AuthValue::Roles => {
            Value::List(schema.role_names(caller.roles).into_iter().map(Value::text).collect())
        }
        AuthValue::Email => claim(caller, &["email"]).map_or(Value::Null, |t| read(&t)),
        AuthValue::Aal => claim(caller, &["aal"]).map_or(Value::Null, |t| read(&t)),
        AuthValue::Claim(path) => {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            claim(caller, &path).map_or(Value::Null, |t| read(&t))
        }
    }
}

/// The text of a claim: a string's characters, anything else's JSON; nothing where it is absent or null.
fn claim(caller: &bistro_ir::Caller, path: &[&str]) -> Option<String> {
    let claims: serde_json::Value = serde_json::from_str(&caller.claims).ok()?;
    let found = path.iter().try_fold(&claims, |at, step| at.get(step))?;
    match found {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
