//! Writes of several clients at once, and writes that are too large.

use std::time::{Duration, Instant};

use bistro_graphql::Options;
use serde_json::Value as Json;

use crate::seat::{Backend, Running, Seat};

fn ask(running: &Running, document: &str) -> Json {
    serde_json::from_str(&running.ask("ada", document, "")).expect("replies are JSON")
}

#[test]
fn clients_that_upsert_one_key_at_once_make_one_row() {
    let seat = Seat::new(Options::default());
    for backend in Backend::ALL {
        let running = seat.take(backend, true);
        let upsert = |n: usize| {
            let document = format!(
                r#"mutation {{ upsertCells(input: [{{row_no: 50, col: "same", text: "{n}"}}, {{row_no: 51, col: "same"}}]) {{ count nodes {{ text }} }} }}"#
            );
            ask(&running, &document)
        };
        let replies: Vec<Json> = std::thread::scope(|scope| {
            let upsert = &upsert;
            let threads: Vec<_> = (0..8).map(|n| scope.spawn(move || upsert(n))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for (n, reply) in replies.iter().enumerate() {
            let written = &reply["data"]["upsertCells"];
            assert_eq!(written["count"], 2, "{backend:?} {reply}");
            assert_eq!(written["nodes"][0]["text"], n.to_string(), "{backend:?} {reply}");
        }
        let rows = ask(&running, "{ cells(filter: {row_no: {gte: 50}}) { totalCount } }");
        assert_eq!(rows["data"]["cells"]["totalCount"], 2, "{backend:?} {rows}");
        seat.give_back(running);
    }
}

#[test]
fn clients_that_link_the_same_rows_at_once_make_one_link() {
    let seat = Seat::new(Options::default());
    for backend in Backend::ALL {
        let running = seat.take(backend, true);
        let link = || {
            ask(
                &running,
                "mutation { updatePost(id: 2, set: {tags: {connect: [{id: 2}, {id: 4}]}}) { tags(orderBy: [{id: ASC}]) { nodes { id } } } }",
            )
        };
        let replies: Vec<Json> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(link)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let expected = serde_json::json!({"data": {"updatePost": {"tags": {"nodes": [{"id": 1}, {"id": 2}, {"id": 4}]}}}});
        assert!(replies.iter().all(|reply| *reply == expected), "{backend:?} {replies:?}");
        seat.give_back(running);
    }
}

#[test]
fn writes_have_a_size() {
    let seat = Seat::new(Options::default());
    let running = seat.take(Backend::Sqlite, true);
    let cells = |from: usize, count: usize| -> String {
        let cells = (from..from + count).map(|n| format!(r#"{{row_no: {n}, col: "n"}},"#));
        cells.collect()
    };
    let people = |count: usize| -> String { (0..count).map(|n| format!(r#"{{name: "p{n}"}},"#)).collect() };
    let roots = |count: usize| -> String {
        let names = ["Cell", "Drop", "Sample", "Comment", "Post", "Person"];
        let root = |n: usize| format!("a{n}: delete{}s(filter: {{or: []}}) {{ count }} ", names[n / 20]);
        (0..count).map(root).collect::<String>().replace("Persons", "People")
    };
    let refused = "OPERATION_TOO_COMPLEX";
    let cases = [
        (format!("mutation {{ createCells(input: [{}]) {{ count }} }}", cells(1_000, 1_000)), ""),
        (format!("mutation {{ createCells(input: [{}]) {{ count }} }}", cells(2_000, 1_001)), refused),
        (
            format!(
                "mutation {{ createPeople(input: {{name: \"b\", reports: {{create: [{}]}}}}) {{ count }} }}",
                people(999)
            ),
            "",
        ),
        (
            format!(
                "mutation {{ createPeople(input: {{name: \"b\", reports: {{create: [{}]}}}}) {{ count }} }}",
                people(1_000)
            ),
            refused,
        ),
        (
            format!(
                "mutation {{ createPeople(input: [{}]) {{ nodes {{ reports {{ nodes {{ id }} }} }} }} }}",
                people(400)
            ),
            refused,
        ),
        (format!("mutation {{ {} }}", roots(100)), ""),
        (format!("mutation {{ {} }}", roots(101)), refused),
    ];
    for (document, expected) in cases {
        let reply: Json = serde_json::from_str(&running.ask("service", &document, "")).unwrap();
        let code = reply["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        assert_eq!(code, expected, "{}: {reply}", &document[..60]);
    }
    let counted = ask(
        &running,
        "{ cells(filter: {row_no: {gte: 1000}}) { totalCount } people(filter: {boss: {name: {eq: \"b\"}}}) { totalCount } }",
    );
    assert_eq!(
        counted,
        serde_json::json!({"data": {"cells": {"totalCount": 1000}, "people": {"totalCount": 999}}})
    );
}

#[test]
fn writes_of_all_rows_are_served_where_they_are_allowed() {
    let mut options = Options::default();
    options.limits.unfiltered_writes = true;
    let seat = Seat::new(options);
    let running = seat.take(Backend::Sqlite, true);
    let cases = [
        (
            "mutation { updateCells(filter: {}, set: {count: 9}) { nodes { count } } }",
            r#"{"data":{"updateCells":{"nodes":[{"count":9},{"count":9},{"count":9}]}}}"#,
        ),
        ("mutation { deleteCells(filter: {and: []}) { count } }", r#"{"data":{"deleteCells":{"count":3}}}"#),
    ];
    for (document, expected) in cases {
        assert_eq!(running.ask("ada", document, ""), expected);
    }
}

#[test]
fn regress_a_mutation_is_done_whole_though_its_client_leaves() {
    let create = |n: usize| format!(r#"a{n}: createCell(input: {{row_no: {n}, col: "left"}}) {{ col }} "#);
    let many: String = (0..20).map(create).collect();
    let cases = [
        (format!("mutation {{ {many} }}"), 20),
        (format!("mutation @atomic {{ {many} }}"), 20),
        // A field that fails stops none of the others.
        (
            format!(
                "mutation {{ {} bad: deleteCell(row_no: 99, col: \"none\") {{ col }} {} }}",
                create(1),
                create(2)
            ),
            2,
        ),
    ];
    let seat = Seat::new(Options::default());
    for backend in [Backend::Sqlite, Backend::Postgres] {
        for (document, count) in &cases {
            let running = seat.take(backend, true);
            running.ask_and_leave("ada", document);
            let written = || {
                let read = ask(&running, r#"{ cells(filter: {col: {eq: "left"}}) { totalCount } }"#);
                read["data"]["cells"]["totalCount"].clone()
            };
            let until = Instant::now() + Duration::from_secs(10);
            while written() != *count && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(10));
            }
            assert_eq!(written(), *count, "{backend:?} {document}");
            seat.give_back(running);
        }
    }
}
