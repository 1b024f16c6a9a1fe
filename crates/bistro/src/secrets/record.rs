//! The secrets as a record of the database: one text, read and changed inside one transaction.

use std::sync::{Arc, Mutex, PoisonError};

use bistro_auth::{AuthError, Secrets};
use bistro_store::{Job, Record, Store, StoreError, Transaction};

use crate::clock::now_us;
use crate::error::Failure;

/// The space of records that hold the project's own state.
const SPACE: &str = "bistro";
const KEY: &str = "secrets";

/// Whether a record is that of the secrets.
pub(crate) fn is_secrets(record: &Record) -> bool {
    record.space == SPACE && record.key == KEY
}

/// What a change came to.
type Made<T> = Result<(T, Secrets), AuthError>;

/// Changes the record, which is `first` where there is none.
pub(crate) async fn update<T: Send + 'static>(
    store: &Arc<dyn Store>,
    first: Secrets,
    change: impl FnOnce(&mut Secrets) -> Result<T, AuthError> + Send + 'static,
) -> Result<(T, Secrets), Failure> {
    let made: Arc<Mutex<Option<Made<T>>>> = Arc::default();
    let put = Arc::clone(&made);
    let job: Job = Box::new(move |tx| {
        Box::pin(async move {
            let ended = run(tx, first, change).await?;
            let failed = ended.is_err();
            *put.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
            if failed { Err(StoreError::rolled_back()) } else { Ok(()) }
        })
    });
    let ended = store.transact(job).await;
    let made = made.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (made, ended) {
        (Some(Err(refused)), _) => Err(refused.into()),
        (Some(Ok(made)), Ok(())) => Ok(made),
        (_, Err(error)) => Err(lost(&error)),
        (None, Ok(())) => Err(lost(&StoreError::bug("a change of the keys ended without a result"))),
    }
}

async fn run<T>(
    tx: &mut dyn Transaction,
    first: Secrets,
    change: impl FnOnce(&mut Secrets) -> Result<T, AuthError>,
) -> Result<Made<T>, StoreError> {
    let kept = tx.record_get(SPACE, KEY, now_us()).await?;
    let was = kept.as_deref().map(Secrets::parse).transpose();
    let changed = was.and_then(|was| {
        let mut secrets = was.unwrap_or(first);
        change(&mut secrets).map(|told| (told, secrets))
    });
    if let Ok((_, secrets)) = &changed {
        let text = secrets.text();
        if kept.as_deref() != Some(text.as_bytes()) {
            tx.record_put(SPACE, KEY, text.as_bytes(), i64::MAX).await?;
        }
    }
    Ok(changed)
}

fn lost(error: &StoreError) -> Failure {
    Failure::Data { place: "with the keys".into(), message: error.cause.clone() }
}
