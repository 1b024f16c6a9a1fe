//! Hidden and unknown are the same to a caller, at every place where a document can name something.
//!
//! Each template is asked twice, with a name that is hidden from the caller and with one that nobody has; but for the name
//! itself the answers must be equal to the byte. The same documents are right for whoever may use the name.

use crate::seat::{Backend, Running, Seat};
use bistro_graphql::Options;
use bistro_schema::Roles;

/// Hidden from the caller, and unknown to all.
const FIELDS: &[(&str, &str)] = &[
    ("veiled_pin", "zzzzzz_pin"),
    ("veiled_pay", "zzzzzz_pay"),
    ("veiled_code", "zzzzzz_code"),
    ("veiled_doc", "zzzzzz_doc"),
];

const FIELD_PLACES: &str = "
{ people { nodes { NAME } } }
{ people { nodes { x: NAME } } }
{ people { edges { node { NAME } } } }
{ people { nodes { NAME(path: [\"a\"]) } } }
{ people { nodes { name @skip(if: true) NAME @skip(if: true) } } }
{ people { nodes { ... on Person { NAME } } } }
{ people { nodes { ...F } } } fragment F on Person { NAME }
{ person(id: \"01000000-0000-7000-8000-000000000001\") { NAME } }
{ personBy(key: {NAME: \"x\"}) { id } }
{ personBy(key: {nick: \"x\"}) { NAME } }
{ people(filter: {NAME: {eq: \"1\"}}) { nodes { id } } }
{ people(filter: {NAME: {isNull: true}}) { nodes { id } } }
{ people(filter: {NAME: {nonsense: 1}}) { nodes { id } } }
{ people(filter: {NAME: null}) { nodes { id } } }
{ people(filter: {NAME: {}}) { nodes { id } } }
{ people(filter: {and: [{NAME: {isNull: true}}]}) { nodes { id } } }
{ people(filter: {or: [{name: {eq: \"a\"}}, {NAME: {isNull: true}}]}) { nodes { id } } }
{ people(filter: {not: {NAME: {isNull: true}}}) { nodes { id } } }
{ people(filter: {boss: {NAME: {isNull: true}}}) { nodes { id } } }
{ people(filter: {reports: {some: {NAME: {isNull: true}}}}) { nodes { id } } }
{ people(filter: {reports: {every: {NAME: {isNull: true}}}}) { nodes { id } } }
{ people(filter: {reports: {none: {NAME: {isNull: true}}}}) { nodes { id } } }
{ people(orderBy: [{NAME: ASC}]) { nodes { id } } }
{ people(orderBy: [{boss: {NAME: ASC}}]) { nodes { id } } }
{ people { aggregate { sum { NAME } } } }
{ people { aggregate { avg { NAME } } } }
{ people { aggregate { min { NAME } } } }
{ people { aggregate { max { NAME } } } }
{ people { groups(by: [NAME]) { count } } }
{ people { groups(by: [name]) { key { NAME } } } }
{ people { groups(by: [name]) { sum { NAME } } } }
{ posts { nodes { author { NAME } } } }
{ posts { nodes { author { reports { nodes { NAME } } } } } }
{ posts { nodes { author { reports(filter: {NAME: {isNull: true}}) { nodes { id } } } } } }
{ posts { nodes { author { reports(orderBy: [{NAME: ASC}]) { nodes { id } } } } } }
{ posts(filter: {author: {NAME: {isNull: true}}}) { nodes { id } } }
{ posts(filter: {author: {reports: {some: {NAME: {isNull: true}}}}}) { totalCount } }
{ posts(orderBy: [{author: {NAME: DESC}}]) { nodes { id } } }
{ __type(name: \"PersonField\") { name } people { groups(by: [NAME]) { count } } }
query Q($f: PersonFilter) { people(filter: $f) { nodes { id } } } {\"f\": {\"NAME\": {\"isNull\": true}}}
query Q($f: PersonFilter) { people(filter: $f) { nodes { id } } } {\"f\": {\"or\": [{\"NAME\": null}]}}
query Q($o: [PersonOrder!]) { people(orderBy: $o) { nodes { id } } } {\"o\": [{\"NAME\": \"ASC\"}]}
query Q($g: [PersonField!]!) { people { groups(by: $g) { count } } } {\"g\": [\"NAME\"]}
query Q($k: PersonKey!) { personBy(key: $k) { id } } {\"k\": {\"NAME\": \"x\"}}
mutation { updatePerson(id: \"01000000-0000-7000-8000-000000000001\", set: {NAME: \"1\"}) { id } }
mutation { updatePerson(id: \"01000000-0000-7000-8000-000000000001\", set: {NAME: null}) { id } }
mutation { updatePerson(id: \"01000000-0000-7000-8000-000000000001\", set: {name: \"n\"}) { NAME } }
mutation { updatePeople(filter: {NAME: {isNull: true}}, set: {name: \"n\"}) { count } }
mutation { updatePeople(filter: {name: {eq: \"n\"}}, set: {NAME: \"1\"}) { count } }
mutation { updatePeople(filter: {name: {eq: \"n\"}}, set: {name: \"m\"}) { nodes { NAME } } }
mutation { createPost(input: {title: \"t\", slug: \"s\", author: {connect: {NAME: \"x\"}}}) { id } }
mutation { createPost(input: {title: \"t\", slug: \"s\"}) { author { NAME } } }
mutation Q($s: PersonUpdate!) { updatePeople(filter: {name: {eq: \"n\"}}, set: $s) { count } } {\"s\": {\"NAME\": 1}}
subscription { people(filter: {NAME: {isNull: true}}) { nodes { id } } }
subscription { people { nodes { NAME } } }
subscription { personChanges(filter: {NAME: {isNull: true}}) { event } }
subscription { personChanges { node { NAME } } }
subscription { personChanges { key { NAME } } }
";

/// A relation that only editors may read, and its column.
const RELATIONS: &[(&str, &str)] = &[("veiled_boss", "zzzzzz_boss"), ("veiled_boss_id", "zzzzzz_boss_id")];

/// A relation to a type that does not exist for the caller.
const WAYS: &[(&str, &str)] = &[("veiled_notes", "zzzzzz_notes")];

const RELATION_PLACES: &str = "
{ posts { nodes { NAME } } }
{ posts { nodes { NAME { id } } } }
{ posts { nodes { NAME { nodes { id } } } } }
{ posts { nodes { NAME(first: 1) { totalCount } } } }
{ posts(filter: {NAME: {isNull: true}}) { nodes { id } } }
{ posts(filter: {NAME: {id: {eq: 1}}}) { nodes { id } } }
{ posts(filter: {NAME: {some: {}}}) { nodes { id } } }
{ posts(orderBy: [{NAME: ASC}]) { nodes { id } } }
{ posts(orderBy: [{NAME: {id: ASC}}]) { nodes { id } } }
{ posts { groups(by: [NAME]) { count } } }
{ posts { groups(by: [title]) { key { NAME } } } }
{ people { nodes { posts { nodes { NAME { id } } } } } }
{ people(filter: {posts: {some: {NAME: {id: {eq: 1}}}}}) { totalCount } }
mutation { createPost(input: {title: \"t\", slug: \"s\", NAME: 1}) { id } }
mutation { createPost(input: {title: \"t\", slug: \"s\", NAME: {connect: {id: 1}}}) { id } }
mutation { createPost(input: {title: \"t\", slug: \"s\", NAME: {create: [{id: 1}]}}) { id } }
mutation { updatePost(id: 1, set: {NAME: 1}) { id } }
mutation { updatePost(id: 1, set: {NAME: {disconnect: [{id: 1}]}}) { id } }
mutation { createPosts(input: [{title: \"t\", slug: \"s\"}]) { nodes { NAME { id } } } }
subscription { postChanges(filter: {NAME: {isNull: true}}) { event } }
";

/// The names of a type that does not exist for the caller, wherever types make names; the unknown ones are as far from every
/// visible name, for the hints.
const TYPES: &[(&str, &str)] = &[
    ("veiledNote", "weiledNote"),
    ("veiledNotes", "weiledNotes"),
    ("veiledNoteBy", "weiledNoteBy"),
    ("createVeiledNote", "createWeiledNote"),
    ("deleteVeiledNotes", "deleteWeiledNotes"),
    ("veiledNoteChanges", "weiledNoteChanges"),
    ("VeiledNote", "WeiledNote"),
    ("VeiledNoteFilter", "WeiledNoteFilter"),
    ("VeiledNoteConnection", "WeiledNoteConnection"),
    ("VeiledNoteCreate", "WeiledNoteCreate"),
];

const TYPE_PLACES: &str = "
{ NAME { id } }
{ NAME { nodes { id } } }
{ NAME(id: 1) { id } }
{ NAME(first: nonsense) { id } }
mutation { NAME(input: {id: 1}) { id } }
mutation { NAME(filter: {id: {eq: 1}}) { count } }
subscription { NAME { nodes { id } } }
subscription { NAME { event } }
{ posts { nodes { ... on NAME { id } } } }
query Q($v: NAME) { posts { totalCount } }
fragment F on NAME { id } query Q { posts { nodes { ...F } } }
";

#[test]
fn what_is_hidden_answers_like_what_is_not_there() {
    let seat = Seat::new(Options::default());
    let running = seat.take(Backend::Memory, true);
    let mut wrong = Vec::new();
    let tables =
        [(FIELDS, FIELD_PLACES), (RELATIONS, RELATION_PLACES), (WAYS, RELATION_PLACES), (TYPES, TYPE_PLACES)];
    let mut asked = 0;
    for (names, places) in tables {
        for place in places.lines().filter(|line| !line.is_empty()) {
            for names in names {
                for roles in [Roles::ANON, Roles::AUTHENTICATED] {
                    asked += 1;
                    wrong.extend(check(&running, roles, place, *names));
                }
            }
        }
    }
    seat.give_back(running);
    assert!(wrong.is_empty(), "{} of {asked} differ\n{}", wrong.len(), wrong.join("\n"));
}

/// Asks with both names; what differs.
fn check(running: &Running, roles: Roles, place: &str, (hidden, unknown): (&str, &str)) -> Option<String> {
    // Variables stand behind the last brace of the document.
    let (document, variables) = match place.find("} {\"") {
        Some(at) => place.split_at(at + 1),
        None => (place, ""),
    };
    let ask = |name: &str| {
        let (document, variables) = (document.replace("NAME", name), variables.replace("NAME", name));
        let asked = running.graphql.operations(roles, &document, &variables, None);
        asked.map(|_| ()).map_err(|errors| errors.replace(name, "NAME"))
    };
    let (hidden, unknown) = (ask(hidden), ask(unknown));
    let refused = hidden.is_err();
    (hidden != unknown || !refused).then(|| format!("{place}\n  hidden  {hidden:?}\n  unknown {unknown:?}"))
}

#[test]
fn no_name_that_is_hidden_stands_in_the_schema_of_a_caller() {
    let seat = Seat::new(Options::default());
    let running = seat.take(Backend::Memory, true);
    for (roles, shown) in [(Roles::ANON, false), (Roles::AUTHENTICATED, false), (Roles::SERVICE, true)] {
        let sdl = running.graphql.described(roles).expect("there is a schema").sdl().to_lowercase();
        assert_eq!(sdl.contains("veiled"), shown, "for {roles:?}");
    }
    seat.give_back(running);
}
