//! The schema that roles see, as text beside the files of `tests/cases/describe`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use apollo_compiler::Schema as Graph;
use apollo_compiler::ast::OperationType;
use bistro_graphql::describe::{Described, FieldMeaning, Meaning, Options, RootField, UniqueSet};
use bistro_schema::{EnumId, Kind, Roles, Schema, SchemaView, TypeId};

const PLAIN: Options = Options { global_ids: false, federation: false };
const GLOBAL: Options = Options { global_ids: true, federation: false };
const SUBGRAPH: Options = Options { global_ids: false, federation: true };
const BOTH: Options = Options { global_ids: true, federation: true };

/// Name of the case, schema file, roles, form.
const CASES: [(&str, &str, &[&str], Options); 11] = [
    ("blog_anon", "examples/blog/schema.graphql", &[], PLAIN),
    ("blog_user", "examples/blog/schema.graphql", &["authenticated"], PLAIN),
    ("blog_editor", "examples/blog/schema.graphql", &["authenticated", "editor"], PLAIN),
    ("blog_service", "examples/blog/schema.graphql", &["service_role"], PLAIN),
    ("fixture_anon", "tests/fixture/schema.graphql", &[], PLAIN),
    ("fixture_keeper", "tests/fixture/schema.graphql", &["authenticated", "keeper"], PLAIN),
    ("fixture_service", "tests/fixture/schema.graphql", &["service_role"], PLAIN),
    ("shapes_anon", "crates/graphql/tests/cases/shapes.graphql", &[], PLAIN),
    ("shapes_keeper", "crates/graphql/tests/cases/shapes.graphql", &["authenticated", "keeper"], PLAIN),
    ("shapes_both", "crates/graphql/tests/cases/shapes.graphql", &["service_role"], BOTH),
    ("nothing", "crates/graphql/tests/cases/nothing.graphql", &[], PLAIN),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn schema(file: &str) -> Arc<Schema> {
    let text = std::fs::read_to_string(root().join(file)).expect("the schema file is readable");
    parsed(&text)
}

fn parsed(text: &str) -> Arc<Schema> {
    let checked = bistro_sdl::read("schema.graphql", text);
    let told = bistro_sdl::report("schema.graphql", text, &checked.diagnostics, false);
    assert!(!checked.has_errors(), "{told}");
    Arc::new(checked.schema)
}

fn roles(schema: &Schema, names: &[&str]) -> Roles {
    let built_in = names.iter().fold(Roles::ANON, |set, name| match *name {
        "authenticated" => Roles::AUTHENTICATED,
        "service_role" => Roles::SERVICE,
        _ => set,
    });
    built_in.with(schema.roles_named(names.iter().copied()))
}

fn described(schema: &Arc<Schema>, names: &[&str], options: Options) -> Described {
    let view = SchemaView::new(Arc::clone(schema), roles(schema, names));
    Described::new(&view, options).expect("the description is valid")
}

/// Compares with the text beside, or writes it with `BISTRO_BLESS=1`; answers what differs.
fn compare(name: &str, made: &str) -> Option<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/describe/{name}.graphql"));
    if std::env::var_os("BISTRO_BLESS").is_some() {
        std::fs::write(&file, made).expect("the snapshot is writable");
        return None;
    }
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    let differ = wanted.lines().zip(made.lines()).position(|(a, b)| a != b);
    let line = differ.unwrap_or(wanted.lines().count().min(made.lines().count())) + 1;
    (wanted != made).then(|| format!("{name}: differs from line {line} on; BISTRO_BLESS=1 writes it"))
}

#[test]
fn roles_see_the_schemas_beside_the_cases() {
    let failed: Vec<String> = (CASES.iter())
        .filter_map(|(name, file, roles, options)| {
            let text = described(&schema(file), roles, *options).sdl();
            // What descriptions say is in the files of `shapes`; the others are about what is there for whom.
            compare(name, &if name.starts_with("shapes") { text } else { bare(&text) })
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// A schema's text without descriptions.
fn bare(text: &str) -> String {
    let mut inside = false;
    let kept = text.lines().filter(|line| {
        let marks = line.matches("\"\"\"").count();
        let description = inside || line.trim_start().starts_with("\"\"\"");
        inside ^= marks == 1;
        !description
    });
    kept.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_text_reads_back_as_the_same_schema() {
    for (name, file, roles, options) in CASES.iter().filter(|case| !case.3.federation) {
        let described = described(&schema(file), roles, *options);
        let text = format!("directive @oneOf on INPUT_OBJECT\n{}", described.sdl());
        let read = Graph::parse_and_validate(text, "schema.graphql").expect("the text is a valid schema");
        let names = |graph: &Graph| graph.types.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
        assert_eq!(names(&read), names(&described.schema), "{name}");
        for (called, ty) in &described.schema.types {
            assert_eq!(ty.description(), read.types[called].description(), "{name}: {called}");
        }
    }
}

/// The words of a text, and the parts of each at its capitals.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned);
    words.flat_map(|w| [bistro_schema::names::snake(&w), w]).collect()
}

#[test]
fn what_is_hidden_from_a_role_is_under_no_name() {
    let fixture = "tests/fixture/schema.graphql";
    let shapes = "crates/graphql/tests/cases/shapes.graphql";
    let blog = "examples/blog/schema.graphql";
    let cases: [(&str, &[&str], &[&str]); 5] = [
        (fixture, &[], &["alias", "sealed", "vault", "vault_id", "combination"]),
        (fixture, &["authenticated"], &["alias", "sealed", "vault", "vault_id", "combination"]),
        (fixture, &["authenticated", "keeper"], &["sealed"]),
        (shapes, &[], &["mail", "sealed", "vault", "combination", "Email"]),
        (blog, &["authenticated"], &["note"]),
    ];
    for (file, roles, hidden) in cases {
        for options in [PLAIN, BOTH] {
            let schema = schema(file);
            let described = described(&schema, roles, options);
            let text = described.sdl();
            let words = words(&text);
            for name in hidden {
                let within = words.iter().find(|w| w.split('_').any(|part| part == *name) || w == name);
                assert_eq!(within, None, "{file} {roles:?}: {name} is shown");
                for (id, _) in schema.types() {
                    assert_eq!(described.field(id, name), None, "{file} {roles:?}: {name}");
                    assert_eq!(described.input(id, name), None, "{file} {roles:?}: {name}");
                }
            }
        }
    }
}

fn type_named(schema: &Schema, name: &str) -> TypeId {
    schema.by_name(name).expect("the file has the type")
}

#[test]
fn names_mean_what_they_were_made_for() {
    let schema = schema("crates/graphql/tests/cases/shapes.graphql");
    let id = |name: &str| type_named(&schema, name);
    let plain = described(&schema, &["service_role"], PLAIN);
    let thing = id("Thing");
    let meanings = [
        ("Query", Meaning::Query),
        ("Thing", Meaning::Object(thing)),
        ("ThingConnection", Meaning::Connection(thing)),
        ("ThingGroupKey", Meaning::GroupKey(thing)),
        ("ThingsWritten", Meaning::Written(thing)),
        ("ThingFilter", Meaning::Filter(thing)),
        ("ThingField", Meaning::Fields(thing)),
        ("StringFilter", Meaning::ScalarFilter(Kind::String)),
        ("StringListFilter", Meaning::ScalarListFilter(Kind::String)),
        ("JSONPathFilter", Meaning::JsonPathFilter),
        ("Warmth", Meaning::Enum(EnumId(0))),
        ("WarmthFilter", Meaning::ScalarFilter(Kind::Enum(EnumId(0)))),
        ("SeatRowNoAndSeatNoKey", Meaning::KeySet(id("Seat"), UniqueSet::Key)),
        ("SeatRoomAndLabelKey", Meaning::KeySet(id("Seat"), UniqueSet::Unique(0))),
        ("GameListFilter", Meaning::ListFilter(id("Game"))),
        ("ClubLink", Meaning::Link(id("Club"))),
        ("GameRelinks", Meaning::Relinks(id("Game"))),
    ];
    for (name, means) in meanings {
        assert_eq!(plain.meaning(name), Some(means), "{name}");
    }
    assert_eq!(plain.meaning("String"), None);
    let (query, mutation, subscription) =
        (OperationType::Query, OperationType::Mutation, OperationType::Subscription);
    let roots = [
        (query, "thing", Some(RootField::One(thing))),
        (query, "thingBy", Some(RootField::By(thing))),
        (query, "sheepList", Some(RootField::Many(id("Sheep")))),
        (query, "tally", None),
        (query, "node", None),
        (mutation, "upsertThings", Some(RootField::Upsert(thing))),
        (mutation, "createThing", Some(RootField::Create(thing))),
        (mutation, "createThings", Some(RootField::CreateMany(thing))),
        (mutation, "createScore", None),
        (subscription, "things", Some(RootField::Live(thing))),
        (subscription, "thingChanges", Some(RootField::Changes(thing))),
        (subscription, "scores", None),
    ];
    for (kind, field, means) in roots {
        assert_eq!(plain.root(kind, field), means, "{kind:?} {field}");
    }
}

#[test]
fn global_ids_take_the_name_id_and_leave_key_to_the_key() {
    let schema = schema("crates/graphql/tests/cases/shapes.graphql");
    let id = |name: &str| type_named(&schema, name);
    let field =
        |ty: TypeId, name: &str| Some(FieldMeaning::Field(schema.ty(ty).field_named(name).expect("a field")));
    let global = described(&schema, &["service_role"], GLOBAL);
    let (thing, seat, person) = (id("Thing"), id("Seat"), id("Person"));
    assert_eq!(global.field(thing, "id"), Some(FieldMeaning::GlobalId));
    assert_eq!(global.field(thing, "key"), field(thing, "id"));
    assert_eq!(global.input(thing, "id"), field(thing, "id"));
    assert_eq!(global.input(thing, "key"), None);
    assert_eq!(global.field(seat, "id"), Some(FieldMeaning::GlobalId));
    assert_eq!(global.field(seat, "row_no"), field(seat, "row_no"));
    // It has a field `key` of its own.
    assert_eq!(global.field(person, "id"), field(person, "id"));
    assert!(global.node_types().contains(&thing) && !global.node_types().contains(&person));
    assert_eq!(global.root(OperationType::Query, "node"), Some(RootField::Node));
    assert!(global.implementers.contains_key("Node"));
}

#[test]
fn a_relation_hides_the_column_of_its_name() {
    let schema = schema("crates/graphql/tests/cases/shapes.graphql");
    let game = type_named(&schema, "Game");
    let described = described(&schema, &[], PLAIN);
    let home = schema.ty(game).relation_named("home").map(FieldMeaning::Relation);
    assert_eq!(described.field(game, "home"), home);
    assert_eq!(described.input(game, "home"), home);
    let fields = described.schema.get_enum("GameField").expect("games can be grouped");
    assert!(fields.values.contains_key("home"));
}

#[test]
fn a_subgraph_tells_a_gateway_its_keys() {
    let schema = schema("crates/graphql/tests/cases/shapes.graphql");
    let subgraph = described(&schema, &["service_role"], SUBGRAPH);
    let sdl = subgraph.sdl();
    for part in
        ["directive @oneOf", "@link(url: \"https://specs.apollo.dev/federation/", "type PageInfo @shareable"]
    {
        assert!(sdl.contains(part), "{part}");
    }
    assert!(sdl.contains("type Seat @key(fields: \"row_no seat_no\") @key(fields: \"room label\")"));
    for own in ["_service", "_entities", "_Entity", "_Any", "_empty"] {
        assert!(!sdl.contains(own), "{own}");
    }
    let query = OperationType::Query;
    assert_eq!(subgraph.root(query, "_service"), Some(RootField::Service));
    assert_eq!(subgraph.root(query, "_entities"), Some(RootField::Entities));
    assert_eq!(described(&schema, &["service_role"], BOTH).root(query, "node"), None);
    let nothing = parsed("type Vault @model { id: ID! }");
    let nothing = described(&nothing, &[], SUBGRAPH);
    assert_eq!(nothing.root(query, "_entities"), None);
    assert_eq!(nothing.root(query, "_service"), Some(RootField::Service));
}

/// What these roles are told by the service that adds fields to another one's posts.
fn extending(names: &[&str], options: Options) -> Described {
    let schema = schema("crates/graphql/tests/cases/extends.graphql");
    described(&schema, names, options).extending([type_named(&schema, "Post")])
}

#[test]
fn a_subgraph_adds_fields_to_the_types_of_another() {
    let subgraph = extending(&["service_role"], SUBGRAPH);
    let failed = compare("extends_service", &bare(&subgraph.sdl()));
    assert!(failed.is_none(), "{failed:?}");
    assert!(subgraph.root(OperationType::Query, "posts").is_some(), "its own callers see all of it");
    assert!(subgraph.schema.get_object("PostConnection").is_some(), "its own callers see all of it");
}

#[test]
fn a_subgraph_is_silent_of_rows_that_it_may_not_name() {
    let told = bare(&extending(&[], SUBGRAPH).sdl());
    assert!(told.contains("type Rating ") && !told.contains("Post"), "{told}");
}

#[test]
fn regress_only_the_key_of_another_subgraphs_row_is_sure() {
    let told = bare(&extending(&["service_role"], BOTH).sdl());
    assert!(told.contains("  id: ID!\n  key: ID!\n  isbn: String\n  stars: Int\n"), "{told}");
}

#[test]
fn regress_no_argument_is_of_a_type_that_was_left_out() {
    let federation = "directive @link(url: String!, import: [String]) repeatable on SCHEMA
        directive @key(fields: String!) repeatable on OBJECT directive @shareable on OBJECT";
    for (roles, options) in [(&["service_role"][..], SUBGRAPH), (&["service_role"], BOTH), (&[], SUBGRAPH)] {
        let told = extending(roles, options).sdl();
        let read = Graph::parse_and_validate(format!("{federation}\n{told}"), "schema.graphql");
        assert!(read.is_ok(), "{:?}\n{told}", read.err().map(|e| e.errors.to_string()));
        assert!(!told.contains("updateMark(") && !told.contains("MarkUpdate"), "{told}");
    }
}

#[test]
fn every_generated_name_is_refused_in_a_file() {
    let file = "crates/graphql/tests/cases/shapes.graphql";
    let text = std::fs::read_to_string(root().join(file)).expect("the schema file is readable");
    let schema = schema(file);
    let refused = |more: &str| bistro_sdl::read("schema.graphql", &format!("{text}\n{more}")).has_errors();
    assert!(!refused("type Free @model(plural: \"frees\") { id: ID! }"));
    let made = described(&schema, &["service_role"], BOTH);
    let types = made.schema.types.iter().filter(|(_, ty)| !ty.is_built_in()).map(|(name, _)| name);
    let free: Vec<_> = types.filter(|name| !refused(&format!("type {name} @model {{ id: ID! }}"))).collect();
    assert!(free.is_empty(), "{free:?}");
    let plain = described(&schema, &["service_role"], GLOBAL);
    for root in ["Query", "Subscription"] {
        let fields = plain.schema.get_object(root).expect("there is such a root").fields.keys();
        let free: Vec<_> = fields
            .map(|field| bistro_schema::names::snake(field))
            .filter(|words| !refused(&format!("type Free @model(plural: \"{words}\") {{ id: ID! }}")))
            .collect();
        assert!(free.is_empty(), "{root}: {free:?}");
    }
}

#[test]
fn every_schema_of_the_repository_is_described_in_every_form() {
    let files = ["examples/blog", "examples/todo", "examples/chinook", "bench", "tests/fixture"];
    for file in files.map(|folder| format!("{folder}/schema.graphql")) {
        let schema = schema(&file);
        let declared = schema.roles.iter().map(|r| r.name.as_str()).collect::<Vec<_>>();
        let everything: Vec<&str> = declared.into_iter().chain(["authenticated"]).collect();
        for roles in [&[][..], &["authenticated"], &everything, &["service_role"]] {
            for options in [PLAIN, GLOBAL, SUBGRAPH, BOTH] {
                described(&schema, roles, options);
            }
        }
    }
}
