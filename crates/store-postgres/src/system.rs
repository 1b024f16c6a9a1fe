//! Bistro's own tables: made and brought up to date at the start, by one node while the others wait.

use bistro_store::{StoreError, StoreErrorKind};
use bistro_store_sql::ddl;
use tokio_postgres::{Client, Error};

use crate::error::from_driver;
use crate::execute::Trouble;
use crate::link::{Link, Text};
use crate::prepare::POSTGRES;
use crate::records::ask;

/// The format of Bistro's own tables.
const FORMAT: u32 = 1;
/// The number of the lock under which they are changed.
const LOCK: i64 = 0x6269_7374_726f_0002;

/// Makes the tables where they are missing or older, and refuses those of a newer version.
pub(crate) async fn found(link: &Link) -> Result<(), StoreError> {
    let client = link.client();
    if current(client).await? {
        return Ok(());
    }
    let made = make(client).await;
    if made.is_err() {
        let _ = client.batch_execute("ROLLBACK").await;
    }
    made
}

async fn make(client: &Client) -> Result<(), StoreError> {
    let failed = |error: &Error, sql: &str| {
        let mut error = from_driver(error);
        error.cause = format!("{} in: {sql}", error.cause);
        error
    };
    // Not under the deadline: another node may be at it.
    let begin = format!("BEGIN; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({LOCK})");
    client.batch_execute(&begin).await.map_err(|e| failed(&e, &begin))?;
    if !current(client).await? {
        for sql in ddl::system(POSTGRES) {
            client.batch_execute(&sql).await.map_err(|e| failed(&e, &sql))?;
        }
        keep(client, "format", &FORMAT.to_string()).await.map_err(|e| from_driver(&e))?;
    }
    client.batch_execute("COMMIT").await.map_err(|e| from_driver(&e))
}

/// Whether the tables are of this version.
async fn current(client: &Client) -> Result<bool, StoreError> {
    let format = format(client).await.map_err(|e| from_driver(&e))?;
    let Some(text) = format else { return Ok(false) };
    match text.parse::<u32>() {
        Ok(format) if format > FORMAT => {
            let text = format!(
                "the database has format {format}, this Bistro knows {FORMAT}: start a newer Bistro on it"
            );
            Err(StoreError::new(StoreErrorKind::Unavailable, text))
        }
        Ok(format) => Ok(format == FORMAT),
        Err(_) => Err(StoreError::bug(format!("the database's format is {text:?}"))),
    }
}

async fn format(client: &Client) -> Result<Option<String>, Error> {
    let there = client.query_one("SELECT to_regclass('bistro_meta') IS NOT NULL", &[]).await?;
    if !there.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    let row = client.query_opt("SELECT value FROM bistro_meta WHERE key = 'format'", &[]).await?;
    row.map(|r| r.try_get(0)).transpose()
}

/// What is kept under a name.
pub(crate) async fn kept(link: &Link, key: &str) -> Result<Option<String>, Trouble> {
    let text = Text::new("SELECT value FROM bistro_meta WHERE key = $1");
    let rows = ask(link, &text, &[&key]).await?;
    Ok(rows.first().map(|r| r.try_get(0)).transpose()?)
}

/// Keeps a text under a name.
pub(crate) async fn keep(client: &Client, key: &str, value: &str) -> Result<(), Error> {
    let sql = "INSERT INTO bistro_meta (key, value) VALUES ($1, $2) \
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    client.execute(sql, &[&key, &value]).await.map(drop)
}

/// Records what tables follow from now on; nothing, if the text is empty.
pub(crate) async fn keep_schema(client: &Client, record: &str, text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return client.execute("DELETE FROM bistro_meta WHERE key = $1", &[&record]).await.map(drop);
    }
    keep(client, record, text).await
}
