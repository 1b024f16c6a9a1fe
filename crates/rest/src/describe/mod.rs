//! The documents that describe the API: OpenAPI 3.1, and the Swagger 2.0 root that clients of the dialect read.
//!
//! Both are made from a view: what the roles cannot see is not in them. They are made once for a set of roles and kept.

mod components;
mod example;
mod paths;
mod schemas;
mod swagger;

#[cfg(test)]
mod tests;

use bistro_schema::{Action, FieldId, SchemaView, TypeId};
use serde_json::{Map, Value, json};

pub use swagger::swagger;

/// What the documents say besides the schema.
#[derive(Clone, Debug)]
pub struct About {
    /// The title of the API.
    pub title: String,
    /// The version of the API.
    pub version: String,
    /// The address of the server, without a slash at the end; empty for wherever the document was fetched from.
    pub server: String,
}

impl std::default::Default for About {
    fn default() -> Self {
        Self { title: "Bistro".into(), version: env!("CARGO_PKG_VERSION").into(), server: String::new() }
    }
}

/// The OpenAPI 3.1 document of what the view shows, as JSON.
pub fn openapi(view: &SchemaView, about: &About) -> String {
    let mut names = schemas::Names::new(view);
    let mut tags = Vec::new();
    let mut paths = Map::new();
    for (id, ty) in view.types() {
        let text = ty.description.clone().unwrap_or_else(|| format!("Rows of {}.", ty.collection));
        tags.push(json!({ "name": ty.collection, "description": text }));
        paths::collection(view, &mut names, id, &mut paths);
        paths::item(view, &mut names, id, &mut paths);
    }
    tags.push(json!({ "name": "batch", "description": "Several operations in one transaction." }));
    tags.push(json!({ "name": "description", "description": "This document." }));
    paths.insert("/batch/v1".into(), paths::batch());
    paths.insert("/rest/v1/openapi.json".into(), paths::itself());
    let server = if about.server.is_empty() { "/" } else { &about.server };
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "version": about.version,
            "description": INTRODUCTION,
        },
        "servers": [{ "url": server, "description": "This server" }],
        "security": security(),
        "tags": tags,
        "paths": paths,
        "components": components::components(view, &names),
    });
    components::prune(&mut document);
    serde_json::to_string_pretty(&document).expect("a JSON value can be written")
}

const INTRODUCTION: &str = "The collections of this API as the caller's roles see them.\n\n\
    Ask with an API key (header `apikey`), a user's token (`Authorization: Bearer …`), or both. A document fetched with \
    another key or token may show more.\n\n\
    Lists are read with `GET /rest/v1/<collection>`: `select` chooses fields and embeds related rows, every field takes a \
    filter (`status=eq.published`), `order`, `limit` and `offset` make pages. Rows are also read and written one by one \
    at `/rest/v1/<collection>/<key>`. Every error names its `code`; `/docs/errors` explains them all.";

/// Any of the ways to say who asks.
fn security() -> Value {
    json!([{ "apikey": [] }, { "bearer": [] }, { "apikey": [], "bearer": [] }])
}

/// Whether the field is in replies.
fn reads(view: &SchemaView, ty: TypeId, field: FieldId) -> bool {
    view.field_allows(ty, field, Action::Read)
}

/// A collection's or a field's name as a key of the components.
fn component_key(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' })
        .collect()
}

/// A path segment, percent-encoded.
fn segment(name: &str) -> String {
    crate::encode::segment(name)
}
