//! The SQL engines that migration folders hold files for.

use bistro_store::Capabilities;
use bistro_store_sql::Dialect;

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
}

impl Engine {
    /// All of them; each has its files in every folder.
    pub(crate) const ALL: [Engine; 3] = [Engine::Sqlite, Engine::Postgres, Engine::Mysql];

    /// The engine of a store; `None` if its tables are not changed by SQL.
    pub(crate) fn of(capabilities: &Capabilities) -> Option<Self> {
        let name = capabilities.sql?;
        Self::ALL.into_iter().find(|e| e.word() == name)
    }

    /// Its word in the names of files.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
            Engine::Mysql => "mysql",
        }
    }

    /// Its name for people.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
            Engine::Mysql => "MySQL and MariaDB",
        }
    }

    /// How its SQL is written.
    pub(crate) const fn dialect(self) -> Dialect {
        match self {
            Engine::Sqlite => Dialect::Sqlite,
            Engine::Postgres => Dialect::Postgres,
            Engine::Mysql => Dialect::Mysql,
        }
    }
}
