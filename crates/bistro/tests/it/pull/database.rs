//! Databases that somebody else made, for the time of a test.

use std::path::PathBuf;

use rusqlite::Connection;
use tempfile::TempDir;

use super::cases;

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
    Mysql,
}

/// All of them.
pub(super) const ENGINES: [Engine; 3] = [Engine::Sqlite, Engine::Postgres, Engine::Mysql];

impl Engine {
    /// Its word in names of cases.
    pub(super) fn word(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
            Engine::Mysql => "mysql",
        }
    }
}

/// A database, gone with the value.
pub(super) enum Database {
    File { path: PathBuf, _folder: TempDir },
    Server(bistro_testkit::Database, Engine),
}

impl Database {
    /// One that the SQL of a case has filled.
    pub(super) fn with(case: &str, engine: Engine) -> Self {
        let path = cases().join(format!("{case}.{}.sql", engine.word()));
        let sql = std::fs::read_to_string(path).expect("the case has SQL for this engine");
        let made = match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().expect("a folder");
                let path = folder.path().join("theirs.db");
                Database::File { path, _folder: folder }
            }
            Engine::Postgres => Database::Server(bistro_testkit::postgres(), engine),
            Engine::Mysql => Database::Server(bistro_testkit::mysql(), engine),
        };
        match &made {
            Database::File { path, .. } => {
                Connection::open(path).and_then(|c| c.execute_batch(&sql)).expect("the SQL is sound");
            }
            Database::Server(server, _) => {
                server.sql(sql.trim_end().trim_end_matches(';')).expect("the SQL is sound");
            }
        }
        made
    }

    /// Its address.
    pub(super) fn url(&self) -> String {
        match self {
            Database::File { path, .. } => format!("sqlite:{}", path.display()),
            Database::Server(server, _) => server.url(),
        }
    }

    /// One value that SQL answers.
    pub(super) fn asks(&self, sql: &str) -> String {
        match self {
            Database::File { path, .. } => {
                let conn = Connection::open(path).expect("the file is there");
                let value = conn.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0));
                match value.expect("the SQL is sound") {
                    rusqlite::types::Value::Integer(i) => i.to_string(),
                    rusqlite::types::Value::Real(f) => format!("{f:.2}"),
                    rusqlite::types::Value::Text(text) => text,
                    other => format!("{other:?}"),
                }
            }
            Database::Server(server, Engine::Mysql) => {
                server.sql(&sql.replace('"', "`")).expect("the SQL is sound")
            }
            Database::Server(server, _) => server.sql(sql).expect("the SQL is sound"),
        }
    }

    /// Runs SQL.
    pub(super) fn runs(&self, sql: &str) {
        match self {
            Database::File { path, .. } => {
                Connection::open(path).and_then(|c| c.execute_batch(sql)).expect("the SQL is sound");
            }
            Database::Server(server, _) => drop(server.sql(sql).expect("the SQL is sound")),
        }
    }

    /// Everything that is defined in it, with the numbers that tell a thing from one made anew.
    pub(super) fn definition(&self) -> String {
        match self {
            Database::File { path, .. } => {
                let conn = Connection::open(path).expect("the file is there");
                let text = "SELECT group_concat(type || name || coalesce(sql, '') || rootpage, char(10)) FROM sqlite_schema";
                let all: String = conn.query_row(text, [], |row| row.get(0)).expect("a definition");
                let mode: String =
                    conn.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("a mode");
                format!("{all}\n{mode}")
            }
            Database::Server(server, Engine::Mysql) => {
                let tables = server.sql("SHOW TABLES").expect("tables");
                let each = tables.lines().map(|table| {
                    let text = server.sql(&format!("SHOW CREATE TABLE `{table}`")).expect("a definition");
                    // What counts rows is data.
                    let parts = text.split(' ').filter(|part| !part.starts_with("AUTO_INCREMENT="));
                    parts.collect::<Vec<_>>().join(" ")
                });
                let more = "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() \
                            UNION SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()";
                let more = server.sql(more).expect("routines and triggers");
                format!("{}\n{more}", each.collect::<Vec<_>>().join("\n"))
            }
            Database::Server(server, _) => server.sql(POSTGRES).expect("a definition"),
        }
    }
}

/// Tables, columns, indexes, constraints, functions, triggers, types and settings of a database, with their numbers.
const POSTGRES: &str = "
SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
  SELECT concat_ws(' ', c.oid, c.relkind, c.relname, c.relfilenode, c.reloptions, pg_get_viewdef(c.oid)) AS line
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S', 'i')
  UNION ALL SELECT concat_ws(' ', attrelid, attname, atttypid, atttypmod, attnotnull, attoptions) FROM pg_attribute
  WHERE attrelid >= 16384
  UNION ALL SELECT concat_ws(' ', oid, pg_get_constraintdef(oid)) FROM pg_constraint WHERE oid >= 16384
  UNION ALL SELECT concat_ws(' ', oid, proname) FROM pg_proc WHERE oid >= 16384
  UNION ALL SELECT concat_ws(' ', oid, tgname) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT concat_ws(' ', oid, typname) FROM pg_type WHERE oid >= 16384
  UNION ALL SELECT concat_ws(' ', oid, nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg_t%'
  UNION ALL SELECT concat_ws(' ', setdatabase, setconfig) FROM pg_db_role_setting
) AS everything(line)";
