//! Several nodes on one database: what one does holds on the others.

use std::time::{Duration, Instant};

use bistro_testkit::Database;

use crate::harness::{Folder, NOTES, Server};
use crate::sessions::Person;

/// A node with a data folder of its own.
fn node(database: &Database) -> Server {
    let folder = Folder::with(NOTES);
    let url = database.url();
    let settings = format!(
        "[database]\nurl = \"{url}\"\n[server]\npublic_url = \"http://127.0.0.1:4000\"\n[auth]\nconfirm_email = false\n"
    );
    folder.write("bistro.toml", &settings);
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
    sessions(&one, &two);
}

/// A person of one node is known to the other, until a second after signing out there.
fn sessions(one: &Server, two: &Server) {
    let ada = Person::signs_up(one, "ada@example.org");
    assert_eq!((ada.reads(one), ada.reads(two)), (200, 200));
    let mut socket = ada.socket(two);
    ada.signs_out(one, "local");
    assert_eq!(ada.reads(one), 401);
    soon("the session is over on the other node", || ada.reads(two) == 401);
    assert_eq!(socket.hear(), "close 4401 Unauthorized");
    two.folder.run(&["keys", "rotate"]).well();
    soon("the next key is published by both nodes", || {
        let set = |node: &Server| node.get("/auth/v1/.well-known/jwks.json").send().body;
        set(one) == set(two) && set(one).matches("\"kid\"").count() == 2
    });
}

#[test]
fn keys_act_on_every_node_of_postgres() {
    check(&bistro_testkit::postgres());
}

#[test]
fn keys_act_on_every_node_of_mysql() {
    check(&bistro_testkit::mysql());
}
