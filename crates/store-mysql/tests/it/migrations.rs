//! Migrations: statement by statement, each noted, resumed where they stopped, one node at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bistro_schema::Schema;
use bistro_store::{Applied, AppliedState, Direction, Migration, Progress, Store, StoreErrorKind};
use bistro_store_mysql::{MysqlStore, Options};
use bistro_testkit::Database;

use crate::fixture::{eventually, open, start, wait};

fn opened() -> (Database, Arc<MysqlStore>) {
    let database = bistro_testkit::mysql();
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
fn a_migration_is_noted_and_its_rows_are_written_once() {
    let (database, store) = opened();
    let run = |m: &Migration| wait(store.migrate(m.clone()));
    let steps = ["CREATE TABLE a (n int)", "INSERT INTO a VALUES (1)"];
    let first = migration("0001_first", Direction::Up, &steps, "one");
    run(&first).unwrap();
    assert_eq!(first.progress.done(), 2);
    run(&first).unwrap();
    assert_eq!(database.sql("SELECT count(*) FROM a").unwrap().trim(), "1");
    assert_eq!(wait(store.recorded()).unwrap().as_deref(), Some("one"));
    let entry = Applied {
        name: "0001_first".into(),
        checksum: first.checksum.clone(),
        at: 42,
        state: AppliedState::Done,
    };
    assert_eq!(wait(store.history()).unwrap(), [entry]);
    run(&migration("0002_marked", Direction::Up, &[], "two")).unwrap();
    assert_eq!(wait(store.recorded()).unwrap().as_deref(), Some("two"));
    run(&migration("0002_marked", Direction::Down, &[], "one")).unwrap();
    run(&migration("0001_first", Direction::Down, &["DROP TABLE a"], "")).unwrap();
    run(&migration("0001_first", Direction::Down, &["DROP TABLE a"], "")).unwrap();
    assert_eq!(wait(store.recorded()).unwrap(), None);
    assert_eq!(wait(store.history()).unwrap(), []);
}

#[test]
fn a_migration_that_fails_goes_on_where_it_stopped() {
    let (database, store) = opened();
    let run = |m: &Migration| wait(store.migrate(m.clone()));
    let steps = [
        "CREATE TABLE a (n int)",
        "INSERT INTO a VALUES (1), (1)",
        "CREATE UNIQUE INDEX a_n ON a (n)",
        "ALTER TABLE a ADD COLUMN m int",
    ];
    let first = migration("0001", Direction::Up, &steps, "one");
    let error = run(&first).unwrap_err();
    assert!(matches!(error.kind, StoreErrorKind::Rejected(..)), "{error}");
    assert!(error.cause.contains("in: CREATE UNIQUE INDEX"), "{}", error.cause);
    let state = AppliedState::Begun { direction: Direction::Up, done: 2, of: 4 };
    assert_eq!(wait(store.history()).unwrap()[0].state, state);
    assert_eq!(wait(store.recorded()).unwrap(), None);
    let mut changed = Migration { checksum: "another".into(), ..first.clone() };
    changed.statements[1] = "INSERT INTO a VALUES (2), (3)".into();
    let refused = run(&changed).unwrap_err();
    assert!(
        matches!(&refused.kind, StoreErrorKind::Rejected(_, t) if t.contains("was interrupted")),
        "{refused}"
    );
    let back = migration("0001", Direction::Down, &["DROP TABLE a"], "");
    assert!(matches!(run(&back).unwrap_err().kind, StoreErrorKind::Rejected(..)));
    database.sql("DELETE FROM a LIMIT 1").unwrap();
    run(&first).unwrap();
    assert_eq!(first.progress.done(), 4);
    assert_eq!(database.sql("SELECT count(*) FROM a").unwrap().trim(), "1");
    assert_eq!(wait(store.history()).unwrap()[0].state, AppliedState::Done);
    assert_eq!(wait(store.recorded()).unwrap().as_deref(), Some("one"));
}

/// As if the node had died after a statement was done and before that was noted.
#[test]
fn a_statement_that_was_done_and_not_noted_is_recognised() {
    let steps = [
        "CREATE TABLE a (n int, o int, PRIMARY KEY (n))",
        "ALTER TABLE a ADD COLUMN m int",
        "CREATE INDEX a_m ON a (m)",
        "ALTER TABLE a ADD CONSTRAINT a_up FOREIGN KEY (m) REFERENCES a (n)",
        "ALTER TABLE a DROP FOREIGN KEY a_up",
        "ALTER TABLE a DROP COLUMN o",
        "RENAME TABLE a TO b",
        "ALTER TABLE b RENAME COLUMN m TO p",
        "CREATE VIEW v AS SELECT n FROM b",
        "DROP VIEW v",
        "DROP TABLE b",
    ];
    for died in 0..steps.len() {
        let (database, store) = opened();
        steps[..=died].iter().for_each(|sql| drop(database.sql(sql).unwrap()));
        let note = format!(
            "INSERT INTO bistro_migrations VALUES ('0001', 'sum of 0001', 42, 'up', {died}, {})",
            steps.len()
        );
        database.sql(&note).unwrap();
        let again = migration("0001", Direction::Up, &steps, "one");
        wait(store.migrate(again.clone())).unwrap_or_else(|e| panic!("{}: {e}", steps[died]));
        assert_eq!(again.progress.done() as usize, steps.len());
        assert_eq!(wait(store.history()).unwrap()[0].state, AppliedState::Done);
    }
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

/// What failed is not done, whatever the server says of it when it is tried again.
#[test]
fn regress_a_statement_that_failed_is_never_taken_for_done() {
    let check = |before: &str, failing: &str| {
        let (database, store) = opened();
        database.sql("CREATE TABLE p (n int, name text)").unwrap();
        database.sql("INSERT INTO p VALUES (1, 'x')").unwrap();
        database.sql(before).unwrap();
        let steps = ["ALTER TABLE p ADD COLUMN m int", failing];
        let run = || wait(store.migrate(migration("0001", Direction::Up, &steps, "one")));
        for _ in 0..3 {
            let error = run().unwrap_err();
            assert!(error.cause.contains("in: "), "{failing}: {}", error.cause);
            let state = AppliedState::Begun { direction: Direction::Up, done: 1, of: 2 };
            assert_eq!(wait(store.history()).unwrap()[0].state, state, "{failing}");
        }
    };
    check("DO 1", "UPDATE p SET m = n WHERE nmae = 'x'");
    check("CREATE TABLE b (others int)", "CREATE TABLE b (n int)");
    check("DO 1", "ALTER TABLE p DROP COLUMN nmae");
    check("DO 1", "UPDATE q SET n = 1");
}

/// A statement whose end was never noted is done only if it changes tables and the catalogue has what it makes.
#[test]
fn regress_rows_and_wrong_names_are_never_taken_for_done() {
    for sql in [
        "UPDATE p SET n = 2 WHERE nmae = 1",
        "INSERT INTO q VALUES (1)",
        "ALTER TABLE p RENAME COLUMN nmae TO other",
        "RENAME TABLE q TO r",
        "ALTER TABLE q ADD COLUMN m int",
    ] {
        let (database, store) = opened();
        database.sql("CREATE TABLE p (n int)").unwrap();
        let note = "INSERT INTO bistro_migrations VALUES ('0001', 'sum of 0001', 42, 'up', 0, 1)";
        database.sql(note).unwrap();
        let error = wait(store.migrate(migration("0001", Direction::Up, &[sql], "one"))).unwrap_err();
        assert!(error.cause.contains(sql), "{}", error.cause);
    }
}

#[test]
fn regress_a_failed_migration_is_mended_from_the_statement_that_failed() {
    let (database, store) = opened();
    let steps = ["CREATE TABLE a (n int)", "INSERT INTO a VALUES (1)", "UPDATE a SET m = 1"];
    let mut first = migration("0001", Direction::Up, &steps, "one");
    wait(store.migrate(first.clone())).unwrap_err();
    first.checksum = "mended".into();
    first.statements[2] = "UPDATE a SET n = 5".into();
    first.statements.push("ALTER TABLE a ADD COLUMN m int".into());
    wait(store.migrate(first.clone())).unwrap();
    assert_eq!(database.sql("SELECT n FROM a").unwrap().trim(), "5");
    let entry = &wait(store.history()).unwrap()[0];
    assert_eq!(entry.state, AppliedState::Done);
    assert_eq!(entry.checksum, "mended");
}

/// The lock of a node may be lost while it migrates: the connection that migrates has one too.
#[test]
fn regress_two_connections_never_run_the_same_statement() {
    let (database, store) = opened();
    database.sql("CREATE TABLE a (t text)").unwrap();
    database.sql("INSERT INTO a VALUES ('x')").unwrap();
    let step = ["UPDATE a SET t = CONCAT(t, '!', LEFT(SLEEP(10), 0))"];
    let one = migration("0001", Direction::Up, &step, "one");
    let running = start(store.migrate(one.clone()));
    eventually("it runs", || {
        let sql = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'UPDATE a SET t%' AND db = DATABASE()";
        database.sql(sql).unwrap().trim() == "1"
    });
    let other = open(&database.url(), &Schema::default().into(), Options::default()).unwrap();
    let refused = wait(other.migrate(one.clone())).unwrap_err();
    assert!(refused.cause.contains("another connection is migrating"), "{}", refused.cause);
    wait(running).unwrap().unwrap();
    wait(other.migrate(one)).unwrap();
    assert_eq!(database.sql("SELECT t FROM a").unwrap().trim(), "x!");
}

/// Readers wait behind a statement that waits for their table: it gives way, and says why it could not be run.
#[test]
fn regress_a_table_that_others_hold_is_not_waited_for_all_day() {
    let (database, store) = opened();
    database.sql("CREATE TABLE a (n int)").unwrap();
    let held = database.url();
    let holder = wait(async {
        let mut conn = mysql_async::Conn::from_url(&held).await.unwrap();
        use mysql_async::prelude::Queryable;
        conn.query_drop("START TRANSACTION").await.unwrap();
        conn.query_drop("SELECT * FROM a").await.unwrap();
        conn
    });
    let began = Instant::now();
    let step = migration("0001", Direction::Up, &["ALTER TABLE a ADD COLUMN m int"], "one");
    let error = wait(store.migrate(step.clone())).unwrap_err();
    assert!(error.cause.contains("another transaction holds the table"), "{}", error.cause);
    assert!(began.elapsed() < Duration::from_secs(60));
    drop(holder);
    wait(store.migrate(step)).unwrap();
}

/// Nobody knows how it ended, so that it must stay as it was until it is gone over.
#[test]
fn regress_a_statement_that_was_cut_off_is_run_again_as_it_was() {
    let (database, store) = opened();
    database.sql("CREATE TABLE a (t text)").unwrap();
    database.sql("INSERT INTO a VALUES ('x')").unwrap();
    let one = migration(
        "0001",
        Direction::Up,
        &["UPDATE a SET t = CONCAT(t, '!', LEFT(SLEEP(2), 0))", "DO 1"],
        "one",
    );
    let running = start(store.migrate(one.clone()));
    let sql =
        "SELECT id FROM information_schema.processlist WHERE info LIKE 'UPDATE a SET t%' AND db = DATABASE()";
    eventually("it runs", || !database.sql(sql).unwrap().trim().is_empty());
    database.sql(&format!("KILL {}", database.sql(sql).unwrap().trim())).unwrap();
    wait(running).unwrap().unwrap_err();
    let mut edited = one.clone();
    edited.statements[0] = "DO 1".into();
    let refused = wait(store.migrate(edited)).unwrap_err();
    assert!(refused.cause.contains("put back the first 1"), "{}", refused.cause);
    let mut later = one;
    later.statements[1] = "DO 2".into();
    wait(store.migrate(later)).unwrap();
    assert_eq!(database.sql("SELECT t FROM a").unwrap().trim(), "x!");
}

#[test]
fn regress_a_migration_waits_for_the_last_statement_of_one_that_was_killed() {
    let (database, store) = opened();
    // Its connection has the lock until the statement has ended, whether anybody waits for it or not.
    let lock = "GET_LOCK(CONCAT('bistro:migrate:', LEFT(SHA2(DATABASE(), 256), 40)), 0)";
    std::thread::scope(|scope| {
        scope.spawn(|| database.sql(&format!("SELECT {lock}, SLEEP(3)")).unwrap());
        let is_held = lock.replace("GET_LOCK", "IS_FREE_LOCK").replace(", 0)", ")");
        eventually("the other one has it", || {
            database.sql(&format!("SELECT {is_held}")).unwrap().trim() == "0"
        });
        wait(store.migrate(migration("0001", Direction::Up, &["CREATE TABLE a (n int)"], "one"))).unwrap();
    });
}
