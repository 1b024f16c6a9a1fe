//! The right to change tables: an advisory lock on a connection of its own.

use std::time::Duration;

use bistro_store::{StoreError, StoreErrorKind, TablesLock};

use crate::error::from_driver;
use crate::link::Link;
use crate::server::Server;

/// The lock's number: "bistro" and a one, as bytes.
pub(crate) const TABLES: i64 = 0x6269_7374_726f_0001;

/// Holds the lock as long as its connection is open.
struct Held(Link);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.kill();
    }
}

/// Waits for the right, at most so long.
pub(crate) async fn tables(server: &Server, most: Duration) -> Result<TablesLock, StoreError> {
    let link = server.own().await?;
    let most = most.as_millis().clamp(1, i32::MAX as u128);
    let sql = format!(
        "SET lock_timeout = {most}; \
         SELECT set_config('idle_session_timeout', '0', false) WHERE current_setting('idle_session_timeout', true) IS NOT NULL; \
         SELECT pg_advisory_lock({TABLES})"
    );
    let held = Held(link);
    held.0.client().batch_execute(&sql).await.map_err(|error| {
        let mut error = from_driver(&error);
        if error.kind == StoreErrorKind::TimedOut {
            error.cause = "the tables are being changed by another node".into();
        }
        error
    })?;
    Ok(Box::new(held))
}
