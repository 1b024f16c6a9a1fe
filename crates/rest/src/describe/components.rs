//! What the operations refer to: parameters, responses, headers, security, and the schemas.

use std::collections::HashSet;

use bistro_problem::Code;
use bistro_schema::{Kind, SchemaView, TypeId};
use serde_json::{Map, Value, json};

use super::component_key;
use super::example::example;
use super::paths::to;
use super::schemas::{Form, Names, row};

/// Statuses whose problems have a response of their own.
const STATUSES: [(u16, &str); 10] = [
    (300, "More than one relation fits; the details list them."),
    (400, "The request cannot be read, or a value or rule of the data refuses it."),
    (401, "A key or token is missing or not valid, or signing in may help."),
    (403, "A rule refuses."),
    (404, "No such collection or row for this caller."),
    (406, "None of the accepted media types can be made, or not exactly one row was found."),
    (409, "A row with this value exists, or a related row is missing or still needed."),
    (412, "The row has changed since its ETag was read."),
    (416, "The range cannot be satisfied."),
    (422, "The idempotency key was used with another body."),
];

/// How a filter begins: what follows the point depends on the column.
const FILTER: &str = "^(not\\.)?(eq|neq|gt|gte|lt|lte|like|ilike|match|imatch|in|is|isdistinct|cs|cd|ov|fts|plfts|phfts|wfts)\
    (\\([A-Za-z_]+\\))?\\.";

/// The components of the document.
pub(super) fn components(view: &SchemaView, names: &Names) -> Value {
    json!({
        "schemas": schemas(view, names),
        "parameters": parameters(view),
        "responses": responses(),
        "headers": headers(),
        "securitySchemes": {
            "apikey": {
                "type": "apiKey", "in": "header", "name": "apikey",
                "description": "A publishable key (anonymous) or the secret key of the project.",
            },
            "bearer": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "The token of a signed-in user, or a key.",
            },
        },
    })
}

fn schemas(view: &SchemaView, names: &Names) -> Value {
    let mut out = Map::new();
    for (id, _) in view.types() {
        let t = view.schema().ty(id);
        out.insert(names.row(id, Form::Read).into(), row(view, names, id, Form::Read));
        let makes = view.type_allows(id, bistro_schema::Action::Create);
        let changes = view.type_allows(id, bistro_schema::Action::Update);
        if makes && t.writable() {
            out.insert(names.row(id, Form::Create).into(), row(view, names, id, Form::Create));
        }
        if changes && t.writable() {
            out.insert(names.row(id, Form::Update).into(), row(view, names, id, Form::Update));
        }
    }
    for (n, e) in view.schema().enums.iter().enumerate().filter(|(n, _)| shows_enum(view, *n)) {
        let values: Vec<&str> = e.values.iter().map(|(name, _)| name.as_str()).collect();
        let mut text = e.description.clone().unwrap_or_default();
        for (name, description) in &e.values {
            if let Some(description) = description {
                text.push_str(&format!("\n- `{name}`: {description}"));
            }
        }
        let mut schema = json!({ "type": "string", "enum": values });
        if !text.is_empty() {
            schema["description"] = json!(text.trim_start());
        }
        out.insert(names.enum_name(n).into(), schema);
    }
    out.insert("Problem".into(), problem());
    out.insert("Batch".into(), batch());
    out.insert("BatchResults".into(), batch_results());
    Value::Object(out)
}

/// Takes out what nothing refers to: parameters of operations that these roles lack, and the like.
pub(super) fn prune(document: &mut Value) {
    loop {
        let mut used = HashSet::new();
        references(document, &mut used);
        let mut removed = false;
        for place in ["schemas", "parameters", "responses", "headers"] {
            let Some(entries) = document["components"][place].as_object_mut() else { continue };
            let before = entries.len();
            entries.retain(|name, _| used.contains(&format!("#/components/{place}/{name}")));
            removed |= entries.len() < before;
        }
        if !removed {
            return;
        }
    }
}

fn references(value: &Value, used: &mut HashSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                used.insert(reference.clone());
            }
            map.values().for_each(|value| references(value, used));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, used)),
        _ => {}
    }
}

/// Whether a field that the caller sees is of the enum.
fn shows_enum(view: &SchemaView, n: usize) -> bool {
    let of = |ty: TypeId| {
        let fields = view.schema().ty(ty).fields();
        fields.into_iter().any(|(f, field)| {
            matches!(field.scalar.kind, Kind::Enum(id) if usize::from(id.0) == n) && view.field_exists(ty, f)
        })
    };
    view.types().any(|(id, _)| of(id))
}

fn problem() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().take(3).map(|c| c.wire_text()).collect();
    json!({
        "type": "object",
        "description": "What went wrong, for programs (`code`) and for people.",
        "required": ["code", "message", "details", "hint"],
        "properties": {
            "code": { "type": "string", "description": "A stable code; /docs/errors lists them.", "examples": codes },
            "message": { "type": "string", "description": "What is wrong." },
            "details": { "type": ["string", "array", "object", "null"], "items": {}, "description": "More of it." },
            "hint": { "type": ["string", "null"], "description": "What to do." },
            "type": { "type": "string", "format": "uri-reference", "description": "Where the code is explained." },
            "title": { "type": "string", "description": "The kind of failure." },
            "status": { "type": "integer", "description": "The HTTP status." },
            "detail": { "type": "string", "description": "The same as `message`." },
            "instance": { "type": "string", "description": "The id of the request in the server's log." },
            "index": { "type": "integer", "description": "The failing operation of a batch, from 0." },
            "pointer": { "type": "string", "description": "The place in the body, as a JSON pointer." },
        },
    })
}

fn batch() -> Value {
    json!({
        "type": "object",
        "description": "Operations that all succeed or all fail.",
        "required": ["operations"],
        "additionalProperties": false,
        "properties": {
            "operations": {
                "type": "array", "minItems": 1, "maxItems": 100,
                "items": {
                    "type": "object",
                    "required": ["method", "path"],
                    "additionalProperties": false,
                    "properties": {
                        "method": { "type": "string", "enum": ["GET", "POST", "PATCH", "PUT", "DELETE"] },
                        "path": {
                            "type": "string", "pattern": "^/rest/v1/",
                            "description": "Path and query; `{$0.id}` stands for a member of an earlier result.",
                        },
                        "headers": { "type": "object", "additionalProperties": { "type": "string" } },
                        "body": { "description": "The body as JSON." },
                        "refs": {
                            "type": "object",
                            "description": "Members of the body that come from earlier results.",
                            "additionalProperties": { "type": "string", "pattern": "^\\$[0-9]+\\..+$" },
                        },
                    },
                },
            },
        },
    })
}

fn batch_results() -> Value {
    json!({
        "type": "object",
        "description": "The answers, in the order of the operations.",
        "required": ["results"],
        "properties": {
            "results": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["status", "headers", "body"],
                    "properties": {
                        "status": { "type": "integer" },
                        "headers": { "type": "object", "additionalProperties": { "type": "string" } },
                        "body": { "description": "The body as JSON, a string where it is text, or null." },
                    },
                },
            },
        },
    })
}

fn responses() -> Value {
    let response = |text: &str| {
        json!({
            "description": text,
            "headers": { "Proxy-Status": to("headers", "ProxyStatus") },
            "content": {
                "application/json": { "schema": to("schemas", "Problem") },
                "application/problem+json": { "schema": to("schemas", "Problem") },
            },
        })
    };
    let mut out = Map::new();
    for (status, text) in STATUSES {
        out.insert(format!("Problem{status}"), response(text));
    }
    out.insert("Problem".into(), response("Any other refusal or failure."));
    Value::Object(out)
}

fn headers() -> Value {
    let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    json!({
        "ContentRange": text("Which rows came, and after the slash how many there are, if a count was preferred."),
        "ContentLocation": text("The request with its parameters sorted."),
        "PreferenceApplied": text("The preferences that took effect."),
        "Location": text("Where the one new row lies."),
        "ETag": text("A hash of the row as it was sent; If-None-Match and If-Match take it."),
        "ProxyStatus": text("The code of the failure."),
    })
}

fn query(name: &str, description: &str, example: &str) -> Value {
    json!({
        "name": name, "in": "query", "description": description, "schema": { "type": "string" },
        "examples": { "usual": { "value": example } },
    })
}

fn header(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "header", "description": description, "schema": schema })
}

fn parameters(view: &SchemaView) -> Value {
    let text = || json!({ "type": "string" });
    let count = || json!({ "type": "integer", "format": "int64", "minimum": 0 });
    let mut out = json!({
        "select": query("select", "Fields and embedded rows: `id,title,author(name)`. `*` is every field.", "*"),
        "order": {
            "name": "order", "in": "query", "schema": { "type": "string" },
            "description": "Terms such as `created_at.desc.nullslast,id`.",
        },
        "limit": { "name": "limit", "in": "query", "description": "At most so many rows.", "schema": count() },
        "offset": { "name": "offset", "in": "query", "description": "Skip so many rows.", "schema": count() },
        "and": {
            "name": "and", "in": "query", "schema": { "type": "string", "pattern": "^\\s*\\(" },
            "description": "Conditions that all hold: `(field.gt.1,or(other.is.null,other.eq.2))`.",
        },
        "or": {
            "name": "or", "in": "query", "schema": { "type": "string", "pattern": "^\\s*\\(" },
            "description": "Conditions of which one holds: `(field.eq.1,field.eq.2)`.",
        },
        "columns": {
            "name": "columns", "in": "query", "schema": { "type": "string" },
            "description": "The members of the body that are written; others are left out.",
        },
        "onConflict": {
            "name": "on_conflict", "in": "query", "schema": { "type": "string" },
            "description": "The unique fields by which an upsert finds a row that exists.",
        },
        "range": header("Range", "Rows of a page, as `0-9`.", text()),
        "preferRead": header("Prefer", "`count=exact` counts all rows that match.", text()),
        "preferWrite": header(
            "Prefer",
            "`return=representation`, `return=minimal` or `return=headers-only`; `resolution=merge-duplicates` or \
             `resolution=ignore-duplicates`; `missing=default`; `count=exact`; `handling=strict`; `max-affected=10`.",
            text(),
        ),
        "preferItem": header("Prefer", "`return=minimal` asks for no body.", text()),
        "ifNoneMatch": header("If-None-Match", "The ETag of a copy; 304 if the row still has it.", text()),
        "ifMatch": header("If-Match", "The ETag that the row must still have.", text()),
        "idempotencyKey": header(
            "Idempotency-Key",
            "A name for this request, kept for 24 hours: the same key and body answer the same result, once done.",
            json!({ "type": "string", "minLength": 1, "maxLength": 255 }),
        ),
    });
    let map = out.as_object_mut().expect("the parameters are an object");
    for (id, ty) in view.types() {
        for (_, field) in view.readable_fields(id) {
            let key = component_key(&format!("{}.{}", ty.collection, field.name));
            map.insert(key, filter(view, field));
        }
    }
    out
}

fn filter(view: &SchemaView, field: &bistro_schema::Field) -> Value {
    let operators = match field.scalar.kind {
        _ if field.scalar.list => "cs, cd, ov, is",
        Kind::Boolean => "is, eq, neq, isdistinct",
        Kind::Json => "cs, cd, is",
        k if k.is_text() => "eq, neq, in, like, ilike, match, imatch, gt, gte, lt, lte, is, isdistinct",
        _ => "eq, neq, in, gt, gte, lt, lte, is, isdistinct",
    };
    let text = field.description.as_deref().map(|d| format!("{d}\n\n")).unwrap_or_default();
    let text = format!(
        "{text}A filter: `<operator>.<value>`, with one of {operators}; `not.` in front turns it round."
    );
    // The example stands in the text: the page would fill it in, and the first request would find nothing.
    let one = (!field.scalar.list).then(|| example(view.schema(), field)).flatten();
    let shown = match one {
        Some(Value::String(value)) => format!(" For example `eq.{value}`."),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => format!(" For example `eq.{value}`."),
        _ => String::new(),
    };
    let description = format!("{text}{shown}");
    json!({ "name": field.name, "in": "query", "description": description, "schema": { "type": "string", "pattern": FILTER } })
}
