//! The database server goes away and comes back, again and again, under writers.

use std::time::Duration;

use bistro_testkit::Engine;

use crate::load::under_load;
use crate::node::{SCHEMA, node, server, soon};

fn rounds() -> usize {
    if std::env::var("BISTRO_TEST_COUNTS").as_deref() == Ok("full") { 30 } else { 4 }
}

fn check(engine: Engine) {
    let (db, database) = server(engine);
    let node = node(&database.url(), SCHEMA);
    let secret = node.secret();
    let mut longest = Duration::ZERO;
    let told = under_load(&node, &secret, |told| {
        let acknowledged = || told.lock().expect("no writer panics with the lock").acknowledged.len();
        for round in 0..rounds() {
            std::thread::sleep(Duration::from_millis(300));
            // In turn: told to stop, and killed as by a crash.
            if round % 2 == 0 { db.stop() } else { db.kill() }.expect("the server ends");
            let (live, ready) = (node.get("/health/live").send(), node.get("/health/ready").send());
            live.ok();
            let refused = soon("readiness says that the database is gone", Duration::from_secs(5), || {
                node.get("/health/ready").send().status == 503
            });
            assert!(ready.status == 503 || refused > Duration::ZERO);
            let read = node.get("/rest/v1/notes?limit=1").key(&secret).send();
            assert!(read.header("retry-after").is_some(), "{}", read.with(503));
            db.resume().expect("the server starts");
            let before = acknowledged();
            let back = soon("writes are back", Duration::from_secs(5), || acknowledged() > before);
            longest = longest.max(back);
            soon("readiness is back", Duration::from_secs(5), || {
                node.get("/health/ready").send().status == 200
            });
        }
    });
    let differs = told.differs(&database);
    assert!(differs.is_empty(), "{} differ\n{}", differs.len(), differs.join("\n"));
    assert!(told.acknowledged.len() > rounds() * 5, "only {} rows were written", told.acknowledged.len());
    assert!(!told.refused.is_empty(), "nobody met the server while it was down");
    println!(
        "{}: {} restarts, {} acknowledged, {} refused, {} unknown, back within {longest:?}",
        engine.word(),
        rounds(),
        told.acknowledged.len(),
        told.refused.len(),
        told.unknown.len(),
    );
    drop(node);
}

#[test]
fn restarts_of_postgres_lose_nothing_and_write_nothing_twice() {
    check(Engine::Postgres);
}

#[test]
fn restarts_of_mysql_lose_nothing_and_write_nothing_twice() {
    check(Engine::MySql);
}
