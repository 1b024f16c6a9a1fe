//! Two nodes migrate one database at once: one does it, the other waits and finds it done.

use bistro_testkit::Database;

use crate::harness::{Folder, Server};
use crate::place::{Place, on};
use crate::round::{NEW, waiting};
use crate::rounds;

fn both(one: &Folder, two: &Folder, words: &[&str]) -> [String; 2] {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| two.run(words).well());
        [one.run(words).well(), other.join().expect("the other ends")]
    })
}

fn check(database: Option<Database>, rounds: u32) {
    let place = waiting(database, 50);
    let other = place.beside();
    for round in 0..rounds {
        let said = both(&place.folder, &other, &["migrate", "up", "--allow-destructive"]);
        let did = said.iter().filter(|s| s.contains("0002_new applied")).count();
        let found = said.iter().filter(|s| s.contains("nothing to do")).count();
        assert_eq!((did, found), (1, 1), "round {round}: {said:?}");
        let (states, remarks) = place.status();
        assert_eq!((states, remarks), (vec!["applied".into(), "applied".into()], vec![]), "round {round}");
        assert_eq!(place.sql("SELECT count(*) FROM notes"), "50");
        place.migrate(&["down", "--allow-destructive"]).well();
    }
}

#[test]
fn two_nodes_of_postgres() {
    check(on::postgres(), rounds(5, 100));
}

#[test]
fn two_nodes_of_mysql() {
    check(on::mysql(), rounds(5, 100));
}

/// Who waits long is told so.
#[test]
fn a_long_wait_is_said() {
    let place = waiting(on::postgres(), 2);
    place.add("0002_new", "SELECT 1;");
    let slow = place.folder.path().join("migrations/0002_new/up.postgres.sql");
    let text = std::fs::read_to_string(&slow).expect("the file");
    std::fs::write(&slow, format!("{text}SELECT pg_sleep(5);\n")).expect("it can be written");
    let other = place.beside();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| place.migrate(&["up", "--allow-destructive"]).well());
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        let second = other.run(&["migrate", "up"]);
        assert!(second.err().contains("another node changes the tables; waiting for it"), "{}", second.err());
        assert!(second.well().contains("nothing to do"));
        assert!(first.join().expect("the first ends").contains("0002_new applied"));
    });
}

/// Two servers on an empty database.
fn served(database: Option<Database>) {
    let place = Place::new(database, NEW);
    place.migrate(&["new", "all"]).well();
    let other = place.beside();
    let start = |folder: Folder| Server::start(folder, &["serve", "--migrate"]);
    let Place { folder, .. } = place;
    let servers = std::thread::scope(|scope| {
        let two = scope.spawn(|| start(other));
        [start(folder), two.join().expect("the other starts")]
    });
    for server in servers {
        let key = server.publishable();
        assert_eq!(server.get("/rest/v1/notes").key(&key).send().ok(), "[]");
    }
}

#[test]
fn two_servers_make_the_tables_of_postgres() {
    served(on::postgres());
}

#[test]
fn two_servers_make_the_tables_of_mysql() {
    served(on::mysql());
}
