//! What cannot be moved is refused in words that say how to mend it.

use super::end::{End, On};
use super::everything;
use crate::harness::{Folder, NOTES, Server};

/// A project with one row.
fn notes() -> Folder {
    let folder = Folder::with(NOTES);
    folder.write("notes.json", r#"[{"id": 1, "text": "a"}]"#);
    folder.run(&["seed", "notes.json"]).well();
    folder
}

#[test]
fn words_that_cannot_be_meant() {
    let folder = notes();
    for (words, code, said) in [
        (&["--to", "sqlite:data/bistro.db", "--yes"][..], 1, "is where the data lies already"),
        (&["--to", "oracle://x", "--yes"], 2, "--to: it names \"oracle\""),
        (&["--to", "sqlite:", "--yes"], 2, "--to: it names no file"),
        (&["--to", "sqlite:keys.json", "--yes"], 2, "keys.json cannot be a database"),
        (&["--to", "sqlite:to.db"], 2, "nobody can be asked here: add --yes"),
        (&["--to", "sqlite:to.db", "--yes", "--resume"], 1, "there is nothing to resume"),
        (&["--to", "sqlite:no/such/to.db", "--yes"], 1, "there is no folder"),
        (&["--to", "sqlite:./schema.graphql", "--yes"], 1, "file is not a database"),
        (
            &["--to", "postgres://nobody@127.0.0.1:1/x", "--yes"],
            1,
            "the database postgres://nobody@127.0.0.1:1/x: ",
        ),
        (
            &["--to", "mysql://nobody@127.0.0.1:1/x", "--yes"],
            1,
            "the database mysql://nobody@127.0.0.1:1/x: ",
        ),
        (&["--yes"], 2, "--to <URL>"),
        (&["--to", "sqlite:to.db", "--batch", "0"], 2, "--batch"),
    ] {
        folder.run(&[&["move"], words].concat()).said_no(code, said);
    }
}

#[test]
fn sources_that_are_not_ready() {
    let folder = Folder::with(NOTES);
    folder
        .run(&["move", "--to", "sqlite:to.db", "--yes"])
        .said_no(1, "there is nothing to move: data/bistro.db does not exist");
    let empty = End::new(On::Postgres);
    empty.run(&folder, &["move", "--to", "sqlite:to.db", "--yes"]).said_no(1, "has no tables yet");
    let folder = notes();
    folder.write("schema.graphql", &NOTES.replace("text:", "more: Int\n text:"));
    let refused = folder.run(&["move", "--to", "sqlite:to.db", "--yes"]);
    refused.said_no(1, "do not follow schema.graphql:\n  + column notes.more");
    let server = Server::start(notes(), &["serve"]);
    let refused = server.folder.run(&["move", "--to", "sqlite:to.db", "--yes"]);
    refused.said_no(1, "runs on data; stop it first");
}

#[test]
fn targets_that_are_not_empty() {
    for on in [On::Sqlite("to.db"), On::Postgres, On::Mysql] {
        let folder = notes();
        let there = End::new(on);
        folder.run(&["move", "--to", &there.url, "--yes"]).well();
        folder
            .run(&["move", "--to", &there.url, "--yes"])
            .said_no(1, "is not empty: it holds the tables of a Bistro project");
        if on != On::Sqlite("to.db") {
            let taken = End::new(on);
            taken.sql("CREATE TABLE notes (a int)");
            taken.sql("CREATE TABLE others (a int)");
            let refused = folder.run(&["move", "--to", &taken.url, "--yes"]);
            refused
                .said_no(1, "is not empty: it has tables of the same names: notes; name an empty database");
            taken.sql("DROP TABLE notes");
            folder.run(&["move", "--to", &taken.url, "--yes"]).well();
        }
    }
}

#[test]
fn an_account_without_the_right_to_make_tables() {
    let folder = notes();
    let there = End::new(On::Postgres);
    there.sql("DROP ROLE IF EXISTS bistro_reader; CREATE ROLE bistro_reader LOGIN PASSWORD 'bistro'");
    there.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let url = there.url.replacen("bistro:", "bistro_reader:", 1);
    folder.run(&["move", "--to", &url, "--yes"]).said_no(1, "permission denied");
}

#[test]
fn a_running_server_keeps_its_target_folder() {
    let server = Server::start(notes(), &["serve"]);
    let folder = everything::project(20);
    let to = format!("sqlite:{}", server.folder.path().join("data/other.db").display());
    folder.run(&["move", "--to", &to, "--yes"]).said_no(1, "stop it first");
}
