//! What MySQL or MariaDB says of the tables of its current database; Bistro's own are left out.

use std::collections::BTreeMap;

use bistro_schema::{Kind, OnDelete};
use bistro_store::catalogue::{Catalogue, Column, ColumnSet, Nature, Reference, Table};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};

mod declared;

/// Tables and views: name, what it is, comment.
const TABLES: &str = "SELECT table_name, table_type, table_comment FROM information_schema.tables \
                      WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'VIEW') \
                      AND LEFT(table_name, 7) <> 'bistro_'";
/// Columns, in order.
const COLUMNS: &str = "SELECT table_name, column_name, column_type, column_default, is_nullable = 'YES', extra, \
                       column_comment FROM information_schema.columns WHERE table_schema = DATABASE() \
                       AND LEFT(column_name, 7) <> 'bistro_' ORDER BY table_name, ordinal_position";
/// The parts of indexes; a part without a name is an expression.
const INDEXES: &str = "SELECT table_name, index_name, non_unique = 0, column_name, sub_part IS NULL AND index_type = 'BTREE' \
                       FROM information_schema.statistics WHERE table_schema = DATABASE() \
                       AND LEFT(index_name, 7) <> 'bistro_' ORDER BY table_name, index_name, seq_in_index";
/// The columns of foreign keys to tables of the same database.
const REFERENCES: &str = "SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, \
                          k.referenced_column_name, r.delete_rule FROM information_schema.key_column_usage k \
                          JOIN information_schema.referential_constraints r \
                          ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name \
                          AND r.table_name = k.table_name \
                          WHERE k.table_schema = DATABASE() AND k.referenced_table_schema = DATABASE() \
                          ORDER BY k.table_name, k.constraint_name, k.ordinal_position";
/// Checks. MySQL names their tables elsewhere only, MariaDB has several of one name.
const CHECKS_MYSQL: &str = "SELECT t.table_name, c.constraint_name, c.check_clause FROM information_schema.check_constraints c \
                            JOIN information_schema.table_constraints t ON t.constraint_schema = c.constraint_schema \
                            AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK' \
                            WHERE c.constraint_schema = DATABASE() ORDER BY t.table_name, c.constraint_name";
const CHECKS_MARIA: &str = "SELECT table_name, constraint_name, check_clause FROM information_schema.check_constraints \
                            WHERE constraint_schema = DATABASE() ORDER BY table_name, constraint_name";

type Tables = BTreeMap<String, Table>;

/// Reads the tables and views of the current database.
///
/// # Errors
/// What the server says.
pub(crate) async fn read(conn: &mut Conn) -> Result<Catalogue, Error> {
    let version: Option<String> = conn.query_first("SELECT VERSION()").await?;
    let maria = version.is_some_and(|v| v.to_ascii_lowercase().contains("mariadb"));
    let rows: Vec<(String, String, Option<String>)> = conn.query(TABLES).await?;
    let mut tables: Tables = BTreeMap::new();
    for (name, what, comment) in rows {
        let view = what == "VIEW";
        // Every view has the comment VIEW.
        let comment = comment.filter(|c| !c.is_empty() && !view);
        tables.insert(name.clone(), Table { name, view, comment, ..Table::default() });
    }
    columns(conn, maria, &mut tables).await?;
    indexes(conn, &mut tables).await?;
    references(conn, &mut tables).await?;
    checks(conn, maria, &mut tables).await?;
    Ok(Catalogue { tables: tables.into_values().collect() })
}

type ColumnRow = (String, String, String, Option<String>, bool, Option<String>, Option<String>);

async fn columns(conn: &mut Conn, maria: bool, tables: &mut Tables) -> Result<(), Error> {
    let rows: Vec<ColumnRow> = conn.query(COLUMNS).await?;
    for (table, name, declared, default, nullable, extra, comment) in rows {
        let Some(table) = tables.get_mut(&table) else { continue };
        let extra = extra.unwrap_or_default().to_ascii_lowercase();
        let (nature, length) = declared::nature(&declared);
        let counted = extra.contains("auto_increment");
        let generated = extra.contains("virtual generated")
            || extra.contains("stored generated")
            || extra.contains("persistent");
        let default = default.and_then(|text| {
            if maria {
                declared::default_maria(text)
            } else {
                Some(declared::default_mysql(text, &extra, &declared))
            }
        });
        table.columns.push(Column {
            name,
            declared,
            nature,
            list: false,
            length,
            nullable,
            // A view has none of its own, a generated column cannot have one.
            default: default.filter(|_| !table.view && !generated && !counted),
            counted: counted && !table.view,
            generated,
            comment: comment.filter(|c| !c.is_empty()),
        });
    }
    Ok(())
}

async fn indexes(conn: &mut Conn, tables: &mut Tables) -> Result<(), Error> {
    let rows: Vec<(String, String, bool, Option<String>, bool)> = conn.query(INDEXES).await?;
    let mut sets: Vec<(String, bool, bool, ColumnSet)> = Vec::new();
    for (table, name, unique, column, whole) in rows {
        let known = sets.last().is_some_and(|(t, _, _, set)| *t == table && set.name == name);
        if !known {
            sets.push((table, unique, true, ColumnSet { name, columns: Vec::new() }));
        }
        let (_, _, usable, set) = sets.last_mut().expect("one was just pushed");
        *usable &= whole && column.is_some();
        set.columns.extend(column);
    }
    for (table, unique, usable, set) in sets {
        let Some(table) = tables.get_mut(&table) else { continue };
        if set.name == "PRIMARY" {
            table.key = set.columns;
        } else if usable && unique {
            table.uniques.push(set);
        } else if usable {
            table.indexes.push(set);
        }
    }
    Ok(())
}

async fn references(conn: &mut Conn, tables: &mut Tables) -> Result<(), Error> {
    let rows: Vec<(String, String, String, String, String, String)> = conn.query(REFERENCES).await?;
    for (table, name, column, there, to, rule) in rows {
        let Some(table) = tables.get_mut(&table) else { continue };
        let known = table.references.last().is_some_and(|r| r.name.as_deref() == Some(&name));
        if !known {
            let on_delete = match rule.as_str() {
                "CASCADE" => OnDelete::Cascade,
                "SET NULL" => OnDelete::SetNull,
                // The engine has no other refusal than the one at once.
                _ => OnDelete::NoAction,
            };
            let (columns, to) = (Vec::new(), Vec::new());
            table.references.push(Reference { name: Some(name), columns, table: there, to, on_delete });
        }
        let reference = table.references.last_mut().expect("one was just pushed");
        reference.columns.push(column);
        reference.to.push(to);
    }
    Ok(())
}

async fn checks(conn: &mut Conn, maria: bool, tables: &mut Tables) -> Result<(), Error> {
    let rows: Result<Vec<(String, String, String)>, Error> =
        conn.query(if maria { CHECKS_MARIA } else { CHECKS_MYSQL }).await;
    let rows = match rows {
        Ok(rows) => rows,
        // Before 8.0.16 MySQL had none, and no table for them.
        Err(Error::Server(_)) if !maria => Vec::new(),
        Err(error) => return Err(error),
    };
    for (table, name, text) in rows {
        let Some(table) = tables.get_mut(&table) else { continue };
        let json = declared::json_column(&text)
            .and_then(|column| table.columns.iter_mut().find(|c| c.name == column));
        match json {
            // How MariaDB keeps a column that was declared as JSON.
            Some(column) if column.declared.starts_with("longtext") => {
                column.nature = Some(Nature::Kind(Kind::Json));
            }
            _ => table.checks.push((name, declared::plain(&text))),
        }
    }
    Ok(())
}
