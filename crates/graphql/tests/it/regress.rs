//! Mistakes that were made once: documents, their variables and what they answer, over SQLite.

use bistro_graphql::Options;
use serde_json::Value as Json;

use crate::seat::{Backend, Data, Running, Seat, named, unnamed};

/// A caller, a document, its variables, and what it answers.
type Case<'c> = (&'c str, &'c str, &'c str, &'c str);

/// Asks each twice, so that kept plans answer as well; writes are asked once.
fn check(cases: &[Case<'_>]) {
    let seat = Seat::new(Options::default());
    let running = seat.take(Backend::Sqlite, true);
    for (caller, document, variables, expected) in cases {
        let times = if document.starts_with("mutation") { 1 } else { 2 };
        for time in 0..times {
            let reply = unnamed(&running.ask(caller, &named(document), &named(variables)));
            assert_eq!(reply, *expected, "{document} {variables} {time}");
        }
    }
}

/// What is answered to null in an argument that takes none.
fn null(argument: &str, column: u32) -> String {
    let hint = "Give its variable a value, or leave it out for its default.";
    format!(
        r#"{{"errors":[{{"message":"The argument {argument} cannot be null","locations":[{{"line":1,"column":{column}}}],"extensions":{{"code":"BAD_USER_INPUT","reason":"BIS-412","hint":"{hint}"}}}}]}}"#
    )
}

#[test]
fn regress_null_decides_no_selection() {
    let both = "query($b: Boolean = true) { post(id: 1) { id slug @include(if: $b) title @skip(if: $b) } }";
    let root = "query($b: Boolean = false) { post(id: 1) @skip(if: $b) { id } }";
    let spread =
        "query($b: Boolean = false) { post(id: 1) { id ...F @include(if: $b) } } fragment F on Post { slug }";
    let schema = "query($b: Boolean = true) { __schema { queryType { name @include(if: $b) } } }";
    check(&[
        ("anon", both, "", r#"{"data":{"post":{"id":"1","slug":"first"}}}"#),
        ("anon", both, r#"{"b": false}"#, r#"{"data":{"post":{"id":"1","title":"First light"}}}"#),
        ("anon", both, r#"{"b": null}"#, &null("if of @include", 51)),
        ("anon", root, r#"{"b": null}"#, &null("if of @skip", 42)),
        ("anon", root, r#"{"b": true}"#, r#"{"data":{}}"#),
        ("anon", spread, r#"{"b": null}"#, &null("if of @include", 52)),
        ("anon", schema, "", r#"{"data":{"__schema":{"queryType":{"name":"Query"}}}}"#),
        ("anon", schema, r#"{"b": null}"#, &null("if of @include", 57)),
    ]);
}

#[test]
fn regress_null_in_a_variable_with_a_default_is_no_fault_of_ours() {
    let set = r#"mutation($s: DropUpdate = {text: "x"}) { updateDrop(id: 1, set: $s) { text } }"#;
    let input = r#"mutation($s: DropCreate = {text: "x"}) { createDrop(input: $s) { text } }"#;
    let key = r#"query($k: PostKey = {id: "1"}) { postBy(key: $k) { id } }"#;
    let rows = r#"mutation($s: DropCreate = {text: "x"}) { createDrops(input: [$s]) { count } }"#;
    let no_row = r#"{"errors":[{"message":"A row to write cannot be null","locations":[{"line":1,"column":42}],"extensions":{"code":"BAD_USER_INPUT","reason":"22023","pointer":"/input/0"}}]}"#;
    let given = r#"{"s": null}"#;
    check(&[
        ("ada", set, given, &null("set of updateDrop", 60)),
        ("ada", set, "", r#"{"data":{"updateDrop":{"text":"x"}}}"#),
        ("ada", input, given, &null("input of createDrop", 53)),
        ("ada", key, r#"{"k": null}"#, &null("key of postBy", 41)),
        ("ada", rows, given, no_row),
        ("ada", rows, "", r#"{"data":{"createDrops":{"count":1}}}"#),
    ]);
}

#[test]
fn regress_an_int_takes_no_number_with_a_point() {
    let literal = r#"{"errors":[{"message":"Int cannot represent value: 2.0","locations":[{"line":1,"column":18}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED","reason":"BIS-402"}}]}"#;
    let variable = r#"{"errors":[{"message":"The variable $n is not of type Int: could not coerce variable n: 2.0 to type Int","locations":[{"line":1,"column":7}],"extensions":{"code":"BAD_USER_INPUT","reason":"BIS-412"}}]}"#;
    let page = "query($n: Int) { samples(first: $n) { __typename } }";
    check(&[
        ("anon", "{ samples(first: 2.0) { __typename } }", "", literal),
        ("anon", page, r#"{"n": 2.0}"#, variable),
        ("anon", page, r#"{"n": 2}"#, r#"{"data":{"samples":{"__typename":"SampleConnection"}}}"#),
    ]);
}

#[test]
fn regress_arguments_of_a_list_are_judged_whatever_is_selected() {
    let cursor = r#"{"errors":[{"message":"The cursor does not belong to this list in this order","locations":[{"line":1,"column":COLUMN}],"extensions":{"code":"BAD_USER_INPUT","reason":"BIS-407","hint":"Use a cursor of the same field with the same orderBy, or none."POINTER}}]}"#;
    let cursor = |column: &str, pointer: &str| cursor.replace("COLUMN", column).replace("POINTER", pointer);
    let large = r#"{"errors":[{"message":"A page has at most 1000 rows; 5000 were asked for","locations":[{"line":1,"column":3}],"extensions":{"code":"OPERATION_TOO_COMPLEX","reason":"BIS-106","hint":"Ask for the rest with after: endCursor."}}]}"#;
    let value = r#"{"errors":[{"message":"invalid input syntax for type bigint: \"x\"","locations":[{"line":1,"column":3}],"extensions":{"code":"BAD_USER_INPUT","reason":"22P02"}}]}"#;
    let known = r#"{"data":{"posts":{"__typename":"PostConnection"}}}"#;
    let variable = "query($c: String) { posts(first: 1, after: $c) { __typename } }";
    let counted = "query($c: String) { posts(first: 1, after: $c) { totalCount } }";
    let bad = r#"{"c": "bad"}"#;
    let pointer = r#","pointer":"/variables/c""#;
    check(&[
        ("anon", r#"{ posts(first: 1, after: "bad") { __typename } }"#, "", &cursor("3", "")),
        ("anon", r#"{ posts(last: 1, before: "bad") { totalCount } }"#, "", &cursor("3", "")),
        ("anon", r#"{ people { nodes { posts(after: "bad") { __typename } } } }"#, "", &cursor("20", "")),
        ("anon", "{ posts(first: 5000) { __typename } }", "", large),
        ("anon", "{ posts(first: 5000) { aggregate { __typename } } }", "", large),
        ("anon", r#"{ posts(filter: {id: {eq: "x"}}) { __typename } }"#, "", value),
        ("anon", r#"{ posts(first: 1, filter: {id: {eq: 1}}) { __typename } }"#, "", known),
        // No plan of a request before answers for another one's cursor.
        ("anon", variable, "{\"c\": null}", known),
        ("anon", variable, bad, &cursor("21", pointer)),
        ("anon", counted, r#"{"c": "QXrrrFsiMSJd"}"#, r#"{"data":{"posts":{"totalCount":3}}}"#),
        ("anon", counted, bad, &cursor("21", pointer)),
        ("anon", variable, r#"{"c": "QXrrrFsiMSJd"}"#, known),
    ]);
}

#[test]
fn regress_numbers_lose_no_digits() {
    let exact = "query($n: Decimal = 12345678901234567890123456789) { samples(filter: {exact: {eq: $n}}) { nodes { id } } }";
    let among = "query($n: [Decimal!] = [1.5, 12345678901234567890123456789]) { samples(filter: {exact: {in: $n}}) { totalCount } }";
    let big =
        "query($n: BigInt = 9007199254740993) { samples(filter: {big: {eq: $n}}) { nodes { id big } } }";
    let found = |id: &str| format!(r#"{{"data":{{"samples":{{"nodes":[{{"id":{id}}}]}}}}}}"#);
    let one = r#"{"data":{"samples":{"nodes":[{"id":1,"big":"9007199254740993"}]}}}"#;
    let lost = r#"{"errors":[{"message":"1.2345678901234568e+28 may have lost digits on its way","locations":[{"line":1,"column":54}],"extensions":{"code":"BAD_USER_INPUT","reason":"22P02","hint":"Send a number of more than fifteen digits as a string.","pointer":"/variables/n"}}]}"#;
    check(&[
        ("anon", exact, "", &found("3")),
        ("anon", exact, r#"{"n": "12345678901234567890123456789"}"#, &found("3")),
        ("anon", exact, r#"{"n": 1.5}"#, &found("1")),
        // A double of the body is told apart from the number that was meant, never taken for it.
        ("anon", exact, r#"{"n": 12345678901234567890123456789}"#, lost),
        ("anon", among, "", r#"{"data":{"samples":{"totalCount":2}}}"#),
        ("anon", big, "", one),
        ("anon", big, r#"{"n": 9007199254740993}"#, one),
        (
            "anon",
            "{ samples(filter: {big: {eq: 9007199254740992}}) { totalCount } }",
            "",
            r#"{"data":{"samples":{"totalCount":0}}}"#,
        ),
    ]);
}

/// Types whose keys are not for everybody to see.
const VEILED: &str = r#"
enum Role @roles { editor }

type Guest @model @allow(to: [READ, CREATE]) {
  id: ID! @allow(to: [READ], roles: ["editor"])
  nick: String @unique
  name: String!
}

type Locker @model @allow(to: [READ, CREATE]) {
  id: Int! @id @allow(to: [READ], when: "row.open") @allow(to: [CREATE])
  open: Boolean!
  name: String!
}
"#;

#[test]
fn regress_no_row_is_lost_between_pages_where_the_key_is_hidden() {
    let cases = [
        (
            r#"mutation { createGuests(input: [{name: "a"}, {name: "b", nick: "n"}, {name: "c"}, {name: "d"}]) { count } }"#,
            "guests",
            ["", "orderBy: [{nick: ASC}],", "orderBy: [{nick: DESC}],", "orderBy: [{name: DESC}],"],
        ),
        (
            r#"mutation { createLockers(input: [{id: 1, open: false, name: "a"}, {id: 2, open: true, name: "b"}, {id: 3, open: false, name: "c"}, {id: 4, open: false, name: "d"}]) { count } }"#,
            "lockers",
            ["", "orderBy: [{id: ASC}],", "orderBy: [{id: DESC}],", "orderBy: [{open: ASC}],"],
        ),
    ];
    let seat = Seat::of(Data { schema: VEILED, seed: "" });
    for backend in Backend::ALL {
        let running = seat.take(backend, true);
        for (create, list, orders) in cases {
            running.ask("service", create, "");
            for order in orders {
                for (from, page, end) in [
                    ("after", "first", ["endCursor", "hasNextPage"]),
                    ("before", "last", ["startCursor", "hasPreviousPage"]),
                ] {
                    let mut names = pages(&running, &format!("{list}({order} {page}: 1, {from}: $c)"), end);
                    names.sort();
                    assert_eq!(names, ["a", "b", "c", "d"], "{backend:?} {list} {order} {page}");
                }
            }
        }
        seat.give_back(running);
    }
}

/// The names of the rows of all pages, one page after the other.
fn pages(running: &Running, list: &str, [cursor, more]: [&str; 2]) -> Vec<String> {
    let document =
        format!("query($c: String) {{ p: {list} {{ nodes {{ name }} pageInfo {{ {cursor} {more} }} }} }}");
    let (mut names, mut at) = (Vec::new(), Json::Null);
    loop {
        let reply = running.ask("anon", &document, &serde_json::json!({ "c": at }).to_string());
        let reply: Json = serde_json::from_str(&reply).unwrap();
        let page = &reply["data"]["p"];
        names.extend(page["nodes"][0]["name"].as_str().map(str::to_owned));
        if page["pageInfo"][more] != true || names.len() > 9 {
            return names;
        }
        at = page["pageInfo"][cursor].clone();
    }
}
