//! A database that somebody else keeps, served as it is.

use std::fmt::Write as _;

use crate::harness::{Folder, Server};

use super::database::{Database, ENGINES, Engine};
use super::{cases, pinned};

/// A folder with the schema of a database, which it is not to change.
fn folder(database: &Database) -> Folder {
    let folder = Folder::empty();
    let text = folder.run(&["pull", &database.url()]).well();
    folder.write("schema.graphql", &text);
    folder.write("bistro.toml", &format!("[database]\nurl = \"{}\"\nmanaged = false\n", database.url()));
    folder
}

/// What the requests of the case are answered, in order.
fn answers(database: &Database, server: &Server) -> String {
    let secret = server.secret();
    let requests = std::fs::read_to_string(cases().join("shop.requests")).expect("the requests are there");
    let mut out = String::new();
    for line in requests.lines() {
        let (method, rest) = line.split_once(' ').expect("a method and a target");
        if method == "SQL" {
            writeln!(out, "{line}\n{}\n", database.asks(rest)).expect("text grows");
            continue;
        }
        let (target, body) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut request =
            server.request(method, target).key(&secret).header("prefer", "return=representation");
        if !body.is_empty() {
            request = request.json(body);
        }
        let answer = request.send();
        writeln!(out, "{line}\n{} {}\n", answer.status, told(&answer.body)).expect("text grows");
    }
    out
}

/// What differs from run to run, or with the time of the test, is left out.
fn told(body: &str) -> String {
    let Ok(mut json) = serde_json::from_str::<serde_json::Value>(body) else { return body.to_owned() };
    if let Some(error) = json.as_object_mut()
        && error.contains_key("instance")
    {
        error.retain(|name, _| matches!(name.as_str(), "code" | "message" | "details" | "hint"));
    }
    for row in json.as_array_mut().into_iter().flatten() {
        if row["product_name"] == "Bare" && row.get("added").is_some_and(|a| a != "2024-01-01T00:00:00+00:00")
        {
            row["added"] = "now".into();
        }
    }
    json.to_string()
}

#[test]
fn every_engine_answers_the_same_and_stays_as_it_was() {
    for engine in ENGINES {
        let database = Database::with("shop", engine);
        let before = database.definition();
        let server = Server::start(folder(&database), &["serve"]);
        let told = answers(&database, &server);
        server.stop();
        pinned("shop.answers", &told);
        assert_eq!(before, database.definition(), "{engine:?}: serving changes no definition");
    }
}

#[test]
fn a_schema_that_does_not_fit_is_refused_with_all_that_is_missing() {
    for engine in ENGINES {
        let database = Database::with("shop", engine);
        let folder = folder(&database);
        let schema = "type Category @model(name: \"Category\") { id: Int! @id @column(name: \"CategoryId\")  name: Int @column(name: \"Name\") }\n\
                      type Product @model(name: \"Product\") { id: Int! @id @column(name: \"ProductId\")  colour: String  added: DateTime! @column(name: \"Added\") }\n\
                      type Shop @model { id: ID! }\n\
                      type Customer @model(name: \"Customer\", key: [\"company\"]) { company: String! @column(name: \"Company\") }\n";
        folder.write("schema.graphql", schema);
        let ran = folder.run(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(ran.code(), 1, "{}", ran.err());
        let said = ran.err();
        for words in [
            "Category.name: the column is",
            "Product.colour: there is no column \"colour\"",
            "Product.added: the column may be null: write `added: DateTime`",
            "Shop: there is no table \"shops\"",
            "Customer: nothing makes (Company) unique there",
        ] {
            assert!(said.contains(words), "{engine:?}: {words} is not in\n{said}");
        }
    }
}

#[test]
fn what_needs_tables_of_our_own_is_refused() {
    for engine in ENGINES {
        let database = Database::with("shop", engine);
        let before = database.definition();
        let folder = folder(&database);
        for command in [&["migrate", "status"][..], &["migrate", "new", "x"], &["migrate", "up"]] {
            folder.run(command).said_no(2, "database.managed is false");
        }
        let server = Server::start(folder, &["serve"]);
        let batch =
            r#"{"operations": [{"method": "POST", "path": "/rest/v1/Tag", "body": {"tag": "once"}}]}"#;
        let request = server.post("/batch/v1", batch).key(&server.secret()).header("idempotency-key", "k");
        let answer = request.send();
        assert!(answer.status >= 400 && answer.body.contains("managed"), "{} {}", answer.status, answer.body);
        let tags = server.get("/rest/v1/Tag?tag=eq.once&select=count()").key(&server.secret()).send();
        assert_eq!(tags.ok(), r#"[{"count":0}]"#, "{engine:?}");
        server.stop();
        assert_eq!(before, database.definition(), "{engine:?}");
    }
}

#[test]
fn words_for_tables_of_others_are_refused_where_we_keep_them() {
    let folder = Folder::with(
        "type Total @view @allow(to: [READ]) { n: Int }\n\
         type Note @model { id: ID!  twice: Int @generated }\n",
    );
    folder.run(&["check"]).well();
    folder.run(&["serve", "--listen", "127.0.0.1:0"]).said_no(1, "Note.twice: @generated");
    folder.run(&["serve", "--listen", "127.0.0.1:0"]).said_no(1, "Total: @view without sql:");
}

#[test]
fn the_file_of_another_program_is_written_as_it_writes_it() {
    let database = Database::with("types", Engine::Sqlite);
    let server = Server::start(folder(&database), &["serve"]);
    let secret = server.secret();
    let row = r#"{"id": 1, "d": "2024-02-29", "ti": "01:02:03.5", "dt": "2024-01-02T03:04:05.25+01:00", "bo": false, "n": 12.345, "u": "0190A000-0000-7000-8000-000000000001", "s": "ab"}"#;
    server.post("/rest/v1/t", row).key(&secret).send().with(201);
    let kept =
        database.asks("SELECT d || ' ' || ti || ' ' || dt || ' ' || bo || ' ' || n || ' ' || u FROM t");
    assert_eq!(
        kept,
        "2024-02-29 01:02:03.5 2024-01-02 02:04:05.25 0 12.35 0190a000-0000-7000-8000-000000000001"
    );
    let asked = "/rest/v1/t?u=eq.0190a000-0000-7000-8000-000000000001&dt=lt.2024-01-03&n=eq.12.35&select=n,g";
    assert_eq!(server.get(asked).key(&secret).send().ok(), r#"[{"n":12.35,"g":null}]"#);
}
