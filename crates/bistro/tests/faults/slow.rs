//! A server that does not answer, and a query that takes too long: deadlines hold, and nobody else waits.

use std::time::{Duration, Instant};

use bistro_testkit::Engine;

use crate::harness::Answer;
use crate::node::{SCHEMA, node, server, soon};

const VIEW: &str = r#"
type Sleeper
  @view(
    sql: "SELECT id, text FROM notes"
    postgres: "SELECT id, pg_sleep(20)::text AS text FROM notes"
    mysql: "SELECT id, concat(sleep(20), '') AS text FROM notes"
  )
  @allow(to: [READ]) {
  id: Int! @id
  text: String
}
"#;

fn check(engine: Engine) {
    let (db, database) = server(engine);
    let node = node(&database.url(), &format!("{SCHEMA}{VIEW}"));
    let secret = node.secret();
    node.post("/rest/v1/notes", r#"{"text":"here"}"#).key(&secret).send().with(201);
    // A statement of its own making takes too long; the deadline is two seconds.
    std::thread::scope(|scope| {
        let began = Instant::now();
        let (node, secret) = (&node, &secret);
        let sleepers: Vec<_> = (0..3)
            .map(|_| scope.spawn(move || node.get("/rest/v1/sleepers?select=text").key(secret).send()))
            .collect();
        std::thread::sleep(Duration::from_millis(300));
        let read = Instant::now();
        node.get("/rest/v1/notes?select=text").key(secret).send().ok();
        assert!(read.elapsed() < Duration::from_secs(1), "others wait: {:?}", read.elapsed());
        for sleeper in sleepers {
            let answer: Answer = sleeper.join().expect("a request is answered");
            assert!(answer.body.contains("57014"), "{answer:?}");
        }
        assert!(began.elapsed() < Duration::from_secs(8), "the deadline did not hold: {:?}", began.elapsed());
    });
    // The server freezes: connections stay open, and nothing is answered.
    db.pause().expect("the server is frozen");
    std::thread::scope(|scope| {
        let (node, secret) = (&node, &secret);
        let asked: Vec<_> = (0..16)
            .map(|n| {
                scope.spawn(move || {
                    let began = Instant::now();
                    let answer = match n % 2 {
                        0 => node.get("/rest/v1/notes?select=text").key(secret).send(),
                        _ => node.post("/rest/v1/notes", r#"{"text":"late"}"#).key(secret).send(),
                    };
                    (answer, began.elapsed())
                })
            })
            .collect();
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            let began = Instant::now();
            node.get("/health/live").send().ok();
            assert!(began.elapsed() < Duration::from_millis(500), "health waits: {:?}", began.elapsed());
            std::thread::sleep(Duration::from_millis(100));
        }
        for thread in asked {
            let (answer, took) = thread.join().expect("a request is answered");
            assert!(answer.status >= 500, "{answer:?}");
            assert!(!answer.body.contains("BIS-900"), "{answer:?}");
            assert!(took < Duration::from_secs(15), "{took:?}: {answer:?}");
        }
    });
    db.unpause().expect("the server goes on");
    soon("reads are back", Duration::from_secs(5), || {
        node.get("/rest/v1/notes?select=text&limit=1").key(&secret).send().status == 200
    });
    soon("writes are back", Duration::from_secs(5), || {
        node.post("/rest/v1/notes", r#"{"text":"back"}"#).key(&secret).send().status == 201
    });
}

#[test]
fn a_slow_postgres_keeps_nobody_else_waiting() {
    check(Engine::Postgres);
}

#[test]
fn a_slow_mysql_keeps_nobody_else_waiting() {
    check(Engine::MySql);
}
