//! The numbers of all nodes, as records of their database.

use std::sync::Arc;

use bistro_problem::Problem;

use super::bucket::Bucket;
use super::memory::judge;
use crate::data::{Data, Tx};

/// Where the records lie.
const SPACE: &str = "limits";

/// Counts an event under each of the buckets, or under none of them, in a transaction of its own: what is counted stays
/// counted whatever becomes of the request. The inner error is the bucket that is full, and the microseconds to wait.
pub(super) async fn count(
    data: &Data,
    buckets: Arc<[Bucket]>,
    now: i64,
) -> Result<Result<(), (usize, i64)>, Problem> {
    data.transact(
        now,
        Box::new(move |tx| {
            Box::pin(async move {
                let full = read(tx, &buckets).await?;
                let mut each = full.iter().copied();
                match judge(&buckets, now, |_| each.next().flatten()) {
                    Ok(next) => write(tx, &buckets, &next).await.map(Ok),
                    Err(refused) => Ok(Err(refused)),
                }
            })
        }),
    )
    .await
}

/// Undoes a count.
pub(super) async fn take_back(data: &Data, buckets: Arc<[Bucket]>, now: i64) -> Result<(), Problem> {
    data.transact(
        now,
        Box::new(move |tx| {
            Box::pin(async move {
                let full = read(tx, &buckets).await?;
                let back =
                    |(bucket, full): (&Bucket, Option<i64>)| bucket.rate.take_back(full.unwrap_or(now));
                let next: Vec<i64> = buckets.iter().zip(full).map(back).collect();
                write(tx, &buckets, &next).await
            })
        }),
    )
    .await
}

/// The numbers of the buckets. They come in the order of their keys: whoever reads a record keeps others from it until the
/// end, and two who took them in different orders would wait for each other.
async fn read(tx: &mut Tx<'_>, buckets: &[Bucket]) -> Result<Vec<Option<i64>>, Problem> {
    let mut full = Vec::with_capacity(buckets.len());
    for bucket in buckets {
        let record = tx.record_get(SPACE, &bucket.name()).await?;
        full.push(record.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes));
    }
    Ok(full)
}

async fn write(tx: &mut Tx<'_>, buckets: &[Bucket], next: &[i64]) -> Result<(), Problem> {
    for (bucket, full) in buckets.iter().zip(next) {
        tx.record_put(SPACE, &bucket.name(), &full.to_be_bytes(), *full).await?;
    }
    Ok(())
}
