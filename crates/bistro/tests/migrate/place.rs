//! A project on one of the engines.

use std::process::Command;

use bistro_testkit::Database;

use crate::harness::{Folder, Ran};

/// A project's folder and its database.
pub(crate) struct Place {
    pub(crate) folder: Folder,
    /// None for the file in the data folder.
    database: Option<Database>,
}

impl Place {
    /// A project with this schema; on SQLite without a database server.
    pub(crate) fn new(database: Option<Database>, schema: &str) -> Self {
        let folder = Folder::with(schema);
        if let Some(database) = &database {
            folder.write("bistro.toml", &format!("[database]\nurl = \"{}\"\n", database.url()));
        }
        Self { folder, database }
    }

    /// Another project on the same database server, with the same migrations.
    pub(crate) fn beside(&self) -> Folder {
        let other = Folder::empty();
        let from = self.folder.path();
        let mut copy = Command::new("cp");
        copy.arg("-r").args(["schema.graphql", "bistro.toml", "migrations"]).arg(other.path());
        let copied = copy.current_dir(from).status();
        assert!(copied.expect("cp is there").success());
        other
    }

    /// Runs `bistro migrate`.
    pub(crate) fn migrate(&self, words: &[&str]) -> Ran {
        self.folder.run(&[&["migrate"], words].concat())
    }

    /// Writes the schema and a migration for it.
    pub(crate) fn step(&self, schema: &str, name: &str) {
        self.folder.write("schema.graphql", schema);
        self.migrate(&["new", name]).well();
    }

    /// Adds statements to a migration, for every engine.
    pub(crate) fn add(&self, migration: &str, sql: &str) {
        for engine in ["sqlite", "postgres", "mysql"] {
            let file = self.folder.path().join(format!("migrations/{migration}/up.{engine}.sql"));
            let text = std::fs::read_to_string(&file).expect("the file");
            std::fs::write(&file, format!("{text}{sql}\n")).expect("it can be written");
        }
    }

    /// How each migration stands, and what is odd.
    pub(crate) fn status(&self) -> (Vec<String>, Vec<String>) {
        let text = self.migrate(&["status", "--json"]).well();
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let list = |v: &serde_json::Value, of: &dyn Fn(&serde_json::Value) -> serde_json::Value| {
            let all = v.as_array().expect("a list").iter();
            all.map(|v| of(v).as_str().expect("a text").to_owned()).collect::<Vec<_>>()
        };
        (list(&value["migrations"], &|m| m["state"].clone()), list(&value["remarks"], &|r| r.clone()))
    }

    /// Asks the database itself.
    pub(crate) fn sql(&self, text: &str) -> String {
        if let Some(database) = &self.database {
            return database.sql(text).expect("the server answers").trim().to_owned();
        }
        let code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); r = c.execute(sys.argv[2]).fetchall(); \
                    c.commit(); print('\\n'.join('|'.join(map(str, row)) for row in r))";
        let file = self.folder.path().join("data/bistro.db");
        let done = Command::new("python3").args(["-c", code]).arg(file).arg(text).output();
        let done = done.expect("python3 is there");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }
}

/// Where the database lies.
pub(crate) mod on {
    use super::Database;

    pub(crate) fn sqlite() -> Option<Database> {
        None
    }

    pub(crate) fn postgres() -> Option<Database> {
        Some(bistro_testkit::postgres())
    }

    pub(crate) fn mysql() -> Option<Database> {
        Some(bistro_testkit::mysql())
    }
}
