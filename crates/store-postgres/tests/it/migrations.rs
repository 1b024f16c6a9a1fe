//! Migrations: all or nothing, one at a time, and resumed where the server allows no transaction.

use std::time::{Duration, Instant};

use bistro_schema::Schema;
use bistro_store::{Applied, AppliedState, Direction, Migration, Progress, Store, StoreErrorKind};
use bistro_store_postgres::Options;
use bistro_testkit::Database;

use crate::fixture::{eventually, open, wait};

fn opened() -> (Database, std::sync::Arc<bistro_store_postgres::PostgresStore>) {
    let database = bistro_testkit::postgres();
    let store = open(&database.url(), &Schema::default().into(), Options::default()).unwrap();
    (database, store)
}

fn migration(name: &str, direction: Direction, statements: &[&str], schema: &str) -> Migration {
    Migration {
        name: name.into(),
        checksum: format!("sum of {name}"),
        direction,
        statements: statements.iter().map(|s| (*s).to_owned()).collect(),
        schema: schema.into(),
        at: 42,
        progress: Progress::default(),
    }
}

#[test]
fn a_migration_and_its_entry_are_one() {
    let (database, store) = opened();
    let run = |m: &Migration| wait(store.migrate(m.clone()));
    let first = migration(
        "0001_first",
        Direction::Up,
        &["CREATE TABLE a (n int)", "INSERT INTO a VALUES (1)"],
        "one",
    );
    run(&first).unwrap();
    assert_eq!(first.progress.done(), 2);
    run(&first).unwrap();
    assert_eq!(database.sql("SELECT count(*) FROM a").unwrap().trim(), "1");
    assert_eq!(wait(store.recorded()).unwrap().as_deref(), Some("one"));
    let broken = migration(
        "0002_broken",
        Direction::Up,
        &["CREATE TABLE b (n int)", "INSERT INTO nowhere VALUES (1)"],
        "two",
    );
    let error = run(&broken).unwrap_err();
    assert!(matches!(error.kind, StoreErrorKind::Rejected(..)), "{error}");
    assert!(
        error.cause.contains("nowhere") && error.cause.contains(" in: INSERT INTO nowhere"),
        "{}",
        error.cause
    );
    assert_eq!(database.sql("SELECT to_regclass('b') IS NULL").unwrap().trim(), "t");
    let entry = Applied {
        name: "0001_first".into(),
        checksum: first.checksum.clone(),
        at: 42,
        state: AppliedState::Done,
    };
    assert_eq!(wait(store.history()).unwrap(), [entry]);
    for sql in ["COMMIT", "/* now */ rollback"] {
        let error = run(&migration("0002_ends", Direction::Up, &[sql], "two")).unwrap_err();
        assert!(error.cause.contains("transaction of Bistro's own"), "{}", error.cause);
    }
    run(&migration("0001_first", Direction::Down, &["DROP TABLE a"], "")).unwrap();
    assert_eq!(wait(store.recorded()).unwrap(), None);
    assert_eq!(wait(store.history()).unwrap(), []);
}

#[test]
fn an_index_made_while_others_write_is_journalled_and_resumed() {
    let (database, store) = opened();
    let run = |m: &Migration| wait(store.migrate(m.clone()));
    let base = ["CREATE TABLE a (n int)", "INSERT INTO a VALUES (1), (1)"];
    run(&migration("0001", Direction::Up, &base, "one")).unwrap();
    let steps = [
        "ALTER TABLE a ADD COLUMN m int",
        "CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n)",
        "ALTER TABLE a ADD COLUMN o int",
    ];
    let second = migration("0002", Direction::Up, &steps, "two");
    // The rows repeat a value: the server leaves an index that cannot be used.
    let error = run(&second).unwrap_err();
    assert!(error.cause.contains("CREATE UNIQUE INDEX CONCURRENTLY"), "{}", error.cause);
    let state = AppliedState::Begun { direction: Direction::Up, done: 1, of: 3 };
    assert_eq!(wait(store.history()).unwrap()[1].state, state);
    assert_eq!(wait(store.recorded()).unwrap().as_deref(), Some("one"));
    let changed = Migration { checksum: "another".into(), ..second.clone() };
    assert!(run(&changed).unwrap_err().cause.contains("was interrupted after 1 of 3"));
    database.sql("DELETE FROM a WHERE ctid = (SELECT min(ctid) FROM a)").unwrap();
    run(&second).unwrap();
    assert_eq!(second.progress.done(), 3);
    assert_eq!(wait(store.history()).unwrap()[1].state, AppliedState::Done);
    assert_eq!(wait(store.recorded()).unwrap().as_deref(), Some("two"));
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_n'::regclass";
    assert_eq!(database.sql(valid).unwrap().trim(), "t");
    // As if the node had died after the index was made and before that was noted.
    database
        .sql("UPDATE bistro_migrations SET direction = 'up', done = 1, total = 3 WHERE name = '0002'")
        .unwrap();
    database.sql("ALTER TABLE a DROP COLUMN o").unwrap();
    run(&second).unwrap();
    assert_eq!(wait(store.history()).unwrap()[1].state, AppliedState::Done);
}

#[test]
fn one_node_at_a_time_changes_tables() {
    let (database, store) = opened();
    let other = open(&database.url(), &Schema::default().into(), Options::default()).unwrap();
    let held = wait(store.lock_tables(Duration::from_secs(5))).unwrap();
    let began = Instant::now();
    let refused = wait(other.lock_tables(Duration::from_millis(200)));
    assert_eq!(refused.err().map(|e| e.kind), Some(StoreErrorKind::TimedOut));
    assert!(began.elapsed() < Duration::from_secs(3));
    drop(held);
    drop(wait(other.lock_tables(Duration::from_secs(5))).unwrap());
}

/// The lock of a node may be lost while it migrates: the connection that migrates has one too.
#[test]
fn regress_two_connections_never_run_the_same_statement() {
    let (database, store) = opened();
    database.sql("CREATE TABLE a (t text)").unwrap();
    database.sql("INSERT INTO a VALUES ('x')").unwrap();
    let steps = [
        "UPDATE a SET t = t || '!' || left(pg_sleep(10)::text, 0)",
        "CREATE INDEX CONCURRENTLY a_t ON a (t)",
    ];
    let one = migration("0001", Direction::Up, &steps, "one");
    let (first, again) = (store.clone(), one.clone());
    let running = std::thread::spawn(move || wait(first.migrate(again)));
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'UPDATE a SET t%' AND datname = current_database()";
    let until = Instant::now() + Duration::from_secs(3);
    while database.sql(sql).unwrap().trim() != "1" {
        assert!(Instant::now() < until, "it never ran");
    }
    let other = open(&database.url(), &Schema::default().into(), Options::default()).unwrap();
    let refused = wait(other.migrate(one.clone())).unwrap_err();
    assert!(refused.cause.contains("another connection is migrating"), "{}", refused.cause);
    running.join().unwrap().unwrap();
    wait(other.migrate(one)).unwrap();
    assert_eq!(database.sql("SELECT t FROM a").unwrap().trim(), "x!");
}

#[test]
fn regress_a_migration_waits_for_the_last_statement_of_one_that_was_killed() {
    let (database, store) = opened();
    // Its connection has the lock until the statement has ended, whether anybody waits for it or not.
    let key = 0x6269_7374_726f_0002_i64;
    std::thread::scope(|scope| {
        scope.spawn(|| database.sql(&format!("SELECT pg_advisory_lock({key}), pg_sleep(4)")).unwrap());
        eventually("the other one has it", || {
            let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
                        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            database.sql(held).unwrap().trim() == "1"
        });
        wait(store.migrate(migration("0001", Direction::Up, &["CREATE TABLE a (n int)"], "one"))).unwrap();
    });
}
