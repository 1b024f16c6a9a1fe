//! Running a migration: in one transaction with its entry in the history, unless it makes an index while others write,
//! which the server does outside transactions alone: then statement by statement, each noted before it runs.

use bistro_problem::Code;
use bistro_store::{Applied, AppliedState, Direction, Migration, StoreError, StoreErrorKind};
use tokio_postgres::Client;

use crate::change::commit;
use crate::error::from_driver;
use crate::history::entry;
use crate::link::Link;
use crate::lock;
use crate::server::Server;
use crate::system::keep_schema;

mod concurrent;

use concurrent::Concurrent;

/// A statement in a message is cut here, in characters.
const SHOWN: usize = 400;
/// Words that would end the migration's own transaction.
const ENDS: [&str; 8] =
    ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE TRANSACTION", "SAVEPOINT"];

/// Runs a migration and records it.
pub(crate) async fn run(server: &Server, migration: &Migration) -> Result<(), StoreError> {
    if let Some(sql) = migration.statements.iter().find(|s| ends(s)) {
        let text =
            format!("a migration runs in a transaction of Bistro's own; take this out of it: {}", shown(sql));
        return Err(StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.clone()), text));
    }
    let link = server.own().await?;
    lock::own(link.client()).await?;
    let there = entry(&link, &migration.name).await.map_err(crate::execute::Trouble::into_error)?;
    let up = migration.direction == Direction::Up;
    let from = match there.as_ref().map(|a| a.state) {
        Some(AppliedState::Done) if up => return Ok(()),
        None if !up => return Ok(()),
        Some(AppliedState::Begun { .. }) => Some(resumed(migration, &there)?),
        _ => None,
    };
    let concurrent = migration.statements.iter().any(|s| Concurrent::of(s).is_some());
    let ran = match from.is_some() || concurrent {
        true => stepwise(&link, migration, from.unwrap_or(0), from.is_some()).await,
        false => whole(&link, migration).await,
    };
    if ran.is_ok() {
        lock::give_back(link.client()).await;
    }
    server.forget();
    ran.map_err(|error| server.met(error))
}

/// How many statements were done before; refuses to go on with something else.
fn resumed(migration: &Migration, there: &Option<Applied>) -> Result<usize, StoreError> {
    let Some(Applied { checksum, state: AppliedState::Begun { direction, done, of }, .. }) = there else {
        return Ok(0);
    };
    let same = *checksum == migration.checksum
        && *direction == migration.direction
        && *of as usize == migration.statements.len();
    if same {
        return Ok(*done as usize);
    }
    let text = format!(
        "migration {} was interrupted after {done} of {of} statements and its files have changed since, or it is now \
         run the other way: put back what it was and run it again",
        migration.name
    );
    Err(StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.clone()), text))
}

async fn whole(link: &Link, migration: &Migration) -> Result<(), StoreError> {
    let client = link.client();
    client.batch_execute("BEGIN").await.map_err(|e| from_driver(&e))?;
    // A failure drops the connection, which takes all of it back.
    for sql in &migration.statements {
        execute(client, sql).await?;
        migration.progress.step();
    }
    record(client, migration).await?;
    commit(client).await
}

async fn stepwise(link: &Link, migration: &Migration, from: usize, again: bool) -> Result<(), StoreError> {
    let client = link.client();
    migration.progress.set(u32::try_from(from).unwrap_or(u32::MAX));
    for (at, sql) in migration.statements.iter().enumerate().skip(from) {
        match Concurrent::of(sql) {
            Some(index) => {
                journal(client, migration, at).await?;
                // What an interruption left of it has to go first, and may be there already where it was done.
                if !(again && at == from && index.stands(client).await?) {
                    index.clear(client).await?;
                    execute(client, sql).await?;
                }
                journal(client, migration, at + 1).await?;
            }
            // Everything else is done together with its note.
            None => {
                client.batch_execute("BEGIN").await.map_err(|e| from_driver(&e))?;
                execute(client, sql).await?;
                journal(client, migration, at + 1).await?;
                commit(client).await?;
            }
        }
        migration.progress.step();
    }
    client.batch_execute("BEGIN").await.map_err(|e| from_driver(&e))?;
    record(client, migration).await?;
    commit(client).await
}

/// Notes that so many statements are done; refuses if somebody else noted more or less meanwhile.
async fn journal(client: &Client, migration: &Migration, done: usize) -> Result<(), StoreError> {
    let sql = "INSERT INTO bistro_migrations (name, checksum, at, direction, done, total) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, \
               at = excluded.at, direction = excluded.direction, done = excluded.done, total = excluded.total \
               WHERE bistro_migrations.done IN (excluded.done, excluded.done - 1) \
               OR (bistro_migrations.direction IS NULL AND excluded.direction = 'down' AND excluded.done <= 1)";
    let direction = if migration.direction == Direction::Up { "up" } else { "down" };
    let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let (done, total) = (number(done), number(migration.statements.len()));
    let noted = client
        .execute(sql, &[&migration.name, &migration.checksum, &migration.at, &direction, &done, &total])
        .await
        .map_err(|e| from_driver(&e))?;
    if noted == 1 {
        return Ok(());
    }
    let text = format!(
        "migration {} was gone on with by somebody else meanwhile; look at: bistro migrate status",
        migration.name
    );
    Err(StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.clone()), text))
}

/// The entry of the history and the schema's text.
async fn record(client: &Client, migration: &Migration) -> Result<(), StoreError> {
    let written = match migration.direction {
        Direction::Up => {
            let sql = "INSERT INTO bistro_migrations (name, checksum, at) VALUES ($1, $2, $3) \
                       ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, at = excluded.at, \
                       direction = NULL, done = NULL, total = NULL";
            client.execute(sql, &[&migration.name, &migration.checksum, &migration.at]).await
        }
        Direction::Down => {
            client.execute("DELETE FROM bistro_migrations WHERE name = $1", &[&migration.name]).await
        }
    };
    written.map_err(|e| from_driver(&e))?;
    keep_schema(client, "schema", &migration.schema).await.map_err(|e| from_driver(&e))
}

async fn execute(client: &Client, sql: &str) -> Result<(), StoreError> {
    client.batch_execute(sql).await.map_err(|error| {
        let mut error = from_driver(&error);
        let cause = format!("{} in: {}", error.cause, shown(sql));
        if error.kind == StoreErrorKind::Bug {
            error.kind = StoreErrorKind::Rejected(Code::BadParameter, cause.clone());
        }
        error.cause = cause;
        error
    })
}

fn shown(sql: &str) -> String {
    let cut: String = sql.chars().take(SHOWN).collect();
    if cut.len() < sql.len() { format!("{cut}…") } else { cut }
}

/// Whether a statement would end the transaction around it.
fn ends(sql: &str) -> bool {
    let words = concurrent::words(sql);
    let starts = |with: &str| {
        let mut rest = words.iter();
        with.split(' ').all(|w| rest.next().is_some_and(|word| word.eq_ignore_ascii_case(w)))
    };
    ENDS.iter().any(|w| starts(w))
}

#[cfg(test)]
mod tests;
