//! What differs between SQL engines: quoting, column types, the names of functions that a store must offer.

/// A SQL engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.51 or later, with the functions of `bistro-store-sqlite`.
    Sqlite,
    /// PostgreSQL 13 or later.
    Postgres,
    /// MySQL 8 and MariaDB 10.6 or later: what both read.
    Mysql,
}

impl Dialect {
    /// An identifier as it stands in SQL text.
    pub fn quote(self, name: &str) -> String {
        match self {
            Dialect::Sqlite | Dialect::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
            Dialect::Mysql => format!("`{}`", name.replace('`', "``")),
        }
    }

    /// A text constant as it stands in a table definition.
    pub fn text(self, text: &str) -> String {
        match self {
            Dialect::Sqlite | Dialect::Postgres => format!("'{}'", text.replace('\'', "''")),
            Dialect::Mysql => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
        }
    }

    /// The slot of bind number `index`, counted from 0.
    pub fn slot(self, index: usize) -> String {
        match self {
            Dialect::Sqlite => format!("?{}", index + 1),
            Dialect::Postgres => format!("${}", index + 1),
            Dialect::Mysql => "?".to_owned(),
        }
    }
}
