//! Schemas for the tests.

use std::sync::Arc;

use bistro_policy::Rules;
use bistro_problem::Diagnostic;
use bistro_schema::{FieldId, RelationId, Schema, TypeId};

/// A schema with most kinds of field; `POST` is replaced by directives of `Post`, `FIELDS` by further fields.
const TEMPLATE: &str = r#"
enum Role @roles { viewer editor @includes(roles: [viewer]) }
enum Status { draft published }
type User @account @allow(to: [READ]) {
  id: ID!
  name: String!
  age: Int
  posts: [Post!]! @inverse(of: "author")
  memberships: [Member!]! @inverse(of: "user")
}
type Team @model @allow(to: [READ]) {
  id: ID!
  name: String!
  members: [Member!]! @inverse(of: "team")
  posts: [Post!]! @inverse(of: "team")
}
type Member @model @allow(to: [READ]) {
  id: ID!
  team: Team!
  user: User!
  level: Int!
}
type Tag @model @allow(to: [READ]) { id: ID! name: String! posts: [Post!]! @inverse(of: "tags") }
type Comment @model @allow(to: [READ]) { id: ID! post: Post! author: User body: String! }
type Post @model POST {
  id: ID!
  title: String!
  body: String!
  status: Status!
  views: Int!
  price: Decimal! @decimal(precision: 8, scale: 2)
  rating: Float
  pinned: Boolean!
  labels: [String!]!
  meta: JSON
  email: Email
  secret: String @hidden
  author: User!
  team: Team
  tags: [Tag!]!
  comments: [Comment!]! @inverse(of: "post")
  day: Date
  created_at: DateTime!
  FIELDS
}
"#;

/// The template with its gaps filled.
pub(crate) fn file(directives: &str, fields: &str) -> String {
    TEMPLATE.replace("POST", directives).replace("FIELDS", fields)
}

/// A file's rules, its mistakes, and the schema. The file itself must be sound.
pub(crate) fn compile(text: &str) -> (Rules, Vec<Diagnostic>, Arc<Schema>) {
    let checked = bistro_sdl::read("schema.graphql", text);
    let errors: Vec<_> = checked.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "the schema itself: {errors:#?}");
    let schema = Arc::new(checked.schema);
    let (rules, diagnostics) = Rules::compile(Arc::clone(&schema));
    (rules, diagnostics, schema)
}

/// A file's rules; it must be without mistakes.
pub(crate) fn sound(text: &str) -> (Rules, Arc<Schema>) {
    let (rules, diagnostics, schema) = compile(text);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    (rules, schema)
}

pub(crate) fn ty(schema: &Schema, name: &str) -> TypeId {
    schema.by_name(name).unwrap_or_else(|| panic!("no type {name}"))
}

pub(crate) fn field(schema: &Schema, ty: TypeId, name: &str) -> FieldId {
    schema.ty(ty).field_named(name).unwrap_or_else(|| panic!("no field {name}"))
}

pub(crate) fn relation(schema: &Schema, ty: TypeId, name: &str) -> RelationId {
    schema.ty(ty).relation_named(name).unwrap_or_else(|| panic!("no relation {name}"))
}
