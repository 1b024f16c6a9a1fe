//! The stores that are promised, and how each is opened on nothing.

use std::sync::Arc;

use bistro_schema::Schema;
use bistro_store::Store;
use bistro_store_mysql::MysqlStore;
use bistro_store_postgres::PostgresStore;
use bistro_store_sqlite::SqliteStore;
use bistro_testkit::{Database, Engine};
use tempfile::TempDir;

use crate::runtime::wait;

/// A promised store.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its name in the matrix.
    pub name: &'static str,
    /// The variable that names its server, for stores that are not always examined.
    pub variable: Option<&'static str>,
    home: fn() -> Option<Home>,
}

/// Every promised store, in the matrix's order.
pub const PLACES: [Place; 6] = [
    Place { name: "SQLite", variable: None, home: || Some(Home::Folder(folder())) },
    Place { name: "PostgreSQL", variable: None, home: || Some(Home::Database(bistro_testkit::postgres())) },
    Place { name: "MariaDB", variable: None, home: || Some(Home::Database(bistro_testkit::mysql())) },
    Place {
        name: "MySQL 8",
        variable: Some("BISTRO_TEST_MYSQL8_URL"),
        home: || bistro_testkit::mysql8().map(Home::Database),
    },
    Place {
        name: "CockroachDB",
        variable: Some("BISTRO_TEST_COCKROACH_URL"),
        home: || bistro_testkit::cockroach().map(Home::Database),
    },
    Place {
        name: "YugabyteDB",
        variable: Some("BISTRO_TEST_YUGABYTE_URL"),
        home: || bistro_testkit::yugabyte().map(Home::Database),
    },
];

impl Place {
    /// A new, empty home; `None` for a store whose server is not named.
    ///
    /// # Panics
    /// If a server that is promised is not to be had.
    pub fn home(&self) -> Option<Home> {
        (self.home)()
    }
}

/// Where the data of one store lies; gone with the value.
#[derive(Debug)]
pub enum Home {
    /// A data folder.
    Folder(TempDir),
    /// A database of a server.
    Database(Database),
}

impl Home {
    /// Another empty one of the same kind.
    pub fn another(&self) -> Option<Home> {
        match self {
            Home::Folder(_) => Some(Home::Folder(folder())),
            Home::Database(database) => Some(Home::Database(database.another().ok()?)),
        }
    }

    /// A copy of a folder as it is on the disk now; what an engine would find after a crash of the process.
    ///
    /// # Errors
    /// A file that cannot be copied.
    pub fn copy(&self) -> std::io::Result<Home> {
        let copy = folder();
        if let Home::Folder(from) = self {
            for file in std::fs::read_dir(from.path())? {
                let file = file?;
                std::fs::copy(file.path(), copy.path().join(file.file_name()))?;
            }
        }
        Ok(Home::Folder(copy))
    }

    /// Opens what lies here under a schema.
    ///
    /// # Panics
    /// If it does not open.
    pub fn open(&self, schema: &Arc<Schema>) -> Arc<dyn Store> {
        let schema = Arc::clone(schema);
        match self {
            Home::Folder(folder) => {
                let file = folder.path().join("bistro.db");
                SqliteStore::open(file, schema, Default::default()).expect("the file opens")
            }
            Home::Database(database) if database.engine() == Engine::Postgres => {
                let opened = wait(PostgresStore::open(&database.url(), schema, Default::default()));
                opened.unwrap_or_else(|e| panic!("{}: {e}", database.url()))
            }
            Home::Database(database) => {
                let opened = wait(MysqlStore::open(&database.url(), schema, Default::default()));
                opened.unwrap_or_else(|e| panic!("{}: {e}", database.url()))
            }
        }
    }
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}
