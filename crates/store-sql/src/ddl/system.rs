//! Bistro's own tables: what it remembers of a database, records that expire, the history of migrations.

use crate::ddl::table::MYSQL_TABLE;
use crate::dialect::Dialect;

/// What makes Bistro's own tables and functions; safe to run again.
pub fn system(dialect: Dialect) -> Vec<String> {
    match dialect {
        Dialect::Sqlite => SQLITE.iter().map(|s| (*s).to_owned()).collect(),
        Dialect::Postgres => POSTGRES.iter().map(|s| (*s).to_owned()).collect(),
        Dialect::Mysql => MYSQL.iter().map(|s| format!("{s} {MYSQL_TABLE}")).collect(),
    }
}

const SQLITE: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS bistro_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS bistro_records (space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, \
     expires INTEGER NOT NULL, PRIMARY KEY (space, key)) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS bistro_records_expires ON bistro_records (expires)",
    "CREATE TABLE IF NOT EXISTS bistro_migrations (name TEXT PRIMARY KEY, checksum TEXT NOT NULL, \
     at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
];

/// `direction`, `done` and `total` are null but while statements are run one by one.
const POSTGRES: [&str; 5] = [
    "CREATE TABLE IF NOT EXISTS bistro_meta (key text COLLATE \"C\" PRIMARY KEY, value text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS bistro_records (space text COLLATE \"C\" NOT NULL, key text COLLATE \"C\" NOT NULL, \
     value bytea NOT NULL, expires bigint NOT NULL, PRIMARY KEY (space, key))",
    "CREATE INDEX IF NOT EXISTS bistro_records_expires ON bistro_records (expires)",
    "CREATE TABLE IF NOT EXISTS bistro_migrations (name text COLLATE \"C\" PRIMARY KEY, checksum text NOT NULL, \
     at bigint NOT NULL, direction text, done integer, total integer)",
    crate::search::FUNCTION,
];

const MYSQL: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS bistro_meta (`key` VARCHAR(255) NOT NULL PRIMARY KEY, value LONGTEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS bistro_records (space VARCHAR(63) NOT NULL, `key` VARCHAR(600) NOT NULL, \
     value LONGBLOB NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (space, `key`), \
     KEY bistro_records_expires (expires))",
    "CREATE TABLE IF NOT EXISTS bistro_migrations (name VARCHAR(255) NOT NULL PRIMARY KEY, \
     checksum VARCHAR(255) NOT NULL, at BIGINT NOT NULL, direction VARCHAR(8), done INT, total INT)",
];
