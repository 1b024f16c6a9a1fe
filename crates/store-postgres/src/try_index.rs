//! What the planner would do with an index that is not there, asked of a sample of the table.
//!
//! The sample is a temporary table of the real one's name, which the name finds first, so that the statement is planned
//! as it is written. All of it happens in one transaction that is always rolled back.

use std::time::Duration;

use bistro_schema::{FieldId, Type, TypeId};
use bistro_store::{Prepared, StoreError, StoreErrorKind, Tried};
use bistro_store_sql::encode::Width;
use tokio_postgres::SimpleQueryMessage;

use crate::execute::Trouble;
use crate::explain::{self, Text};
use crate::link::Link;
use crate::prepare::{Level, POSTGRES, Program};
use crate::server::Server;
use crate::transaction::in_time;

/// The name of the index that is tried.
const TRIED: &str = "bistro_tried";
/// How many rows of the table are looked at.
const SAMPLE: u64 = 20_000;
/// With fewer rows than this a planner reads them all, whatever indexes there are.
const FEW: u64 = 500;
/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(5);
/// What is said of the plans over few rows.
const YOUNG: &str = "(the table has few rows: planned as if reading all of them were dear)";

/// Tries an index over these fields. Whatever ends it early, a dropped future included, costs the connection, and with
/// it goes the sample.
pub(crate) async fn try_index(
    server: &Server,
    prepared: &Prepared,
    ty: TypeId,
    fields: &[FieldId],
) -> Result<Tried, StoreError> {
    let program = Program::of(prepared)?;
    let level = program.reading()?.level(&program.schema, Width::NARROW)?;
    let ty = program.schema.ty(ty);
    let mut lease = server.writers.lease().await?;
    lease.begin();
    let work = async {
        let tried = attempt(&lease, level, ty, fields).await?;
        lease.client().batch_execute("ROLLBACK").await?;
        Ok(tried)
    };
    let tried = in_time(LIMIT, work).await.map_err(Trouble::into_error)?;
    lease.end();
    Ok(tried)
}

async fn attempt(link: &Link, level: &Level, ty: &Type, fields: &[FieldId]) -> Result<Tried, Trouble> {
    let begin = format!(
        "BEGIN; SET LOCAL statement_timeout = {0}; SET LOCAL lock_timeout = {0}; \
         SET LOCAL plan_cache_mode = force_generic_plan",
        LIMIT.as_millis()
    );
    link.client().batch_execute(&begin).await?;
    let few = sample(link, &ty.collection).await? < FEW;
    if few {
        link.client().batch_execute("SET LOCAL enable_seqscan = off").await?;
    }
    let before = plans(link, level, few).await?;
    let quote = |name: &str| POSTGRES.quote(name);
    let columns: Vec<String> = fields.iter().map(|f| quote(&ty.field(*f).column)).collect();
    let (table, columns) = (quote(&ty.collection), columns.join(", "));
    let sql = format!("CREATE INDEX {TRIED} ON pg_temp.{table} ({columns}); ANALYZE pg_temp.{table}");
    link.client().batch_execute(&sql).await?;
    let after = plans(link, level, few).await?;
    let used = after.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == TRIED);
    Ok(Tried { used, before, after })
}

/// Makes the sample in the real table's place; answers how many rows it has.
async fn sample(link: &Link, name: &str) -> Result<u64, Trouble> {
    // As the search path finds it.
    let find = "SELECT n.nspname::text, c.relkind::text, c.reltuples::float8, c.reltuples > $2 \
                FROM unnest(current_schemas(false)) WITH ORDINALITY AS s(name, at) \
                JOIN pg_namespace n ON n.nspname = s.name \
                JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $1 ORDER BY s.at LIMIT 1";
    let found = link.client().query_opt(find, &[&name, &(SAMPLE as f32)]).await?;
    let Some(found) = found else { return Err(untried(format!("there is no table {name:?}")).into()) };
    let (schema, kind): (&str, &str) = (found.try_get(0)?, found.try_get(1)?);
    if !matches!(kind, "r" | "p" | "m") {
        return Err(untried(format!("{name:?} is no table of rows, which could have an index")).into());
    }
    let rows: f64 = found.try_get(2)?;
    let some = match found.try_get(3)? {
        // Twice as much as is wanted, since the number is of the last count and pages are not equally full.
        true => format!("TABLESAMPLE SYSTEM ({:.6})", (200.0 * SAMPLE as f64 / rows).min(100.0)),
        false => String::new(),
    };
    let (table, real) =
        (POSTGRES.quote(name), format!("{}.{}", POSTGRES.quote(schema), POSTGRES.quote(name)));
    // Its columns are plain ones: what was calculated or counted is copied.
    let sql = format!(
        "CREATE TEMPORARY TABLE {table} (LIKE {real} INCLUDING ALL EXCLUDING COMMENTS EXCLUDING CONSTRAINTS \
         EXCLUDING DEFAULTS EXCLUDING GENERATED EXCLUDING IDENTITY) ON COMMIT DROP; \
         INSERT INTO pg_temp.{table} SELECT * FROM {real} {some} LIMIT {SAMPLE}; ANALYZE pg_temp.{table}; \
         SELECT set_config('search_path', concat_ws(', ', 'pg_temp', nullif(current_setting('search_path'), '')), true); \
         SELECT count(*) FROM pg_temp.{table}"
    );
    let answers = link.client().simple_query(&sql).await?;
    let count = answers.iter().rev().find_map(|m| match m {
        SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
        _ => None,
    });
    Ok(count.unwrap_or(0))
}

/// The plans of a level and of all that hangs on it, each indented below the one before.
async fn plans(link: &Link, level: &Level, few: bool) -> Result<String, Trouble> {
    let mut lines: Vec<String> = few.then(|| YOUNG.to_owned()).into_iter().collect();
    for Text { words, label, depth, .. } in explain::levels(level) {
        let pad = "  ".repeat(depth);
        lines.extend(explain::plan(link, words).await?.iter().map(|line| format!("{pad}{label}{line}")));
    }
    Ok(lines.join("\n"))
}

fn untried(cause: String) -> StoreError {
    StoreError::new(StoreErrorKind::Unsupported("an index on it"), cause)
}
