//! The right to change tables: an advisory lock on a connection of its own, and another on the very connection that
//! migrates, which nobody has whose connection is gone.

use std::time::Duration;

use bistro_problem::Code;
use bistro_store::{StoreError, StoreErrorKind, TablesLock};
use tokio_postgres::Client;

use crate::error::from_driver;
use crate::link::Link;
use crate::server::Server;

/// The lock's number: "bistro" and a one, as bytes.
pub(crate) const TABLES: i64 = 0x6269_7374_726f_0001;
/// The number of the lock of the connection that migrates.
const MIGRATES: i64 = 0x6269_7374_726f_0002;
/// How often it is asked for, and the time between: the connection of a command that was killed has it until its statement
/// ends. Whoever has it for longer is at work.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

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

/// Takes the right for the connection that migrates. It never waits in the server: an index made while others write would
/// wait for who waits there.
pub(crate) async fn own(client: &Client) -> Result<(), StoreError> {
    let sql = "SELECT pg_try_advisory_lock($1)";
    for _ in 0..TRIES {
        let row = client.query_one(sql, &[&MIGRATES]).await.map_err(|e| from_driver(&e))?;
        if row.try_get(0).map_err(|e| from_driver(&e))? {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    let text = "another connection is migrating this database still: wait until it is done, or end it, and try again";
    Err(StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.into()), text))
}

/// Gives it back. Where that fails the connection is gone, and the right with it.
pub(crate) async fn give_back(client: &Client) {
    let _ = client.execute("SELECT pg_advisory_unlock($1)", &[&MIGRATES]).await;
}
