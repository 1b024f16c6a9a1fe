//! What the file says of its own tables. SQLite knows no comments, and of types only the words that a table was made
//! with.

use std::collections::BTreeMap;

use bistro_schema::OnDelete;
use bistro_store::StoreError;
use bistro_store::catalogue::{Catalogue, Column, ColumnSet, Reference, Table};
use rusqlite::{Connection, OptionalExtension};

use crate::error::from_driver;

mod definition;

/// The column that numbers the rows of Bistro's own tables.
const ROW: &str = "bistro_rowid";

/// Reads the tables and views, in one snapshot.
pub(crate) fn read(conn: &Connection) -> Result<Catalogue, StoreError> {
    let tables = all(conn).map_err(from_driver)?;
    Ok(Catalogue { tables })
}

/// Whether a table or index is Bistro's or SQLite's own.
fn own(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("bistro_") || name.starts_with("sqlite_")
}

fn all(conn: &Connection) -> Result<Vec<Table>, rusqlite::Error> {
    // One transaction, so that what the steps below see is one state.
    let transaction = conn.unchecked_transaction()?;
    let sql = "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view') \
               ORDER BY name";
    let mut statement = transaction.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)? == "view", row.get::<_, bool>(2)?))
    })?;
    let mut tables = Vec::new();
    for row in rows {
        let (name, view, without_rowid) = row?;
        if !own(&name) {
            tables.push(table(&transaction, name, view, without_rowid)?);
        }
    }
    point_at_keys(&mut tables);
    Ok(tables)
}

fn table(conn: &Connection, name: String, view: bool, without_rowid: bool) -> Result<Table, rusqlite::Error> {
    let sql = "SELECT sql FROM sqlite_schema WHERE name = ?1 AND type IN ('table', 'view')";
    let text: Option<Option<String>> = conn.query_row(sql, [&name], |row| row.get(0)).optional()?;
    let text = text.flatten().unwrap_or_default();
    let mut table = Table { name, view, ..Table::default() };
    let key = columns(conn, &mut table)?;
    if view {
        return Ok(table);
    }
    table.checks = definition::checks(&text);
    let made = indexes(conn, &mut table)?;
    if key == [ROW] {
        // Bistro's own tables are keyed by the one constraint that they have.
        if let Some(at) = table.uniques.iter().position(|u| u.name.starts_with("sqlite_autoindex_")) {
            table.key = table.uniques.remove(at).columns;
        }
    } else {
        table.key = key;
        // The one column that is the row's own number is what SQLite counts up.
        if let ([only], false, false) = (table.key.as_slice(), without_rowid, made) {
            let counted = table.columns.iter_mut().find(|c| c.name == *only);
            if let Some(column) = counted.filter(|c| c.declared.eq_ignore_ascii_case("INTEGER")) {
                column.counted = true;
                column.nullable = false;
            }
        }
    }
    references(conn, &mut table)?;
    Ok(table)
}

/// Reads the columns; answers those of the primary key, in order.
fn columns(conn: &Connection, table: &mut Table) -> Result<Vec<String>, rusqlite::Error> {
    let sql =
        "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1) ORDER BY cid";
    let mut statement = conn.prepare(sql)?;
    let rows = statement.query_map([&table.name], |row| {
        let declared: String = row.get(1)?;
        let (nature, length) = definition::nature(&declared);
        let column = Column {
            name: row.get(0)?,
            nature,
            list: false,
            length,
            declared,
            nullable: !row.get::<_, bool>(2)?,
            default: row.get(3)?,
            counted: false,
            // 2 is calculated on reading, 3 is stored; 1 belongs to a virtual table.
            generated: row.get::<_, i64>(5)? >= 2,
            comment: None,
        };
        Ok((column, row.get::<_, i64>(4)?))
    })?;
    let mut key = BTreeMap::new();
    for row in rows {
        let (column, place) = row?;
        if place > 0 {
            key.insert(place, column.name.clone());
        }
        if column.name != ROW {
            table.columns.push(column);
        }
    }
    Ok(key.into_values().collect())
}

/// Reads uniques and indexes; whether the primary key has an index of its own, which the row's number has not.
fn indexes(conn: &Connection, table: &mut Table) -> Result<bool, rusqlite::Error> {
    let sql = "SELECT name, \"unique\", origin FROM pragma_index_list(?1) WHERE partial = 0 ORDER BY name";
    let mut statement = conn.prepare(sql)?;
    let rows = statement.query_map([&table.name], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?, row.get::<_, String>(2)?))
    })?;
    let mut keyed = false;
    for row in rows {
        let (name, unique, origin) = row?;
        if origin == "pk" {
            keyed = true;
            continue;
        }
        let mut parts = conn.prepare("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
        let parts = parts.query_map([&name], |row| row.get::<_, Option<String>>(0))?;
        // An index over an expression has a part without a name.
        let Some(columns) = parts.collect::<Result<Option<Vec<String>>, _>>()? else { continue };
        if name.starts_with("bistro_") {
            continue;
        }
        let set = ColumnSet { name, columns };
        if unique { table.uniques.push(set) } else { table.indexes.push(set) }
    }
    Ok(keyed)
}

fn references(conn: &Connection, table: &mut Table) -> Result<(), rusqlite::Error> {
    let sql =
        "SELECT id, \"table\", \"from\", \"to\", on_delete FROM pragma_foreign_key_list(?1) ORDER BY id, seq";
    let mut statement = conn.prepare(sql)?;
    let mut found: BTreeMap<i64, Reference> = BTreeMap::new();
    let mut rows = statement.query([&table.name])?;
    while let Some(row) = rows.next()? {
        let action: String = row.get(4)?;
        let reference = found.entry(row.get(0)?).or_insert(Reference {
            name: None,
            columns: Vec::new(),
            table: row.get(1)?,
            to: Vec::new(),
            on_delete: match action.as_str() {
                "CASCADE" => OnDelete::Cascade,
                "RESTRICT" => OnDelete::Restrict,
                "SET NULL" => OnDelete::SetNull,
                _ => OnDelete::NoAction,
            },
        });
        reference.columns.push(row.get(2)?);
        // Without a column there, the primary key is meant.
        reference.to.extend(row.get::<_, Option<String>>(3)?);
    }
    // SQLite counts them backwards.
    table.references = found.into_values().rev().collect();
    Ok(())
}

/// References name their tables without regard to case, and may leave out the columns of a key.
fn point_at_keys(tables: &mut [Table]) {
    let known: Vec<(String, Vec<String>, Vec<String>)> = tables
        .iter()
        .map(|t| {
            (t.name.clone(), t.key.clone(), t.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>())
        })
        .collect();
    let named = |columns: &[String], name: &str| {
        columns.iter().find(|c| c.eq_ignore_ascii_case(name)).cloned().unwrap_or_else(|| name.to_owned())
    };
    for table in tables.iter_mut() {
        let own: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
        for reference in &mut table.references {
            reference.columns.iter_mut().for_each(|c| *c = named(&own, c));
            let Some((name, key, columns)) =
                known.iter().find(|(n, ..)| n.eq_ignore_ascii_case(&reference.table))
            else {
                continue;
            };
            reference.table.clone_from(name);
            if reference.to.is_empty() {
                reference.to.clone_from(key);
            }
            reference.to.iter_mut().for_each(|c| *c = named(columns, c));
        }
        // A table's own constraints may write its columns in another case, too.
        let sets = table.uniques.iter_mut().chain(&mut table.indexes).map(|s| &mut s.columns);
        sets.chain([&mut table.key]).flatten().for_each(|c| *c = named(&own, c));
    }
}

#[cfg(test)]
mod tests;
