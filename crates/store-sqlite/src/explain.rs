//! What a statement became, for people.

use std::fmt::Write as _;

use bistro_store::StoreError;
use bistro_store_sql::{Query, Slot, Sql};
use rusqlite::Connection;

use crate::error::from_driver;
use crate::prepare::{Body, Program};

/// SQL text, binds and SQLite's plan of a statement and of all that hangs on it, each level indented.
pub(crate) fn explain(conn: &Connection, program: &Program) -> Result<String, StoreError> {
    let mut out = String::new();
    match &program.body {
        Body::Read { query, .. } => level(conn, query, 0, &mut out)?,
        Body::Write(write) => text(conn, "", &write.sql, 0, &mut out)?,
    }
    Ok(out)
}

fn level(conn: &Connection, query: &Query, depth: usize, out: &mut String) -> Result<(), StoreError> {
    text(conn, "", &query.sql, depth, out)?;
    if let Some(total) = &query.total {
        text(conn, "total: ", total, depth, out)?;
    }
    query.nested.iter().try_for_each(|n| level(conn, n, depth + 1, out))
}

fn text(conn: &Connection, label: &str, sql: &Sql, depth: usize, out: &mut String) -> Result<(), StoreError> {
    let pad = "  ".repeat(depth);
    let _ = writeln!(out, "{pad}{label}{}", sql.text);
    for (at, slot) in sql.slots.iter().enumerate() {
        let (number, what) = (at + 1, said(slot));
        let _ = writeln!(out, "{pad}  ?{number} = {what}");
    }
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.text)).map_err(from_driver)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(from_driver)? {
        let detail: String = row.get(3).map_err(from_driver)?;
        let _ = writeln!(out, "{pad}  {detail}");
    }
    Ok(())
}

fn said(slot: &Slot) -> String {
    match slot {
        Slot::Bind(id, how) => format!("bind {} as {how:?}", id.0),
        Slot::Constant(value, how) => format!("{value:?} as {how:?}"),
        Slot::Parent(column) => format!("column {column} of the enclosing row"),
    }
}
