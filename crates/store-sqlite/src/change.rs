//! Tables follow the schema: what changes do, what is recorded, and how many rows stand in a change's way.

use bistro_problem::Code;
use std::time::{SystemTime, UNIX_EPOCH};

use bistro_schema::{Schema, TypeId};
use bistro_store::{Change, StoreError, StoreErrorKind};
use bistro_store_sql::{Dialect, ddl};
use rusqlite::{Connection, OptionalExtension};

use crate::error::{from_driver, from_write};

mod violations;

pub(crate) use violations::violations;

/// The format of Bistro's own tables.
const FORMAT: u32 = 1;
const SQLITE: Dialect = Dialect::Sqlite;

/// Makes Bistro's own tables where they are missing, and refuses those of a newer version.
pub(crate) fn found(conn: &mut Connection) -> Result<(), StoreError> {
    let ready = format(conn)?;
    match ready {
        Some(format) if format == FORMAT => return Ok(()),
        Some(format) => {
            let text = format!(
                "the database has format {format}, this Bistro knows {FORMAT}: start a newer Bistro on it"
            );
            return Err(StoreError::new(StoreErrorKind::Unavailable, text));
        }
        None => {}
    }
    let transaction = conn.transaction().map_err(from_driver)?;
    for sql in ddl::SYSTEM {
        transaction.execute_batch(sql).map_err(from_driver)?;
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

/// What was recorded last.
pub(crate) fn recorded(conn: &Connection) -> Result<Option<String>, StoreError> {
    kept(conn, "schema")
}

/// Carries out all changes inside the open transaction.
pub(crate) fn apply(
    conn: &mut Connection,
    next: &Schema,
    changes: &[Change],
    record: &str,
) -> Result<(), StoreError> {
    drop_views(conn)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64);
    for change in changes {
        let (ty, statements) = statements(next, change, now)?;
        for sql in statements {
            run(conn, next, ty, &sql)?;
        }
    }
    for (id, ty) in next.types() {
        for sql in ddl::foreign_indexes(SQLITE, ty) {
            run(conn, next, Some(id), &sql)?;
        }
    }
    create_views(conn, next)?;
    keep(conn, "schema", record)
}

/// The statements of a change, and whose rows they touch.
fn statements(next: &Schema, change: &Change, now: i64) -> Result<(Option<TypeId>, Vec<String>), StoreError> {
    Ok(match change {
        Change::CreateType(ty) => (Some(*ty), ddl::create_type(next, SQLITE, *ty)),
        Change::AddField(ty, field) => (Some(*ty), ddl::add_field(next, SQLITE, *ty, *field, now)?),
        Change::AddRelation(ty, relation) => (Some(*ty), ddl::add_relation(next, SQLITE, *ty, *relation)?),
        Change::AddIndex(ty, at) => (Some(*ty), vec![ddl::add_index(next, SQLITE, *ty, *at)]),
        Change::DropIndex(name) => (None, vec![ddl::drop_index(SQLITE, name)]),
        Change::AddUnique(ty, at) => (Some(*ty), vec![ddl::add_unique(next, SQLITE, *ty, *at)]),
        Change::RebuildSearch(ty) => (Some(*ty), ddl::rebuild_search(SQLITE, next.ty(*ty))),
        Change::Narrow(..) | Change::AddCheck(..) => (None, Vec::new()),
    })
}

fn run(conn: &Connection, next: &Schema, ty: Option<TypeId>, sql: &str) -> Result<(), StoreError> {
    conn.execute_batch(sql).map_err(|error| {
        let mut error = match ty {
            Some(ty) => from_write(error, next, ty),
            None => from_driver(error),
        };
        error.cause = format!("{} in: {sql}", error.cause);
        error
    })
}

/// Views hold no rows; they are made again with every change, so that none speaks of an older schema.
fn drop_views(conn: &Connection) -> Result<(), StoreError> {
    let mut statement =
        conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'view'").map_err(from_driver)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0)).map_err(from_driver)?;
    for name in names.collect::<Result<Vec<_>, _>>().map_err(from_driver)? {
        conn.execute_batch(&format!("DROP VIEW {}", SQLITE.quote(&name))).map_err(from_driver)?;
    }
    Ok(())
}

/// Makes the views and prepares a read of each, so that a mistake shows now.
fn create_views(conn: &Connection, next: &Schema) -> Result<(), StoreError> {
    for (_, ty) in next.types() {
        let Some(sql) = ddl::create_view(SQLITE, ty) else { continue };
        let fields: Vec<String> = ty.fields.iter().map(|f| SQLITE.quote(&f.column)).collect();
        let read = format!("SELECT {} FROM {}", fields.join(", "), SQLITE.quote(&ty.collection));
        let made = conn.execute_batch(&sql).and_then(|()| conn.prepare(&read).map(drop));
        if let Err(error) = made {
            let text = format!("the view {} does not work: {error}", ty.name);
            return Err(StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.clone()), text));
        }
    }
    Ok(())
}
