//! All six directions, each with every kind of value.

use super::end::{End, On};
use super::{everything, moved};
use crate::harness::{Folder, NOTES, Server};
use crate::sessions::Person;

/// Each from one engine to another; together all six ways.
const WAYS: [(On, On); 6] = [
    (On::Sqlite("bistro.db"), On::Postgres),
    (On::Postgres, On::Mysql),
    (On::Mysql, On::Sqlite("third.db")),
    (On::Sqlite("third.db"), On::Mysql),
    (On::Mysql, On::Postgres),
    (On::Postgres, On::Sqlite("sixth.db")),
];

#[test]
fn every_value_arrives_whichever_way() {
    let folder = everything::project(200);
    let first = End::new(On::Sqlite("bistro.db"));
    let before = std::fs::read(folder.path().join("data/bistro.db")).expect("the database");
    let mut here = first;
    let mut last: Option<Vec<_>> = None;
    for (way, (_, to)) in WAYS.into_iter().enumerate() {
        let there = End::new(to);
        let out = here.move_to(&folder, &there, &["--yes", "--batch", "64"]).well();
        let tables = moved(&out);
        let rows: Vec<(&str, &str)> = tables.iter().map(|(t, n, _)| (t.as_str(), n.as_str())).collect();
        let expected = [
            ("things", "200"),
            ("pages", "60"),
            ("notes", "120"),
            ("persons", "200"),
            ("places", "100"),
            ("persons_friends", "199"),
        ];
        assert_eq!(rows, expected, "way {way}");
        assert!(out.contains(&format!("moved to {}", there.shown())), "{out}");
        // The sums are made of values alone: they stay the same on every engine.
        assert_eq!(last.get_or_insert_with(|| tables.clone()), &tables, "way {way}");
        here = there;
    }
    let after = std::fs::read(folder.path().join("data/bistro.db")).expect("the database");
    assert!(before == after, "the source is as it was");
}

#[test]
fn counters_go_on_and_references_hold_again() {
    for on in [On::Sqlite("other.db"), On::Postgres, On::Mysql] {
        let folder = everything::project(40);
        let (here, there) = (End::new(On::Sqlite("bistro.db")), End::new(on));
        here.move_to(&folder, &there, &["--yes"]).well();
        folder.write("more.json", r#"{"persons": [{"name": "Berta"}], "places": [{"name": "home"}]}"#);
        there.run(&folder, &["seed", "more.json"]).well();
        folder.write("again.json", r#"{"persons": [{"id": 41, "name": "Clara"}]}"#);
        there.run(&folder, &["seed", "again.json"]).said_no(1, "persons_pkey");
        folder.write("lost.json", r#"{"persons": [{"name": "Dora", "boss": 4711}]}"#);
        there.run(&folder, &["seed", "lost.json"]).said_no(1, "persons_boss_id_fkey");
    }
}

#[test]
fn keys_stay_the_same() {
    let folder = everything::project(20);
    let keys = |end: &End| end.run(&folder, &["keys", "list", "--json"]).well();
    let key = |end: &End| {
        let all: serde_json::Value = serde_json::from_str(&keys(end)).expect("JSON");
        all["secret"].clone()
    };
    let file = End::new(On::Sqlite("bistro.db"));
    let first = key(&file);
    let server = End::new(On::Postgres);
    file.move_to(&folder, &server, &["--yes"]).well();
    std::fs::remove_file(folder.path().join("data/keys.json")).expect("the secrets of the folder");
    assert_eq!(key(&server), first, "the database has them now");
    server.run(&folder, &["keys", "rotate", "--secret"]).well();
    let second = key(&server);
    assert_ne!(second, first);
    let (other, back) = (End::new(On::Mysql), End::new(On::Sqlite("back.db")));
    server.move_to(&folder, &other, &["--yes"]).well();
    assert_eq!(key(&other), second);
    other.move_to(&folder, &back, &["--yes"]).well();
    assert_eq!(key(&back), second, "the folder has them now");
}

#[test]
fn the_history_of_migrations_counts_as_applied() {
    let folder = Folder::with(NOTES);
    folder.run(&["migrate", "new", "first"]).well();
    folder.run(&["migrate", "up"]).well();
    folder.write("schema.graphql", &NOTES.replace("text:", "tags: [String!]\n text:"));
    folder.run(&["migrate", "new", "tags"]).well();
    let here = End::new(On::Sqlite("bistro.db"));
    let refused = here.move_to(&folder, &End::new(On::Postgres), &["--yes"]);
    refused.said_no(1, "bistro migrate up");
    folder.run(&["migrate", "up"]).well();
    let wanted = folder.run(&["migrate", "status"]).well();
    assert_eq!(wanted.matches("  applied  ").count(), 2, "{wanted}");
    for on in [On::Postgres, On::Mysql, On::Sqlite("to.db")] {
        let there = End::new(on);
        here.move_to(&folder, &there, &["--yes"]).well();
        assert_eq!(there.run(&folder, &["migrate", "status"]).well(), wanted, "{on:?}");
        assert!(there.run(&folder, &["migrate", "up"]).well().starts_with("nothing to do"));
    }
}

#[test]
fn accounts_sign_in_wherever_they_were_moved() {
    let schema = r#"type User @account @allow(to: [READ]) { id: ID!  name: String }
type Note @model @allow(to: [READ], roles: ["authenticated"]) { id: Int! @id  text: String! }"#;
    let ends = [On::Sqlite("bistro.db"), On::Postgres, On::Mysql, On::Sqlite("back.db")].map(End::new);
    let serve = |folder: Folder, end: &End| {
        folder.write("bistro.toml", &format!("[database]\nurl = \"{}\"\n", end.url));
        Server::start(folder, &["dev"])
    };
    let server = serve(Folder::with(schema), &ends[0]);
    Person::signs_up(&server, "ada@example.org");
    let mut folder = server.stop();
    for pair in ends.windows(2) {
        let out = pair[0].move_to(&folder, &pair[1], &["--yes"]).well();
        let table = |name: &str| moved(&out).into_iter().find(|(n, ..)| n == name).map(|(_, rows, _)| rows);
        assert_eq!(table("bistro_accounts").as_deref(), Some("1"), "{out}");
        assert_eq!(table("users").as_deref(), Some("1"), "{out}");
        let server = serve(folder, &pair[1]);
        assert_eq!(Person::signs_in(&server, "ada@example.org").reads(&server), 200, "{out}");
        folder = server.stop();
    }
}
