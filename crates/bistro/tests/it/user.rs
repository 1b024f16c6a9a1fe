//! `bistro user`, beside a running server and on the files themselves.

use serde_json::Value;

use crate::harness::{Folder, Server};

const SCHEMA: &str = r#"
enum Role @roles { editor }
type User @account @allow(to: [READ]) { id: ID!  email: Email  name: String }
type Note @model @allow(to: [READ], roles: ["editor"]) { id: Int! @id  text: String! }
"#;

/// The session that a link of recovery opens.
fn follow(server: &Server, said: &str) -> Value {
    let token = said.split("token=").nth(1).and_then(|rest| rest.split('&').next()).expect("a link");
    let body = format!(r#"{{"type": "recovery", "token_hash": "{token}"}}"#);
    let answer = server.post("/auth/v1/verify", &body).key(&server.publishable()).send();
    serde_json::from_str(answer.with(200)).expect("a session")
}

fn reads(server: &Server, session: &Value) -> u16 {
    let token = session["access_token"].as_str().expect("a token");
    server.get("/rest/v1/notes").key(&server.publishable()).token(token).send().status
}

#[test]
fn people_are_looked_after_beside_a_server() {
    let server = Server::dev(SCHEMA);
    let user = |words: &[&str]| server.folder.run(&[&["user"], words].concat());
    assert!(user(&["list"]).well().starts_with("nobody has an account yet"));
    let made =
        user(&["add", "Ada@example.org", "--role", "editor", "--profile", r#"{"name": "Ada"}"#]).well();
    assert!(made.starts_with("ada@example.org ("), "{made}");
    let ada = follow(&server, &made);
    assert_eq!(reads(&server, &ada), 200);
    assert!(user(&["list"]).well().contains("ada@example.org  editor"));
    let listed: Value = serde_json::from_str(&user(&["list", "--json"]).well()).expect("JSON");
    assert_eq!(listed[0]["app_metadata"]["roles"], serde_json::json!(["editor"]));
    user(&["role", "ada@example.org", "--remove", "editor"]).well();
    assert_eq!(reads(&server, &ada), 404, "the collection is the editors'");
    user(&["role", "ada@example.org", "--add", "admin"]).well();
    assert_eq!(reads(&server, &ada), 200);
    assert!(user(&["ban", "ada@example.org", "--for", "1h"]).well().contains("is banned until"));
    assert_eq!(reads(&server, &ada), 401);
    user(&["unban", "ada@example.org"]).well();
    let again = follow(&server, &user(&["reset", "ada@example.org"]).well());
    assert_eq!(reads(&server, &again), 200);
    for (words, said) in [
        (vec!["add", "ada@example.org"], "email_exists"),
        (vec!["add", "nobody"], "invalid format"),
        (vec!["add", "eve@example.org", "--role", "king"], "no role \"king\""),
        (vec!["ban", "eve@example.org"], "user_not_found"),
        (vec!["reset", "eve@example.org"], "user_not_found"),
    ] {
        user(&words).said_no(1, said);
    }
    user(&["role", "ada@example.org"]).said_no(2, "--add");
    user(&["add", "eve@example.org", "--profile", "[]"]).said_no(2, "--profile takes a JSON object");
}

#[test]
fn people_are_looked_after_without_a_server() {
    let folder = Folder::with(SCHEMA);
    let made = folder.run(&["user", "add", "root@example.org", "--role", "admin"]).well();
    assert!(made.contains("/auth/v1/verify?token="), "{made}");
    assert!(folder.run(&["user", "list"]).well().contains("root@example.org  admin, unconfirmed"));
    let server = Server::start(folder, &["dev"]);
    let session = follow(&server, &made);
    let token = session["access_token"].as_str().expect("a token");
    let users = server.get("/auth/v1/admin/users").key(&server.publishable()).token(token).send();
    assert!(users.with(200).contains("root@example.org"));
}
