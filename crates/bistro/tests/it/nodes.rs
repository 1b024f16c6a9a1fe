//! Several nodes on one database: what one does holds on the others.

use std::time::{Duration, Instant};

use bistro_testkit::Database;

use crate::harness::{Folder, NOTES, Server};

/// A node with a data folder of its own.
fn node(database: &Database) -> Server {
    let folder = Folder::with(NOTES);
    folder.write("bistro.toml", &format!("[database]\nurl = \"{}\"\n", database.url()));
    Server::start(folder, &["serve"])
}

/// Waits until it holds, for five seconds at most.
fn soon(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(5), "not within five seconds: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn check(database: &Database) {
    let (one, two) = (node(database), node(database));
    assert_eq!(one.publishable(), two.publishable(), "the nodes share their keys");
    let secret = one.secret();
    one.post("/rest/v1/notes", r#"{"id": 1, "text": "here"}"#).key(&secret).send().with(201);
    let read = two.get("/rest/v1/notes?select=text").key(&secret).send();
    assert_eq!(read.ok(), r#"[{"text":"here"}]"#);
    two.folder.run(&["keys", "add", "machine", "--role", "authenticated"]).well();
    let listed = one.folder.run(&["keys", "list"]).well();
    assert!(listed.contains("machine"), "{listed}");
    two.folder.run(&["keys", "rotate", "--secret"]).well();
    soon("the old secret is refused by the other node", || {
        one.get("/rest/v1/notes").key(&secret).send().status == 401
    });
    let renewed = two.secret();
    one.get("/rest/v1/notes").key(&renewed).send().ok();
}

#[test]
fn keys_act_on_every_node_of_postgres() {
    check(&bistro_testkit::postgres());
}

#[test]
fn keys_act_on_every_node_of_mysql() {
    check(&bistro_testkit::mysql());
}
