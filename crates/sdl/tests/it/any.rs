//! No input makes the reader panic, and every place that it names is in the file.

use bistro_sdl::{read, report};
use proptest::prelude::*;

fn harmless(text: &str) {
    let checked = read("any.graphql", text);
    for d in &checked.diagnostics {
        assert!(d.span.0 <= d.span.1 && d.span.1 as usize <= text.len(), "{d:?}");
    }
    report("any.graphql", text, &checked.diagnostics, false);
}

/// Words of the language, so that random files get past the parser.
const WORDS: &[&str] = &[
    "type",
    "enum",
    "extend",
    "A",
    "B",
    "Cat",
    "id",
    "a",
    "and",
    "order",
    ":",
    "ID!",
    "Int",
    "String",
    "[B!]!",
    "[A]",
    "A!",
    "B",
    "{",
    "}",
    "(",
    ")",
    "@model",
    "@account",
    "@view(sql: \"\")",
    "@id",
    "@unique",
    "@index(fields: [\"a\"])",
    "@inverse(of: \"a\")",
    "@relation(through: \"B\")",
    "@relation(column: \"id\", onDelete: SET_NULL)",
    "@model(key: [\"a\", \"id\"])",
    "@default(value: 1)",
    "@default(value: {a: [1]})",
    "@range(min: 3, max: 1)",
    "@allow(to: [READ], roles: [\"x\"])",
    "@roles",
    "@includes(roles: [a])",
    "@decimal(precision: 3, scale: 4)",
    "Decimal",
    "\"\"\"ü\"\"\"",
    "interface",
    "union",
    "=",
    "|",
    "Query",
    "@model(name: \"ü x\", plural: \"As\")",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        harmless(&text);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        harmless(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_words(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..80)) {
        harmless(&words.join(" "));
    }

    #[test]
    fn any_models(fields in proptest::collection::vec((0..3usize, proptest::sample::select(WORDS),
            proptest::sample::select(WORDS)), 1..12)) {
        let mut bodies = [String::new(), String::new(), String::new()];
        for (n, (ty, kind, directive)) in fields.iter().enumerate() {
            let directive = if directive.starts_with('@') { directive } else { "" };
            let kind = if kind.starts_with(['A', 'B', 'I', '[', 'D', 'S']) { kind } else { "A" };
            bodies[*ty].push_str(&format!("f{} : {kind} {directive}\n", n % 7));
        }
        let [a, b, c] = bodies;
        harmless(&format!("type A @model {{ id: ID! {a} }} type B @model {{ {b} a: A! @id }} enum C {{ x y }} \
            type D @model(key: [\"a\"]) {{ a: B! {c} }}"));
    }
}

#[test]
fn deep_nesting_is_refused_and_quick() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let cases = [
        format!("type A @model {{ a: {} }}", deep("[", "]")),
        format!("type A @model {{ id: ID! a: Int @default(value: {}) }}", deep("[", "]")),
        format!("type A @model {{ id: ID! a: Int @default(value: {}) }}", deep("{a:", "}")),
        deep("{", "}"),
        "{a".repeat(200_000),
        "\"".repeat(500_000),
        "type A { ".repeat(50_000),
        "@".repeat(900_000),
        "a".repeat(1_000_001),
        format!("type A @model {{ {} }}", "a: Int ".repeat(100_000)),
        "type A @model { id: ID! } ".repeat(30_000),
    ];
    for text in cases {
        let started = std::time::Instant::now();
        let checked = read("deep.graphql", &text);
        assert!(checked.has_errors(), "{}", &text[..40]);
        let told = report("deep.graphql", &text, &checked.diagnostics, false);
        assert!(told.len() < 1_000_000, "{} bytes for {}", told.len(), &text[..40]);
        println!("{:?} {}", started.elapsed(), &text[..40]);
        assert!(started.elapsed().as_secs() < 20, "slow: {}", &text[..40]);
    }
}
