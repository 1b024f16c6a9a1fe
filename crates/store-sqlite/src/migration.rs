//! Migrations: their history, and how one is run. All of it is one transaction, with foreign keys unchecked until its end:
//! a table that is made again is dropped for a moment, and others refer to it.

use std::sync::Arc;
use std::time::Duration;

use bistro_problem::Code;
use bistro_store::{Applied, AppliedState, Direction, Migration, StoreError, StoreErrorKind, TablesLock};
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Batch, Connection, OptionalExtension};
use tokio::sync::Mutex;

use crate::change::keep_schema;
use crate::error::from_driver;

/// A statement in a message is cut here, in characters.
const SHOWN: usize = 400;

/// What was run, in the order of the names.
pub(crate) fn history(conn: &Connection) -> Result<Vec<Applied>, StoreError> {
    let sql = "SELECT name, checksum, at FROM bistro_migrations ORDER BY name";
    let mut statement = conn.prepare_cached(sql).map_err(from_driver)?;
    let rows = statement.query_map([], |row| {
        let (name, checksum, at) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Applied { name, checksum, at, state: AppliedState::Done })
    });
    rows.and_then(Iterator::collect).map_err(from_driver)
}

/// Runs a migration inside the open transaction and records it.
pub(crate) fn run(conn: &mut Connection, migration: &Migration) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM bistro_migrations WHERE name = ?1";
    let there = conn.query_row(sql, [&migration.name], |_| Ok(())).optional().map_err(from_driver)?.is_some();
    if there == (migration.direction == Direction::Up) {
        return Ok(());
    }
    statements(conn, migration)?;
    if !migration.statements.is_empty() {
        check_references(conn)?;
    }
    let written = match migration.direction {
        Direction::Up => conn.execute(
            "INSERT INTO bistro_migrations (name, checksum, at) VALUES (?1, ?2, ?3)",
            (&migration.name, &migration.checksum, migration.at),
        ),
        Direction::Down => conn.execute("DELETE FROM bistro_migrations WHERE name = ?1", [&migration.name]),
    };
    written.map_err(from_driver)?;
    keep_schema(conn, &migration.schema)
}

fn statements(conn: &mut Connection, migration: &Migration) -> Result<(), StoreError> {
    conn.authorizer(Some(judge)).map_err(from_driver)?;
    let ran = migration.statements.iter().try_for_each(|sql| {
        execute(conn, sql).map_err(|error| failed(error, sql))?;
        migration.progress.step();
        Ok(())
    });
    conn.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).map_err(from_driver)?;
    ran
}

/// Runs all of a text, rows and all.
fn execute(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    let mut batch = Batch::new(conn, sql);
    while let Some(mut statement) = batch.next()? {
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
    }
    Ok(())
}

/// A migration is all or nothing: its statements may not end its transaction, nor reach into other files.
fn judge(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Transaction { .. }
        | AuthAction::Savepoint { .. }
        | AuthAction::Attach { .. }
        | AuthAction::Detach { .. } => Authorization::Deny,
        _ => Authorization::Allow,
    }
}

fn failed(error: rusqlite::Error, sql: &str) -> StoreError {
    let refused = error.sqlite_error_code() == Some(rusqlite::ErrorCode::AuthorizationForStatementDenied);
    let mut error = from_driver(error);
    if refused {
        "a migration is one transaction already; it cannot begin, end or leave it"
            .clone_into(&mut error.cause);
    }
    if error.kind == StoreErrorKind::Bug {
        error.kind = StoreErrorKind::Rejected(Code::BadParameter, error.cause.clone());
    }
    let shown: String = sql.trim().chars().take(SHOWN).collect();
    let more = if shown.len() < sql.trim().len() { "…" } else { "" };
    error.cause = format!("{}\nin: {shown}{more}", error.cause);
    error
}

/// What was unchecked until now.
pub(crate) fn check_references(conn: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2";
    let mut statement = conn.prepare(sql).map_err(from_driver)?;
    let rows = statement.query_map([], |row| {
        let (table, parent, count): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("{count} of {table} refer to rows of {parent} that are not there"))
    });
    let broken = rows.and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(from_driver)?;
    if broken.is_empty() {
        return Ok(());
    }
    let text = format!("afterwards rows would refer to nothing: {}", broken.join("; "));
    Err(StoreError::new(StoreErrorKind::ForeignKey(None), text))
}

/// One holder at a time within the process; other processes are kept away from the file altogether.
pub(crate) async fn lock(tables: Arc<Mutex<()>>, most: Duration) -> Result<TablesLock, StoreError> {
    match tokio::time::timeout(most, tables.lock_owned()).await {
        Ok(guard) => Ok(Box::new(guard)),
        Err(_) => {
            Err(StoreError::new(StoreErrorKind::TimedOut, "the tables are being changed by somebody else"))
        }
    }
}
