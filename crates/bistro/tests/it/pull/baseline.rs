//! A database that Bistro keeps from now on: its history begins with the tables that are there.

use crate::harness::{Folder, Server};

use super::database::{Database, ENGINES, Engine};

/// A folder with what `pull --write` wrote, whose project keeps the database.
fn written(database: &Database) -> Folder {
    let folder = Folder::empty();
    let settings = match database {
        // A file that Bistro keeps lies in the data folder.
        Database::File { path, .. } => {
            let folder = path.parent().expect("a folder");
            format!("[data]\ndir = {folder:?}\n[database]\nurl = \"sqlite:theirs.db\"\n")
        }
        Database::Server(..) => format!("[database]\nurl = \"{}\"\n", database.url()),
    };
    folder.write("bistro.toml", &settings);
    let told = folder.run(&["pull", "--write"]).well();
    assert!(told.contains("0001_baseline") && told.contains("bistro migrate up"), "{told}");
    folder
}

fn schema(folder: &Folder) -> String {
    std::fs::read_to_string(folder.path().join("schema.graphql")).expect("the schema is there")
}

/// One more index and one more column, from the tables of somebody else.
fn goes_on(folder: &Folder, database: &Database) {
    let text = schema(folder).replace("stock:", "colour: String @column(name: \"Colour\")\n  stock:");
    let text = text.replace("weight: Float", "weight: Float @index");
    folder.write("schema.graphql", &text);
    folder.run(&["migrate", "new", "colour"]).well();
    let told = folder.run(&["migrate", "up"]).well();
    assert!(told.contains("0002_colour applied"), "{told}");
    assert_eq!(database.asks("SELECT count(*) FROM \"Product\" WHERE \"Colour\" IS NULL").trim(), "2");
    folder.run(&["migrate", "down", "--allow-destructive"]).well();
    folder.run(&["migrate", "up"]).well();
    // SQLite makes these tables again.
    let text = schema(folder).replace("  text: ", "  words: Int @column(name: \"Words\")\n  # text: ");
    let text = text.replace("weight: Float @index", "weight: Float! @default(value: 0) @index");
    folder.write("schema.graphql", &text);
    folder.run(&["migrate", "new", "words"]).well();
    folder.run(&["migrate", "up", "--allow-destructive"]).well();
    assert_eq!(database.asks("SELECT count(*) FROM \"Note\" WHERE \"Words\" IS NULL").trim(), "1");
}

fn check(engine: Engine) {
    let database = Database::with("baseline", engine);
    let folder = written(&database);
    let printed = folder.run(&["pull"]).well();
    assert_eq!(schema(&folder), printed, "{engine:?}: what is written is what is printed");
    let told = folder.run(&["migrate", "up"]).well();
    assert_eq!(told, "0001_baseline recorded as applied: the tables have it already\n", "{engine:?}");
    folder.run(&["migrate", "up"]).well();
    goes_on(&folder, &database);
    let server = Server::start(folder, &["serve"]);
    let secret = server.secret();
    let rows =
        server.request("GET", "/rest/v1/Product?select=product_name,status,category(name)&order=product_id");
    let expected = "[{\"product_name\":\"Assam\",\"status\":\"sold\",\"category\":{\"name\":\"Tea\"}},\
                    {\"product_name\":\"Mocha\",\"status\":\"planned\",\"category\":{\"name\":\"Coffee\"}}]";
    assert_eq!(rows.key(&secret).send().ok(), expected, "{engine:?}");
    let row = "{\"product_id\":3,\"product_name\":\"Lapsang\",\"category_id\":1,\"stock\":2}";
    server.request("POST", "/rest/v1/Product").key(&secret).json(row).send().with(201);
    server.stop();
    assert_eq!(database.asks("SELECT \"Status\" FROM \"Product\" WHERE \"ProductId\" = 3").trim(), "planned");
    if engine != Engine::Sqlite {
        // SQLite made the table again, of what the schema says.
        let sql = "SELECT \"Code\" FROM \"Product\" WHERE \"ProductId\" = 3";
        assert_eq!(database.asks(sql).trim(), "ABCDE", "{engine:?}");
    }
}

#[test]
fn a_history_begins_with_the_tables_that_are_there() {
    ENGINES.into_iter().for_each(check);
}

#[test]
fn a_baseline_makes_the_tables_of_a_new_database() {
    let database = Database::with("baseline", Engine::Sqlite);
    let folder = written(&database);
    folder.write("bistro.toml", "");
    let told = folder.run(&["migrate", "up"]).well();
    assert!(told.starts_with("0001_baseline applied ("), "{told}");
}

#[test]
fn tables_that_are_not_as_the_baseline_says_are_refused_with_what_differs() {
    let cases: &[(&str, &[&str])] = &[
        (
            "ALTER TABLE \"Product\" DROP COLUMN \"Weight\"",
            &["the column Product.Weight is not in the database"],
        ),
        (
            "ALTER TABLE \"Note\" ADD COLUMN more INTEGER NOT NULL DEFAULT 1",
            &["the column Note.more is in the database"],
        ),
        ("DROP INDEX one_name", &["the unique", "is not in the database"]),
        ("DROP TABLE \"Note\"", &["the table Note is not in the database"]),
    ];
    for (sql, words) in cases {
        let database = Database::with("baseline", Engine::Sqlite);
        let folder = written(&database);
        database.runs(sql);
        let before = database.asks("SELECT count(*) FROM \"Category\"");
        for words in *words {
            folder.run(&["migrate", "up"]).said_no(1, words);
        }
        folder.run(&["migrate", "up"]).said_no(1, "nothing was changed");
        assert_eq!(before, database.asks("SELECT count(*) FROM \"Category\""));
        folder.run(&["migrate", "up", "--allow-drift"]).well();
    }
}

#[test]
fn values_that_stand_otherwise_are_refused_by_their_types() {
    for (engine, declared, kept) in [
        (Engine::Sqlite, "DATETIME", "INTEGER"),
        (Engine::Sqlite, "DECIMAL(10,2)", "INTEGER"),
        (Engine::Postgres, "MONEY", "numeric"),
    ] {
        let database = Database::with("baseline", engine);
        database.runs(&format!("ALTER TABLE \"Note\" ADD COLUMN \"Other\" {declared}"));
        let folder = written(&database);
        let ran = folder.run(&["migrate", "up"]);
        ran.said_no(1, "the column Note.Other is ");
        ran.said_no(1, &format!("Bistro keeps such values as {kept}"));
    }
}

#[test]
fn nothing_is_written_over_unasked() {
    let database = Database::with("baseline", Engine::Sqlite);
    let folder = written(&database);
    folder.write("schema.graphql", "type A @model { id: ID! }\n");
    folder.run(&["pull", &database.url(), "--write"]).said_no(2, "schema.graphql is there already; --force");
    assert_eq!(schema(&folder), "type A @model { id: ID! }\n");
    let told = folder.run(&["pull", &database.url(), "--write", "--force"]).well();
    assert!(told.contains("no 0001_baseline: the project has migrations as far as 0001_baseline"), "{told}");
    assert!(schema(&folder).contains("type Category"));
}

#[test]
fn what_bistro_cannot_keep_has_no_baseline() {
    let database = Database::with("shop", Engine::Sqlite);
    let folder = Folder::empty();
    let told = folder.run(&["pull", &database.url(), "--write"]).well();
    assert!(told.contains("and no 0001_baseline") && told.contains("@view without sql"), "{told}");
    assert!(!folder.path().join("migrations").exists());
}
