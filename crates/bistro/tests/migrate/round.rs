//! Up, down and up again keeps what both schemas have, on every engine, and leaves the tables that the schema says.

use bistro_testkit::Database;

use crate::place::{Place, on};

/// Before.
pub(crate) const OLD: &str = "
type Person @model @allow(to: [READ]) { id: Int! @id  name: String! @length(max: 60) }
type Note @model @allow(to: [READ]) { id: Int! @id  text: String!  mark: String  author: Person }
";
/// After: a table more, a rename, a column more and one less, another index, a foreign key with another action.
pub(crate) const NEW: &str = "
type Person @model @allow(to: [READ]) { id: Int! @id  name: String! @length(max: 60) @unique }
type Tag @model @allow(to: [READ]) { id: Int! @id  word: String! @length(max: 30) @unique }
type Note @model @allow(to: [READ]) { id: Int! @id  body: String! @was(name: \"text\")  score: Int! @default(value: 7) @index  author: Person @relation(onDelete: CASCADE) }
";
/// A step for rows, written by hand. It may be run twice.
pub(crate) const BY_HAND: &str = "UPDATE notes SET score = id WHERE id % 2 = 0;";

/// A project with its first migration applied, so many notes, and the second migration waiting.
pub(crate) fn waiting(database: Option<Database>, notes: u32) -> Place {
    let place = Place::new(database, OLD);
    place.migrate(&["new", "old"]).well();
    place.migrate(&["up"]).well();
    let rows: Vec<String> = (1..=notes)
        .map(|n| format!(r#"{{"id": {n}, "text": "note {n}", "mark": "m", "author_id": {}}}"#, 1 + n % 2))
        .collect();
    place.folder.write("persons.json", r#"{"persons": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]}"#);
    place.folder.write("notes.json", &format!("[{}]", rows.join(",")));
    place.folder.run(&["seed", "persons.json", "notes.json"]).well();
    place.step(NEW, "new");
    place.add("0002_new", BY_HAND);
    place
}

fn check(database: Option<Database>) {
    let place = waiting(database, 4);
    assert_eq!(place.status(), (vec!["applied".into(), "pending".into()], vec![]));
    let up = place.migrate(&["up"]);
    up.said_no(1, "- column notes.mark");
    up.said_no(1, "4 rows");
    place.migrate(&["up", "--allow-destructive"]).well();
    assert_eq!(place.status(), (vec!["applied".into(), "applied".into()], vec![]));
    let found = place.sql("SELECT body, score, author_id FROM notes ORDER BY id");
    let found = found.replace('\t', "|");
    assert_eq!(found, "note 1|7|2\nnote 2|2|1\nnote 3|7|2\nnote 4|4|1");
    place.migrate(&["down", "--allow-destructive"]).well();
    assert_eq!(place.status(), (vec!["applied".into(), "pending".into()], vec![]));
    assert_eq!(place.sql("SELECT count(*) FROM notes WHERE text LIKE 'note%'"), "4");
    place.migrate(&["up", "--allow-destructive"]).well();
    place.migrate(&["redo", "--allow-destructive"]).well();
    assert_eq!(place.status(), (vec!["applied".into(), "applied".into()], vec![]));
    assert_eq!(place.sql("SELECT count(*) FROM notes WHERE body LIKE 'note%'"), "4");
    place.migrate(&["down", "2", "--allow-destructive"]).well();
    assert_eq!(place.status(), (vec!["pending".into(), "pending".into()], vec![]));
}

#[test]
fn up_and_down_on_sqlite() {
    check(on::sqlite());
}

#[test]
fn up_and_down_on_postgres() {
    check(on::postgres());
}

#[test]
fn up_and_down_on_mysql() {
    check(on::mysql());
}

/// What PostgreSQL does outside of transactions alone is run statement by statement.
#[test]
fn an_index_is_made_while_others_write() {
    let place = waiting(on::postgres(), 4);
    let file = place.folder.path().join("migrations/0002_new/up.postgres.sql");
    let text = std::fs::read_to_string(&file).expect("the file");
    let aside = text.replace("CREATE INDEX \"notes_score", "CREATE INDEX CONCURRENTLY \"notes_score");
    assert_ne!(aside, text);
    std::fs::write(&file, aside).expect("it can be written");
    place.migrate(&["up", "--allow-destructive"]).well();
    assert_eq!(place.status(), (vec!["applied".into(), "applied".into()], vec![]));
    place.migrate(&["down", "--allow-destructive"]).well();
    assert_eq!(place.status(), (vec!["applied".into(), "pending".into()], vec![]));
}
