//! Generated requests: nothing panics, and the short way gives what the full compile gives.

use bistro_schema::Roles;
use proptest::prelude::*;

use super::super::template;
use super::super::{Limits, Request, Verb, compile};
use super::view;
use crate::prefer::Prefer;

const COLUMNS: &[(&str, &[&str])] = &[
    ("id", &["1", "-5", "9007199254740993", "abc"]),
    ("title", &["x", "a*b", "100%25", "a,b", "null", ""]),
    ("status", &["draft", "published", "nope"]),
    ("price", &["1.50", "2", "x"]),
    ("author", &["00000000-0000-0000-0000-000000000001"]),
    ("author_id", &["00000000-0000-0000-0000-000000000001", "7"]),
    ("data->>k", &["v", "1"]),
    ("data->k", &["1", "\"s\"", "{"]),
    ("words", &["{a,b}", "[\"a\"]", "{"]),
    ("person.age", &["3"]),
    ("person.name", &["Ann"]),
];

const OPERATORS: &[&str] = &[
    "eq",
    "neq",
    "gt",
    "lte",
    "like",
    "ilike",
    "match",
    "not.eq",
    "isdistinct",
    "cs",
    "cd",
    "ov",
    "not.in",
    "in",
    "fts",
    "is.null",
    "not.is.null",
    "sl",
    "nonsense",
];

const OTHERS: &[&str] = &[
    "select=id,title,person:author!inner(id,name)",
    "select=*,person:author(name)",
    "select=count()",
    "order=id.desc,title",
    "order=person(name)",
    "limit=5",
    "limit=0",
    "limit=-1",
    "limit=x",
    "offset=7",
    "offset=-7",
    "person.limit=2",
    "or=(id.eq.1,title.like.a*)",
    "person=is.null",
    "ignored",
    "s%65lect=id",
    "and=(id.gt.1)",
    "columns=id",
    "id=eq(any).{1,2}",
];

fn filter() -> impl Strategy<Value = String> {
    let column = prop::sample::select(COLUMNS.to_vec());
    (column, prop::sample::select(OPERATORS.to_vec()), any::<prop::sample::Index>()).prop_map(
        |((name, literals), operator, which)| {
            let literal = literals[which.index(literals.len())];
            match operator {
                "is.null" | "not.is.null" => format!("{name}={operator}"),
                "in" | "not.in" => format!("{name}={operator}.({literal},{literal})"),
                _ => format!("{name}={operator}.{literal}"),
            }
        },
    )
}

fn query() -> impl Strategy<Value = String> {
    let other = prop::sample::select(OTHERS.to_vec()).prop_map(str::to_owned);
    let part = prop_oneof![3 => filter(), 2 => other];
    prop::collection::vec(part, 0..5).prop_map(|parts| {
        let embed = "select=id,person:author(id)".to_owned();
        std::iter::once(embed).chain(parts).collect::<Vec<_>>().join("&")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8 * ProptestConfig::default().cases, ..ProptestConfig::default() })]

    /// The invariant that a warm request rests on.
    #[test]
    fn a_template_binds_what_the_full_compile_binds(query in query(), other in query()) {
        let view = view_once();
        let limits = Limits::default();
        let full = |query: &str| compile(view, &request(query), &limits);
        let split = |query| template::split("posts", None, query, 0, &limits);
        // The operation cached for a shape came from another query of the same shape: here, from this one.
        if let (Some(template), Ok(compiled)) = (split(&query), full(&query)) {
            let bound = template::bind(view.schema(), &limits, &compiled.operation, &template);
            prop_assert_eq!(bound.unwrap().params, compiled.input.params);
            // Equal shapes mean equal operations, whatever the literals.
            if let (Some(twin), Ok(again)) = (split(&other), full(&other))
                && twin.key == template.key
            {
                prop_assert_eq!(again.operation, compiled.operation);
            }
        }
    }

    /// Two queries that differ in their literals alone share a shape and an operation.
    #[test]
    fn literals_do_not_change_the_shape(a in 0_u32.., b in 0_u32.., rows in 0_u32..2_000, like in "[a-z*%]{0,8}") {
        let view = view_once();
        let limits = Limits::default();
        let text = |id: u32, n: u32, like: &str| {
            format!("select=id,person:author(name)&id=gt.{}&title=like.{}&person.age=eq.{}&limit={n}",
                id / 2, like.replace('%', "%25"), id / 2)
        };
        let (first, second) = (text(a, rows, &like), text(b, 3, "x"));
        let one = template::split("posts", None, &first, 0, &limits).unwrap();
        let two = template::split("posts", None, &second, 0, &limits).unwrap();
        prop_assert_eq!(&one.key, &two.key);
        let compiled = compile(view, &request(&second), &limits).unwrap();
        let again = compile(view, &request(&first), &limits).unwrap();
        prop_assert_eq!(&again.operation, &compiled.operation);
        let bound = template::bind(view.schema(), &limits, &compiled.operation, &one).unwrap();
        prop_assert_eq!(bound.params, again.input.params);
    }

    /// The same for one row by its key.
    #[test]
    fn keys_are_literals(row in "[A-Za-z/ é]{1,5}", number in any::<i32>(), taken in any::<bool>()) {
        let view = view_once();
        let limits = Limits::default();
        let encoded: String = row.bytes().map(|b| format!("%{b:02X}")).collect();
        let key = format!("{encoded},{number}");
        let query = format!("select=taken&taken=is.{taken}&number=neq.5");
        let whole = Request { collection: "seats", item: Some(&key), ..request(&query) };
        let compiled = compile(view, &whole, &limits).unwrap();
        let template = template::split("seats", Some(&key), &query, 0, &limits).unwrap();
        let bound = template::bind(view.schema(), &limits, &compiled.operation, &template).unwrap();
        prop_assert_eq!(bound.params, compiled.input.params);
    }

    /// Whatever is sent, the answer is an operation or a problem.
    #[test]
    fn no_query_panics(query in "[a-z\\(\\)\\.,:!\"\\\\{}%&=+*>\\- 0-9é]{0,80}", key in "[a-z0-9,%/é]{0,12}") {
        let view = view_once();
        let limits = Limits { aggregates: true, ..Limits::default() };
        let mut request = request(&query);
        for verb in [Verb::Get, Verb::Patch, Verb::Put, Verb::Delete] {
            request.verb = verb;
            let _ = compile(view, &request, &limits);
            let _ = compile(view, &Request { item: Some(&key), collection: "seats", ..request }, &limits);
        }
        for word in ["select", "or", "order", "id", "data->a"] {
            let text = format!("{word}={query}");
            let whole = Request { query: &text, verb: Verb::Get, ..request };
            let _ = compile(view, &whole, &limits);
            let _ = template::split("posts", Some(&key), &text, 0, &limits);
        }
    }

    /// The same for bodies of every content type.
    #[test]
    fn no_body_panics(body in prop_oneof![
        "[\\{\\}\\[\\]\",:a-z0-9\\\\ ntu\n]{0,60}",
        "(\\{\"(title|words|data|author|at)\":(null|1|\"x\"|\\[\\]|\\{\\})\\},?){0,3}",
    ], many in any::<bool>(), query in "(columns=(title|\"words\",data))?") {
        let view = view_once();
        let limits = Limits { unfiltered_writes: true, ..Limits::default() };
        let text = if many { format!("[{}]", body.trim_end_matches(',')) } else { body };
        for content_type in ["application/json", "text/csv", "application/x-www-form-urlencoded", "image/png"] {
            for verb in [Verb::Post, Verb::Patch, Verb::Put] {
                let request = Request {
                    verb,
                    body: text.as_bytes(),
                    content_type: Some(content_type),
                    ..request(&query)
                };
                let _ = compile(view, &request, &limits);
            }
        }
    }
}

fn view_once() -> &'static bistro_schema::SchemaView {
    static VIEW: std::sync::LazyLock<bistro_schema::SchemaView> =
        std::sync::LazyLock::new(|| view(Roles::SERVICE));
    &VIEW
}

fn request(query: &str) -> Request<'_> {
    static PREFER: std::sync::LazyLock<Prefer> = std::sync::LazyLock::new(Prefer::default);
    Request {
        verb: Verb::Get,
        collection: "posts",
        item: None,
        query,
        range: None,
        prefer: &PREFER,
        content_type: None,
        body: b"",
        singular: false,
    }
}
