//! The operations of the document: lists, writes, rows by key, batches.

use bistro_schema::names::lower_camel;
use bistro_schema::{Action, SchemaView, Type, TypeId};
use serde_json::{Map, Value, json};

use super::schemas::{Form, Names};
use super::{component_key, reads, security, segment};

/// A reference into the components.
pub(super) fn to(place: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{place}/{name}") })
}

fn row_of(names: &Names, ty: TypeId, form: Form) -> Value {
    to("schemas", names.row(ty, form))
}

/// `BlogPost` from the plural words `blog_posts`, for operation ids.
fn plural(ty: &Type) -> String {
    let camel = lower_camel(&ty.plural);
    camel[..1].to_uppercase() + &camel[1..]
}

/// Statuses that an operation of data may answer besides its own.
fn refusals(responses: &mut Map<String, Value>, statuses: &[u16]) {
    for status in statuses {
        responses.insert(status.to_string(), to("responses", &format!("Problem{status}")));
    }
    responses.insert("default".into(), to("responses", "Problem"));
}

fn rows(names: &Names, ty: TypeId) -> Value {
    let list = json!({ "type": "array", "items": row_of(names, ty, Form::Read) });
    let one = row_of(names, ty, Form::Read);
    json!({
        "application/json": { "schema": list },
        "application/vnd.pgrst.object+json": { "schema": one },
        "application/vnd.pgrst.array+json": { "schema": { "type": "array", "items": { "type": "object" } } },
        "text/csv": { "schema": { "type": "string" } },
    })
}

/// The operations of `/rest/v1/<collection>`.
pub(super) fn collection(view: &SchemaView, names: &mut Names, ty: TypeId, paths: &mut Map<String, Value>) {
    let t = view.schema().ty(ty);
    let mut operations = Map::new();
    if view.type_allows(ty, Action::Read) {
        operations.insert("get".into(), list(view, names, ty));
    }
    if t.writable() {
        if view.type_allows(ty, Action::Create) {
            operations.insert("post".into(), create(view, names, ty));
        }
        if view.type_allows(ty, Action::Update) {
            operations.insert("patch".into(), change(view, names, ty, Action::Update));
        }
        if view.type_allows(ty, Action::Delete) {
            operations.insert("delete".into(), change(view, names, ty, Action::Delete));
        }
    }
    if !operations.is_empty() {
        paths.insert(format!("/rest/v1/{}", segment(&t.collection)), operations.into());
    }
}

/// The filters of a collection's readable fields.
fn filters(view: &SchemaView, ty: TypeId) -> Vec<Value> {
    let collection = &view.schema().ty(ty).collection;
    let names = view.readable_fields(ty).map(|(_, f)| component_key(&format!("{collection}.{}", f.name)));
    names.map(|name| to("parameters", &name)).collect()
}

fn list(view: &SchemaView, names: &mut Names, ty: TypeId) -> Value {
    let t = view.schema().ty(ty);
    let mut parameters: Vec<Value> =
        ["select", "order", "limit", "offset", "and", "or", "range", "preferRead"]
            .iter()
            .map(|name| to("parameters", name))
            .collect();
    parameters.extend(filters(view, ty));
    let headers = json!({
        "Content-Range": to("headers", "ContentRange"),
        "Content-Location": to("headers", "ContentLocation"),
        "Preference-Applied": to("headers", "PreferenceApplied"),
    });
    let mut responses = Map::new();
    let ok = |text: &str| json!({ "description": text, "headers": headers, "content": rows(names, ty) });
    responses.insert("200".into(), ok("The rows."));
    responses.insert("206".into(), ok("Some of the rows: a count was asked, and there are more."));
    refusals(&mut responses, &[300, 400, 401, 403, 404, 406, 416]);
    json!({
        "operationId": names.operation(format!("list{}", plural(t))),
        "summary": format!("List {}", t.collection),
        "description": "Fields that the filters do not name match anything; the same filter may come more than once.",
        "tags": [t.collection],
        "parameters": parameters,
        "responses": responses,
    })
}

fn create(view: &SchemaView, names: &mut Names, ty: TypeId) -> Value {
    let t = view.schema().ty(ty);
    let one = row_of(names, ty, Form::Create);
    let body = json!({ "oneOf": [one.clone(), { "type": "array", "items": one }] });
    let mut parameters: Vec<Value> = ["select", "columns", "onConflict", "preferWrite"]
        .iter()
        .map(|name| to("parameters", name))
        .collect();
    parameters.push(to("parameters", "order"));
    let headers = json!({
        "Location": to("headers", "Location"),
        "Content-Range": to("headers", "ContentRange"),
        "Preference-Applied": to("headers", "PreferenceApplied"),
    });
    let mut content = rows(names, ty);
    content["text/plain"] = json!({ "schema": { "type": "string", "maxLength": 0 } });
    let mut responses = Map::new();
    let ok = |text: &str| json!({ "description": text, "headers": headers, "content": content });
    responses.insert("200".into(), ok("An upsert that made no new row."));
    responses.insert(
        "201".into(),
        ok("The rows were made. The body is empty unless `return=representation` is preferred."),
    );
    refusals(&mut responses, &[400, 401, 403, 404, 406, 409]);
    json!({
        "operationId": names.operation(format!("create{}", plural(t))),
        "summary": format!("Create one or more {}", t.collection),
        "description": "The body is one row or a list of rows with the same members. An upsert prefers `resolution`.",
        "tags": [t.collection],
        "parameters": parameters,
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": body }, "text/csv": { "schema": { "type": "string" } } },
        },
        "responses": responses,
    })
}

/// PATCH and DELETE of rows by filter.
fn change(view: &SchemaView, names: &mut Names, ty: TypeId, action: Action) -> Value {
    let t = view.schema().ty(ty);
    let mut parameters: Vec<Value> =
        ["select", "and", "or", "preferWrite"].iter().map(|name| to("parameters", name)).collect();
    parameters.extend(filters(view, ty));
    let headers = json!({
        "Content-Range": to("headers", "ContentRange"),
        "Preference-Applied": to("headers", "PreferenceApplied"),
    });
    let mut responses = Map::new();
    responses.insert(
        "200".into(),
        json!({
            "description": "The rows written, as `return=representation` asked.",
            "headers": headers, "content": rows(names, ty),
        }),
    );
    responses.insert(
        "204".into(),
        json!({ "description": "Done; `Content-Range` counts the rows.", "headers": headers }),
    );
    refusals(&mut responses, &[400, 401, 403, 404, 406, 409]);
    let (verb, word) = if action == Action::Update { ("update", "Update") } else { ("delete", "Delete") };
    let mut operation = json!({
        "operationId": names.operation(format!("{verb}{}", plural(t))),
        "summary": format!("{word} {} by filter", t.collection),
        "description": "A write without any filter is refused.",
        "tags": [t.collection],
        "parameters": parameters,
        "responses": responses,
    });
    if action == Action::Update {
        let schema = row_of(names, ty, Form::Update);
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    operation
}

/// The operations of `/rest/v1/<collection>/<key>`.
pub(super) fn item(view: &SchemaView, names: &mut Names, ty: TypeId, paths: &mut Map<String, Value>) {
    let t = view.schema().ty(ty);
    if t.key.is_empty() || !t.key.iter().all(|f| reads(view, ty, *f)) || !view.type_allows(ty, Action::Read) {
        return;
    }
    let single = t.key.len() == 1;
    let words: Vec<&str> = t.key.iter().map(|f| t.field(*f).name.as_str()).collect();
    let key = if single { component_key(words[0]) } else { "key".to_owned() };
    let schema =
        if single { super::schemas::value(names, t.field(t.key[0])) } else { json!({ "type": "string" }) };
    let text = if single {
        format!("The `{}` of the row, percent-encoded.", words[0])
    } else {
        format!("The key of the row: {}, joined by commas, each percent-encoded.", words.join(", "))
    };
    let parameter =
        json!({ "name": key, "in": "path", "required": true, "description": text, "schema": schema });
    let mut operations = Map::new();
    operations.insert("parameters".into(), json!([parameter]));
    operations.insert("get".into(), get(names, t, ty));
    if t.writable() {
        let (update, create) = (view.type_allows(ty, Action::Update), view.type_allows(ty, Action::Create));
        if update {
            operations.insert("patch".into(), item_write(names, t, ty, "patch"));
        }
        if update && create {
            operations.insert("put".into(), item_write(names, t, ty, "put"));
        }
        if view.type_allows(ty, Action::Delete) {
            operations.insert("delete".into(), item_write(names, t, ty, "delete"));
        }
    }
    paths.insert(format!("/rest/v1/{}/{{{key}}}", segment(&t.collection)), operations.into());
}

fn one(names: &Names, ty: TypeId) -> Value {
    let one = row_of(names, ty, Form::Read);
    json!({
        "application/json": { "schema": one.clone() },
        "application/vnd.pgrst.object+json": { "schema": one },
    })
}

fn get(names: &mut Names, t: &Type, ty: TypeId) -> Value {
    let mut responses = Map::new();
    let headers = json!({ "ETag": to("headers", "ETag") });
    responses.insert(
        "200".into(),
        json!({ "description": "The row.", "headers": headers, "content": one(names, ty) }),
    );
    responses.insert(
        "304".into(),
        json!({ "description": "The row has the ETag of If-None-Match.", "headers": headers }),
    );
    refusals(&mut responses, &[400, 401, 403, 404, 406]);
    json!({
        "operationId": names.operation(format!("get{}", t.name)),
        "summary": format!("Read one of {}", t.collection),
        "description": "Answers the row as an object. A row that a rule hides is not found.",
        "tags": [t.collection],
        "parameters": [to("parameters", "select"), to("parameters", "ifNoneMatch")],
        "responses": responses,
    })
}

fn item_write(names: &mut Names, t: &Type, ty: TypeId, method: &str) -> Value {
    let mut responses = Map::new();
    let headers =
        json!({ "ETag": to("headers", "ETag"), "Preference-Applied": to("headers", "PreferenceApplied") });
    let row = |text: &str| json!({ "description": text, "headers": headers, "content": one(names, ty) });
    match method {
        "patch" => responses.insert("200".into(), row("The row as it is now.")),
        "put" => {
            responses.insert("201".into(), row("The row was made."));
            responses.insert("200".into(), row("The row was replaced."))
        }
        _ => None,
    };
    let done =
        if method == "delete" { "The row is gone." } else { "Done, and `return=minimal` was preferred." };
    responses.insert("204".into(), json!({ "description": done }));
    refusals(&mut responses, &[400, 401, 403, 404, 406, 409, 412]);
    let (verb, word, text, form) = match method {
        "patch" => ("update", "Update", "Changes the members that the body names.", Some(Form::Update)),
        "put" => {
            let text = "The row becomes what the body says; fields left out take their defaults.";
            ("put", "Create or replace", text, Some(Form::Create))
        }
        _ => ("delete", "Delete", "Removes the row.", None),
    };
    let mut parameters = vec![to("parameters", "ifMatch")];
    if method != "delete" {
        parameters.push(to("parameters", "select"));
        parameters.push(to("parameters", "preferItem"));
    }
    let mut operation = json!({
        "operationId": names.operation(format!("{verb}{}", t.name)),
        "summary": format!("{word} one of {}", t.collection),
        "description": text,
        "tags": [t.collection],
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(form) = form {
        let schema = row_of(names, ty, form);
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    operation
}

/// `POST /batch/v1`.
pub(super) fn batch() -> Value {
    let mut responses = Map::new();
    let content = json!({ "application/json": { "schema": to("schemas", "BatchResults") } });
    responses.insert(
        "200".into(),
        json!({ "description": "Every operation's answer, in order.", "content": content }),
    );
    refusals(&mut responses, &[300, 400, 401, 403, 404, 406, 409, 412, 416, 422]);
    json!({
        "post": {
            "operationId": "batch",
            "summary": "Run several operations in one transaction",
            "description": "All succeed or none happens; a failure names its operation in `index`. A later operation may \
                use an earlier result: `refs` puts a member of it into the body, `{$0.id}` into the path.",
            "tags": ["batch"],
            "parameters": [to("parameters", "idempotencyKey")],
            "requestBody": {
                "required": true,
                "content": { "application/json": { "schema": to("schemas", "Batch") } },
            },
            "responses": responses,
        }
    })
}

/// The document itself.
pub(super) fn itself() -> Value {
    let mut open = security();
    open.as_array_mut().expect("the ways to authorise are a list").insert(0, json!({}));
    json!({
        "get": {
            "operationId": "openapi",
            "summary": "This document, as the caller may see it",
            "description": "Made from the schema for the caller's roles; open to everybody.",
            "tags": ["description"],
            "security": open,
            "responses": {
                "200": {
                    "description": "An OpenAPI 3.1 document.",
                    "headers": { "ETag": to("headers", "ETag") },
                    "content": { "application/json": { "schema": { "type": "object" } } },
                },
                "304": { "description": "The document has the ETag of If-None-Match." },
                "401": to("responses", "Problem401"),
                "default": to("responses", "Problem"),
            },
        }
    })
}
