//! The Swagger 2.0 document at the root of `/rest/v1`, with the markers that third-party builders read.

use bistro_schema::{Action, Default, Field, FieldKind, Kind, RelationKind, SchemaView, TypeId};
use serde_json::{Map, Value, json};

use super::example::plain;
use super::{About, reads};

/// The document, as JSON.
pub fn swagger(view: &SchemaView, about: &About) -> String {
    let (scheme, host) = about.server.split_once("://").unwrap_or(("http", "localhost"));
    let (host, prefix) = host.split_once('/').unwrap_or((host, ""));
    let base = if prefix.is_empty() { "/rest/v1".to_owned() } else { format!("/{prefix}/rest/v1") };
    let (mut paths, mut definitions, mut parameters) = (Map::new(), Map::new(), common());
    paths.insert("/".into(), root());
    for (id, ty) in view.types() {
        paths.insert(format!("/{}", ty.collection), operations(view, id));
        definitions.insert(ty.collection.clone(), definition(view, id));
        let body = json!({
            "name": ty.collection, "in": "body", "required": false, "description": ty.collection,
            "schema": { "$ref": format!("#/definitions/{}", ty.collection) },
        });
        parameters.insert(format!("body.{}", ty.collection), body);
        for (_, field) in view.readable_fields(id) {
            let filter = json!({ "name": field.name, "in": "query", "required": false, "type": "string" });
            parameters.insert(format!("rowFilter.{}.{}", ty.collection, field.name), filter);
        }
    }
    let types = json!([
        "application/json",
        "application/vnd.pgrst.object+json;nulls=stripped",
        "application/vnd.pgrst.object+json",
        "text/csv"
    ]);
    let document = json!({
        "swagger": "2.0",
        "info": { "title": about.title, "description": "OpenAPI 3.1 is at openapi.json", "version": about.version },
        "host": host,
        "basePath": base,
        "schemes": [scheme],
        "consumes": types,
        "produces": types,
        "paths": paths,
        "definitions": definitions,
        "parameters": parameters,
        "securityDefinitions": { "apikey": { "type": "apiKey", "in": "header", "name": "apikey" } },
        "security": [{ "apikey": [] }],
    });
    document.to_string()
}

fn root() -> Value {
    json!({ "get": {
        "tags": ["Introspection"], "summary": "OpenAPI description (this document)",
        "produces": ["application/openapi+json", "application/json"],
        "responses": { "200": { "description": "OK" } },
    } })
}

fn parameter(name: &str) -> Value {
    json!({ "$ref": format!("#/parameters/{name}") })
}

fn operations(view: &SchemaView, ty: TypeId) -> Value {
    let t = view.schema().ty(ty);
    let filters = || {
        let names = view.readable_fields(ty).map(|(_, f)| format!("rowFilter.{}.{}", t.collection, f.name));
        names.map(|name| parameter(&name)).collect::<Vec<_>>()
    };
    let with = |mut list: Vec<Value>, names: &[&str]| {
        list.extend(names.iter().map(|name| parameter(name)));
        list
    };
    let body = format!("body.{}", t.collection);
    let operation = |parameters: Vec<Value>, status: &str, response: Value| {
        let mut operation =
            json!({ "tags": [t.collection], "parameters": parameters, "responses": { status: response } });
        if let Some(text) = &t.description {
            operation["summary"] = json!(text);
        }
        operation
    };
    let schema = json!({ "type": "array", "items": { "$ref": format!("#/definitions/{}", t.collection) } });
    let mut out = Map::new();
    let allows = |action| view.type_allows(ty, action) && (action == Action::Read || t.writable());
    if allows(Action::Read) {
        let reading = ["select", "order", "range", "rangeUnit", "offset", "limit", "preferCount"];
        let mut get =
            operation(with(filters(), &reading), "200", json!({ "description": "OK", "schema": schema }));
        get["responses"]["206"] = json!({ "description": "Partial Content" });
        out.insert("get".into(), get);
    }
    if allows(Action::Create) {
        let parameters = with(vec![parameter(&body)], &["select", "on_conflict", "preferPost"]);
        out.insert("post".into(), operation(parameters, "201", json!({ "description": "Created" })));
    }
    if allows(Action::Update) {
        let parameters = with(filters(), &[&body, "preferReturn"]);
        out.insert("patch".into(), operation(parameters, "204", json!({ "description": "No Content" })));
    }
    if allows(Action::Delete) {
        let parameters = with(filters(), &["preferReturn"]);
        out.insert("delete".into(), operation(parameters, "204", json!({ "description": "No Content" })));
    }
    Value::Object(out)
}

fn common() -> Map<String, Value> {
    let query = |name: &str, text: &str| json!({ "name": name, "in": "query", "description": text, "required": false, "type": "string" });
    let prefer = |values: &[&str]| {
        json!({ "name": "Prefer", "in": "header", "description": "Preference", "required": false,
            "type": "string", "enum": values })
    };
    let mut range_unit = json!({ "name": "Range-Unit", "in": "header", "description": "Limiting and Pagination",
        "required": false, "type": "string" });
    range_unit["default"] = json!("items");
    let entries = [
        ("preferReturn", prefer(&["return=representation", "return=minimal", "return=none"])),
        ("preferCount", prefer(&["count=none", "count=exact"])),
        (
            "preferPost",
            prefer(&[
                "return=representation",
                "return=minimal",
                "return=none",
                "resolution=ignore-duplicates",
                "resolution=merge-duplicates",
            ]),
        ),
        ("select", query("select", "Filtering Columns")),
        ("on_conflict", query("on_conflict", "On Conflict")),
        ("order", query("order", "Ordering")),
        (
            "range",
            json!({ "name": "Range", "in": "header", "description": "Limiting and Pagination",
            "required": false, "type": "string" }),
        ),
        ("rangeUnit", range_unit),
        ("offset", query("offset", "Limiting and Pagination")),
        ("limit", query("limit", "Limiting and Pagination")),
    ];
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn definition(view: &SchemaView, ty: TypeId) -> Value {
    let t = view.schema().ty(ty);
    let (mut required, mut properties) = (Vec::new(), Map::new());
    for (id, field) in t.fields().filter(|(id, _)| reads(view, ty, *id)) {
        if !field.nullable {
            required.push(json!(field.name));
        }
        let mut property = property(view, field);
        let notes = markers(view, ty, id);
        let text = field.description.iter().cloned().chain(notes).collect::<Vec<_>>().join("\n\n");
        if !text.is_empty() {
            property["description"] = json!(text);
        }
        properties.insert(field.name.clone(), property);
    }
    let mut out = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        out["required"] = Value::Array(required);
    }
    if let Some(text) = &t.description {
        out["description"] = json!(text);
    }
    out
}

fn property(view: &SchemaView, field: &Field) -> Value {
    let mut format = field.scalar.postgres_name().to_owned();
    let mut out = if field.scalar.list {
        json!({ "type": "array", "items": { "type": word(field.scalar.kind) } })
    } else if field.scalar.kind == Kind::Json {
        json!({})
    } else {
        json!({ "type": word(field.scalar.kind) })
    };
    if let Kind::Enum(id) = field.scalar.kind {
        let e = view.schema().enum_type(id);
        format = format!("public.{}{}", e.name, if field.scalar.list { "[]" } else { "" });
        out["enum"] = e.values.iter().map(|(name, _)| json!(name)).collect();
    }
    if let Some((_, Some(max))) = field.length {
        out["maxLength"] = json!(max);
        format = "character varying".into();
    }
    out["format"] = json!(format);
    match &field.default {
        Some(Default::Value(value)) => out["default"] = plain(value),
        Some(Default::Expr(rule)) if rule.text.trim() == "now" => out["default"] = json!("now()"),
        _ if field.kind == FieldKind::Counter => {}
        _ => {}
    }
    out
}

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Int | Kind::BigInt => "integer",
        Kind::Float | Kind::Decimal { .. } => "number",
        Kind::Boolean => "boolean",
        _ => "string",
    }
}

/// The notes that builders look for: what is a key, and where a foreign key leads.
fn markers(view: &SchemaView, ty: TypeId, id: bistro_schema::FieldId) -> Option<String> {
    let t = view.schema().ty(ty);
    let mut notes = Vec::new();
    if t.key.contains(&id) {
        notes.push("This is a Primary Key.<pk/>".to_owned());
    }
    for (_, relation) in view.relations(ty) {
        if let (RelationKind::ToOne, [(near, far)]) = (&relation.kind, relation.pairs.as_slice())
            && *near == id
        {
            let target = view.schema().ty(relation.target);
            let (table, column) = (&target.collection, &target.field(*far).name);
            let text = format!(
                "This is a Foreign Key to `{table}.{column}`.<fk table='{table}' column='{column}'/>"
            );
            notes.push(text);
        }
    }
    (!notes.is_empty()).then(|| format!("Note:\n{}", notes.join("\n")))
}
