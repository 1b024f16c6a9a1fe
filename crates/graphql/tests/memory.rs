//! Documents that are made to hurt leave no memory behind, however often they come. A process of its own: nothing else may
//! allocate meanwhile.

use std::fmt::Write as _;
use std::sync::Arc;

use bistro_engine::Engine;
use bistro_graphql::{GraphQl, Options};
use bistro_policy::Rules;
use bistro_schema::Roles;
use bistro_store_memory::MemoryStore;

/// Bytes that the process may have more in the end.
const BYTES_MAX: usize = 48 << 20;
/// How often each document comes; each time it is another text.
const TIMES: usize = 30;

fn surface() -> GraphQl {
    let checked = bistro_sdl::read("schema.graphql", include_str!("../../../examples/blog/schema.graphql"));
    let schema = Arc::new(checked.schema);
    let (rules, _) = Rules::compile(Arc::clone(&schema));
    let engine = Engine::new(MemoryStore::new(schema), Arc::new(rules), bistro_engine::Options::default());
    GraphQl::new(engine, Options::default())
}

/// The documents, told apart by a comment.
fn documents(n: usize) -> Vec<String> {
    let many = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    let doubling = many(40, &|n| format!("fragment F{n} on Post {{ ...F{} ...F{} }} ", n + 1, n + 1));
    let alternatives = "{title:{eq:\"a\"}}".repeat(1_500);
    [
        format!("{{ posts {{ nodes {{ {} }} }} }}", many(5_000, &|n| format!("a{n}: id "))),
        format!("{{ posts {{ nodes {{ ...F0 }} }} }} {doubling} fragment F40 on Post {{ id }}"),
        format!("{{ posts(filter: {{or: [{alternatives}]}}) {{ nodes {{ id }} }} }}"),
        "{a".repeat(30_000),
        "{a(b:[".repeat(10_000),
        format!("{{ {} }}", "a".repeat(60_000)),
        format!("query({}) {{ posts {{ nodes {{ id }} }} }}", many(2_000, &|n| format!("$v{n}: Int "))),
    ]
    .map(|text| format!("#{n}\n{text}"))
    .into()
}

fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4_096
}

#[test]
fn documents_that_are_made_to_hurt_leave_no_memory_behind() {
    let surface = surface();
    let ask = |n: usize| {
        documents(n).iter().map(|text| surface.operations(Roles::ANON, text, "", None).is_ok()).collect()
    };
    let first: Vec<bool> = ask(0);
    let (before, mut told) = (resident(), String::new());
    for n in 1..=TIMES {
        assert_eq!(first, ask(n));
        let _ = write!(told, " {}", resident() >> 20);
    }
    assert!(resident() < before + BYTES_MAX, "MiB: {} and then{told}", before >> 20);
}
