//! What is kept of a migration while it runs: how many statements are done, whether the next was begun and its end never
//! noted, and a hash of the statements that this is true of.

use bistro_store::{Direction, Migration, StoreError};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::refused;
use crate::error::from_driver;

/// How far a migration came beyond the number of its statements that are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// The next statement was not begun, or failed: it is not done. The hash is of the statements before it.
    Ready(u64),
    /// The next statement was begun, and how it ended was never noted. The hash includes it.
    UnderWay(u64),
}

/// The hash of the first statements, by FNV-1a: it must be the same in each version of Bistro.
pub(super) fn prefix(statements: &[String], count: usize) -> u64 {
    let bytes = statements.iter().take(count).flat_map(|s| s.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// Where the note stands in Bistro's own table, short whatever the name.
fn key(name: &str) -> String {
    format!("begun:{:016x}", prefix(&[name.to_owned()], 1))
}

/// The note of a migration; none, if an older version began it.
pub(super) async fn read(conn: &mut Conn, name: &str) -> Result<Option<Note>, StoreError> {
    let sql = "SELECT value FROM bistro_meta WHERE `key` = ?";
    let text: Option<String> = conn.exec_first(sql, (key(name),)).await.map_err(from_driver)?;
    let Some(text) = text else { return Ok(None) };
    let note = text.split_once(' ').and_then(|(what, hash)| {
        let hash = u64::from_str_radix(hash, 16).ok()?;
        match what {
            "ready" => Some(Note::Ready(hash)),
            "begun" => Some(Note::UnderWay(hash)),
            _ => None,
        }
    });
    note.map(Some).ok_or_else(|| StoreError::bug(format!("the note of a migration is {text:?}")))
}

/// Writes the note.
pub(super) async fn write(conn: &mut Conn, name: &str, note: Note) -> Result<(), StoreError> {
    let value = match note {
        Note::Ready(hash) => format!("ready {hash:016x}"),
        Note::UnderWay(hash) => format!("begun {hash:016x}"),
    };
    let sql =
        "INSERT INTO bistro_meta (`key`, value) VALUES (?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)";
    conn.exec_drop(sql, (key(name), value)).await.map_err(from_driver)
}

/// Takes the note away.
pub(super) async fn forget(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    conn.exec_drop("DELETE FROM bistro_meta WHERE `key` = ?", (key(name),)).await.map_err(from_driver)
}

/// Notes that a migration begins.
pub(super) async fn begin(conn: &mut Conn, migration: &Migration) -> Result<(), StoreError> {
    let sql = "INSERT INTO bistro_migrations (name, checksum, at, direction, done, total) VALUES (?, ?, ?, ?, 0, ?) \
               ON DUPLICATE KEY UPDATE checksum = VALUES(checksum), direction = VALUES(direction), done = 0, \
               total = VALUES(total)";
    let direction = if migration.direction == Direction::Up { "up" } else { "down" };
    let total = migration.statements.len() as u64;
    let values = (&migration.name, &migration.checksum, migration.at, direction, total);
    write(conn, &migration.name, Note::Ready(prefix(&[], 0))).await?;
    conn.exec_drop(sql, values).await.map_err(from_driver)
}

/// Notes that a migration goes on with what its files hold now.
pub(super) async fn go_on(conn: &mut Conn, migration: &Migration) -> Result<(), StoreError> {
    let sql = "UPDATE bistro_migrations SET checksum = ?, total = ? WHERE name = ?";
    let values = (&migration.checksum, migration.statements.len() as u64, &migration.name);
    conn.exec_drop(sql, values).await.map_err(from_driver)
}

/// Notes that statement number `at` is done; refuses if somebody else noted that meanwhile.
pub(super) async fn done(conn: &mut Conn, migration: &Migration, at: usize) -> Result<(), StoreError> {
    let sql = "UPDATE bistro_migrations SET done = ? WHERE name = ? AND done = ?";
    conn.exec_drop(sql, (at as u64 + 1, &migration.name, at as u64)).await.map_err(from_driver)?;
    if conn.affected_rows() != 1 {
        let text = format!(
            "{} was gone on with by somebody else while its statement {} ran: that is taken back as far as it wrote rows; \
             look at: bistro migrate status",
            migration.name,
            at + 1
        );
        return Err(refused(text));
    }
    write(conn, &migration.name, Note::Ready(prefix(&migration.statements, at + 1))).await
}
