//! The server becomes one that may only be read, as after a failover to a replica, and is written to again later.

use std::time::Duration;

use bistro_testkit::Engine;

use crate::node::{SCHEMA, node, server, soon, stored};

fn check(engine: Engine) {
    let (db, database) = server(engine);
    let node = node(&database.url(), SCHEMA);
    let secret = node.secret();
    let write =
        |text: &str| node.post("/rest/v1/notes", &format!(r#"{{"text":"{text}"}}"#)).key(&secret).send();
    write("before").with(201);
    db.set_readonly(true).expect("the server obeys");
    // Sessions that are open learn of it a moment later.
    soon("a write is refused", Duration::from_secs(5), || write("meanwhile").status != 201);
    let refused = write("refused");
    assert!(refused.with(503).contains("only be read"), "{}", refused.body);
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    assert_eq!(stored(&database, "refused"), 0);
    let read = node.get("/rest/v1/notes?select=text&text=eq.before").key(&secret).send();
    assert_eq!(read.ok(), r#"[{"text":"before"}]"#);
    db.set_readonly(false).expect("the server obeys");
    soon("writes are back", Duration::from_secs(5), || write("after").status == 201);
}

#[test]
fn a_postgres_that_may_only_be_read_is_recognised() {
    check(Engine::Postgres);
}

#[test]
fn a_mysql_that_may_only_be_read_is_recognised() {
    check(Engine::MySql);
}
