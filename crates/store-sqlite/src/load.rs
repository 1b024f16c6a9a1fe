//! Whole tables at once. Each batch is one transaction of the writer, with foreign keys unchecked until the end.

use bistro_ir::ParamId;
use bistro_schema::Schema;
use bistro_store::{Insert, Load, Loading, Record, StoreError};
use bistro_store_sql::{Dialect, lower};
use rusqlite::Connection;

use crate::error::from_driver;
use crate::{execute, migration};

/// Puts rows in inside the open transaction.
pub(crate) fn load(conn: &Connection, schema: &Schema, load: &Load) -> Result<(), StoreError> {
    let values = (0..).map(ParamId).zip(&load.fields).map(|(slot, field)| (*field, slot)).collect();
    let insert = Insert { ty: load.ty, values, guarded: false };
    let write = lower::insert(schema, Dialect::Sqlite, &insert)?;
    for row in &load.rows {
        execute::write(conn, schema, &write, row)?;
    }
    if let Some(Record { space, key, value, expires }) = &load.record {
        let sql = "INSERT INTO bistro_records (space, key, value, expires) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (space, key) DO UPDATE SET value = excluded.value, expires = excluded.expires";
        let mut statement = conn.prepare_cached(sql).map_err(from_driver)?;
        statement.execute((space, key, value, expires)).map_err(from_driver)?;
    }
    Ok(())
}

/// An end of the loading: counters follow rows by themselves here.
pub(crate) fn loading(conn: &Connection, end: Loading) -> Result<(), StoreError> {
    match end {
        Loading::Begin => Ok(()),
        Loading::End => migration::check_references(conn),
    }
}

/// Records after one of this space and key.
pub(crate) fn records(
    conn: &Connection,
    after: Option<&(String, String)>,
    most: u64,
) -> Result<Vec<Record>, StoreError> {
    let sql = "SELECT space, key, value, expires FROM bistro_records WHERE (space, key) > (?1, ?2) OR ?3 \
               ORDER BY space, key LIMIT ?4";
    let mut statement = conn.prepare_cached(sql).map_err(from_driver)?;
    let (space, key) = after.map_or(("", ""), |(space, key)| (space, key));
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map((space, key, after.is_none(), most), |row| {
        Ok(Record { space: row.get(0)?, key: row.get(1)?, value: row.get(2)?, expires: row.get(3)? })
    });
    rows.and_then(Iterator::collect).map_err(from_driver)
}
