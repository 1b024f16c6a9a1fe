//! `bistro pull` and databases that somebody else keeps, on every engine. `UPDATE=1` writes the expected texts anew.
//!
//! A case is SQL in the words of each engine; what is pulled from it is pinned beside it. `shop.requests` are asked of
//! the same data on every engine, and the answers are the same.

mod baseline;
mod database;
mod served;

use std::path::{Path, PathBuf};

use crate::harness::Folder;
use database::{Database, ENGINES, Engine};

/// The folder of cases.
fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pull/cases")
}

/// Holds a text to a file of the cases, or writes it.
fn pinned(name: &str, text: &str) {
    let path = cases().join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).expect("the case is written");
    }
    let expected = std::fs::read_to_string(&path).expect("the case is there");
    assert_eq!(text, expected, "{name}");
}

fn check(case: &str, engine: Engine) {
    let database = Database::with(case, engine);
    let folder = Folder::empty();
    let before = database.definition();
    let text = folder.run(&["pull", &database.url()]).well();
    pinned(&format!("{case}.{}.graphql", engine.word()), &text);
    folder.write("schema.graphql", &text);
    folder.run(&["check"]).well();
    let again = folder.run(&["pull", &database.url()]).well();
    assert_eq!(text, again, "a second look says the same");
    assert_eq!(before, database.definition(), "looking changes nothing");
}

#[test]
fn drafts_are_as_pinned() {
    for engine in ENGINES {
        for case in ["shop", "types"] {
            check(case, engine);
        }
    }
}

#[test]
fn what_cannot_be_pulled_is_said() {
    let folder = Folder::empty();
    folder.run(&["pull", "nowhere.db"]).said_no(1, "nowhere.db");
    folder.run(&["pull", "oracle://x"]).said_no(2, "Bistro knows sqlite:FILE, postgres:// and mysql://");
    folder.run(&["pull", "postgres://nobody:secret@127.0.0.1:1/none"]).said_no(1, "nobody:***@127.0.0.1:1");
    folder.write("text.db", "this is no database, but a text of some length that stands in a file\n");
    folder.run(&["pull", "text.db"]).said_no(1, "not a database");
}
