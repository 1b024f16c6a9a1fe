//! Records of Bistro's own inside a transaction.

use std::sync::LazyLock;

use futures_util::TryStreamExt;
use futures_util::future::try_join3;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use crate::link::{Link, Text};

/// Whoever asks for a record first is the only one until its transaction ends. A statement of its own: the next one then
/// sees what the one before committed.
static LOCK: LazyLock<Text> = LazyLock::new(|| Text::new("SELECT pg_advisory_xact_lock($1)"));
/// Each look takes some of what has expired along, so that the table stays small; never waiting for others.
static PURGE: LazyLock<Text> = LazyLock::new(|| {
    Text::new(
        "DELETE FROM bistro_records WHERE (space, key) IN (SELECT space, key FROM bistro_records \
         WHERE expires <= $1 LIMIT 16 FOR UPDATE SKIP LOCKED)",
    )
});
static GET: LazyLock<Text> = LazyLock::new(|| {
    Text::new("SELECT value FROM bistro_records WHERE space = $1 AND key = $2 AND expires > $3")
});
static PUT: LazyLock<Text> = LazyLock::new(|| {
    Text::new(
        "INSERT INTO bistro_records (space, key, value, expires) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (space, key) DO UPDATE SET value = excluded.value, expires = excluded.expires",
    )
});

/// Runs a text and answers its rows.
pub(crate) async fn ask(link: &Link, text: &Text, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
    let ready = link.prepare(text).await?;
    let params = params.iter().copied();
    link.client().query_raw(&ready.statement, params).await?.try_collect().await
}

/// A record that has not expired, kept from all others until the transaction ends.
pub(crate) async fn get(link: &Link, space: &str, key: &str, now: i64) -> Result<Option<Vec<u8>>, Error> {
    let number = hash(space, key);
    // In the order in which they are polled first, which is that of sending; preparing would disturb it.
    for text in [&*LOCK, &*PURGE, &*GET] {
        link.prepare(text).await?;
    }
    let (number, at): ([&(dyn ToSql + Sync); 1], [&(dyn ToSql + Sync); 1]) = ([&number], [&now]);
    let of: [&(dyn ToSql + Sync); 3] = [&space, &key, &now];
    let (_, _, rows) =
        try_join3(ask(link, &LOCK, &number), ask(link, &PURGE, &at), ask(link, &GET, &of)).await?;
    rows.first().map(|row| row.try_get(0)).transpose()
}

/// Keeps a record, replacing one of the same key.
pub(crate) async fn put(
    link: &Link,
    space: &str,
    key: &str,
    value: &[u8],
    expires: i64,
) -> Result<(), Error> {
    ask(link, &PUT, &[&space, &key, &value, &expires]).await.map(drop)
}

/// FNV-1a: nodes of different builds must agree on it.
fn hash(space: &str, key: &str) -> i64 {
    let bytes = space.bytes().chain([0]).chain(key.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
        as i64
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn the_number_of_a_record_never_changes() {
        assert_eq!(hash("", ""), 0xaf63_bd4c_8601_b7df_u64 as i64);
        assert_ne!(hash("a", "bc"), hash("ab", "c"));
    }
}
