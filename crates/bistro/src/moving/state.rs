//! How far a move has come: a record on the target, written together with each batch of rows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

use bistro_store::{Record, Store, StoreError};
use serde::{Deserialize, Serialize};

use super::canon::Checksum;

/// Whose record it is.
pub(super) const SPACE: &str = "bistro_move";
const KEY: &str = "state";

/// A move under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// Where the rows come from, for people.
    pub(super) from: String,
    /// The hash of the schema's text.
    pub(super) schema: String,
    /// Whether the tables are made.
    pub(super) made: bool,
    /// The tables that were begun.
    pub(super) tables: BTreeMap<String, Done>,
}

/// What of a table is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Done {
    /// Rows.
    pub(super) rows: u64,
    /// The sum of their hashes, in hexadecimal.
    sum: String,
    /// Whether these are all.
    pub(super) whole: bool,
}

impl Done {
    /// The checksum of the rows as they were read.
    pub(super) fn checksum(&self) -> Checksum {
        Checksum { rows: self.rows, sum: u128::from_str_radix(&self.sum, 16).unwrap_or(0) }
    }

    /// So much is there.
    pub(super) fn of(checksum: Checksum, whole: bool) -> Self {
        Self { rows: checksum.rows, sum: format!("{:x}", checksum.sum), whole }
    }
}

impl State {
    /// The state as a record.
    pub(super) fn record(&self) -> Record {
        let value = serde_json::to_vec(self).expect("a state has a JSON form");
        Record { space: SPACE.into(), key: KEY.into(), value, expires: i64::MAX }
    }

    /// The state that a store holds.
    pub(super) async fn find(store: &Arc<dyn Store>) -> Result<Option<Self>, StoreError> {
        let found = Arc::new(Mutex::new(None));
        let out = Arc::clone(&found);
        let job = store.transact(Box::new(move |transaction| {
            Box::pin(async move {
                let value = transaction.record_get(SPACE, KEY, 0).await?;
                *out.lock().unwrap_or_else(PoisonError::into_inner) = value;
                Ok(())
            })
        }));
        job.await?;
        let value = found.lock().unwrap_or_else(PoisonError::into_inner).take();
        let bad =
            |e: serde_json::Error| StoreError::bug(format!("the record of the move cannot be read: {e}"));
        value.map(|v| serde_json::from_slice(&v).map_err(bad)).transpose()
    }
}

/// Keeps records in one transaction.
pub(super) async fn keep(store: &Arc<dyn Store>, records: Vec<Record>) -> Result<(), StoreError> {
    let job = store.transact(Box::new(move |transaction| {
        Box::pin(async move {
            for Record { space, key, value, expires } in &records {
                transaction.record_put(space, key, value, *expires).await?;
            }
            Ok(())
        })
    }));
    job.await
}

/// Forgets the move.
pub(super) async fn forget(store: &Arc<dyn Store>) -> Result<(), StoreError> {
    let gone = Record { space: SPACE.into(), key: KEY.into(), value: Vec::new(), expires: 0 };
    keep(store, vec![gone]).await?;
    // A look takes what has expired along.
    let look = store.transact(Box::new(move |transaction| {
        Box::pin(async move { transaction.record_get(SPACE, KEY, 1).await.map(drop) })
    }));
    look.await
}
