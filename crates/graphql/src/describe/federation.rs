//! The form of a subgraph of Apollo Federation 2: what a gateway asks, and the text that it composes.

use apollo_compiler::Node;
use apollo_compiler::ast::FieldDefinition;
use apollo_compiler::schema::{ComponentName, DirectiveList, ExtendedType, UnionType};
use apollo_compiler::{Schema as Graph, schema::ObjectType};
use bistro_schema::TypeId;

use super::build::Build;
use super::meaning::{Meaning, RootField};
use super::nodes::{asked, directive, field, input, maybe, name, sure, text};
use super::rows::output_name;
use super::values::define;

/// What the subgraph's text says of the directives that it uses.
const LINK: &str = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", import: [\"@key\", \"@shareable\"])\n\n";
/// The types of the served schema that no subgraph's text has.
const OWN_TYPES: [&str; 3] = ["_Service", "_Entity", "_Any"];
/// The fields of `Query` that no subgraph's text has.
const OWN_FIELDS: [&str; 2] = ["_service", "_entities"];

/// The fields of `Query` that a gateway asks.
pub(super) fn queries(build: &Build<'_>, out: &mut Vec<(FieldDefinition, RootField)>) {
    let about = "This schema as a subgraph.";
    out.push((field("_service", sure("_Service"), about), RootField::Service));
    if !entities(build).is_empty() {
        let about = "The rows that these name, in the same order; null where there is none to see.";
        let named =
            input("representations", sure("_Any").list().non_null(), "A type's name and one of its keys.");
        let rows = maybe("_Entity").list().non_null();
        out.push((asked("_entities", rows, about, vec![named]), RootField::Entities));
    }
}

/// Describes the types of those fields.
pub(super) fn types(build: &mut Build<'_>) {
    let sdl = vec![field("sdl", sure("String"), "The text that a gateway composes.")];
    build.object("_Service", Meaning::Service, "This schema as a subgraph.", sdl);
    let entities = entities(build);
    if entities.is_empty() {
        return;
    }
    define(build, "_Any", "A type's name (`__typename`) and the values of one of its keys.", "");
    let member = |id: TypeId| ComponentName::from(name(&build.ty(id).name));
    let union = UnionType {
        description: text("A row of any type that has a key."),
        name: name("_Entity"),
        directives: DirectiveList::new(),
        members: entities.into_iter().map(member).collect(),
    };
    build.put("_Entity", Meaning::Entity, ExtendedType::Union(Node::new(union)));
}

/// The types of which a gateway can ask for a row.
fn entities(build: &Build<'_>) -> Vec<TypeId> {
    build.rows().into_iter().filter(|id| !keys(build, *id).is_empty()).collect()
}

/// The field sets of a type's `@key`s.
fn keys(build: &Build<'_>, id: TypeId) -> Vec<String> {
    let (ty, shown) = (build.ty(id), build.shown(id));
    let global = shown.node.then(|| "id".to_owned());
    let sets = shown.keys.iter().filter(|m| m.fields.iter().all(|f| shown.fields.contains(f)));
    let sets = sets.map(|m| {
        let names: Vec<&str> = m.fields.iter().map(|f| output_name(ty.field(*f), shown.node)).collect();
        names.join(" ")
    });
    global.into_iter().chain(sets).collect()
}

/// The `@key`s of all types by the types' names.
pub(super) fn all_keys(build: &Build<'_>) -> Vec<(String, Vec<String>)> {
    build.rows().into_iter().map(|id| (build.ty(id).name.clone(), keys(build, id))).collect()
}

/// The text that a gateway composes, of a schema without what other subgraphs say.
pub(super) fn sdl(mut graph: Graph, keys: &[(String, Vec<String>)]) -> String {
    graph.types.retain(|name, _| !OWN_TYPES.contains(&name.as_str()));
    let mark = |graph: &mut Graph, called: &str, with: &dyn Fn(&mut ObjectType)| {
        if let Some(ExtendedType::Object(object)) = graph.types.get_mut(called) {
            with(object.make_mut());
        }
    };
    for (called, sets) in keys {
        mark(&mut graph, called, &|object| {
            sets.iter().for_each(|set| object.directives.push(directive("key", &[("fields", set)])));
        });
    }
    mark(&mut graph, "PageInfo", &|object| object.directives.push(directive("shareable", &[])));
    mark(&mut graph, "Query", &|query| query.fields.retain(|name, _| !OWN_FIELDS.contains(&name.as_str())));
    if graph.get_object("Query").is_some_and(|query| query.fields.is_empty()) {
        graph.types.shift_remove("Query");
        graph.schema_definition.make_mut().query = None;
    }
    // `@oneOf` stays: what composes does not know it of itself.
    format!("{LINK}{graph}")
}
