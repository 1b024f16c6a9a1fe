//! What a statement became, for people.

use std::fmt::Write as _;

use bistro_schema::{FieldId, Type};
use bistro_store::{StoreError, Tried};
use bistro_store_sql::{Dialect, Query, Sql};
use rusqlite::Connection;

use crate::error::from_driver;
use crate::functions;
use crate::prepare::{Body, Program};
use crate::watch::Watch;

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
        let (number, what) = (at + 1, slot.said(None));
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

/// The name of the index that is tried.
const TRIED: &str = "bistro_tried";

/// What the planner would do with an index, asked of an empty copy of the tables in memory.
pub(crate) fn try_index(
    conn: &Connection,
    program: &Program,
    ty: &Type,
    fields: &[FieldId],
) -> Result<Tried, StoreError> {
    let copy = copy_of_tables(conn)?;
    let before = plan(&copy, program)?;
    let quote = |name: &str| Dialect::Sqlite.quote(name);
    let columns: Vec<String> = fields.iter().map(|f| quote(&ty.field(*f).column)).collect();
    let sql = format!("CREATE INDEX {TRIED} ON {} ({})", quote(&ty.collection), columns.join(", "));
    copy.execute_batch(&sql).map_err(from_driver)?;
    let after = plan(&copy, program)?;
    Ok(Tried { used: after.contains(TRIED), before, after })
}

/// The tables, indexes and views of a database without their rows, and what is known of the rows' number.
fn copy_of_tables(conn: &Connection) -> Result<Connection, StoreError> {
    let copy = Connection::open_in_memory().map_err(from_driver)?;
    functions::register(&copy, &Watch::new()).map_err(from_driver)?;
    // The tables of a full-text index are made with it; triggers play no part in a plan.
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index', 'view') \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT GLOB 'bistro_fts_*_*' \
               ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, rowid";
    let mut statement = conn.prepare(sql).map_err(from_driver)?;
    let texts = statement.query_map([], |row| row.get::<_, String>(0)).map_err(from_driver)?;
    for text in texts {
        let text = text.map_err(from_driver)?;
        // What cannot be copied cannot be in the plan either, or the plan says so.
        if let Err(error) = copy.execute_batch(&text) {
            tracing::debug!(%error, text, "left out of the copy");
        }
    }
    Ok(copy)
}

fn plan(conn: &Connection, program: &Program) -> Result<String, StoreError> {
    let mut lines = Vec::new();
    if let Body::Read { query, .. } = &program.body {
        plan_of(conn, query, 0, &mut lines)?;
    }
    Ok(lines.join("\n"))
}

fn plan_of(conn: &Connection, query: &Query, depth: usize, out: &mut Vec<String>) -> Result<(), StoreError> {
    let mut statement =
        conn.prepare(&format!("EXPLAIN QUERY PLAN {}", query.sql.text)).map_err(from_driver)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(from_driver)? {
        let detail: String = row.get(3).map_err(from_driver)?;
        out.push(format!("{}{detail}", "  ".repeat(depth)));
    }
    query.nested.iter().try_for_each(|nested| plan_of(conn, nested, depth + 1, out))
}
