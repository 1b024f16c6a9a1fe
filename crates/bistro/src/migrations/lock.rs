//! One node changes the tables; others wait and then find it done.

use std::sync::Arc;
use std::time::Duration;

use bistro_store::{Store, StoreErrorKind, TablesLock};

use crate::error::Failure;
use crate::project::Project;
use crate::{tables, terminal};

/// How long to wait before it is said.
const QUIET: Duration = Duration::from_secs(2);
/// How long to wait at all.
const MOST: Duration = Duration::from_secs(600);

/// Waits for the right to change tables, and says so when it takes long; none where the store needs no such thing.
pub(crate) async fn take(project: &Project, store: &Arc<dyn Store>) -> Result<Option<TablesLock>, Failure> {
    let mut wait = std::pin::pin!(store.lock_tables(MOST));
    let taken = tokio::select! {
        taken = &mut wait => taken,
        () = tokio::time::sleep(QUIET) => {
            terminal::err(&format!(
                "another node changes the tables; waiting for it, {} minutes at most\n",
                MOST.as_secs() / 60
            ));
            wait.await
        }
    };
    match taken {
        Ok(lock) => Ok(Some(lock)),
        Err(error) if matches!(error.kind, StoreErrorKind::Unsupported(_)) => Ok(None),
        Err(error) if error.kind == StoreErrorKind::TimedOut => Err(Failure::Tables(format!(
            "another node has been changing the tables for {} minutes; see there, then try again",
            MOST.as_secs() / 60
        ))),
        Err(error) => Err(tables::data(project, &error)),
    }
}
