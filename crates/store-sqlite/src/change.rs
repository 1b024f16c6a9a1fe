//! Tables follow the schema: what changes do, what is recorded, and how many rows stand in a change's way.

use bistro_problem::Code;
use bistro_schema::{Schema, Type, TypeId};
use bistro_store::{Change, StoreError, StoreErrorKind};
use bistro_store_sql::{Dialect, ddl};
use rusqlite::{Connection, OptionalExtension};

use crate::error::{from_driver, from_write};

mod violations;

pub(crate) use violations::violations;

/// The format of Bistro's own tables: 2 has a history of migrations.
const FORMAT: u32 = 2;
const SQLITE: Dialect = Dialect::Sqlite;

/// Makes Bistro's own tables where they are missing, and refuses those of a newer version.
pub(crate) fn found(conn: &mut Connection) -> Result<(), StoreError> {
    let ready = format(conn)?;
    match ready {
        Some(FORMAT) => return Ok(()),
        Some(format) if format > FORMAT => {
            let text = format!(
                "the database has format {format}, this Bistro knows {FORMAT}: start a newer Bistro on it"
            );
            return Err(StoreError::new(StoreErrorKind::Unavailable, text));
        }
        // Each format so far only added tables.
        Some(_) | None => {}
    }
    let transaction = conn.transaction().map_err(from_driver)?;
    for sql in ddl::system(SQLITE) {
        transaction.execute_batch(&sql).map_err(from_driver)?;
    }
    keep(&transaction, "format", &FORMAT.to_string())?;
    transaction.commit().map_err(from_driver)
}

fn format(conn: &Connection) -> Result<Option<u32>, StoreError> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE name = 'bistro_meta'";
    let there = conn.query_row(sql, [], |_| Ok(())).optional().map_err(from_driver)?;
    if there.is_none() {
        return Ok(None);
    }
    let Some(text) = kept(conn, "format")? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| StoreError::bug(format!("the database's format is {text:?}")))
}

fn kept(conn: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT value FROM bistro_meta WHERE key = ?1";
    conn.query_row(sql, [key], |row| row.get(0)).optional().map_err(from_driver)
}

fn keep(conn: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO bistro_meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    conn.execute(sql, (key, value)).map(drop).map_err(from_driver)
}

/// Looks into the file: whether it still is a database.
pub(crate) fn readable(conn: &Connection) -> Result<(), StoreError> {
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(from_driver)
}

/// What was recorded last.
pub(crate) fn recorded(conn: &Connection, record: &str) -> Result<Option<String>, StoreError> {
    kept(conn, record)
}

/// Records what tables follow from now on; nothing, if the text is empty.
pub(crate) fn keep_schema(conn: &Connection, text: &str) -> Result<(), StoreError> {
    if text.is_empty() {
        let sql = "DELETE FROM bistro_meta WHERE key = 'schema'";
        return conn.execute(sql, []).map(drop).map_err(from_driver);
    }
    keep(conn, "schema", text)
}

/// Carries out all changes inside the open transaction.
pub(crate) fn apply(
    conn: &mut Connection,
    old: &Schema,
    next: &Schema,
    changes: &[Change],
    record: &str,
) -> Result<(), StoreError> {
    for statement in ddl::script(SQLITE, old, next, changes)?.statements {
        run(conn, next, statement.ty, &statement.sql)?;
    }
    read_views(conn, next)?;
    keep(conn, next.record(), record)
}

fn run(conn: &Connection, next: &Schema, ty: Option<TypeId>, sql: &str) -> Result<(), StoreError> {
    conn.execute_batch(sql).map_err(|error| {
        let mut error = match ty.map(|id| (id, next.ty(id))) {
            Some((_, ty)) if !ty.writable() => return broken(ty, &error),
            Some((id, _)) => from_write(error, next, id),
            None => from_driver(error),
        };
        error.cause = format!("{} in: {sql}", error.cause);
        error
    })
}

/// Prepares a read of each view, so that a mistake shows now.
fn read_views(conn: &Connection, next: &Schema) -> Result<(), StoreError> {
    for ty in next.types.iter().filter(|t| !t.writable()) {
        let fields: Vec<String> = ty.fields.iter().map(|f| SQLITE.quote(&f.column)).collect();
        let read = format!("SELECT {} FROM {}", fields.join(", "), SQLITE.quote(&ty.collection));
        conn.prepare(&read).map_err(|error| broken(ty, &error))?;
    }
    Ok(())
}

fn broken(view: &Type, error: &rusqlite::Error) -> StoreError {
    let text = format!("the view {} does not work: {error}", view.name);
    StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.clone()), text)
}
