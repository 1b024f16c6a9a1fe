//! `bistro migrate`, and servers on databases that have a history.

use std::fs;

use crate::harness::{Folder, Server};

const FIRST: &str = "type Note @model @allow(to: [READ]) { id: Int! @id\n text: String!\n mark: String }\n";
const SECOND: &str = "type Note @model @allow(to: [READ]) { id: Int! @id\n text: String!\n mark: String\n slug: String @unique }\n";
const WITHOUT_MARK: &str =
    "type Note @model @allow(to: [READ]) { id: Int! @id\n text: String!\n slug: String @unique }\n";

/// A project with its first migration applied and two rows.
fn begun() -> Folder {
    let folder = Folder::with(FIRST);
    folder.run(&["migrate", "new", "first"]).well();
    folder.run(&["migrate", "up"]).well();
    folder.write("notes.json", r#"[{"text": "a", "mark": "x"}, {"text": "b"}]"#);
    folder.run(&["seed", "notes.json"]).well();
    folder
}

/// Writes the schema and a migration for it.
fn step(folder: &Folder, schema: &str, name: &str) {
    folder.write("schema.graphql", schema);
    folder.run(&["migrate", "new", name]).well();
}

fn rows(folder: Folder, query: &str) -> (Folder, String) {
    let server = Server::start(folder, &["serve"]);
    let rows = server.get(query).key(&server.publishable()).send().ok().to_owned();
    (server.stop(), rows)
}

/// Starts a server, waits until it serves, and stops it.
fn served(folder: Folder, command: &str) -> Folder {
    let server = Server::start(folder, &[command]);
    server.get("/health/ready").send();
    server.stop()
}

fn status(folder: &Folder) -> Vec<(String, String)> {
    let text = folder.run(&["migrate", "status", "--json"]).well();
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let list = value["migrations"].as_array().expect("a list");
    let word = |v: &serde_json::Value, name: &str| v[name].as_str().expect("a text").to_owned();
    list.iter().map(|m| (word(m, "name"), word(m, "state"))).collect()
}

fn states(folder: &Folder, expected: &[(&str, &str)]) {
    let found = status(folder);
    let found: Vec<(&str, &str)> = found.iter().map(|(n, s)| (n.as_str(), s.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_migration_is_written_run_undone_and_run_again() {
    let folder = begun();
    step(&folder, SECOND, "Add slugs!");
    states(&folder, &[("0001_first", "applied"), ("0002_add_slugs", "pending")]);
    let plan = folder.run(&["migrate", "plan"]).well();
    assert!(plan.contains("0002_add_slugs") && plan.contains("+ column notes.slug"), "{plan}");
    let up = folder.run(&["migrate", "up"]).well();
    assert!(up.contains("0002_add_slugs applied"), "{up}");
    assert!(folder.run(&["migrate", "up"]).well().contains("nothing to do"));
    let (folder, text) = rows(folder, "/rest/v1/notes?select=text,slug&order=id");
    assert_eq!(text, r#"[{"text":"a","slug":null},{"text":"b","slug":null}]"#);
    folder.run(&["migrate", "down"]).said_no(1, "loses data for good");
    let down = folder.run(&["migrate", "down", "--allow-destructive"]).well();
    assert!(down.contains("0002_add_slugs undone"), "{down}");
    states(&folder, &[("0001_first", "applied"), ("0002_add_slugs", "pending")]);
    folder.run(&["migrate", "up"]).well();
    folder.run(&["migrate", "redo", "--allow-destructive"]).well();
    let (folder, text) = rows(folder, "/rest/v1/notes?select=text,mark&order=id");
    assert_eq!(text, r#"[{"text":"a","mark":"x"},{"text":"b","mark":null}]"#);
    folder.run(&["migrate", "down", "2", "--allow-destructive"]).well();
    states(&folder, &[("0001_first", "pending"), ("0002_add_slugs", "pending")]);
}

#[test]
fn looking_makes_no_database() {
    let folder = Folder::with(FIRST);
    assert!(folder.run(&["migrate", "status"]).well().contains("there are no migrations"));
    assert!(folder.run(&["migrate", "plan"]).well().contains("+ table notes"));
    folder.run(&["migrate", "new", "first"]).well();
    states(&folder, &[("0001_first", "pending")]);
    assert!(folder.run(&["migrate", "plan"]).well().contains("0001_first"));
    assert!(!folder.path().join("data").exists());
}

#[test]
fn each_engine_has_its_sql_and_each_file_says_what_it_does() {
    let folder = begun();
    step(&folder, SECOND, "slugs");
    let migration = folder.path().join("migrations/0002_slugs");
    let mut names: Vec<String> = fs::read_dir(&migration)
        .expect("the folder")
        .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let expected = [
        "checksum",
        "down.mysql.sql",
        "down.postgres.sql",
        "down.sqlite.sql",
        "schema.graphql",
        "up.mysql.sql",
        "up.postgres.sql",
        "up.sqlite.sql",
    ];
    assert_eq!(names, expected);
    for name in expected.iter().filter(|n| n.ends_with(".sql")) {
        let text = fs::read_to_string(migration.join(name)).expect("a file");
        assert!(text.starts_with("-- 0002_slugs "), "{text}");
        assert!(text.contains("slug"), "{name}: {text}");
    }
    assert_eq!(fs::read_to_string(migration.join("schema.graphql")).expect("a file"), SECOND);
}

#[test]
fn what_would_be_lost_is_named_with_its_rows() {
    let folder = begun();
    step(&folder, SECOND, "slugs");
    folder.run(&["migrate", "up"]).well();
    step(&folder, WITHOUT_MARK, "no_marks");
    let plan = folder.run(&["migrate", "plan"]).well();
    assert!(plan.contains("destructive") && plan.contains("1 row"), "{plan}");
    let refused = folder.run(&["migrate", "up"]);
    refused.said_no(1, "- column notes.mark");
    refused.said_no(1, "(1 row)");
    refused.said_no(1, "--allow-destructive");
    folder.run(&["migrate", "up", "--allow-destructive"]).well();
    let (_, text) = rows(folder, "/rest/v1/notes?select=*&order=id");
    assert_eq!(text, r#"[{"id":1,"text":"a","slug":null},{"id":2,"text":"b","slug":null}]"#);
}

#[test]
fn serve_waits_for_migrations_and_runs_them_when_told() {
    let folder = begun();
    step(&folder, SECOND, "slugs");
    let refused = folder.run(&["serve", "--listen", "127.0.0.1:0"]);
    refused.said_no(1, "1 migration is not applied: 0002_slugs");
    refused.said_no(1, "--migrate");
    let server = Server::start(folder, &["serve", "--migrate"]);
    let key = server.publishable();
    assert_eq!(server.get("/rest/v1/notes?select=slug&id=eq.1").key(&key).send().ok(), r#"[{"slug":null}]"#);
    let folder = server.stop();
    states(&folder, &[("0001_first", "applied"), ("0002_slugs", "applied")]);
    // An empty database is made by its migrations alone.
    fs::remove_dir_all(folder.path().join("data")).expect("the data goes");
    folder.run(&["serve", "--listen", "127.0.0.1:0"]).said_no(1, "the database is empty");
    folder.write("bistro.toml", "[database]\nmigrate = true\n");
    let folder = served(folder, "serve");
    states(&folder, &[("0001_first", "applied"), ("0002_slugs", "applied")]);
}

#[test]
fn what_dev_did_already_is_recorded_and_not_run() {
    let server = Server::start(begun(), &["dev"]);
    server.folder.write("schema.graphql", SECOND);
    server.says("+ column notes.slug");
    server.says("bistro migrate new NAME");
    server.folder.run(&["migrate", "new", "slugs"]).well();
    states(&server.folder, &[("0001_first", "applied"), ("0002_slugs", "pending")]);
    let up = server.folder.run(&["migrate", "up"]).well();
    assert!(up.contains("0002_slugs recorded as applied"), "{up}");
    server.folder.write("schema.graphql", WITHOUT_MARK);
    server.logs("- column notes.mark: all values of notes.mark would be lost; bistro migrate new NAME");
    server.folder.run(&["migrate", "new", "no_marks"]).well();
    server.folder.run(&["migrate", "up"]).said_no(1, "(1 row)");
    server.folder.run(&["migrate", "up", "--allow-destructive"]).well();
    let key = server.publishable();
    server.get("/rest/v1/notes?select=mark").key(&key).send().with(400);
    server.folder.run(&["migrate", "down"]).said_no(1, "stop it first");
    let folder = server.stop();
    let (_, text) = rows(folder, "/rest/v1/notes?select=text&order=id");
    assert_eq!(text, r#"[{"text":"a"},{"text":"b"}]"#);
}

#[test]
fn tables_between_two_migrations_are_adapted_when_told() {
    let server = Server::start(begun(), &["dev"]);
    server.folder.write("schema.graphql", SECOND);
    server.says("+ column notes.slug");
    let folder = server.stop();
    step(&folder, WITHOUT_MARK, "slugs_for_marks");
    folder.run(&["migrate", "up"]).said_no(1, "--adapt");
    folder.run(&["migrate", "up", "--adapt"]).said_no(1, "- column notes.mark");
    folder.run(&["migrate", "up", "--adapt", "--allow-destructive"]).well();
    states(&folder, &[("0001_first", "applied"), ("0002_slugs_for_marks", "applied")]);
    let (_, text) = rows(folder, "/rest/v1/notes?select=text,slug&id=eq.1");
    assert_eq!(text, r#"[{"text":"a","slug":null}]"#);
}

#[test]
fn a_database_without_a_history_takes_the_migration_that_describes_it() {
    let folder = served(Folder::with(FIRST), "serve");
    folder.run(&["migrate", "new", "first"]).well();
    folder.run(&["serve", "--listen", "127.0.0.1:0"]).said_no(1, "its tables have them already");
    let up = folder.run(&["migrate", "up"]).well();
    assert!(up.contains("recorded as applied"), "{up}");
    served(folder, "serve");
}

#[test]
fn steps_by_hand_are_run_and_files_stay_as_they_were() {
    let folder = begun();
    folder.run(&["migrate", "new", "nothing"]).said_no(1, "nothing to write");
    folder.run(&["migrate", "new", "fill marks", "--empty"]).well();
    let sql = folder.path().join("migrations/0002_fill_marks/up.sqlite.sql");
    let text = fs::read_to_string(&sql).expect("the file");
    let by_hand = "UPDATE notes SET mark = 'none; of -- these' WHERE mark IS NULL;\n";
    fs::write(&sql, format!("{text}{by_hand}")).expect("it can be written");
    folder.run(&["migrate", "up"]).well();
    let (folder, rows) = rows(folder, "/rest/v1/notes?select=mark&order=id");
    assert_eq!(rows, r#"[{"mark":"x"},{"mark":"none; of -- these"}]"#);
    fs::write(&sql, format!("{text}{by_hand}-- later\n")).expect("it can be written");
    states(&folder, &[("0001_first", "applied"), ("0002_fill_marks", "changed")]);
    step(&folder, SECOND, "slugs");
    folder.run(&["migrate", "up"]).said_no(1, "0002_fill_marks changed after it was applied");
    fs::write(&sql, format!("{text}{by_hand}")).expect("it can be written");
    folder.run(&["migrate", "up"]).well();
}

#[test]
fn a_failing_statement_leaves_everything_as_it_was() {
    let folder = begun();
    step(&folder, SECOND, "slugs");
    let sql = folder.path().join("migrations/0002_slugs/up.sqlite.sql");
    let text = fs::read_to_string(&sql).expect("the file");
    for (wrong, words) in [
        ("INSERT INTO nowhere VALUES (1);", "no such table: nowhere"),
        ("COMMIT;", "a migration is one transaction already"),
        ("UPDATE notes SET text = NULL;", "NOT NULL"),
        ("SELECT 'open;", "quote"),
    ] {
        fs::write(&sql, format!("{text}{wrong}\n")).expect("it can be written");
        folder.run(&["migrate", "up"]).said_no(1, words);
        states(&folder, &[("0001_first", "applied"), ("0002_slugs", "pending")]);
    }
    fs::write(&sql, &text).expect("it can be written");
    folder.run(&["migrate", "up"]).well();
}

#[test]
fn rows_in_the_way_are_counted_unless_the_sql_mends_them() {
    let folder = begun();
    let required = FIRST.replace("mark: String", "mark: String! @unique");
    step(&folder, &required, "marks");
    folder.run(&["migrate", "up"]).said_no(1, "1 row");
    let sql = folder.path().join("migrations/0002_marks/up.sqlite.sql");
    let text = fs::read_to_string(&sql).expect("the file");
    let (head, body) = text.split_once("\n\n").expect("a head and a body");
    let mended = format!("{head}\n\nUPDATE notes SET mark = 'm' || id WHERE mark IS NULL;\n{body}");
    fs::write(&sql, mended).expect("it can be written");
    folder.run(&["migrate", "up"]).well();
    let (_, text) = rows(folder, "/rest/v1/notes?select=mark&order=id");
    assert_eq!(text, r#"[{"mark":"x"},{"mark":"m2"}]"#);
}

#[test]
fn folders_that_do_not_follow_each_other_are_named() {
    let folder = begun();
    step(&folder, SECOND, "slugs");
    let migrations = folder.path().join("migrations");
    let copy = |from: &str, to: &str| {
        fs::create_dir_all(migrations.join(to)).expect("a folder");
        for entry in fs::read_dir(migrations.join(from)).expect("a folder") {
            let entry = entry.expect("an entry");
            fs::copy(entry.path(), migrations.join(to).join(entry.file_name())).expect("a copy");
        }
    };
    copy("0002_slugs", "0002_other");
    folder.run(&["migrate", "status"]).said_no(1, "have the same number");
    fs::remove_dir_all(migrations.join("0002_other")).expect("it goes");
    copy("0002_slugs", "0003_other");
    folder
        .run(&["migrate", "up"])
        .said_no(1, "0003_other was written after 0001_first, and stands after 0002_slugs");
    fs::remove_dir_all(migrations.join("0003_other")).expect("it goes");
    fs::write(migrations.join("0002_slugs/schema.graphql"), FIRST).expect("it can be written");
    folder.run(&["migrate", "up"]).said_no(1, "is not what it was when the migration was written");
    fs::write(migrations.join("0002_slugs/schema.graphql"), SECOND.replace('\n', "\r\n")).expect("written");
    folder.run(&["migrate", "up", "--to", "2"]).well();
    fs::create_dir(migrations.join("later")).expect("a folder");
    folder.run(&["migrate", "status"]).said_no(1, "does not begin with a number");
    fs::remove_dir(migrations.join("later")).expect("it goes");
    folder.run(&["migrate", "new", "--empty", "..."]).said_no(2, "no letter or digit");
}

#[test]
fn an_older_version_serves_what_it_can_of_a_newer_database() {
    let folder = begun();
    step(&folder, SECOND, "slugs");
    folder.run(&["migrate", "up"]).well();
    let migrations = folder.path().join("migrations");
    let aside = folder.path().join("aside");
    fs::rename(migrations.join("0002_slugs"), &aside).expect("it moves");
    folder.write("schema.graphql", FIRST);
    states(&folder, &[("0001_first", "applied"), ("0002_slugs", "missing")]);
    let server = Server::start(folder, &["serve"]);
    let secret = server.secret();
    server.post("/rest/v1/notes", r#"{"text": "from the old one"}"#).key(&secret).send().with(201);
    let folder = server.stop();
    fs::rename(&aside, migrations.join("0002_slugs")).expect("it moves");
    step(&folder, WITHOUT_MARK, "no_marks");
    folder.run(&["migrate", "up", "--allow-destructive"]).well();
    fs::remove_dir_all(migrations.join("0003_no_marks")).expect("it goes");
    fs::remove_dir_all(migrations.join("0002_slugs")).expect("it goes");
    folder.write("schema.graphql", FIRST);
    folder.run(&["serve", "--listen", "127.0.0.1:0"]).said_no(1, "- column notes.mark");
}

#[test]
fn dev_does_not_run_over_a_colleagues_migration() {
    let folder = begun();
    folder.run(&["migrate", "new", "fill", "--empty"]).well();
    folder.run(&["dev", "--listen", "127.0.0.1:0"]).said_no(1, "0002_fill");
    folder.run(&["migrate", "up"]).well();
    served(folder, "dev");
}

#[test]
fn a_running_server_shows_its_migrations_and_lets_none_be_run() {
    let folder = begun();
    let server = Server::start(folder, &["serve"]);
    states(&server.folder, &[("0001_first", "applied")]);
    step(&server.folder, SECOND, "slugs");
    let plan = server.folder.run(&["migrate", "plan", "--json"]).well();
    let plan: serde_json::Value = serde_json::from_str(&plan).expect("JSON");
    assert_eq!(plan["pending"][0]["name"], "0002_slugs");
    assert_eq!(plan["pending"][0]["steps"][0]["class"], "safe");
    server.folder.run(&["migrate", "up"]).said_no(1, "a Bistro serves this data");
}

#[test]
fn renames_and_new_kinds_keep_their_rows() {
    let folder = begun();
    let next = "type Note @model @allow(to: [READ]) { id: Int! @id\n body: String! @was(name: \"text\")\n mark: String }\n";
    step(&folder, next, "body");
    folder.run(&["migrate", "up"]).well();
    let (folder, text) = rows(folder, "/rest/v1/notes?select=body&order=id");
    assert_eq!(text, r#"[{"body":"a"},{"body":"b"}]"#);
    folder.run(&["migrate", "down"]).well();
    folder.write("schema.graphql", FIRST);
    fs::remove_dir_all(folder.path().join("migrations/0002_body")).expect("it goes");
    let (_, text) = rows(folder, "/rest/v1/notes?select=text&order=id");
    assert_eq!(text, r#"[{"text":"a"},{"text":"b"}]"#);
}

/// Changes the database as somebody with a client of their own would.
fn by_hand(folder: &Folder, sql: &str) {
    let code =
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.close()";
    let database = folder.path().join("data/bistro.db");
    let done = std::process::Command::new("python3").args(["-c", code]).arg(database).arg(sql).output();
    let done = done.expect("python3 is there");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn what_somebody_did_by_hand_is_explained_and_not_run_over() {
    let folder = begun();
    by_hand(
        &folder,
        "ALTER TABLE notes ADD COLUMN extra TEXT; CREATE TABLE mine (a); CREATE INDEX odd ON notes (mark)",
    );
    let status = folder.run(&["migrate", "status"]).well();
    assert!(status.contains("the column notes.extra is in the database and in no migration"), "{status}");
    assert!(status.contains("the table mine is in the database"), "{status}");
    assert!(status.contains("the index odd (mark) of notes"), "{status}");
    step(&folder, SECOND, "slugs");
    folder.run(&["migrate", "up"]).said_no(1, "--allow-drift");
    by_hand(&folder, "ALTER TABLE notes DROP COLUMN extra");
    folder.run(&["migrate", "up"]).well();
    by_hand(&folder, "DROP INDEX notes_slug_key");
    step(&folder, WITHOUT_MARK, "no_marks");
    folder
        .run(&["migrate", "up", "--allow-destructive"])
        .said_no(1, "the unique notes_slug_key is not in the database");
    folder.run(&["migrate", "up", "--allow-destructive", "--allow-drift"]).well();
}
