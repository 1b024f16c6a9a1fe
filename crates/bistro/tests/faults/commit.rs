//! The connection is cut when the commit is on its way: nobody knows, the answer says so, and a key makes trying again safe.

use std::time::Duration;

use bistro_testkit::{Database, Engine, Proxy};

use crate::harness::{Answer, Server};
use crate::node::{SCHEMA, node, server, soon, stored, unique};

/// A batch of two rows of one text, under a key.
fn write(node: &Server, secret: &str, key: &str, text: &str) -> Answer {
    let one =
        format!(r#"{{"method":"POST","path":"/rest/v1/notes?select=text","body":{{"text":"{text}"}}}}"#);
    let body = format!(r#"{{"operations":[{one},{one}]}}"#);
    node.post("/batch/v1", &body).key(secret).header("idempotency-key", key).send()
}

fn check(engine: Engine) {
    let (db, database) = server(engine);
    let proxy = Proxy::to(db.port());
    let node = node(&database.url_by(proxy.port()), SCHEMA);
    let secret = node.secret();
    write(&node, &secret, "warm", "warm").ok();
    for round in 0..5 {
        let (key, text) = (format!("key-{round}"), unique("cut"));
        let cuts = proxy.cuts();
        // Nodes commit on other connections as well, when they look for the project's secrets.
        proxy.cut_the_sender_of(text.as_bytes(), b"COMMIT");
        let unknown = write(&node, &secret, &key, &text);
        assert!(unknown.with(503).contains("BIS-603"), "{}", unknown.body);
        assert!(unknown.body.contains("unknown"), "the answer does not say it: {}", unknown.body);
        assert_eq!(proxy.cuts(), cuts + 1);
        // The same request with the same key: done once, whatever became of the first.
        soon("the request is answered", Duration::from_secs(5), || {
            write(&node, &secret, &key, &text).status == 200
        });
        assert_eq!(stored(&database, &text), 2, "two rows, as was asked");
        single(&node, &secret, &proxy, &database);
    }
    // A connection that is cut before the commit is on its way changes nothing, and the answer says that.
    let text = unique("early");
    proxy.cut_after(Some(text.as_bytes()));
    let refused = write(&node, &secret, "early", &text);
    assert!(refused.header("retry-after").is_some(), "{}", refused.with(503));
    assert!(!refused.body.contains("BIS-603"), "{}", refused.body);
    assert_eq!(stored(&database, &text), 0);
}

/// One row, whose insert may travel with its commit.
fn single(node: &Server, secret: &str, proxy: &Proxy, database: &Database) {
    let text = unique("single");
    proxy.cut_after(Some(text.as_bytes()));
    let answer = node.post("/rest/v1/notes", &format!(r#"{{"text":"{text}"}}"#)).key(secret).send();
    proxy.cut_after(None);
    let unknown = answer.with(503).contains("BIS-603");
    // The server may still be doing it.
    std::thread::sleep(Duration::from_millis(200));
    let there = stored(database, &text);
    assert!(there == 0 || (unknown && there == 1), "{there} rows after {}", answer.body);
}

#[test]
fn a_commit_of_postgres_whose_answer_is_lost_is_unknown_and_a_key_makes_it_safe() {
    check(Engine::Postgres);
}

#[test]
fn a_commit_of_mysql_whose_answer_is_lost_is_unknown_and_a_key_makes_it_safe() {
    check(Engine::MySql);
}

/// Two nodes, one database, one key: one effect, and all hear of the same.
fn two_nodes(database: &Database) {
    let nodes = [node(&database.url(), SCHEMA), node(&database.url(), SCHEMA)];
    let secret = nodes[0].secret();
    for round in 0..5 {
        let (key, text) = (format!("both-{round}"), unique("both"));
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let (nodes, secret, key, text) = (&nodes, &secret, &key, &text);
            let ask = |n: usize| scope.spawn(move || write(&nodes[n % 2], secret, key, text));
            let asked: Vec<_> = (0..8).map(ask).collect();
            asked.into_iter().map(|thread| thread.join().expect("a request is answered")).collect()
        });
        assert!(answers.iter().all(|a| a.ok() == answers[0].body), "{answers:?}");
        assert_eq!(stored(database, &text), 2, "two rows, as was asked once");
    }
}

#[test]
fn one_key_on_two_nodes_of_postgres_has_one_effect() {
    two_nodes(&bistro_testkit::postgres());
}

#[test]
fn one_key_on_two_nodes_of_mysql_has_one_effect() {
    two_nodes(&bistro_testkit::mysql());
}
