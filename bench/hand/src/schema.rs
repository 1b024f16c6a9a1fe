//! The tables, in the shape that Bistro gives them: a hidden integer row key beside a 16-byte public one.

use std::path::Path;

use rusqlite::Connection;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS users (
        bistro_rowid INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        name TEXT NOT NULL,
        email TEXT NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS posts (
        bistro_rowid INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        author_id BLOB NOT NULL REFERENCES users (id),
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('draft', 'published')),
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS comments (
        bistro_rowid INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        post_id BLOB NOT NULL REFERENCES posts (id),
        author_id BLOB NOT NULL REFERENCES users (id),
        body TEXT NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS posts_author_id_created_at ON posts (author_id, created_at);
    CREATE INDEX IF NOT EXISTS posts_created_at ON posts (created_at);
    CREATE INDEX IF NOT EXISTS comments_post_id_created_at ON comments (post_id, created_at);
    CREATE INDEX IF NOT EXISTS comments_author_id ON comments (author_id);
";

/// Opens the file for writing, durable at each commit.
pub(crate) fn open_writer(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -65536; PRAGMA busy_timeout = 10000;",
    )?;
    Ok(connection)
}

/// Makes the tables that are missing.
pub(crate) fn create(file: &Path) -> rusqlite::Result<()> {
    open_writer(file)?.execute_batch(TABLES)
}
