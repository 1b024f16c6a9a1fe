//! The WSDL of real schemas, for callers of several roles: each name in it is defined once, and nothing hidden is named.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bistro_schema::{Roles, SchemaView};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::{About, Described};
use crate::envelope::Version;

fn described(schema: &str, roles: &[&str]) -> Described {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join(schema)).expect("the schema file is there");
    of(&text, roles)
}

fn of(text: &str, roles: &[&str]) -> Described {
    let read = bistro_sdl::read("schema.graphql", text);
    assert!(!read.diagnostics.iter().any(|d| d.is_error()), "the schema has mistakes");
    let schema = Arc::new(read.schema);
    let roles = match roles {
        ["anon"] => Roles::ANON,
        ["service"] => Roles::SERVICE,
        named => Roles::AUTHENTICATED.with(schema.roles_named(named.iter().copied())),
    };
    Described::new(Arc::new(SchemaView::new(schema, roles)), true)
}

fn about() -> About {
    About {
        namespace: "urn:bistro:v1".into(),
        address: "https://example.org/soap/v1?a=1&b=2".into(),
        signs_in: true,
        included: 1_000,
        page: 30,
        page_most: 1_000,
        nillable: false,
    }
}

/// The names that a document defines, by what they name, and the references to types in it.
#[derive(Default)]
struct Names {
    defined: BTreeMap<(String, String), usize>,
    types: Vec<String>,
    elements: Vec<String>,
}

fn names(wsdl: &str) -> Names {
    let (mut reader, mut names, mut depth) = (Reader::from_str(wsdl), Names::default(), 0);
    loop {
        let event = reader.read_event().expect("the WSDL is well-formed");
        let (tag, nests) = match &event {
            Event::Start(tag) => (tag, true),
            Event::Empty(tag) => (tag, false),
            Event::End(_) => {
                depth -= 1;
                continue;
            }
            Event::Eof => return names,
            _ => continue,
        };
        let kind = tag.name().into_inner().to_owned();
        for attribute in tag.attributes().map(|a| a.expect("attributes are well-formed")) {
            let (key, value) = (attribute.key.into_inner(), attribute.value.into_owned());
            match key {
                // Those of the schema itself, and of the messages beside it.
                "name" if (depth == 3 && kind.starts_with("xs:")) || kind == "wsdl:message" => {
                    let space = if kind == "xs:simpleType" { "xs:complexType" } else { &kind };
                    *names.defined.entry((space.to_owned(), value)).or_default() += 1;
                }
                "type" | "base" => names.types.extend(value.strip_prefix("tns:").map(str::to_owned)),
                "element" => names.elements.extend(value.strip_prefix("tns:").map(str::to_owned)),
                _ => {}
            }
        }
        depth += i32::from(nests);
    }
}

/// Types whose operations are called as the answers of others would be.
const SURVEYS: &str = "
type Survey @model { id: ID! }
type SurveyResponse @model { id: ID! }
type SurveyResponseReply @model { id: ID! }
type SurveyReply @model { id: ID! }";

#[test]
fn every_name_of_a_wsdl_is_defined_once() {
    let schemas = ["examples/blog", "examples/todo", "examples/chinook", "tests/fixture", SURVEYS];
    let callers: [&[&str]; 4] = [&["anon"], &["service"], &["editor"], &["keeper"]];
    let mut operations = 0;
    for schema in schemas {
        for roles in callers {
            let described = match schema {
                SURVEYS => of(SURVEYS, roles),
                folder => described(&format!("{folder}/schema.graphql"), roles),
            };
            operations += described.operations().len();
            for only in [None, Some(Version::V11), Some(Version::V12)] {
                let wsdl = described.wsdl(&about(), only);
                let names = names(&wsdl);
                let twice: Vec<_> = names.defined.iter().filter(|(_, count)| **count > 1).collect();
                assert!(twice.is_empty(), "{schema} {roles:?} defines twice: {twice:?}");
                let is = |space: &str, name: &String| {
                    names.defined.contains_key(&(space.to_owned(), name.clone()))
                };
                let port = |name: &String| name.ends_with("Port");
                let lost = names.types.iter().filter(|name| !is("xs:complexType", name) && !port(name));
                let lost: Vec<_> =
                    lost.chain(names.elements.iter().filter(|n| !is("xs:element", n))).collect();
                assert!(lost.is_empty(), "{schema} {roles:?} refers to nothing: {lost:?}");
                let ports = ["soap:address", "soap12:address"].map(|port| wsdl.contains(port));
                let expected = [only != Some(Version::V12), only != Some(Version::V11)];
                assert_eq!(ports, expected, "{schema} {roles:?} {only:?}");
            }
        }
    }
    assert!(operations > 300, "{operations} operations are fewer than the schemas have");
}

#[test]
fn a_caller_is_shown_what_its_roles_see() {
    let check = |roles: &[&str], shown: &[&str], hidden: &[&str]| {
        let wsdl = described("examples/blog/schema.graphql", roles).wsdl(&about(), None);
        let word = |text: &str| wsdl.contains(&format!("name=\"{text}\""));
        for name in shown {
            assert!(word(name), "{roles:?} do not see {name}");
        }
        for name in hidden {
            assert!(!word(name), "{roles:?} see {name}");
        }
        assert!(roles != ["anon"] || !wsdl.contains("For the editors' eyes"));
    };
    check(&["anon"], &["GetPost", "ListPosts", "PostFilter", "SignIn"], &["note", "CreatePost", "DeleteTag"]);
    check(&["reader"], &["CreatePost", "UpdatePost"], &["note", "CreateTag"]);
    check(&["editor"], &["note", "CreateTag", "DeletePost"], &["CreateUser"]);
    check(&["service"], &["note", "CreateUser", "CreatePostTags", "DeletePostTags"], &["UpdatePostTags"]);
}

#[test]
fn names_that_meet_are_told_apart() {
    let schema = "
type ArrayOfString @model @allow(to: [READ, CREATE]) { id: ID! tags: [String!]! }
\"\"\"A \u{1} <sheep> & \"more\".\"\"\"
type Sheep @model(plural: \"sheep\") @allow(to: [READ, CREATE]) { id: ID! wool: Decimal @decimal(precision: 10, scale: 2) }";
    let described = of(
        "type Key @model { id: ID! }\ntype Post @model { id: ID! key: [Key!]! tags: [Key!]! }",
        &["service"],
    );
    let offered = |described: &Described| -> Vec<String> {
        described.operations().iter().map(|o| o.name.to_string()).collect()
    };
    let joined = |name: &str| offered(&described).iter().any(|offered| offered == name);
    assert!(joined("CreatePostTags") && !joined("CreatePostKey") && joined("GetPost"));
    let described = of(schema, &["service"]);
    let operations = offered(&described);
    for name in ["CreateSheep", "CreateSheepList", "ListSheepList", "CountSheepList"] {
        assert!(operations.iter().any(|offered| offered == name), "{name} is not in {operations:?}");
    }
    let wsdl = described.wsdl(&about(), None);
    let names = names(&wsdl);
    let surveys = of(SURVEYS, &["service"]);
    let answer = |name: &str| surveys.operations().iter().find(|o| &*o.name == name).map(|o| &*o.answer);
    assert_eq!(answer("GetSurvey"), Some("GetSurveyReply_"));
    assert_eq!(answer("ListSurveys"), Some("ListSurveysResponse"));
    assert_eq!(answer("GetSurveyResponse"), Some("GetSurveyResponseResponse"));
    assert!(names.types.iter().any(|name| name == "ArrayOfString_"));
    assert!(wsdl.contains("A  &lt;sheep&gt; &amp; "), "a description is escaped");
}
