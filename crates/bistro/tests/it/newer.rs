//! A database whose tables of accounts a newer version has changed.

use rusqlite::Connection;

use crate::harness::{Folder, Server};
use crate::sessions::Person;

const SCHEMA: &str = r#"
type User @account @allow(to: [READ]) { id: ID!  name: String }
type Note @model @allow(to: [READ], roles: ["authenticated"]) { id: Int! @id  text: String! }
"#;

#[test]
fn tables_of_a_newer_version_are_left_alone_and_the_start_says_so() {
    let folder = Folder::with(SCHEMA);
    folder.write(
        "bistro.toml",
        "[server]\npublic_url = \"http://127.0.0.1:4000\"\n[auth]\nconfirm_email = false\n",
    );
    let server = Server::start(folder, &["serve"]);
    let ada = Person::signs_up(&server, "ada@example.org");
    let folder = server.stop();
    let database = || Connection::open(folder.path().join("data/bistro.db")).expect("the database");
    let recorded: String = database()
        .query_row("SELECT value FROM bistro_meta WHERE key = 'system'", [], |row| row.get(0))
        .expect("the text that the tables follow");
    let record = |text: &str| {
        database()
            .execute("UPDATE bistro_meta SET value = ?1 WHERE key = 'system'", [text])
            .expect("it is written")
    };
    record(&format!("{recorded}\ntype Later @model(name: \"bistro_later\") {{ id: ID! }}\n"));
    database().execute("CREATE TABLE bistro_later (id BLOB PRIMARY KEY)", []).expect("a table");
    for words in [&["serve", ".", "--listen", "127.0.0.1:0"][..], &["user", "list"]] {
        let ran = folder.run(words);
        ran.said_no(1, "the tables of accounts are those of another Bistro");
        assert!(
            ran.err().contains("bistro_later") && ran.err().contains("Start the newer one"),
            "{}",
            ran.err()
        );
    }
    let kept: i64 =
        database().query_row("SELECT count(*) FROM bistro_later", [], |row| row.get(0)).expect("it is there");
    assert_eq!(kept, 0);
    // Back with the version that knows them, nothing is lost.
    database().execute("DROP TABLE bistro_later", []).expect("no table");
    record(&recorded);
    let server = Server::start(folder, &["serve"]);
    assert_eq!(ada.reads(&server), 200);
    assert_eq!(Person::signs_in(&server, "ada@example.org").reads(&server), 200);
}
