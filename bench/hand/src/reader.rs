//! Reads: one read-only connection a thread, statements prepared once, rows written straight to bytes.

use std::cell::RefCell;
use std::path::PathBuf;

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, OpenFlags, Row, ToSql};

use crate::backend::Question;
use crate::{json, time};

/// A result of SQLite.
type Result<T> = rusqlite::Result<T>;

/// Where to read, and whether the row predicate holds.
pub(crate) struct Reads {
    pub(crate) file: PathBuf,
    pub(crate) rules: bool,
}

thread_local!(static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) });

impl Reads {
    /// Writes the answer; false where there is no such row for the caller (`One` only).
    pub(crate) fn answer(
        &self,
        ask: &Question,
        caller: Option<&[u8; 16]>,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        CONNECTION.with_borrow_mut(|slot| {
            let connection = match slot {
                Some(open) => open,
                None => slot.insert(self.open()?),
            };
            match *ask {
                Question::One(id) => one(&mut self.statement(connection, &ONE, id.as_bytes(), caller)?, out),
                Question::OfAuthor(id) => {
                    list(&mut self.statement(connection, &OF_AUTHOR, id.as_bytes(), caller)?, out)
                }
                Question::Page(before) => list(&mut self.statement(connection, &PAGE, before, caller)?, out),
                Question::Feed(before) => {
                    let mut comments = connection.prepare_cached(COMMENTS)?;
                    feed(&mut self.statement(connection, &FEED, before, caller)?, &mut comments, out)
                }
            }
        })
    }

    fn open(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.file, flags)?;
        // The mapped file is the largest single gain of a read; only readers map it.
        connection.execute_batch(
            "PRAGMA mmap_size = 4294967296; PRAGMA cache_size = -16384; PRAGMA busy_timeout = 10000;",
        )?;
        Ok(connection)
    }

    fn statement<'c>(
        &self,
        connection: &'c Connection,
        sql: &Sql,
        parameter: impl ToSql,
        caller: Option<&[u8; 16]>,
    ) -> Result<CachedStatement<'c>> {
        let mut statement = connection.prepare_cached(if self.rules { sql.ruled } else { sql.open })?;
        statement.raw_bind_parameter(1, parameter)?;
        if self.rules {
            statement.raw_bind_parameter(2, caller)?;
        }
        Ok(statement)
    }
}

/// A statement with the row predicate and without it.
struct Sql {
    ruled: &'static str,
    open: &'static str,
}

macro_rules! sql {
    ($name:ident: $head:literal, $tail:literal) => {
        const $name: Sql = Sql {
            ruled: concat!($head, " AND (p.status = 'published' OR p.author_id = ?2)", $tail),
            open: concat!($head, $tail),
        };
    };
}

sql!(ONE: "SELECT p.id, p.author_id, p.title, p.body, p.status, p.created_at FROM posts p WHERE p.id = ?1", "");
sql!(OF_AUTHOR: "SELECT p.id, p.author_id, p.title, p.body, p.status, p.created_at FROM posts p WHERE p.author_id = ?1",
    " ORDER BY p.created_at DESC LIMIT 50");
sql!(PAGE: "SELECT p.id, p.author_id, p.title, p.body, p.status, p.created_at FROM posts p WHERE p.created_at < ?1",
    " ORDER BY p.created_at DESC LIMIT 20");
// CROSS JOIN keeps posts outside, so that the index gives the order.
sql!(FEED: "SELECT p.id, p.title, p.body, p.status, p.created_at, u.id, u.name
        FROM posts p CROSS JOIN users u ON u.id = p.author_id WHERE p.created_at < ?1",
    " ORDER BY p.created_at DESC LIMIT 20");
const COMMENTS: &str =
    "SELECT id, body, created_at FROM comments WHERE post_id = ?1 ORDER BY created_at DESC LIMIT 3";

fn one(statement: &mut CachedStatement<'_>, out: &mut Vec<u8>) -> Result<bool> {
    let mut rows = statement.raw_query();
    match rows.next()? {
        Some(row) => post(row, out).map(|()| true),
        None => Ok(false),
    }
}

fn list(statement: &mut CachedStatement<'_>, out: &mut Vec<u8>) -> Result<bool> {
    let mut rows = statement.raw_query();
    out.push(b'[');
    let mut comma = false;
    while let Some(row) = rows.next()? {
        if comma {
            out.push(b',');
        }
        comma = true;
        post(row, out)?;
    }
    out.push(b']');
    Ok(true)
}

fn post(row: &Row<'_>, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(b"{\"id\":");
    json::uuid(out, bytes(row, 0)?);
    out.extend_from_slice(b",\"author_id\":");
    json::uuid(out, bytes(row, 1)?);
    written(row, 2, out)?;
    out.push(b'}');
    Ok(())
}

/// The members that both shapes share, from column `first` on.
fn written(row: &Row<'_>, first: usize, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(b",\"title\":");
    json::string(out, bytes(row, first)?);
    out.extend_from_slice(b",\"body\":");
    json::string(out, bytes(row, first + 1)?);
    out.extend_from_slice(b",\"status\":\"");
    out.extend_from_slice(bytes(row, first + 2)?);
    out.push(b'"');
    moment(row, first + 3, out)
}

fn feed(
    posts: &mut CachedStatement<'_>,
    comments: &mut CachedStatement<'_>,
    out: &mut Vec<u8>,
) -> Result<bool> {
    let mut rows = posts.raw_query();
    let mut before: &[u8] = b"[{\"id\":";
    let mut empty = true;
    while let Some(row) = rows.next()? {
        empty = false;
        out.extend_from_slice(before);
        before = b",{\"id\":";
        let id = bytes(row, 0)?;
        json::uuid(out, id);
        written(row, 1, out)?;
        out.extend_from_slice(b",\"author\":{\"id\":");
        json::uuid(out, bytes(row, 5)?);
        out.extend_from_slice(b",\"name\":");
        json::string(out, bytes(row, 6)?);
        out.extend_from_slice(b"},\"comments\":[");
        newest_comments(comments, id, out)?;
        out.extend_from_slice(b"]}");
    }
    out.extend_from_slice(if empty { b"[]" } else { b"]" });
    Ok(true)
}

fn newest_comments(statement: &mut CachedStatement<'_>, post: &[u8], out: &mut Vec<u8>) -> Result<()> {
    statement.raw_bind_parameter(1, post)?;
    let mut rows = statement.raw_query();
    let mut before: &[u8] = b"{\"id\":";
    while let Some(row) = rows.next()? {
        out.extend_from_slice(before);
        before = b",{\"id\":";
        json::uuid(out, bytes(row, 0)?);
        out.extend_from_slice(b",\"body\":");
        json::string(out, bytes(row, 1)?);
        moment(row, 2, out)?;
        out.push(b'}');
    }
    Ok(())
}

fn moment(row: &Row<'_>, column: usize, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(b",\"created_at\":\"");
    if let ValueRef::Integer(micros) = row.get_ref(column)? {
        time::write(out, micros);
    }
    out.push(b'"');
    Ok(())
}

/// Text or blob as SQLite holds it; the tables are STRICT, so nothing else comes.
fn bytes<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8]> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => &[],
    })
}
