//! `dev` follows the schema file.

use crate::harness::{Folder, NOTES, Server};

const MORE: &str =
    "type Note @model @allow(to: [READ]) { id: Int! @id\n text: String! @length(max: 20)\n slug: String }\n";

#[test]
fn a_save_adds_a_column_and_serves_it() {
    let server = Server::dev(NOTES);
    let key = server.publishable();
    server.get("/rest/v1/notes?select=slug").key(&key).send().with(400);
    server.folder.write("schema.graphql", MORE);
    let line = server.says("+ column notes.slug text");
    assert!(line.contains("breaking: none"), "{line}");
    assert_eq!(server.get("/rest/v1/notes?select=slug").key(&key).send().ok(), "[]");
}

#[test]
fn a_broken_save_shows_its_frame_and_keeps_the_running_schema() {
    let server = Server::dev(NOTES);
    let key = server.publishable();
    server.folder.write("schema.graphql", "type Note @model { id: Int! @id\n text: Strin! }\n");
    server.logs("did you mean");
    server.logs("the running schema stays");
    assert_eq!(server.get("/rest/v1/notes?select=text").key(&key).send().ok(), "[]");
    server.folder.write("schema.graphql", MORE);
    server.says("+ column notes.slug text");
}

#[test]
fn what_would_lose_data_is_refused_with_its_reason() {
    let server = Server::dev(MORE);
    server.folder.write("schema.graphql", NOTES);
    server.logs("- column notes.slug: all values of notes.slug would be lost");
    server.logs("nothing was changed");
    let key = server.publishable();
    assert_eq!(server.get("/rest/v1/notes?select=slug").key(&key).send().ok(), "[]");
}

#[test]
fn a_check_that_rows_break_is_refused_until_they_are_mended() {
    let server = Server::dev(NOTES);
    let secret = server.secret();
    server.post("/rest/v1/notes", r#"{"id": 1, "text": "a"}"#).key(&secret).send().with(201);
    let checked = NOTES.replace("@model", r#"@model @check(expr: "new.text != 'a'")"#);
    server.folder.write("schema.graphql", &checked);
    server.logs("1 stored row breaks it");
    server.request("PATCH", "/rest/v1/notes?id=eq.1").json(r#"{"text": "b"}"#).key(&secret).send().with(204);
    server.folder.write("schema.graphql", &format!("{checked}# again\n"));
    server.says("+ check notes");
    server.post("/rest/v1/notes", r#"{"id": 2, "text": "a"}"#).key(&secret).send().with(400);
}

#[test]
fn rules_change_without_touching_tables() {
    let server = Server::dev(NOTES);
    let key = server.publishable();
    server.get("/rest/v1/notes").key(&key).send().with(200);
    server.folder.write(
        "schema.graphql",
        &NOTES.replace("@allow(to: [READ])", "@allow(to: [READ], roles: [\"authenticated\"])"),
    );
    server.says("1 rule of notes");
    server.get("/rest/v1/notes").key(&key).send().with(404);
}

#[test]
fn serve_refuses_any_difference_and_names_it() {
    let folder = Server::serve(NOTES).stop();
    folder.write("schema.graphql", MORE);
    let ran = folder.run(&["serve", "--listen", "127.0.0.1:0"]);
    ran.said_no(1, "+ column notes.slug text");
    ran.said_no(1, "bistro dev");
    folder.write("schema.graphql", NOTES);
    Server::start(folder, &["serve"]).stop();
}

#[test]
fn a_first_start_with_a_broken_schema_is_refused() {
    let folder = Folder::with("type Note @model { id: Int! @id\n text: Strin! }\n");
    for command in ["dev", "serve"] {
        folder.run(&[command, "--listen", "127.0.0.1:0"]).said_no(1, "schema.graphql:2:8");
    }
    folder.run(&["check"]).said_no(1, "1 error");
    assert!(!folder.path().join("data").exists());
}
