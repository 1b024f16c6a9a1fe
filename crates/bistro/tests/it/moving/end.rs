//! One end of a move: a file or a database of a server, dropped with the value.

use bistro_testkit::{Database, mysql, postgres};

use crate::harness::{Folder, Ran};

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// A file in the data folder of the test.
    Sqlite(&'static str),
    /// A server of the tests.
    Postgres,
    /// A server of the tests.
    Mysql,
}

/// A database.
pub(super) struct End {
    /// Its URL.
    pub(super) url: String,
    server: Option<Database>,
}

impl End {
    /// An empty one.
    pub(super) fn new(on: On) -> Self {
        let server = match on {
            On::Sqlite(name) => {
                return Self { url: format!("sqlite:{name}"), server: None };
            }
            On::Postgres => postgres(),
            On::Mysql => mysql(),
        };
        Self { url: server.url(), server: Some(server) }
    }

    /// Runs SQL in it, past Bistro.
    pub(super) fn sql(&self, text: &str) -> String {
        let server = self.server.as_ref().expect("a server speaks SQL here");
        server.sql(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
    }

    /// Whether it has a table with rows in it.
    pub(super) fn has_rows(&self, table: &str) -> bool {
        let server = self.server.as_ref().expect("a server speaks SQL here");
        server.sql(&format!("SELECT count(*) FROM {table}")).is_ok_and(|rows| rows != "0")
    }

    /// The URL as it is shown.
    pub(super) fn shown(&self) -> String {
        match self.url.strip_prefix("sqlite:") {
            Some(name) => format!("data/{name}"),
            None => self.url.replacen(":bistro@", ":***@", 1),
        }
    }

    /// Runs a command of a project whose data lies here.
    pub(super) fn run(&self, folder: &Folder, words: &[&str]) -> Ran {
        folder.run_with(words, &[("BISTRO_DATABASE__URL", &self.url)])
    }

    /// Moves from here to another.
    pub(super) fn move_to(&self, folder: &Folder, to: &End, more: &[&str]) -> Ran {
        let words = [&["move", "--to", &to.url], more].concat();
        self.run(folder, &words)
    }
}
