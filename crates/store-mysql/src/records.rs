//! Bistro's own records: idempotency keys and the like.
//!
//! Who looks for a record holds a lock of its name until the transaction has ended. Rows cannot serve for that: two who
//! wait for a row that is taken back again would wait for each other.

use std::time::Duration;

use bistro_store::{Record, StoreError, StoreErrorKind};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::error::from_driver;

/// A lock's name: of this database, and short, as MySQL wants it.
const LOCK: &str =
    "SELECT GET_LOCK(CONCAT('bistro:', LEFT(SHA2(CONCAT_WS('/', DATABASE(), ?, ?), 256), 40)), ?)";
const GET: &str = "SELECT value FROM bistro_records WHERE space = ? AND `key` = ? AND expires > ?";
const PUT: &str = "INSERT INTO bistro_records (space, `key`, value, expires) VALUES (?, ?, ?, ?) \
                   ON DUPLICATE KEY UPDATE value = VALUES(value), expires = VALUES(expires)";
const PURGE: &str = "DELETE FROM bistro_records WHERE expires <= ? ORDER BY expires LIMIT 256";

/// The record, once nobody else looks for it.
pub(crate) async fn get(
    conn: &mut Conn,
    space: &str,
    key: &str,
    now: i64,
    most: Duration,
) -> Result<Option<Vec<u8>>, StoreError> {
    let locked: Option<Option<i64>> =
        conn.exec_first(LOCK, (space, key, most.as_secs_f64())).await.map_err(from_driver)?;
    if locked.flatten() != Some(1) {
        let text = "another transaction holds the record for too long";
        return Err(StoreError::new(StoreErrorKind::Serialization, text));
    }
    conn.exec_first(GET, (space, key, now)).await.map_err(from_driver)
}

/// Keeps a record.
pub(crate) async fn put(
    conn: &mut Conn,
    space: &str,
    key: &str,
    value: &[u8],
    expires: i64,
) -> Result<(), StoreError> {
    conn.exec_drop(PUT, (space, key, value, expires)).await.map_err(from_driver)
}

/// Removes some of what has expired.
pub(crate) async fn purge(conn: &mut Conn, now: i64) -> Result<(), StoreError> {
    conn.exec_drop(PURGE, (now,)).await.map_err(from_driver)
}

/// Records after one, in their order.
pub(crate) async fn list(
    conn: &mut Conn,
    after: Option<(String, String)>,
    most: u64,
) -> Result<Vec<Record>, StoreError> {
    let sql = "SELECT space, `key`, value, expires FROM bistro_records WHERE (space > ?) OR (space = ? AND `key` > ?) \
               ORDER BY space, `key` LIMIT ?";
    let all = after.is_none();
    let (space, key) = after.unwrap_or_default();
    let rows: Vec<(String, String, Vec<u8>, i64)> = if all {
        let sql = "SELECT space, `key`, value, expires FROM bistro_records ORDER BY space, `key` LIMIT ?";
        conn.exec(sql, (most,)).await.map_err(from_driver)?
    } else {
        conn.exec(sql, (&space, &space, &key, most)).await.map_err(from_driver)?
    };
    let record = |(space, key, value, expires)| Record { space, key, value, expires };
    Ok(rows.into_iter().map(record).collect())
}
