//! Whole tables at once: binary copies, with foreign keys and plain indexes put aside until all rows are there.

use std::borrow::Cow;
use std::pin::pin;
use std::sync::Arc;

use bistro_schema::{FieldKind, Schema, Type, Value};
use bistro_store::{Load, Loading, Record, StoreError, StoreErrorKind};
use futures_util::future::BoxFuture;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::{Client, Error, types};

use crate::encode::Param;
use crate::error::{Verb, Writing, from_driver, from_write, lost};
use crate::link::Link;
use crate::pool::Lease;
use crate::prepare::POSTGRES;
use crate::records;
use crate::server::Server;

/// What is put aside, as the statements that bring it back; in a table, so that an interruption loses nothing.
const ASIDE: &str = "CREATE TABLE IF NOT EXISTS bistro_set_aside (at serial PRIMARY KEY, sql text NOT NULL)";
/// Indexes that no constraint needs, and the statement that drops each.
const INDEXES: &str = "SELECT pg_get_indexdef(i.indexrelid), format('DROP INDEX %s', i.indexrelid::regclass) \
     FROM pg_index i WHERE i.indrelid = ANY ($1::text[]::regclass[]) AND NOT i.indisunique \
     ORDER BY i.indexrelid";
const FOREIGN_KEYS: &str = "SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, \
     pg_get_constraintdef(oid)), format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) \
     FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY ($1::text[]::regclass[]) ORDER BY oid";
const COUNTER: &str = "SELECT pg_get_serial_sequence($1, $2)";

/// Puts rows in, in a transaction of their own.
pub(crate) async fn load(server: Arc<Server>, schema: Arc<Schema>, load: Load) -> Result<(), StoreError> {
    let lease = begun(&server).await?;
    let filled = fill(&lease, schema.ty(load.ty), &load).await;
    let writing = Writing { schema: &schema, ty: load.ty, verb: Verb::Insert };
    ended(lease, filled, |e| from_write(e, writing)).await
}

async fn fill(link: &Link, ty: &Type, load: &Load) -> Result<(), Error> {
    copy(link.client(), ty, load).await?;
    match &load.record {
        None => Ok(()),
        Some(Record { space, key, value, expires }) => records::put(link, space, key, value, *expires).await,
    }
}

async fn copy(client: &Client, ty: &Type, load: &Load) -> Result<(), Error> {
    let table = POSTGRES.quote(&ty.collection);
    let names: Vec<String> = load.fields.iter().map(|f| POSTGRES.quote(&ty.field(*f).column)).collect();
    let names = names.join(", ");
    let look = client.prepare(&format!("SELECT {names} FROM {table}")).await?;
    let columns: Vec<types::Type> = look.columns().iter().map(|c| c.type_().clone()).collect();
    let sink = client.copy_in(&format!("COPY {table} ({names}) FROM STDIN BINARY")).await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &columns));
    for row in &load.rows {
        writer.as_mut().write_raw(row.iter().map(given)).await?;
    }
    writer.finish().await.map(drop)
}

fn given(value: &Value) -> Param<'_> {
    Param::Value(Cow::Borrowed(value))
}

/// One of the two ends of the loading.
pub(crate) async fn loading(
    server: Arc<Server>,
    schema: Arc<Schema>,
    end: Loading,
) -> Result<(), StoreError> {
    let stored: Vec<&Type> = schema.types.iter().filter(|t| t.writable()).collect();
    let tables: Vec<String> = stored.iter().map(|t| POSTGRES.quote(&t.collection)).collect();
    let lease = begun(&server).await?;
    let client = lease.client();
    let done = match end {
        Loading::Begin => put_aside(client, &tables).await,
        Loading::End => bring_back(client, &stored, &tables).await,
    };
    ended(lease, done, broken).await
}

async fn put_aside(client: &Client, tables: &[String]) -> Result<(), Error> {
    client.batch_execute(ASIDE).await?;
    for wanted in [INDEXES, FOREIGN_KEYS] {
        for row in client.query(wanted, &[&tables]).await? {
            let (back, away): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            client.execute("INSERT INTO bistro_set_aside (sql) VALUES ($1)", &[&back]).await?;
            client.batch_execute(&away).await?;
        }
    }
    Ok(())
}

async fn bring_back(client: &Client, stored: &[&Type], tables: &[String]) -> Result<(), Error> {
    client.batch_execute("SET LOCAL statement_timeout = 0").await?;
    client.batch_execute(ASIDE).await?;
    for row in client.query("SELECT sql FROM bistro_set_aside ORDER BY at", &[]).await? {
        client.batch_execute(row.try_get(0)?).await?;
    }
    client.batch_execute("DROP TABLE bistro_set_aside").await?;
    for ty in stored {
        count_on(client, ty).await?;
    }
    if tables.is_empty() {
        return Ok(());
    }
    client.batch_execute(&format!("ANALYZE {}", tables.join(", "))).await
}

/// Sets the counter of a table's key above the greatest.
async fn count_on(client: &Client, ty: &Type) -> Result<(), Error> {
    for field in ty.fields.iter().filter(|f| f.kind == FieldKind::Counter) {
        let table = POSTGRES.quote(&ty.collection);
        let row = client.query_one(COUNTER, &[&table, &field.column]).await?;
        let Some(counter) = row.try_get::<_, Option<String>>(0)? else { continue };
        let column = POSTGRES.quote(&field.column);
        let set = format!(
            "SELECT setval({}, GREATEST(max({column}), 1), max({column}) >= 1) FROM {table} HAVING max({column}) IS NOT NULL",
            POSTGRES.text(&counter)
        );
        client.batch_execute(&set).await?;
    }
    Ok(())
}

/// An error at the end: what breaks a foreign key now was there before.
fn broken(error: &Error) -> StoreError {
    let mut error = from_driver(error);
    if matches!(error.kind, StoreErrorKind::ForeignKey(_)) {
        error.cause = format!("a row refers to one that is not there: {}", error.cause);
    }
    error
}

/// A connection with an open transaction.
async fn begun(server: &Arc<Server>) -> Result<Lease, StoreError> {
    let mut lease = server.writers.lease().await?;
    lease.begin();
    lease.client().batch_execute("BEGIN").await.map_err(|e| from_driver(&e))?;
    Ok(lease)
}

/// Commits, or takes back what was not done.
async fn ended(
    mut lease: Lease,
    done: Result<(), Error>,
    told: impl Fn(&Error) -> StoreError,
) -> Result<(), StoreError> {
    if let Err(error) = done {
        if !lost(&error) && lease.client().batch_execute("ROLLBACK").await.is_ok() {
            lease.end();
        }
        return Err(told(&error));
    }
    let committed = lease.client().batch_execute("COMMIT").await;
    if let Err(error) = committed {
        let StoreError { kind, cause } = from_driver(&error);
        let kind = if lost(&error) { StoreErrorKind::CommitUnknown } else { kind };
        return Err(StoreError::new(kind, cause));
    }
    lease.end();
    Ok(())
}

/// Records after one of this space and key.
pub(crate) fn records(
    server: Arc<Server>,
    after: Option<(String, String)>,
    most: u64,
) -> BoxFuture<'static, Result<Vec<Record>, StoreError>> {
    Box::pin(async move {
        let sql = "SELECT space, key, value, expires FROM bistro_records WHERE $1 OR (space, key) > ($2, $3) \
                   ORDER BY space, key LIMIT $4";
        let mut lease = server.writers.lease().await?;
        let (all, (space, key)) = (after.is_none(), after.unwrap_or_default());
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        lease.begin();
        let rows = lease.client().query(sql, &[&all, &space, &key, &most]).await;
        let rows = rows.map_err(|e| from_driver(&e))?;
        lease.end();
        let record = |row: &tokio_postgres::Row| -> Result<Record, Error> {
            let (space, key, value) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            Ok(Record { space, key, value, expires: row.try_get(3)? })
        };
        rows.iter().map(record).collect::<Result<_, _>>().map_err(|e| from_driver(&e))
    })
}
