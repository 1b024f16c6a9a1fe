//! Migrations: their history, and how one is run statement by statement.
//!
//! A statement that changes tables commits by itself, before and after. So each is noted: how many are done stands in the
//! history, and goes on in the same transaction as the statement, which is exact for statements that change rows. After
//! an interruption the first statement that is not noted as done may be done all the same; if it changes tables, the server
//! says so by refusing to do it twice.

use std::time::Duration;

use bistro_problem::Code;
use bistro_store::{Applied, AppliedState, Direction, Migration, StoreError, StoreErrorKind, TablesLock};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, ServerError};
use tokio::task::JoinHandle;

use crate::change::keep_schema;
use crate::error::from_driver;

/// The entry under which changes are noted that belong to no migration.
pub(crate) const OWN: &str = "bistro:apply";
/// A statement in a message is cut here, in characters.
const SHOWN: usize = 400;
/// How long the server keeps the lock of a node that says nothing.
const SILENT: u64 = 15;

/// An entry as the table has it.
type Row = (String, String, i64, Option<String>, Option<u32>, Option<u32>);

const ENTRY: &str = "SELECT name, checksum, at, direction, done, total FROM bistro_migrations";

/// What was run, in the order of the names.
pub(crate) async fn history(conn: &mut Conn) -> Result<Vec<Applied>, StoreError> {
    let sql = format!("{ENTRY} WHERE name <> '{OWN}' ORDER BY name");
    let rows: Vec<Row> = conn.query(sql).await.map_err(from_driver)?;
    Ok(rows.into_iter().map(applied).collect())
}

fn applied((name, checksum, at, direction, done, total): Row) -> Applied {
    let state = match direction {
        None => AppliedState::Done,
        Some(direction) => AppliedState::Begun {
            direction: if direction == "down" { Direction::Down } else { Direction::Up },
            done: done.unwrap_or(0),
            of: total.unwrap_or(0),
        },
    };
    Applied { name, checksum, at, state }
}

/// What a failed statement, by its position, means.
pub(crate) type Explain<'e> = &'e (dyn Fn(usize, Error) -> StoreError + Sync);

/// Runs a migration from where it stopped.
pub(crate) async fn run(conn: &mut Conn, migration: &Migration) -> Result<(), StoreError> {
    steps(conn, migration, &|_, error| rejected(error)).await
}

/// The same, with words of one's own for what fails.
pub(crate) async fn steps(
    conn: &mut Conn,
    migration: &Migration,
    explain: Explain<'_>,
) -> Result<(), StoreError> {
    let sql = format!("{ENTRY} WHERE name = ?");
    let entry: Option<Row> = conn.exec_first(sql, (&migration.name,)).await.map_err(from_driver)?;
    let up = migration.direction == Direction::Up;
    let (done, resumed) = match entry.map(applied) {
        None if !up => return Ok(()),
        Some(Applied { state: AppliedState::Done, .. }) if up => return Ok(()),
        None | Some(Applied { state: AppliedState::Done, .. }) => {
            begin(conn, migration).await?;
            (0, false)
        }
        Some(Applied { state: AppliedState::Begun { direction, done, .. }, checksum, .. }) => {
            if direction != migration.direction || checksum != migration.checksum {
                return Err(other(&migration.name, direction));
            }
            (done, true)
        }
    };
    migration.progress.set(done);
    for (at, sql) in migration.statements.iter().enumerate().skip(done as usize) {
        // Only the first after an interruption may be done already.
        let perhaps = resumed && at == done as usize;
        step(conn, &migration.name, at, sql, perhaps, explain).await?;
        migration.progress.step();
    }
    finish(conn, migration).await
}

fn other(name: &str, direction: Direction) -> StoreError {
    let way = if direction == Direction::Up { "up" } else { "down" };
    let text = format!(
        "{name} was interrupted while it ran {way}, with other contents: finish that with the folder as it was"
    );
    StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.clone()), text)
}

/// Notes that a migration begins.
async fn begin(conn: &mut Conn, migration: &Migration) -> Result<(), StoreError> {
    let sql = "INSERT INTO bistro_migrations (name, checksum, at, direction, done, total) VALUES (?, ?, ?, ?, 0, ?) \
               ON DUPLICATE KEY UPDATE checksum = VALUES(checksum), direction = VALUES(direction), done = 0, \
               total = VALUES(total)";
    let direction = if migration.direction == Direction::Up { "up" } else { "down" };
    let total = migration.statements.len() as u64;
    let values = (&migration.name, &migration.checksum, migration.at, direction, total);
    conn.exec_drop(sql, values).await.map_err(from_driver)
}

/// Runs statement number `at` and notes it.
async fn step(
    conn: &mut Conn,
    name: &str,
    at: usize,
    sql: &str,
    perhaps: bool,
    explain: Explain<'_>,
) -> Result<(), StoreError> {
    conn.query_drop("START TRANSACTION").await.map_err(from_driver)?;
    match conn.query_drop(sql).await {
        Ok(()) => {}
        Err(Error::Server(error)) if perhaps && says_done(&error) => {
            tracing::info!(name, statement = at + 1, %error, "a statement was done before the interruption");
        }
        Err(error) => {
            let error = shown(explain(at, error), sql);
            // What it did to rows goes; what it did to tables is not there, as it failed.
            let _ = conn.query_drop("ROLLBACK").await;
            return Err(error);
        }
    }
    let note = "UPDATE bistro_migrations SET done = ? WHERE name = ?";
    conn.exec_drop(note, (at as u64 + 1, name)).await.map_err(from_driver)?;
    conn.query_drop("COMMIT").await.map_err(from_driver)
}

/// Whether the server refuses to change a table because it is changed already.
fn says_done(error: &ServerError) -> bool {
    // MariaDB says this of a foreign key that exists.
    if error.code == 1005 {
        return error.message.contains("errno: 121");
    }
    matches!(
        error.code,
        // Tables, columns, keys and constraints that exist, under each name that the servers have for that.
        1050 | 1060 | 1061 | 1068 | 1826 | 3822
        // Tables, columns, keys and constraints that are gone.
        | 1051 | 1054 | 1091 | 1146 | 3821 | 3940 | 4092
    )
}

/// Records what a migration came to.
async fn finish(conn: &mut Conn, migration: &Migration) -> Result<(), StoreError> {
    conn.query_drop("START TRANSACTION").await.map_err(from_driver)?;
    let recorded = match migration.direction {
        Direction::Up => {
            let sql = "UPDATE bistro_migrations SET direction = NULL, done = NULL, total = NULL, at = ? WHERE name = ?";
            conn.exec_drop(sql, (migration.at, &migration.name)).await
        }
        Direction::Down => {
            conn.exec_drop("DELETE FROM bistro_migrations WHERE name = ?", (&migration.name,)).await
        }
    };
    recorded.map_err(from_driver)?;
    keep_schema(conn, &migration.schema).await?;
    conn.query_drop("COMMIT").await.map_err(from_driver)
}

/// What a migration's own statement did wrong is for its author to read.
fn rejected(error: Error) -> StoreError {
    let mut error = from_driver(error);
    if error.kind == StoreErrorKind::Bug {
        error.kind = StoreErrorKind::Rejected(Code::BadParameter, error.cause.clone());
    }
    error
}

/// A failed statement, with its text.
fn shown(mut error: StoreError, sql: &str) -> StoreError {
    let shown: String = sql.trim().chars().take(SHOWN).collect();
    let more = if shown.len() < sql.trim().len() { "…" } else { "" };
    error.cause = format!("{}\nin: {shown}{more}", error.cause);
    error
}

/// The right to change tables, as long as this lives.
struct Held(JoinHandle<()>);

impl Drop for Held {
    fn drop(&mut self) {
        // The connection goes with the task, and the lock with the connection.
        self.0.abort();
    }
}

/// Waits for the right to change the tables of this database. It hangs on a connection of its own, which the server ends
/// if nothing is heard of it.
pub(crate) async fn lock(mut conn: Conn, most: Duration) -> Result<TablesLock, StoreError> {
    let sql = "SELECT GET_LOCK(CONCAT('bistro:tables:', LEFT(SHA2(DATABASE(), 256), 40)), ?)";
    let locked: Option<Option<i64>> =
        conn.exec_first(sql, (most.as_secs_f64().ceil() as u64,)).await.map_err(from_driver)?;
    if locked.flatten() != Some(1) {
        return Err(StoreError::new(
            StoreErrorKind::TimedOut,
            "the tables are being changed by somebody else",
        ));
    }
    conn.query_drop(format!("SET wait_timeout = {SILENT}")).await.map_err(from_driver)?;
    let keeper = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(SILENT / 4)).await;
            if let Err(error) = conn.ping().await {
                tracing::warn!(%error, "the right to change tables was lost with its connection");
                return;
            }
        }
    });
    Ok(Box::new(Held(keeper)))
}
