//! Documents and variables that are made to hurt: each is refused (or answered) at once. `tests/memory.rs` looks at the memory.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use apollo_compiler::response::{JsonMap, JsonValue};

use super::asked::Asked;

/// How long one request may take, parsing to values. Without optimisation everything takes longer.
const TIME: Duration =
    if cfg!(debug_assertions) { Duration::from_secs(5) } else { Duration::from_millis(50) };
/// What was not as it should be.
#[derive(Default)]
struct Judge {
    wrong: String,
}

impl Judge {
    /// What a request comes to: the code of its first error, or none; and that it takes little time.
    fn check(&mut self, name: &str, text: String, variables: JsonMap, expected: Option<&str>) {
        let asked = Asked { schema: "blog".into(), text, variables, ..Asked::default() };
        let setting = asked.setting();
        let start = Instant::now();
        let answer = setting.plan(&asked);
        let took = start.elapsed();
        let failures = answer.err().unwrap_or_default();
        let code = failures.first().map(|f| f.problem.code.text());
        let told: usize = failures.iter().map(|f| f.problem.message.len()).sum();
        if code != expected || told > 10_000 || took > TIME {
            let first = failures.first().map(|f| f.problem.message.as_str());
            let _ = writeln!(self.wrong, "{name}: {code:?} after {took:?}, {told} bytes: {first:?}");
        }
    }

    fn refused(&mut self, name: &str, text: String, code: &str) {
        self.check(name, text, JsonMap::new(), Some(code));
    }

    fn served(&mut self, name: &str, text: String) {
        self.check(name, text, JsonMap::new(), None);
    }

    fn with(&mut self, name: &str, text: &str, variables: serde_json::Value, expected: Option<&str>) {
        let variables = serde_json::from_value(variables).expect("variables are an object");
        self.check(name, text.into(), variables, expected);
    }
}

fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

#[test]
fn documents_that_are_made_to_hurt_are_refused_at_once() {
    let mut judge = Judge::default();
    // The schema is described before the clock runs.
    judge.served("warm", "{ posts { totalCount } }".into());
    all(&mut judge);
    assert!(judge.wrong.is_empty(), "{}", judge.wrong);
}

fn all(judge: &mut Judge) {
    selections(judge);
    fragments(judge);
    syntax(judge);
    values(judge);
    definitions(judge);
    variables(judge);
}

fn selections(judge: &mut Judge) {
    let list = |inner: &str| format!("{{ posts {{ nodes {{ {inner} }} }} }}");
    judge.refused("5,000 aliases", list(&many(5_000, |n| format!("a{n}: id "))), "BIS-106");
    judge.refused("21 aliases", list(&many(21, |n| format!("a{n}: id "))), "BIS-106");
    judge.served("20 aliases", list(&many(20, |n| format!("a{n}: id "))));
    judge.refused("501 fields", list(&"id ".repeat(501)), "BIS-106");
    judge.served("400 times the same", list(&"id title ".repeat(200)));
    let deep = |levels: usize| {
        format!("{}id{}", "author { posts { nodes { ".repeat(levels), " } } }".repeat(levels))
    };
    judge.refused("deep", list(&deep(8)), "BIS-106");
    judge.refused("very deep", list(&deep(1_000)), "BIS-106");
    let inline = |n: usize| format!("{}id{}", "... { ".repeat(n), " }".repeat(n));
    judge.refused("inline fragments in each other", list(&inline(150)), "BIS-106");
    judge.refused("inline fragments in a row", list(&"... { id } ".repeat(2_500)), "BIS-106");
    let nested = many(15, |a| {
        format!("a{a}: author {{ {} }} ", many(15, |b| format!("b{b}: posts {{ nodes {{ id }} }} ")))
    });
    judge.refused("aliases times aliases", list(&nested), "BIS-106");
    judge.refused("introspection in a row", "{ __schema { types { name } } }".repeat(20), "BIS-106");
    let twice = many(2, |n| format!("query Q{n} {{ __schema {{ types {{ name }} }} }} "));
    judge.refused("introspection twice", twice, "BIS-106");
    let circle = format!(
        "{{ __schema {{ types {{ {} name {} }} }} }}",
        "fields { type { ".repeat(9),
        "} } ".repeat(9)
    );
    judge.refused("introspection in a circle", circle, "BIS-106");
}

fn fragments(judge: &mut Judge) {
    let doubling = |n: usize| format!("fragment F{n} on Post {{ ...F{} ...F{} }} ", n + 1, n + 1);
    let text =
        format!("{{ posts {{ nodes {{ ...F0 }} }} }} {} fragment F40 on Post {{ id }}", many(40, doubling));
    judge.refused("2^40 fields", text, "BIS-106");
    let through = |n: usize| {
        let next = n + 1;
        format!(
            "fragment F{n} on Post {{ a: author {{ ...G{next} }} b: author {{ ...G{next} }} }} fragment G{n} on User {{ posts {{ nodes {{ ...F{n} }} }} }} "
        )
    };
    let text = format!(
        "{{ posts {{ nodes {{ ...F0 }} }} }} {} fragment F20 on Post {{ id }} fragment G20 on User {{ id }}",
        many(20, through)
    );
    judge.refused("2^20 rows of rows", text, "BIS-106");
    judge.refused(
        "a fragment in itself",
        "{ posts { nodes { ...F } } } fragment F on Post { ...F }".into(),
        "BIS-402",
    );
    let ring = many(200, |n| format!("fragment F{n} on Post {{ id ...F{} }} ", (n + 1) % 200));
    judge.refused("a ring of fragments", format!("{{ posts {{ nodes {{ ...F0 }} }} }} {ring}"), "BIS-106");
    let ring = many(20, |n| format!("fragment F{n} on Post {{ id ...F{} }} ", (n + 1) % 20));
    judge.refused(
        "a small ring of fragments",
        format!("{{ posts {{ nodes {{ ...F0 }} }} }} {ring}"),
        "BIS-402",
    );
    let lonely = "{ posts { nodes { id } } } fragment F on Post { author { ...G } } fragment G on User { posts { nodes { ...F } } }";
    judge.refused("a ring that nobody spreads", lonely.into(), "BIS-402");
    judge.refused(
        "1,000 fragments",
        format!(
            "{{ posts {{ nodes {{ id }} }} }} {}",
            many(1_000, |n| format!("fragment F{n} on Post {{ id }} "))
        ),
        "BIS-106",
    );
    let spread =
        format!("{{ posts {{ nodes {{ {} }} }} }} fragment F on Post {{ id }}", "...F ".repeat(4_000));
    judge.refused("one fragment 4,000 times", spread, "BIS-106");
    let chain = many(80, |n| format!("fragment F{n} on Post {{ id ...F{} }} ", n + 1));
    let text = format!("{{ posts {{ nodes {{ ...F0 }} }} }} {chain} fragment F80 on Post {{ title }}");
    judge.served("a chain of fragments", text);
}

fn syntax(judge: &mut Judge) {
    for bracket in ["{", "[", "(", "{a", "{a(b:[", "{a(b:{c:", "query($a:[[[[", "@a(b:", "...{"] {
        let text = bracket.repeat(100_000 / bracket.len());
        judge.refused(&format!("100,000 bytes of {bracket}"), text, "BIS-106");
        let text = bracket.repeat(60_000 / bracket.len());
        let setting = Asked { schema: "blog".into(), text, ..Asked::default() };
        let start = Instant::now();
        assert!(setting.setting().plan(&setting).is_err());
        assert!(
            start.elapsed() < TIME + Duration::from_millis(500),
            "60,000 bytes of {bracket} took {:?}",
            start.elapsed()
        );
    }
    let types =
        format!("query($a: {}Int{}) {{ posts {{ nodes {{ id }} }} }}", "[".repeat(1_000), "]".repeat(1_000));
    judge.refused("a type of lists of lists", types, "BIS-106");
    judge.refused("10 MB", "{ posts { nodes { id } } } ".repeat(400_000), "BIS-106");
    judge.refused("60 KB of one name", format!("{{ {} }}", "a".repeat(60_000)), "BIS-402");
    judge.refused(
        "60 KB of a text that does not end",
        format!("{{ a(b: \"{}", "x".repeat(60_000)),
        "BIS-401",
    );
    judge.refused("60 KB of what is no grammar", "? ".repeat(30_000), "BIS-401");
    judge.check(
        "60 KB of white space",
        format!("{{ posts {{ nodes {{ id }} }} }}{}", " ".repeat(60_000)),
        JsonMap::new(),
        None,
    );
    judge.check(
        "60 KB of comment",
        format!("#{}\n{{ posts {{ nodes {{ id }} }} }}", "x".repeat(60_000)),
        JsonMap::new(),
        None,
    );
}

fn values(judge: &mut Judge) {
    let filter = |inner: &str| format!("{{ posts(filter: {inner}) {{ nodes {{ id }} }} }}");
    let nots = |n: usize| format!("{}{{}}{}", "{not: ".repeat(n), "}".repeat(n));
    judge.refused("60 conditions within each other", filter(&nots(60)), "BIS-106");
    judge.refused("2,000 conditions within each other", filter(&nots(2_000)), "BIS-106");
    let within = |n: usize| format!("{{title: {}{{}}{}}}", "{not: ".repeat(n), "}".repeat(n));
    judge.refused("60 within one value", filter(&within(60)), "BIS-106");
    let members = many(2_000, |n| format!("m{n}: {{}} "));
    judge.refused("2,000 members that are none", filter(&format!("{{ {members} }}")), "BIS-402");
    judge.refused("2,000 times a member", filter(&format!("{{ {} }}", "id: {} ".repeat(2_000))), "BIS-402");
    let or = "{title:{eq:\"a\"}}".repeat(1_500);
    judge.served("1,500 alternatives", filter(&format!("{{or: [{or}]}}")));
    let among = "\"a\" ".repeat(3_000);
    judge.refused("3,000 values of in", filter(&format!("{{title: {{in: [{among}]}}}}")), "BIS-106");
    let every = |n: usize| format!("{}{{}}{}", "{author: {posts: {some: ".repeat(n), "}}}".repeat(n));
    judge.refused("conditions over many relations", filter(&every(5)), "BIS-106");
    let twice = format!("{{ {} }}", format!("posts(filter: {{or: [{or}]}}) {{ nodes {{ id }} }} ").repeat(2));
    judge.refused("too many tokens", twice, "BIS-106");
    let orders = "{title: ASC} ".repeat(1_000);
    judge.refused(
        "1,000 terms of order",
        format!("{{ posts(orderBy: [{orders}]) {{ nodes {{ id }} }} }}"),
        "BIS-106",
    );
    let arguments = many(3_000, |n| format!("a{n}: 1 "));
    judge.refused("3,000 arguments", format!("{{ posts({arguments}) {{ nodes {{ id }} }} }}"), "BIS-106");
    let merged = |n: usize| {
        format!("posts(filter: {{or: [{}]}}) {{ nodes {{ id }} }} ", "{title:{eq:\"a\"}}".repeat(n))
    };
    judge.check(
        "large arguments that are compared",
        format!("{{ {} }}", merged(60).repeat(20)),
        JsonMap::new(),
        None,
    );
}

fn definitions(judge: &mut Judge) {
    let variables = many(10_000, |n| format!("$v{n}: Int "));
    judge.refused(
        "10,000 variables",
        format!("query({variables}) {{ posts {{ nodes {{ id }} }} }}"),
        "BIS-106",
    );
    let variables = many(3_000, |n| format!("$v{n}: Int "));
    judge.refused(
        "3,000 variables",
        format!("query({variables}) {{ posts {{ nodes {{ id }} }} }}"),
        "BIS-106",
    );
    let operations = many(1_200, |n| format!("query Q{n}{{...F}} "));
    let fields = "posts{nodes{id}} ".repeat(100);
    judge.refused("1,200 operations", format!("{operations} fragment F on Query {{ {fields} }}"), "BIS-106");
    let operations = many(50, |n| format!("query Q{n} {{ ...F }} "));
    judge.refused(
        "50 large operations",
        format!("{operations} fragment F on Query {{ {fields} }}"),
        "BIS-106",
    );
    let directives = "@skip(if: false) ".repeat(2_000);
    judge.refused("2,000 directives", format!("{{ posts {directives} {{ nodes {{ id }} }} }}"), "BIS-106");
    judge.refused("descriptions and types", "type A { a: Int } ".repeat(1_000), "BIS-402");
}

fn variables(judge: &mut Judge) {
    let text = "query($f: PostFilter) { posts(filter: $f) { nodes { id } } }";
    let mut deep = serde_json::json!({});
    for _ in 0..120 {
        deep = serde_json::json!({ "not": deep });
    }
    judge.with(
        "120 conditions within each other, in a variable",
        text,
        serde_json::json!({ "f": deep }),
        Some("BIS-106"),
    );
    let mut deep = serde_json::json!({});
    for _ in 0..120 {
        deep = serde_json::json!([deep]);
    }
    judge.with("lists in lists", text, serde_json::json!({ "f": deep }), Some("BIS-412"));
    let many: Vec<_> = (0..20_000).map(|n| serde_json::json!({ "title": { "eq": n.to_string() } })).collect();
    judge.with("20,000 alternatives", text, serde_json::json!({ "f": { "or": many } }), Some("BIS-106"));
    let empty = vec![serde_json::json!({}); 20_000];
    for list in ["and", "or"] {
        judge.with(
            &format!("regress: 20,000 empty conditions in {list}"),
            text,
            serde_json::json!({ "f": { list: empty } }),
            Some("BIS-106"),
        );
    }
    let empty = vec![serde_json::json!({}); 4_000];
    judge.with("4,000 empty conditions", text, serde_json::json!({ "f": { "and": empty } }), None);
    let among: Vec<_> = (0..20_000).map(|n| n.to_string()).collect();
    judge.with(
        "20,000 values of in",
        text,
        serde_json::json!({ "f": { "title": { "in": among } } }),
        Some("BIS-106"),
    );
    let long = "x".repeat(1 << 20);
    judge.with("a megabyte of text", text, serde_json::json!({ "f": { "title": { "eq": long } } }), None);
    judge.with(
        "a megabyte that is no id",
        text,
        serde_json::json!({ "f": { "id": { "eq": long } } }),
        Some("22P02"),
    );
    judge.with(
        "a megabyte of cursor",
        "query($c: String) { posts(after: $c) { nodes { id } } }",
        serde_json::json!({ "c": long }),
        Some("BIS-407"),
    );
    judge.with(
        "a megabyte of an unknown member",
        text,
        serde_json::json!({ "f": { long: 1 } }),
        Some("BIS-412"),
    );
    let undeclared: JsonMap = (0..20_000).map(|n| (format!("v{n}").into(), JsonValue::from(n))).collect();
    judge.check(
        "20,000 variables that nobody declares",
        "{ posts { nodes { id } } }".into(),
        undeclared,
        None,
    );
}

#[test]
fn rows_of_an_upsert_that_all_differ_are_compiled_or_refused_at_once() {
    let may = ["small", "price", "weight", "day", "hour", "at", "data", "raw", "mail", "page"];
    let row = |n: usize| {
        let mut row = serde_json::json!({ "name": "n", "colour": "red", "big": n, "ready": true });
        for (_, field) in may.iter().enumerate().filter(|(bit, _)| (n >> bit) & 1 == 1) {
            row[field] = serde_json::Value::Null;
        }
        row
    };
    let wide = many(20, |n| may.map(|field| format!("{field}{n}: {field} ")).concat());
    let text =
        format!("mutation($t: [ThingCreate!]!) {{ upsertThings(input: $t) {{ nodes {{ {wide} }} }} }}");
    for (sets, refused) in [(2, false), (250, false), (251, true), (1_000, true)] {
        let rows: Vec<_> = (0..1_000).map(|n| row(n % sets)).collect();
        let variables = serde_json::from_value(serde_json::json!({ "t": rows })).expect("an object");
        let asked = Asked { schema: "shapes".into(), text: text.clone(), variables, ..Asked::default() };
        let setting = asked.setting();
        let start = Instant::now();
        let failures = setting.plan(&asked).err().unwrap_or_default();
        let took = start.elapsed();
        let code = failures.first().map(|failure| failure.problem.code.text());
        assert_eq!(code, refused.then_some("BIS-106"), "{sets} sets of members");
        assert!(took < TIME, "{sets} sets of members take {took:?}");
    }
}
