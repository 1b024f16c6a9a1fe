//! Migrations: their history, and how one is run statement by statement.
//!
//! A statement that changes tables commits by itself, before and after. So each is noted: how many are done stands in the
//! history, and goes on in the same transaction as the statement, which is exact for statements that change rows. A
//! statement that the server refused is known not to be done. Only one whose end was never noted, as the process or its
//! connection went, may be done all the same; if it changes tables, the server says so by refusing to do it twice.

use std::time::Duration;

use bistro_problem::Code;
use bistro_store::{Applied, AppliedState, Direction, Migration, StoreError, StoreErrorKind};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};

use crate::change::keep_schema;
use crate::error::from_driver;
use crate::lock;

mod journal;
mod repeated;

use journal::Note;

/// The entry under which changes are noted that belong to no migration.
const OWN: &str = "bistro:apply";
/// The same for Bistro's own tables, which change at another time.
const OWN_SYSTEM: &str = "bistro:apply:system";
/// A statement in a message is cut here, in characters.
const SHOWN: usize = 400;
/// How long a statement waits for a table that somebody else uses, in seconds.
const WAIT: u64 = 10;
/// How often it is tried.
const TRIES: u32 = 3;
/// The time between, for those who waited behind it.
const PAUSE: Duration = Duration::from_secs(1);
/// The server's number for a lock that was not to be had in time.
const HELD: u16 = 1205;

/// An entry as the table has it.
type Row = (String, String, i64, Option<String>, Option<u32>, Option<u32>);

const ENTRY: &str = "SELECT name, checksum, at, direction, done, total FROM bistro_migrations";

/// The entry of changes whose text is kept under this name.
pub(crate) fn own(record: &str) -> &'static str {
    if record == "schema" { OWN } else { OWN_SYSTEM }
}

/// What was run, in the order of the names.
pub(crate) async fn history(conn: &mut Conn) -> Result<Vec<Applied>, StoreError> {
    let sql = format!("{ENTRY} WHERE name NOT IN ('{OWN}', '{OWN_SYSTEM}') ORDER BY name");
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
    lock::own(conn).await?;
    // Whoever waits for a table makes everybody wait who comes after, readers too.
    conn.query_drop(format!("SET lock_wait_timeout = {WAIT}")).await.map_err(from_driver)?;
    let ran = all(conn, migration, explain).await;
    lock::give_back(conn).await;
    ran
}

async fn all(conn: &mut Conn, migration: &Migration, explain: Explain<'_>) -> Result<(), StoreError> {
    let sql = format!("{ENTRY} WHERE name = ?");
    let entry: Option<Row> = conn.exec_first(sql, (&migration.name,)).await.map_err(from_driver)?;
    let up = migration.direction == Direction::Up;
    let (done, unsure) = match entry.map(applied) {
        None if !up => return Ok(()),
        Some(Applied { state: AppliedState::Done, .. }) if up => return Ok(()),
        None | Some(Applied { state: AppliedState::Done, .. }) => {
            journal::begin(conn, migration).await?;
            (0, false)
        }
        Some(Applied { state: AppliedState::Begun { direction, done, .. }, checksum, .. }) => {
            let done = done as usize;
            let note = journal::read(conn, &migration.name).await?;
            let first = journal::prefix(&migration.statements, done);
            // A statement that changes tables is noted as done a moment before the rest of its note is written.
            let unsure = !matches!(note, Some(Note::Ready(hash) | Note::UnderWay(hash)) if hash == first);
            let same = direction == migration.direction
                && done <= migration.statements.len()
                && match note {
                    None => checksum == migration.checksum,
                    Some(Note::Ready(_)) => !unsure,
                    Some(Note::UnderWay(hash)) => {
                        !unsure || hash == journal::prefix(&migration.statements, done + 1)
                    }
                };
            if !same {
                return Err(other(
                    &migration.name,
                    direction,
                    done + usize::from(matches!(note, Some(Note::UnderWay(_)))),
                ));
            }
            journal::go_on(conn, migration).await?;
            (done, unsure)
        }
    };
    migration.progress.set(u32::try_from(done).unwrap_or(u32::MAX));
    for at in done..migration.statements.len() {
        // Only the first after an interruption may be done already.
        step(conn, migration, at, unsure && at == done, explain).await?;
        migration.progress.step();
    }
    finish(conn, migration).await
}

fn other(name: &str, direction: Direction, first: usize) -> StoreError {
    let way = if direction == Direction::Up { "up" } else { "down" };
    refused(format!(
        "{name} was interrupted while it ran {way}, and its first statements are not those that it ran: put back the \
         first {first} of {way}.mysql.sql as they were (the others may be edited), and finish that"
    ))
}

/// Refused for a reason that is for whoever runs the migration to read.
fn refused(text: String) -> StoreError {
    StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.clone()), text)
}

/// Runs statement number `at` and notes it.
async fn step(
    conn: &mut Conn,
    migration: &Migration,
    at: usize,
    unsure: bool,
    explain: Explain<'_>,
) -> Result<(), StoreError> {
    let (name, sql) = (&migration.name, &migration.statements[at]);
    let under_way = Note::UnderWay(journal::prefix(&migration.statements, at + 1));
    journal::write(conn, name, under_way).await?;
    if let Err(error) = patiently(conn, sql).await {
        let done = match &error {
            Error::Server(refusal) if unsure => {
                repeated::repeated(conn, sql, refusal).await.map_err(from_driver)?
            }
            _ => false,
        };
        if !done {
            let answered = matches!(error, Error::Server(_));
            let error = shown(told(at, error, explain), sql);
            // What it did to rows goes; what it did to tables is not there, as it failed. If the connection went as
            // well, nothing can be noted, and nobody knows.
            if conn.query_drop("ROLLBACK").await.is_ok() && answered {
                let ready = Note::Ready(journal::prefix(&migration.statements, at));
                let _ = journal::write(conn, name, ready).await;
            }
            return Err(error);
        }
        tracing::info!(name, statement = at + 1, %error, "a statement was done before the interruption");
    }
    if let Err(error) = journal::done(conn, migration, at).await {
        let _ = conn.query_drop("ROLLBACK").await;
        return Err(error);
    }
    conn.query_drop("COMMIT").await.map_err(from_driver)
}

/// Begins a transaction and runs the statement in it; again, if somebody else held the table for too long.
async fn patiently(conn: &mut Conn, sql: &str) -> Result<(), Error> {
    let mut tries = 1;
    loop {
        conn.query_drop("START TRANSACTION").await?;
        match conn.query_drop(sql).await {
            Err(Error::Server(error)) if error.code == HELD && tries < TRIES => {
                tracing::info!(%error, "another transaction holds the table: trying again");
                conn.query_drop("ROLLBACK").await?;
                tries += 1;
                // Those who waited behind this go first.
                tokio::time::sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}

/// What a failed statement means.
fn told(at: usize, error: Error, explain: Explain<'_>) -> StoreError {
    match &error {
        Error::Server(held) if held.code == HELD => refused(format!(
            "another transaction holds the table, and did not end within {TRIES} times {WAIT} s: end it, or try again \
             later ({error})"
        )),
        _ => explain(at, error),
    }
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
    journal::forget(conn, &migration.name).await?;
    let record = if migration.name == OWN_SYSTEM { "system" } else { "schema" };
    keep_schema(conn, record, &migration.schema).await?;
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
