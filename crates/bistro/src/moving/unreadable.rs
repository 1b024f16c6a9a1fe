//! Rows that hold values of another kind than their column's, such as texts that are not UTF-8: found one by one.

use std::sync::Arc;

use bistro_ir::Expr;
use bistro_schema::Value;
use bistro_store::StoreError;

use super::check::{TableReport, note};
use super::source::Source;
use super::table::{Table, shown};

/// Reads the page after a key row by row. Answers the rows that can be read, and the key of the last of all: `None`
/// where not even the keys can be read.
pub(super) async fn page(
    source: &Arc<Source>,
    table: &Table,
    after: Option<Vec<Value>>,
    batch: u64,
    report: &mut TableReport,
) -> Result<(Vec<Vec<Value>>, Option<Vec<Value>>), StoreError> {
    let schema = source.schema();
    let filter = if after.is_some() { table.after() } else { Expr::TRUE };
    let keys = table.select(schema, &table.key_fields(), filter, Some(batch));
    let Ok((keys, _)) = source.rows(keys, after.unwrap_or_default()).await else {
        return Ok((Vec::new(), None));
    };
    let mut rows = Vec::with_capacity(keys.len());
    for key in &keys {
        let whole = table.select(schema, &table.fields, table.is(), None);
        match source.rows(whole, key.clone()).await {
            Ok((found, _)) => rows.extend(found),
            Err(_) => {
                report.rows += 1;
                columns(source, table, key, report).await;
            }
        }
    }
    Ok((rows, keys.last().cloned()))
}

/// Notes the columns of a row that cannot be read.
async fn columns(source: &Arc<Source>, table: &Table, key: &[Value], report: &mut TableReport) {
    for (at, field) in table.fields.iter().enumerate() {
        let one = table.select(source.schema(), &[*field], table.is(), None);
        if source.rows(one, key.to_vec()).await.is_err() {
            note(&mut report.columns[at].misfits, "is no value of this kind".into(), || shown(key.iter()));
        }
    }
}
