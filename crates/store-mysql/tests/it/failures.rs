//! Servers that go away, come back, change their role, or answer no more.

use std::time::{Duration, Instant};

use bistro_ir::{Expr, ParamId};
use bistro_schema::Value;
use bistro_store::{Collect, Insert, Prepared, Statement, Store, StoreError, StoreErrorKind};
use bistro_store_mysql::Options;
use bistro_testkit::{Database, Engine, Proxy, Server, Settings, proxy::Mode};

use crate::fixture::{Fixture, eventually, open, text, wait};

const SCHEMA: &str = "type Item @model { id: Int! @id  name: String! @unique }";

fn insert(fixture: &Fixture) -> Prepared {
    let values = vec![(fixture.field("Item", "name"), ParamId(0))];
    let insert = Insert { ty: fixture.ty("Item"), values, guarded: false };
    fixture.store.prepare(&Statement::Insert(insert)).unwrap()
}

/// Writes all names in one job, the last one with the commit if `last`.
fn put(fixture: &Fixture, insert: &Prepared, names: &[&str], last: bool) -> Result<(), StoreError> {
    let (insert, names) = (insert.clone(), names.iter().map(|n| text(n)).collect::<Vec<_>>());
    wait(fixture.store.transact(Box::new(move |open| {
        Box::pin(async move {
            for (at, name) in names.iter().enumerate() {
                match last && at + 1 == names.len() {
                    true => open.write_last(&insert, std::slice::from_ref(name)).await?,
                    false => open.write(&insert, std::slice::from_ref(name)).await?,
                };
            }
            Ok(())
        })
    })))
}

fn names(fixture: &Fixture) -> Result<Vec<Value>, StoreError> {
    let mut select = fixture.select("Item", &["name"], Expr::TRUE);
    select.order = vec![fixture.by("Item", "name")];
    fixture.rows(select, &[]).map(|(rows, _)| rows.iter().map(crate::fixture::first).collect())
}

fn server() -> Server {
    Server::start(Engine::MySql, &Settings::default()).unwrap()
}

#[test]
fn the_store_is_back_within_five_seconds_of_a_restart() {
    let server = server();
    let fixture = Fixture::on(Database::on(&server).unwrap(), SCHEMA, Options::default());
    let insert = insert(&fixture);
    put(&fixture, &insert, &["a"], false).unwrap();
    for round in 0..3 {
        server.stop().unwrap();
        eventually("the store knows", || fixture.store.reachable().is_err());
        let refused = names(&fixture).unwrap_err();
        assert_eq!(refused.kind, StoreErrorKind::Unavailable, "{}", refused.cause);
        let refused = put(&fixture, &insert, &["x"], true).unwrap_err();
        assert_eq!(refused.kind, StoreErrorKind::Unavailable, "{}", refused.cause);
        server.resume().unwrap();
        let began = Instant::now();
        // Without a request in between.
        eventually("the store is back", || fixture.store.reachable().is_ok());
        assert!(began.elapsed() < Duration::from_secs(5), "round {round}: {:?}", began.elapsed());
        assert_eq!(names(&fixture).unwrap().len(), round + 1);
        put(&fixture, &insert, &[&format!("b{round}")], true).unwrap();
    }
}

#[test]
fn a_connection_lost_after_the_commit_was_sent_is_said() {
    let database = bistro_testkit::mysql();
    let proxy = Proxy::to(port(&database));
    let fixture = by(database, &proxy);
    let insert = insert(&fixture);
    put(&fixture, &insert, &["a"], false).unwrap();
    proxy.cut_after(Some(b"COMMIT"));
    let unknown = put(&fixture, &insert, &["b"], false).unwrap_err();
    assert_eq!((unknown.kind, proxy.cuts()), (StoreErrorKind::CommitUnknown, 1), "{}", unknown.cause);
    // With the last write in the same trip, and as the only statement.
    put(&fixture, &insert, &["c", "d"], true).unwrap();
    proxy.cut_after(Some(b"COMMIT"));
    let unknown = put(&fixture, &insert, &["e", "f"], true).unwrap_err();
    assert_eq!((unknown.kind, proxy.cuts()), (StoreErrorKind::CommitUnknown, 2), "{}", unknown.cause);
    put(&fixture, &insert, &["g"], true).unwrap();
    proxy.cut_after(Some(b"only-one"));
    let unknown = put(&fixture, &insert, &["only-one"], true).unwrap_err();
    assert_eq!((unknown.kind, proxy.cuts()), (StoreErrorKind::CommitUnknown, 3), "{}", unknown.cause);
    // The server did what it was asked, once.
    let all = ["a", "b", "c", "d", "e", "f", "g", "only-one"].map(text);
    eventually("the server has done all", || names(&fixture).is_ok_and(|n| n == all));
}

#[test]
fn a_connection_lost_before_the_commit_is_no_commit() {
    let database = bistro_testkit::mysql();
    let proxy = Proxy::to(port(&database));
    let fixture = by(database, &proxy);
    let insert = insert(&fixture);
    put(&fixture, &insert, &["a"], false).unwrap();
    proxy.cut_after(Some(b"second"));
    let lost = put(&fixture, &insert, &["first", "second", "third"], true).unwrap_err();
    assert_eq!(lost.kind, StoreErrorKind::Unavailable, "{}", lost.cause);
    // An idle connection that was cut meanwhile is no failure of whoever comes next.
    proxy.cut();
    eventually("reads are back", || names(&fixture).is_ok_and(|n| n == [text("a")]));
    put(&fixture, &insert, &["b"], true).unwrap();
}

#[test]
fn a_read_whose_connection_is_cut_is_tried_once_more() {
    let database = bistro_testkit::mysql();
    let proxy = Proxy::to(port(&database));
    let fixture = by(database, &proxy);
    put(&fixture, &insert(&fixture), &["marked"], false).unwrap();
    let select = fixture.select(
        "Item",
        &["id"],
        crate::fixture::eq(fixture.own("Item", "name"), crate::fixture::param(0)),
    );
    for _ in 0..2 {
        assert_eq!(fixture.column(select.clone(), &[text("marked")]), [Value::Int(1)]);
    }
    proxy.cut_after(Some(b"marked"));
    assert_eq!(fixture.column(select, &[text("marked")]), [Value::Int(1)]);
    assert_eq!(proxy.cuts(), 1);
}

#[test]
fn a_way_that_went_dead_ends_with_the_deadline() {
    let database = bistro_testkit::mysql();
    let proxy = Proxy::to(port(&database));
    let options =
        Options { deadline: Duration::from_millis(300), readers: 2, connections: 2, ..Options::default() };
    let fixture = with(database, &proxy, options);
    let insert = insert(&fixture);
    put(&fixture, &insert, &["a"], false).unwrap();
    names(&fixture).unwrap();
    proxy.set(Mode::Hold);
    let began = Instant::now();
    let prepared =
        fixture.store.prepare(&Statement::Select(fixture.select("Item", &["id"], Expr::TRUE))).unwrap();
    let read = wait(fixture.store.read(prepared, Vec::new(), Box::new(Collect::new())));
    assert_eq!(read.err().map(|e| e.kind), Some(StoreErrorKind::TimedOut));
    // There is no connection to send it by.
    let wrote = put(&fixture, &insert, &["b"], true).unwrap_err();
    assert_eq!(wrote.kind, StoreErrorKind::Unavailable, "{}", wrote.cause);
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    proxy.set(Mode::Pass);
    eventually("reads are back", || names(&fixture).is_ok());
}

#[test]
fn a_statement_that_takes_too_long_is_stopped() {
    let options = Options { deadline: Duration::from_millis(200), ..Options::default() };
    let fixture = Fixture::with(SCHEMA, options);
    let insert = insert(&fixture);
    put(&fixture, &insert, &["a"], false).unwrap();
    // Somebody else holds the table.
    let name = fixture.database.name().to_owned();
    let sql = "LOCK TABLES items WRITE; SELECT SLEEP(2); UNLOCK TABLES";
    std::thread::scope(|scope| {
        let holder = scope.spawn(|| fixture.database.sql(sql).unwrap());
        eventually("the table is held", || {
            let held = format!(
                "SELECT count(*) FROM information_schema.processlist WHERE db = '{name}' AND info LIKE 'SELECT SLEEP%'"
            );
            fixture.database.sql(&held).unwrap().trim() == "1"
        });
        assert_eq!(names(&fixture).unwrap_err().kind, StoreErrorKind::TimedOut);
        for last in [false, true] {
            assert_eq!(put(&fixture, &insert, &["b"], last).unwrap_err().kind, StoreErrorKind::TimedOut);
        }
        holder.join().unwrap();
    });
    assert_eq!(names(&fixture).unwrap(), [text("a")]);
}

#[test]
fn a_server_that_may_only_be_read_is_said_and_left() {
    let server = server();
    let fixture = Fixture::on(Database::on(&server).unwrap(), SCHEMA, Options::default());
    let insert = insert(&fixture);
    put(&fixture, &insert, &["a"], false).unwrap();
    server.set_readonly(true).unwrap();
    eventually("writes are refused", || {
        put(&fixture, &insert, &["b"], true).is_err_and(|e| e.kind == StoreErrorKind::ReadOnly)
    });
    assert_eq!(put(&fixture, &insert, &["b"], false).unwrap_err().kind, StoreErrorKind::ReadOnly);
    assert!(names(&fixture).unwrap().contains(&text("a")));
    server.set_readonly(false).unwrap();
    eventually("writes are taken again", || put(&fixture, &insert, &["c"], true).is_ok());
}

#[test]
fn jobs_wait_for_connections_and_too_many_are_refused() {
    let options = Options {
        readers: 1,
        connections: 1,
        queue: 2,
        deadline: Duration::from_secs(20),
        ..Options::default()
    };
    let fixture = Fixture::with(SCHEMA, options);
    let insert = insert(&fixture);
    let job = |n: usize| {
        let insert = insert.clone();
        fixture.store.transact(Box::new(move |open| {
            Box::pin(async move {
                open.write(&insert, &[text(&n.to_string())]).await?;
                tokio::time::sleep(Duration::from_millis(300)).await;
                Ok(())
            })
        }))
    };
    let jobs: Vec<_> = (0..6).map(job).collect();
    let ended: Vec<_> = jobs.into_iter().map(|j| wait(j).map_err(|e| e.kind)).collect();
    assert_eq!(ended.iter().filter(|e| e.is_ok()).count(), 3, "{ended:?}");
    assert_eq!(ended.iter().filter(|e| **e == Err(StoreErrorKind::Overloaded)).count(), 3, "{ended:?}");
}

fn port(database: &Database) -> u16 {
    let url = database.url();
    let rest = url.split("127.0.0.1:").nth(1).expect("the server is on this machine");
    rest.split(['/', '?']).next().and_then(|p| p.parse().ok()).expect("the URL has a port")
}

fn by(database: Database, proxy: &Proxy) -> Fixture {
    with(database, proxy, Options { readers: 2, connections: 2, ..Options::default() })
}

/// A store that reaches its database through a proxy.
fn with(database: Database, proxy: &Proxy, options: Options) -> Fixture {
    let fixture = Fixture::on(database, SCHEMA, Options::default());
    let url = format!("{}{}ssl-mode=disabled", fixture.database.url_by(proxy.port()), mark(&fixture));
    let store = open(&url, &fixture.schema, options).unwrap();
    Fixture { store, ..fixture }
}

fn mark(fixture: &Fixture) -> char {
    if fixture.database.url().contains('?') { '&' } else { '?' }
}
