//! What the planner would do with an index that is not there, asked of a sample of the table.
//!
//! The sample is a temporary table of the real one's name, which hides it from this connection alone, so that the
//! statement is planned as it is written. The connection is one of its own: the sample ends with it, whatever happens.

use std::time::Duration;

use bistro_schema::{FieldId, Type};
use bistro_store::{StoreError, StoreErrorKind, Tried};
use bistro_store_sql::{Dialect, Query};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Row};

use crate::error::from_driver;
use crate::execute::plain;
use crate::explain::{self, Access, Text};
use crate::pool::Pool;
use crate::prepare::Program;

/// The name of the index that is tried.
const TRIED: &str = "bistro_tried";
/// What the sample is called until it has the table's name.
const SAMPLE: &str = "bistro_sample";
/// How many rows of the table are looked at.
const ROWS: u64 = 20_000;
/// They are taken from so many at most.
const LOOKED_AT: u64 = 1_000_000;
/// With fewer rows than this a planner may read them all, whatever indexes there are.
const FEW: u64 = 500;
/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(5);
/// What is said of the plans over few rows.
const YOUNG: &str = "(the table has few rows: planned as if looking a row up were cheap)";
/// "Can't reopen table": MySQL lets a statement name a temporary table once only.
const TWICE: u16 = 1137;
/// "Specified key was too long", "BLOB/TEXT column used in key specification without a key length".
const TOO_LONG: [u16; 2] = [1071, 1170];

/// Tries an index over these fields.
pub(crate) async fn try_index(
    pool: &Pool,
    program: &Program,
    ty: &Type,
    fields: &[FieldId],
) -> Result<Tried, StoreError> {
    let query = program.narrow()?;
    let work = async {
        let mut conn = pool.beside().await?;
        let tried = attempt(&mut conn, &query, ty, fields).await;
        // A connection that failed may have ended already.
        let _ = conn.disconnect().await;
        tried
    };
    tokio::time::timeout(LIMIT, work).await.unwrap_or_else(|_| {
        let text = format!("the sample took longer than {} s", LIMIT.as_secs());
        Err(StoreError::new(StoreErrorKind::TimedOut, text))
    })
}

async fn attempt(conn: &mut Conn, query: &Query, ty: &Type, fields: &[FieldId]) -> Result<Tried, StoreError> {
    let few = sample(conn, &ty.collection).await? < FEW;
    // How many rows a value has is taken from what is known of the index: the values here are none that come.
    plain(conn, "SET eq_range_index_dive_limit = 1").await?;
    if few {
        plain(conn, "SET max_seeks_for_key = 1").await?;
    }
    let (before, _) = plans(conn, query, few).await?;
    let table = quote(&ty.collection);
    let columns: Vec<String> = fields.iter().map(|f| quote(&ty.field(*f).column)).collect();
    let create = format!("CREATE INDEX {TRIED} ON {table} ({})", columns.join(", "));
    conn.query_drop(create).await.map_err(refused)?;
    plain(conn, &format!("ANALYZE TABLE {table}")).await?;
    let (after, used) = plans(conn, query, few).await?;
    Ok(Tried { used, before, after })
}

/// Makes the sample in the real table's place; answers how many rows it has.
async fn sample(conn: &mut Conn, name: &str) -> Result<u64, StoreError> {
    let table = quote(name);
    // For a view it has other columns.
    let shown: Option<Row> =
        conn.query_first(format!("SHOW CREATE TABLE {table}")).await.map_err(from_driver)?;
    let shown: Option<String> = shown.and_then(|row| row.get_opt(1)).and_then(Result::ok);
    let definition = shown.as_deref().and_then(definition).ok_or_else(|| no_table(name))?;
    let columns = "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() \
                   AND table_name = ? AND COALESCE(generation_expression, '') = '' ORDER BY ordinal_position";
    let columns: Vec<String> = conn.exec(columns, (name,)).await.map_err(from_driver)?;
    let columns: Vec<String> = columns.iter().map(|c| quote(c)).collect();
    let known = "SELECT CAST(COALESCE(table_rows, 0) AS UNSIGNED) FROM information_schema.tables \
                 WHERE table_schema = DATABASE() AND table_name = ?";
    let known: Option<u64> = conn.exec_first(known, (name,)).await.map_err(from_driver)?;
    let from = known.unwrap_or(0).clamp(ROWS, LOOKED_AT);
    let (sample, columns) = (quote(SAMPLE), columns.join(", "));
    plain(conn, &format!("CREATE TEMPORARY TABLE {sample} {definition}")).await?;
    // What is known of the number is rough, and a part that is too large ends at its limit.
    let fill = format!(
        "INSERT INTO {sample} ({columns}) SELECT {columns} FROM {table} WHERE RAND() * {from} < {} LIMIT {ROWS}",
        ROWS * 5 / 4
    );
    plain(conn, &fill).await?;
    plain(conn, &format!("ALTER TABLE {sample} RENAME TO {table}")).await?;
    plain(conn, &format!("ANALYZE TABLE {table}")).await?;
    let count: Option<u64> =
        conn.query_first(format!("SELECT COUNT(*) FROM {table}")).await.map_err(from_driver)?;
    Ok(count.unwrap_or(0))
}

/// What follows the name in a table's definition, without what a temporary table cannot have: foreign keys, full-text
/// indexes, partitions. `None` for a view.
fn definition(shown: &str) -> Option<String> {
    shown.strip_prefix("CREATE TABLE ")?;
    let left_out = |line: &str| {
        line.starts_with("FULLTEXT ") || line.starts_with("SPATIAL ") || line.starts_with("CONSTRAINT ")
    };
    let body: Vec<&str> = shown
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with(')'))
        .map(|line| line.trim().trim_end_matches(','))
        .filter(|line| !left_out(line))
        .collect();
    let texts = shown
        .lines()
        .find(|line| line.starts_with(')'))
        .and_then(|line| line.split_once(" DEFAULT CHARSET="));
    let texts = texts.map_or_else(String::new, |(_, rest)| {
        let words =
            rest.split(' ').enumerate().take_while(|(n, word)| *n == 0 || word.starts_with("COLLATE="));
        format!(" DEFAULT CHARSET={}", words.map(|(_, word)| word).collect::<Vec<_>>().join(" "))
    });
    Some(format!("({}) ENGINE=InnoDB{texts}", body.join(", ")))
}

/// The plans of a query and of all that hangs on it, each indented below the one before; and whether the index is in one.
async fn plans(conn: &mut Conn, query: &Query, few: bool) -> Result<(String, bool), StoreError> {
    let mut lines: Vec<String> = few.then(|| YOUNG.to_owned()).into_iter().collect();
    let mut used = false;
    for Text { sql, label, depth, .. } in explain::levels(query) {
        let plan = explain::plan(conn, sql).await.map_err(refused)?;
        used |= plan.iter().any(|access| access.key.as_deref() == Some(TRIED));
        let pad = "  ".repeat(depth);
        lines.extend(plan.iter().map(|access: &Access| format!("{pad}{label}{access}")));
    }
    Ok((lines.join("\n"), used))
}

fn refused(error: Error) -> StoreError {
    match &error {
        Error::Server(server) if server.code == TWICE => StoreError::new(
            StoreErrorKind::Unsupported("a planner that tries indexes here"),
            "the statement reads the table twice, which this server cannot do with a sample",
        ),
        Error::Server(server) if TOO_LONG.contains(&server.code) => StoreError::new(
            StoreErrorKind::Unsupported("an index of such length"),
            "a text in it may be too long for an index here; @length(max: …) on the field makes it fit",
        ),
        _ => from_driver(error),
    }
}

fn no_table(name: &str) -> StoreError {
    let text = format!("{name:?} is no table of rows, which could have an index");
    StoreError::new(StoreErrorKind::Unsupported("an index on it"), text)
}

fn quote(name: &str) -> String {
    Dialect::Mysql.quote(name)
}

#[cfg(test)]
mod tests {
    use super::definition;

    #[test]
    fn a_definition_keeps_what_a_temporary_table_can_have() {
        let shown = "CREATE TABLE \"a\" (\n  \"id\" int NOT NULL,\n  \"t\" text DEFAULT ',',\n  PRIMARY KEY (\"id\"),\n  \
                     KEY \"k\" (\"id\"),\n  FULLTEXT KEY \"f\" (\"t\"),\n  CONSTRAINT \"x\" FOREIGN KEY (\"id\") \
                     REFERENCES \"b\" (\"id\")\n) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='c'\n/*!50100 PARTITION BY HASH (id) */";
        let kept = "(\"id\" int NOT NULL, \"t\" text DEFAULT ',', PRIMARY KEY (\"id\"), KEY \"k\" (\"id\")) ENGINE=InnoDB \
                    DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";
        assert_eq!(definition(shown).as_deref(), Some(kept));
        assert_eq!(definition("CREATE ALGORITHM=UNDEFINED VIEW \"v\" AS select 1"), None);
    }
}
