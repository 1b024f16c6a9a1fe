//! Generated requests: a kept plan gives what compiling anew gives, and no text makes the compiler fall.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use apollo_compiler::request::coerce_variable_values;

use super::asked::{Asked, Setting};
use super::printed::answer;
use crate::document::variables;

/// The same structure with two sets of values.
type Pair = (Value, Value);

const TEXT: &str = "query($filter: ThingFilter, $order: [ThingOrder!], $first: Int, $offset: Int, $skip: Boolean!, $seats: SeatFilter, $rows: Int) {
  things(filter: $filter, orderBy: $order, first: $first, offset: $offset) {
    edges { cursor node { id name @skip(if: $skip) seats(filter: $seats, first: $rows) { totalCount nodes { code } } } }
    pageInfo { hasNextPage }
    groups(by: [colour]) { count }
  }
}";

fn both<S: Strategy<Value = Value> + Clone + 'static>(values: S) -> BoxedStrategy<Pair> {
    (values.clone(), values).boxed()
}

fn text() -> BoxedStrategy<Pair> {
    both("[a-z%_\\\\]{0,4}[a-z]".prop_map(Value::from))
}

fn whole() -> BoxedStrategy<Pair> {
    both((-5_i32..50).prop_map(Value::from))
}

fn list(of: BoxedStrategy<Pair>) -> BoxedStrategy<Pair> {
    (prop::collection::vec(of.clone(), 0..3), prop::collection::vec(of, 0..3))
        .prop_map(|(a, b)| (a.into_iter().map(|p| p.0).collect(), b.into_iter().map(|p| p.1).collect()))
        .boxed()
}

fn truth() -> BoxedStrategy<Pair> {
    any::<bool>().prop_map(|truth| (truth.into(), truth.into())).boxed()
}

/// An object of some of these members.
fn object(members: Vec<(&'static str, BoxedStrategy<Pair>)>) -> BoxedStrategy<Pair> {
    let most = members.len().min(3);
    let members: Vec<_> =
        members.into_iter().map(|(name, value)| value.prop_map(move |pair| (name, pair)).boxed()).collect();
    prop::sample::subsequence(members, 0..=most)
        .prop_flat_map(|chosen| chosen)
        .prop_map(|chosen| {
            let (mut a, mut b) = (Map::new(), Map::new());
            for (name, (first, second)) in chosen {
                a.insert(name.into(), first);
                b.insert(name.into(), second);
            }
            (a.into(), b.into())
        })
        .boxed()
}

fn scalars() -> Vec<(&'static str, BoxedStrategy<Pair>)> {
    let texts = object(vec![
        ("eq", text()),
        ("in", list(text())),
        ("like", text()),
        ("startsWith", text()),
        ("isNull", truth()),
        ("not", object(vec![("neq", text()), ("distinct", text())])),
    ]);
    let numbers = object(vec![("gt", whole()), ("lte", whole()), ("in", list(whole())), ("isNull", truth())]);
    let colours = object(vec![("eq", both(prop::sample::select(vec![json!("red"), json!("green")])))]);
    let at = object(vec![("path", list(text())), ("text", texts.clone())]);
    vec![
        ("name", texts),
        ("small", numbers.clone()),
        ("big", numbers),
        ("colour", colours),
        ("ready", object(vec![("eq", truth())])),
        ("words", object(vec![("contains", list(text())), ("overlaps", list(text()))])),
        ("data", object(vec![("contains", whole()), ("at", at)])),
    ]
}

fn filter() -> BoxedStrategy<Pair> {
    let leaf = object(scalars());
    leaf.prop_recursive(3, 16, 3, |inner| {
        let mut members = scalars();
        let several = prop::collection::vec(inner.clone(), 0..3).prop_map(|parts| {
            let (a, b): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            (a.into(), b.into())
        });
        members.push(("and", several.clone().boxed()));
        members.push(("or", several.boxed()));
        members.push(("not", inner.boxed()));
        members.push(("seats", object(vec![("some", seats()), ("every", seats())])));
        object(members)
    })
    .boxed()
}

fn seats() -> BoxedStrategy<Pair> {
    object(vec![("code", object(vec![("eq", text())])), ("number", object(vec![("lt", whole())]))])
}

fn order() -> BoxedStrategy<Pair> {
    let direction = prop::sample::select(vec!["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_LAST"]);
    let term = (prop::sample::select(vec!["name", "small", "colour"]), direction)
        .prop_map(|(field, direction)| json!({ field: direction }));
    prop::collection::vec(term, 0..3).prop_map(|terms| (json!(terms), json!(terms))).boxed()
}

fn variables() -> BoxedStrategy<Pair> {
    let rows = || both((0_i32..20).prop_map(Value::from));
    let always = object(vec![
        ("filter", filter()),
        ("order", order()),
        ("first", rows()),
        ("offset", rows()),
        ("seats", seats()),
        ("rows", rows()),
    ]);
    (always, any::<bool>())
        .prop_map(|((mut a, mut b), skip)| {
            (a["skip"], b["skip"]) = (skip.into(), skip.into());
            (a, b)
        })
        .boxed()
}

fn asked(text: &str, variables: &Value) -> Asked {
    let variables = serde_json::from_value(variables.clone()).expect("variables are an object");
    Asked { schema: "shapes".into(), text: text.into(), variables, ..Asked::default() }
}

thread_local! {
    static SETTING: Setting = asked(TEXT, &json!({})).setting();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_kept_plan_gives_what_compiling_anew_gives((first, second) in variables()) {
        let anew = answer(&asked(TEXT, &json!({})).setting(), &asked(TEXT, &second));
        SETTING.with(|setting| {
            let kept = setting.plan(&asked(TEXT, &first));
            let again = setting.plan(&asked(TEXT, &second));
            // A way into JSON is part of what is asked, though it is no part of the structure.
            let lasting = !first.to_string().contains("\"path\"");
            if let (Ok((a, _)), Ok((b, _)), true) = (&kept, &again, lasting) {
                prop_assert!(Arc::ptr_eq(a, b), "the plan was not kept");
            }
            prop_assert_eq!(answer(setting, &asked(TEXT, &second)), anew);
            Ok(())
        })?;
    }

    #[test]
    fn no_text_makes_the_compiler_fall(text in any_text()) {
        SETTING.with(|setting| {
            let variables = json!({ "filter": { "name": { "eq": "a" } }, "skip": true, "first": 2 });
            answer(setting, &asked(&text, &variables));
        });
    }

    #[test]
    fn no_variables_make_the_compiler_fall(value in any_json(), name in prop::sample::select(vec!["filter", "order", "first", "offset", "seats"])) {
        let asked = asked(TEXT, &json!({ name: value, "skip": false }));
        SETTING.with(|setting| {
            answer(setting, &asked);
            let (schema, roles) = (&setting.described.schema, setting.view.roles());
            let document = setting.documents.read(&setting.described, roles, TEXT, &setting.limits).ok();
            let document = document.expect("the document is valid");
            let Ok(operation) = document.operation(None) else { panic!("it has one operation") };
            if variables::are_exact(&setting.described, operation, &asked.variables) {
                let coerced = coerce_variable_values(schema, operation, &asked.variables);
                prop_assert_eq!(&*coerced.expect("they are exact"), &asked.variables);
            }
            Ok(())
        })?;
    }
}

/// Documents with some letters changed, words in any order, and any text at all.
fn any_text() -> BoxedStrategy<String> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ":",
        "!",
        "$",
        "=",
        "@",
        "...",
        "query",
        "mutation",
        "fragment",
        "on",
        "things",
        "Thing",
        "nodes",
        "id",
        "filter",
        "first",
        "after",
        "name",
        "eq",
        "null",
        "true",
        "1",
        "-1.5e9",
        "\"x\"",
        "\"\"\"y\"\"\"",
        "#\n",
        "skip",
        "if",
        "__schema",
        "__typename",
        "F",
        "ThingFilter",
        ",",
        "\u{feff}",
        "é",
    ]);
    let soup = prop::collection::vec(words, 0..60).prop_map(|words| words.join(" "));
    let bases = prop::sample::select(vec![
        TEXT,
        "{ things(first: 2, filter: {name: {in: [\"a\", \"b\"]}, or: [{small: {gt: 1}}]}, orderBy: [{name: ASC}]) { nodes { ...F seats { totalCount } } } } fragment F on Thing { id data(path: [\"a\"]) }",
        "{ thing(id: \"01000000-0000-7000-8000-000000000001\") { id __typename } seatBy(key: {room_and_code: {room: \"a\", code: \"b\"}}) { number } __type(name: \"Thing\") { name fields { name } } }",
    ]);
    let edit = (any::<prop::sample::Index>(), 0_usize..4, "[{}()\\[\\]:!$=@.\"\\\\ a-z0-9]{0,3}");
    let mutated = (bases, prop::collection::vec(edit, 0..6)).prop_map(|(base, edits)| {
        let mut letters: Vec<char> = base.chars().collect();
        for (at, removed, put) in edits {
            let from = at.index(letters.len().max(1)).min(letters.len());
            let to = (from + removed).min(letters.len());
            letters.splice(from..to, put.chars());
        }
        letters.into_iter().collect::<String>()
    });
    prop_oneof![1 => any::<String>(), 3 => soup, 6 => mutated].boxed()
}

fn any_json() -> BoxedStrategy<Value> {
    let names = prop::sample::select(vec![
        "name", "and", "or", "not", "eq", "in", "seats", "some", "at", "path", "data", "isNull", "x",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zA-Z%\\\\]{0,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..4).prop_map(|members| members
                .into_iter()
                .map(|(n, v)| (n.to_owned(), v))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
    .boxed()
}
