//! Whole tables at once: rows as they are, many a statement.
//!
//! While a load runs, foreign keys are not looked at, as rows may come in any order; at the end all of them are counted.

use bistro_schema::{RelationKind, Schema, Type};
use bistro_store::{BrokenReference, Load, Loading, StoreError, StoreErrorKind};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params};

use crate::bind::plain;
use crate::change::MYSQL;
use crate::error::{from_driver, from_write};
use crate::records;

/// Slots of one statement; the protocol has 65,535.
const SLOTS: usize = 16_384;
/// Rows of one statement.
const ROWS: usize = 1_000;

/// Puts rows in, durably and all or nothing.
pub(crate) async fn run(conn: &mut Conn, schema: &Schema, load: &Load) -> Result<(), StoreError> {
    conn.query_drop("SET foreign_key_checks = 0").await.map_err(from_driver)?;
    conn.query_drop("START TRANSACTION").await.map_err(from_driver)?;
    let ty = schema.ty(load.ty);
    let names: Vec<String> = load.fields.iter().map(|f| MYSQL.quote(&ty.field(*f).column)).collect();
    let into = format!("INSERT INTO {} ({}) VALUES ", MYSQL.quote(&ty.collection), names.join(", "));
    let row = format!("({})", vec!["?"; names.len()].join(", "));
    for rows in load.rows.chunks((SLOTS / names.len().max(1)).clamp(1, ROWS)) {
        let text = into.clone() + &vec![row.as_str(); rows.len()].join(", ");
        let values: Vec<_> = rows.iter().flatten().map(plain).collect();
        let values = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
        conn.exec_drop(text, values).await.map_err(|e| from_write(e, schema, load.ty))?;
    }
    if let Some(record) = &load.record {
        records::put(conn, &record.space, &record.key, &record.value, record.expires).await?;
    }
    conn.query_drop("COMMIT").await.map_err(from_driver)
}

/// The two ends of a loading.
pub(crate) async fn end(conn: &mut Conn, schema: &Schema, end: Loading) -> Result<(), StoreError> {
    if end == Loading::Begin {
        return Ok(());
    }
    for ty in schema.types.iter().filter(|t| t.writable()) {
        references(conn, schema, ty).await?;
        let sql = format!("ANALYZE TABLE {}", MYSQL.quote(&ty.collection));
        let _: Vec<mysql_async::Row> = conn.query(sql).await.map_err(from_driver)?;
    }
    Ok(())
}

/// Refuses rows that refer to nothing.
async fn references(conn: &mut Conn, schema: &Schema, ty: &Type) -> Result<(), StoreError> {
    for relation in ty.relations.iter().filter(|r| r.kind == RelationKind::ToOne) {
        let target = schema.ty(relation.target);
        let near: Vec<String> =
            relation.pairs.iter().map(|(n, _)| MYSQL.quote(&ty.field(*n).column)).collect();
        let far: Vec<String> =
            relation.pairs.iter().map(|(_, f)| MYSQL.quote(&target.field(*f).column)).collect();
        let same: Vec<String> = near.iter().zip(&far).map(|(n, f)| format!("p.{f} = c.{n}")).collect();
        let given: Vec<String> = near.iter().map(|n| format!("c.{n} IS NOT NULL")).collect();
        let sql = format!(
            "SELECT 1 FROM {} AS c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {}) LIMIT 1",
            MYSQL.quote(&ty.collection),
            given.join(" AND "),
            MYSQL.quote(&target.collection),
            same.join(" AND ")
        );
        let found: Option<i64> = conn.query_first(sql).await.map_err(from_driver)?;
        if found.is_some() {
            let broken = BrokenReference { constraint: relation.constraint.clone(), still_referenced: false };
            let text = format!(
                "a row of {} refers to a row of {} that is not there",
                ty.collection, target.collection
            );
            return Err(StoreError::new(StoreErrorKind::ForeignKey(Some(broken)), text));
        }
    }
    Ok(())
}
