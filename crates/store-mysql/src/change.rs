//! Tables follow the schema: what changes do, what is recorded, and how many rows stand in a change's way.

use std::hash::Hasher;
use std::time::{SystemTime, UNIX_EPOCH};

use bistro_problem::Code;
use bistro_schema::{Schema, Type};
use bistro_store::{Change, Direction, Migration, Progress, StoreError, StoreErrorKind};
use bistro_store_sql::{Dialect, ddl};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};

use crate::error::{from_driver, from_write, lost};
use crate::migration;

mod undo;
mod violations;

pub(crate) use violations::violations;

/// The format of Bistro's own tables.
const FORMAT: u32 = 1;
pub(crate) const MYSQL: Dialect = Dialect::Mysql;

/// Makes Bistro's own tables where they are missing, and refuses those of a newer version.
pub(crate) async fn found(conn: &mut Conn) -> Result<(), StoreError> {
    match format(conn).await? {
        Some(FORMAT) => return Ok(()),
        Some(format) if format > FORMAT => {
            let text = format!(
                "the database has format {format}, this Bistro knows {FORMAT}: start a newer Bistro on it"
            );
            return Err(StoreError::new(StoreErrorKind::Unavailable, text));
        }
        Some(_) | None => {}
    }
    for sql in ddl::system(MYSQL) {
        conn.query_drop(sql).await.map_err(from_driver)?;
    }
    keep(conn, "format", &FORMAT.to_string()).await
}

async fn format(conn: &mut Conn) -> Result<Option<u32>, StoreError> {
    match kept(conn, "format").await {
        Ok(None) => Ok(None),
        Ok(Some(text)) => {
            text.parse().map(Some).map_err(|_| StoreError::bug(format!("the database's format is {text:?}")))
        }
        // No such table.
        Err(Error::Server(error)) if error.code == 1146 => Ok(None),
        Err(error) => Err(from_driver(error)),
    }
}

async fn kept(conn: &mut Conn, key: &str) -> Result<Option<String>, Error> {
    conn.exec_first("SELECT value FROM bistro_meta WHERE `key` = ?", (key,)).await
}

async fn keep(conn: &mut Conn, key: &str, value: &str) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO bistro_meta (`key`, value) VALUES (?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)";
    conn.exec_drop(sql, (key, value)).await.map_err(from_driver)
}

/// What was recorded last.
pub(crate) async fn recorded(conn: &mut Conn, record: &str) -> Result<Option<String>, StoreError> {
    kept(conn, record).await.map_err(from_driver)
}

/// Records what tables follow from now on; nothing, if the text is empty.
pub(crate) async fn keep_schema(conn: &mut Conn, record: &str, text: &str) -> Result<(), StoreError> {
    if text.is_empty() {
        let sql = "DELETE FROM bistro_meta WHERE `key` = ?";
        return conn.exec_drop(sql, (record,)).await.map_err(from_driver);
    }
    keep(conn, record, text).await
}

/// Carries out all changes, statement by statement; the same again goes on where it was interrupted. If one fails, what
/// the others made is taken away again.
pub(crate) async fn apply(
    conn: &mut Conn,
    old: &Schema,
    next: &Schema,
    changes: &[Change],
    record: &str,
) -> Result<(), StoreError> {
    let script = ddl::script(MYSQL, old, next, changes)?;
    let statements: Vec<String> = script.statements.iter().map(|s| s.sql.clone()).collect();
    let checksum = checksum(&statements, record);
    let own = migration::own(next.record());
    forget_other(conn, own, &checksum).await?;
    let before = recorded(conn, next.record()).await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64);
    let migration = Migration {
        name: own.to_owned(),
        checksum,
        direction: Direction::Up,
        statements,
        schema: record.to_owned(),
        at: now,
        progress: Progress::default(),
    };
    let told = |at: usize, error: Error| match script.statements[at].ty.map(|id| (id, next.ty(id))) {
        Some((_, ty)) if !ty.writable() => broken(ty, &error),
        Some((id, _)) => from_write(error, next, id),
        None => from_driver(error),
    };
    let mut applied = migration::steps(conn, &migration, &told).await;
    if applied.is_ok() {
        applied = read_views(conn, next).await;
    }
    if let Err(error) = &applied
        && !lost(error)
    {
        let done = migration.progress.done() as usize;
        undo::undo(conn, old, next, changes, &script.statements, done).await;
        keep_schema(conn, next.record(), before.as_deref().unwrap_or_default()).await?;
    }
    forget(conn, own).await?;
    applied
}

/// What distinguishes one set of changes from another.
fn checksum(statements: &[String], record: &str) -> String {
    let mut hasher = std::hash::DefaultHasher::new();
    statements.iter().for_each(|s| hasher.write(s.as_bytes()));
    hasher.write(record.as_bytes());
    format!("{:016x}", hasher.finish())
}

/// Changes that were interrupted and are not wanted any more.
async fn forget_other(conn: &mut Conn, own: &str, checksum: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM bistro_migrations WHERE name = ? AND checksum <> ?";
    conn.exec_drop(sql, (own, checksum)).await.map_err(from_driver)
}

async fn forget(conn: &mut Conn, own: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM bistro_migrations WHERE name = ?";
    conn.exec_drop(sql, (own,)).await.map_err(from_driver)
}

/// Reads each view, so that a mistake shows now.
async fn read_views(conn: &mut Conn, next: &Schema) -> Result<(), StoreError> {
    for ty in next.types.iter().filter(|t| !t.writable()) {
        let fields: Vec<String> = ty.fields.iter().map(|f| MYSQL.quote(&f.column)).collect();
        let read = format!("SELECT {} FROM {} LIMIT 0", fields.join(", "), MYSQL.quote(&ty.collection));
        conn.query_drop(read).await.map_err(|error| broken(ty, &error))?;
    }
    Ok(())
}

fn broken(view: &Type, error: &Error) -> StoreError {
    let text = format!("the view {} does not work: {error}", view.name);
    StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.clone()), text)
}
