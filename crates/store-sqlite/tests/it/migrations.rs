//! Migrations: whole or not at all, kept in a history, with foreign keys judged at the end.

use std::time::Duration;

use bistro_store::{AppliedState, Direction, Migration, Progress, Store, StoreErrorKind};
use bistro_store_sqlite::SqliteStore;

use crate::fixture::{Fixture, schema, text, uuid, wait};

const NOTES: &str = "
type Note @model { id: ID!  title: String!  pad: Pad }
type Pad @model { id: ID!  word: String }
";

fn migration(name: &str, direction: Direction, statements: &[&str], schema: &str) -> Migration {
    Migration {
        name: name.into(),
        checksum: format!("sum of {name}"),
        direction,
        statements: statements.iter().map(|s| (*s).to_owned()).collect(),
        schema: schema.into(),
        at: 5,
        progress: Progress::default(),
    }
}

/// The names of the history, and what is recorded.
fn stands(store: &SqliteStore, names: &[&str], recorded: Option<&str>) {
    let history = wait(store.history()).unwrap();
    assert!(history.iter().all(|a| a.state == AppliedState::Done && a.at == 5));
    assert_eq!(history.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), names);
    assert_eq!(wait(store.recorded()).unwrap().as_deref(), recorded);
}

#[test]
fn what_is_run_is_recorded_and_what_is_undone_is_forgotten() {
    let fixture = Fixture::new(NOTES);
    let store = &fixture.store;
    let second = migration("0002_b", Direction::Up, &["ALTER TABLE notes ADD COLUMN more TEXT"], "two");
    let progress = second.progress.clone();
    wait(store.migrate(second.clone())).unwrap();
    assert_eq!(progress.done(), 1);
    wait(store.migrate(migration("0001_a", Direction::Up, &[], "one"))).unwrap();
    stands(store, &["0001_a", "0002_b"], Some("one"));
    // What is so already is left as it is.
    wait(store.migrate(second)).unwrap();
    stands(store, &["0001_a", "0002_b"], Some("one"));
    let back = ["ALTER TABLE notes DROP COLUMN more"];
    wait(store.migrate(migration("0002_b", Direction::Down, &back, "one"))).unwrap();
    wait(store.migrate(migration("0002_b", Direction::Down, &back, "one"))).unwrap();
    stands(store, &["0001_a"], Some("one"));
    wait(store.migrate(migration("0001_a", Direction::Down, &[], ""))).unwrap();
    stands(store, &[], None);
}

#[test]
fn a_failure_leaves_nothing_and_names_the_statement() {
    let fixture = Fixture::new(NOTES);
    let check = |statement: &str, words: &str| {
        let both = ["ALTER TABLE notes ADD COLUMN more TEXT", statement];
        let failed =
            wait(fixture.store.migrate(migration("0001_a", Direction::Up, &both, "one"))).unwrap_err();
        assert!(failed.cause.contains(words) && failed.cause.contains(statement), "{}", failed.cause);
        stands(&fixture.store, &[], Some("record"));
    };
    check("ALTER TABLE nowhere ADD COLUMN x", "no such table");
    check("COMMIT", "a migration is one transaction already");
    check("ROLLBACK", "a migration is one transaction already");
    check("SAVEPOINT x", "a migration is one transaction already");
    check("ATTACH ':memory:' AS other", "a migration is one transaction already");
    // The connection goes on as before, and foreign keys hold again.
    let stranger = fixture.insert("Note", &[("id", uuid(1)), ("title", text("x")), ("pad_id", uuid(9))]);
    assert_eq!(stranger.unwrap_err().kind, StoreErrorKind::ForeignKey(None));
}

#[test]
fn a_table_may_be_made_again_and_references_are_judged_at_the_end() {
    let fixture = Fixture::new(NOTES);
    fixture.insert("Pad", &[("id", uuid(1))]).unwrap();
    fixture.insert("Note", &[("id", uuid(2)), ("title", text("x")), ("pad_id", uuid(1))]).unwrap();
    let again = [
        "CREATE TABLE other (bistro_rowid INTEGER PRIMARY KEY, id BLOB NOT NULL, word TEXT, UNIQUE (id)) STRICT",
        "INSERT INTO other SELECT * FROM pads",
        "DROP TABLE pads",
        "ALTER TABLE other RENAME TO pads",
    ];
    wait(fixture.store.migrate(migration("0001_a", Direction::Up, &again, "one"))).unwrap();
    let emptied = ["DELETE FROM pads"];
    let failed =
        wait(fixture.store.migrate(migration("0002_b", Direction::Up, &emptied, "two"))).unwrap_err();
    assert_eq!(
        failed.cause,
        "afterwards rows would refer to nothing: 1 of notes refer to rows of pads that are not there"
    );
    stands(&fixture.store, &["0001_a"], Some("one"));
}

#[test]
fn one_holds_the_right_to_change_tables() {
    let fixture = Fixture::new(NOTES);
    let moment = Duration::from_millis(20);
    let lock = wait_timed(fixture.store.lock_tables(moment)).unwrap();
    let Err(refused) = wait_timed(fixture.store.lock_tables(moment)) else { panic!("two hold it") };
    assert_eq!(refused.kind, StoreErrorKind::TimedOut);
    drop(lock);
    wait_timed(fixture.store.lock_tables(moment)).unwrap();
}

fn wait_timed<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

#[test]
fn a_file_of_the_format_before_gets_its_history() {
    let fixture = Fixture::new(NOTES);
    fixture.insert("Pad", &[("id", uuid(1))]).unwrap();
    fixture.store.close();
    let by_hand = |sql: &str| {
        let file = fixture.dir.path().join("bistro.db");
        rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap();
    };
    let open = || SqliteStore::open(fixture.dir.path(), schema(NOTES), Default::default());
    by_hand("DROP TABLE bistro_migrations; UPDATE bistro_meta SET value = '1' WHERE key = 'format'");
    let store = open().unwrap();
    stands(&store, &[], Some("record"));
    wait(store.migrate(migration("0001_a", Direction::Up, &[], "one"))).unwrap();
    store.close();
    by_hand("UPDATE bistro_meta SET value = '99' WHERE key = 'format'");
    let refused = open().unwrap_err();
    assert!(refused.cause.contains("format 99"), "{}", refused.cause);
}
