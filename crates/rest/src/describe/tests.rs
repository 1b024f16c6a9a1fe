//! The documents of a small schema, as several roles see it.

use std::sync::Arc;

use bistro_schema::{Roles, SchemaView};
use serde_json::Value;

use super::{About, openapi, swagger};

const FILE: &str = r#"
enum Role @roles { editor }
enum Status { "Not yet." draft published }
"""A person."""
type Person @model @allow(to: [READ]) {
  id: ID!
  name: String! @length(min: 1, max: 40)
  email: Email @allow(to: [READ], when: "row.id == auth.id")
  posts: [Post!]! @inverse(of: "author")
}
"""A post."""
type Post @model
  @allow(to: [READ, CREATE])
  @allow(to: [UPDATE, DELETE], roles: ["editor"]) {
  id: ID!
  title: String! @length(max: 200) @search
  slug: String! @unique @pattern(regex: "^[a-z]+$")
  status: Status! @default(value: draft)
  price: Decimal @decimal(precision: 8, scale: 2) @range(min: 0)
  stars: Int!
  author: Person! @immutable
  note: String @allow(to: [READ, UPDATE], roles: ["editor"])
  size: Int! @computed(expr: "size(row.title)")
  seen_at: DateTime
}
type Secret @model { id: ID! text: String! }
type Stock @model(key: ["place", "part"]) @allow(to: [READ, CREATE, UPDATE, DELETE]) { place: Int! part: Int! number: BigInt! }
"#;

fn view(roles: Roles) -> SchemaView {
    let checked = bistro_sdl::read("schema.graphql", FILE);
    let errors: Vec<_> = checked.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    SchemaView::new(Arc::new(checked.schema), roles)
}

fn document(roles: Roles) -> Value {
    serde_json::from_str(&openapi(&view(roles), &About::default())).expect("the document is JSON")
}

/// Every `$ref` of a document leads somewhere.
fn check_references(document: &Value) {
    fn walk<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| match value {
                Value::String(text) if key == "$ref" => found.push(text),
                value => walk(value, found),
            }),
            Value::Array(list) => list.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("references stay inside");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

#[test]
fn references_lead_somewhere_for_every_caller() {
    for roles in
        [Roles::NONE, Roles::ANON, Roles::AUTHENTICATED, Roles::declared(0).with(Roles(2)), Roles::SERVICE]
    {
        check_references(&document(roles));
        let swagger: Value = serde_json::from_str(&swagger(&view(roles), &About::default())).expect("JSON");
        if roles != Roles::NONE {
            check_references(&swagger);
        }
    }
}

#[test]
fn operations_are_those_that_the_roles_may_try() {
    let check = |roles, path: &str, expected: &[&str]| {
        let document = document(roles);
        let operations: Vec<&str> = document["paths"][path]
            .as_object()
            .map_or(Vec::new(), |o| o.keys().map(String::as_str).filter(|k| *k != "parameters").collect());
        assert_eq!(operations, expected, "{path}");
    };
    let editor = Roles::AUTHENTICATED.with(Roles::declared(0));
    check(Roles::ANON, "/rest/v1/people", &[]);
    check(Roles::ANON, "/rest/v1/persons", &["get"]);
    check(Roles::ANON, "/rest/v1/posts", &["get", "post"]);
    check(editor, "/rest/v1/posts", &["get", "post", "patch", "delete"]);
    check(Roles::ANON, "/rest/v1/posts/{id}", &["get"]);
    check(editor, "/rest/v1/posts/{id}", &["get", "patch", "put", "delete"]);
    check(Roles::ANON, "/rest/v1/stocks/{key}", &["get", "patch", "put", "delete"]);
    check(Roles::ANON, "/rest/v1/secrets", &[]);
    check(Roles::SERVICE, "/rest/v1/secrets", &["get", "post", "patch", "delete"]);
    check(Roles::NONE, "/rest/v1/openapi.json", &["get"]);
    check(Roles::NONE, "/batch/v1", &["post"]);
}

#[test]
fn schemas_say_what_the_fields_take() {
    let check = |roles, pointer: &str, expected: Value| {
        let document = document(roles);
        let found =
            document.pointer(&format!("/components/schemas/{pointer}")).cloned().unwrap_or(Value::Null);
        assert_eq!(found, expected, "{pointer}");
    };
    let editor = Roles::AUTHENTICATED.with(Roles::declared(0));
    let anon = Roles::ANON;
    use serde_json::json;
    // A `when` makes a field nullable, but not for those whom no rule binds; `roles` alone makes it exist or not.
    check(anon, "Person/properties/email/type", json!(["string", "null"]));
    check(anon, "Post/properties/note", Value::Null);
    check(editor, "Post/properties/note/type", json!(["string", "null"]));
    check(anon, "Post/properties/title/maxLength", json!(200));
    check(anon, "Post/properties/slug/pattern", json!("^[a-z]+$"));
    check(anon, "Post/properties/slug/examples", Value::Null);
    check(anon, "Post/properties/price/minimum", json!(0.0));
    check(anon, "Post/properties/price/type", json!(["number", "null"]));
    check(anon, "Post/properties/author_id/format", json!("uuid"));
    check(anon, "Post/properties/status/$ref", json!("#/components/schemas/Status"));
    check(anon, "Status/enum", json!(["draft", "published"]));
    check(anon, "Person/properties/posts/type", json!("array"));
    check(anon, "PostCreate/required", json!(["title", "slug", "stars", "author_id"]));
    check(anon, "PostCreate/properties/size", Value::Null);
    check(anon, "PostCreate/properties/status/default", json!("draft"));
    check(editor, "PostUpdate/properties/author_id", Value::Null);
    check(editor, "PostUpdate/required", Value::Null);
    check(anon, "PostUpdate", Value::Null);
    check(anon, "Secret", Value::Null);
}

#[test]
fn the_root_carries_the_markers_of_builders() {
    let document: Value =
        serde_json::from_str(&swagger(&view(Roles::ANON), &About::default())).expect("JSON");
    let check = |pointer: &str, expected: &str| {
        assert_eq!(document.pointer(pointer).and_then(Value::as_str), Some(expected), "{pointer}");
    };
    check("/swagger", "2.0");
    check("/definitions/posts/properties/id/description", "Note:\nThis is a Primary Key.<pk/>");
    check(
        "/definitions/posts/properties/author_id/description",
        "Note:\nThis is a Foreign Key to `persons.id`.<fk table='persons' column='id'/>",
    );
    check("/definitions/posts/properties/seen_at/format", "timestamp with time zone");
    check("/definitions/posts/properties/title/format", "character varying");
    check("/parameters/rowFilter.posts.title/in", "query");
}
