//! `graphql/trusted.json` and the other settings of `[graphql]` as a server follows them.

use serde_json::json;

use crate::harness::{Folder, NOTES, Server};

const FILE: &str = "graphql/trusted.json";
const GOOD: &str = r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [
    {"id": "all", "name": "All", "type": "query", "body": "query All { notes { totalCount } }"}]}"#;
const BAD: &str = r#"{"other": "{ nots { totalCount } }"}"#;

/// The reply to a body.
fn ask(server: &Server, body: &str) -> String {
    server.post("/graphql/v1", body).key(&server.publishable()).send().body
}

#[test]
fn trusted_documents_are_run_by_their_id_and_checked_at_start() {
    let folder = Folder::with(NOTES);
    folder.run(&["serve", "--only-trusted"]).said_no(1, "graphql/trusted.json: there is no such file");
    folder.write(FILE, "[]");
    folder.run(&["serve"]).said_no(1, "graphql/trusted.json: it is no JSON object");
    folder.write(FILE, BAD);
    for command in ["serve", "dev", "check"] {
        let ran = folder.run(&[command]);
        ran.said_no(1, "graphql/trusted.json: documents that do not fit the schema:\n  other:1:3: ");
        assert!(ran.err().contains("nots"), "{}", ran.err());
    }
    folder.write(FILE, GOOD);
    folder.run(&["check"]).well();
    let server = Server::start(folder, &["serve", "--only-trusted"]);
    let rows = r#"{"data":{"notes":{"totalCount":0}}}"#;
    assert_eq!(ask(&server, r#"{"documentId": "all"}"#), rows);
    let refused = ask(&server, r#"{"query": "{ notes { totalCount } }"}"#);
    assert!(refused.contains("NOT_TRUSTED") && refused.contains("BIS-405"), "{refused}");
}

#[test]
fn types_of_another_subgraph_must_be_there() {
    let tally = "type Tally @view(sql: \"select 1 as n\") @allow(to: [READ]) { n: Int! }\n";
    let folder = Folder::with(&format!("{NOTES}{tally}"));
    for (config, expected) in [
        ("extends = ['Note']", "graphql.extends: only a subgraph extends the types of another one"),
        ("federation = true\nextends = ['Note', 'Zebra']", "graphql.extends: the schema has no type Zebra"),
        ("federation = true\nextends = ['Notes']", "did you mean Note?"),
        ("federation = true\nextends = ['Tally']", "graphql.extends: the type Tally has no key"),
        ("federation = true\nextends = 'Note'", "extends"),
    ] {
        folder.write("bistro.toml", &format!("[graphql]\n{config}\n"));
        for command in [&["serve"][..], &["dev"], &["check"], &["graphql", "schema"]] {
            folder.run(command).said_no(1, expected);
        }
    }
    folder.write("bistro.toml", "[graphql]\nfederation = true\nextends = ['Note']\n");
    folder.run(&["check"]).well();
    let text = folder.run(&["graphql", "schema", "--as", "service"]).well();
    assert!(text.contains("type Note @key(fields: \"id\")") && !text.contains("NoteConnection"), "{text}");
}

#[test]
fn dev_follows_the_manifest() {
    let server = Server::dev(NOTES);
    server.folder.write(FILE, GOOD);
    server.says("graphql/trusted.json: followed, documents: 1");
    let other = r#"{"documentId": "other"}"#;
    assert!(ask(&server, other).contains("PERSISTED_QUERY_NOT_FOUND"));
    server.folder.write(FILE, BAD);
    server.logs("documents that do not fit the schema");
    server.logs("the running schema stays");
    assert_eq!(ask(&server, r#"{"documentId": "all"}"#), r#"{"data":{"notes":{"totalCount":0}}}"#);
    server.folder.write(FILE, r#"{"other": "{ notes { totalCount } }", "more": "{ __typename }"}"#);
    server.says("documents: 2");
    assert_eq!(ask(&server, other), r#"{"data":{"notes":{"totalCount":0}}}"#);
}

#[test]
fn settings_of_graphql_hold() {
    let query = |text: &str| json!({ "query": text }).to_string();
    let cases = [
        ("depth = 2", query("{ notes { nodes { id } } }"), "the limit of 2"),
        ("fields = 2", query("{ notes { nodes { id } } }"), "fields"),
        ("aliases = 1", query("{ notes { a: totalCount b: totalCount } }"), "totalCount"),
        ("rows = 10", query("{ notes(first: 20) { nodes { id } } }"), "the limit is 10"),
        ("document = 1024", query(&format!("{{ {} }}", "a ".repeat(1_000))), "1024"),
        ("introspection = \"off\"", query("{ __schema { queryType { name } } }"), "INTROSPECTION_DISABLED"),
        (
            "apq = false",
            r#"{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"a"}}}"#.into(),
            "PersistedQueryNotSupported",
        ),
        (
            "apq = true",
            r#"{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"a"}}}"#.into(),
            "PersistedQueryNotFound",
        ),
        ("batch = 0", format!("[{}]", query("{ __typename }")), "Batches are switched off"),
        ("batch = 1", format!("[{}]", query("{ __typename }")), r#"[{"data":{"__typename":"Query"}}]"#),
        (
            "global_ids = true",
            query("{ __type(name: \"Note\") { interfaces { name } } }"),
            r#"{"name":"Node"}"#,
        ),
        ("federation = true", query("{ _service { sdl } }"), "@key(fields: \\\"id\\\")"),
    ];
    for (setting, body, words) in cases {
        let folder = Folder::with(NOTES);
        folder.write("bistro.toml", &format!("[graphql]\n{setting}\n"));
        let server = Server::start(folder, &["dev"]);
        let reply = ask(&server, &body);
        assert!(reply.contains(words), "{setting}: {reply}");
        server.get("/graphql").send().with(200);
    }
}

#[test]
fn the_surface_and_its_page_can_be_switched_off() {
    for (setting, surface, page) in [("enabled = false", 404, 404), ("explorer = false", 200, 404)] {
        let folder = Folder::with(NOTES);
        folder.write("bistro.toml", &format!("[graphql]\n{setting}\n"));
        let server = Server::start(folder, &["dev"]);
        let body = r#"{"query": "{ __typename }"}"#;
        server.post("/graphql/v1", body).key(&server.publishable()).send().with(surface);
        server.get("/graphql").send().with(page);
    }
}

#[test]
fn a_page_elsewhere_may_ask_with_a_key_and_a_browser_asks_first() {
    let server = Server::dev(NOTES);
    let origin = ("origin", "https://app.example");
    let wanted = "apikey,authorization,content-type,x-apollo-operation-name,apollo-require-preflight";
    let preflight = server
        .request("OPTIONS", "/graphql/v1")
        .header(origin.0, origin.1)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", wanted)
        .send();
    preflight.with(204);
    assert_eq!(preflight.header("access-control-allow-headers"), Some(wanted));
    let body = r#"{"query": "{ __typename }"}"#;
    let answer =
        server.post("/graphql/v1", body).key(&server.publishable()).header(origin.0, origin.1).send();
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    // What needs no preflight: no key, or a body of a form's type.
    server.post("/graphql/v1", body).header(origin.0, origin.1).send().with(401);
    for form in ["text/plain", "application/x-www-form-urlencoded"] {
        let simple = server.request("POST", "/graphql/v1").body(form, body);
        simple.key(&server.publishable()).header(origin.0, origin.1).send().with(415);
    }
}
