//! The right to change tables: one lock for who prepares and runs migrations, and one on the very connection that runs
//! them, which nobody has whose connection is gone.

use std::time::Duration;

use bistro_problem::Code;
use bistro_store::{StoreError, StoreErrorKind, TablesLock};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::task::JoinHandle;

use crate::error::from_driver;

/// How long the server keeps the lock of a node that says nothing.
const SILENT: u64 = 15;
/// The name of the lock of the connection that migrates.
const OWN: &str = "CONCAT('bistro:migrate:', LEFT(SHA2(DATABASE(), 256), 40))";

/// For how many seconds the connection that migrates waits for its lock: that of a command that was killed has it until its
/// statement ends. Whoever has it for longer is at work.
const WAIT: u64 = 5;

/// Takes the right for the connection that migrates.
pub(crate) async fn own(conn: &mut Conn) -> Result<(), StoreError> {
    let locked: Option<Option<i64>> =
        conn.query_first(format!("SELECT GET_LOCK({OWN}, {WAIT})")).await.map_err(from_driver)?;
    if locked.flatten() == Some(1) {
        return Ok(());
    }
    let text = "another connection is migrating this database still: wait until it is done, or end it, and try again";
    Err(StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, text.into()), text))
}

/// Gives it back. Where that fails the connection is gone, and the right with it.
pub(crate) async fn give_back(conn: &mut Conn) {
    let _ = conn.query_drop(format!("DO RELEASE_LOCK({OWN})")).await;
}

/// The right to change tables, as long as this lives.
struct Held(JoinHandle<()>);

impl Drop for Held {
    fn drop(&mut self) {
        // The connection goes with the task, and the lock with the connection.
        self.0.abort();
    }
}

/// Waits for the right to change the tables of this database. It hangs on a connection of its own, which the server ends
/// if nothing is heard of it.
pub(crate) async fn tables(mut conn: Conn, most: Duration) -> Result<TablesLock, StoreError> {
    let sql = "SELECT GET_LOCK(CONCAT('bistro:tables:', LEFT(SHA2(DATABASE(), 256), 40)), ?)";
    let locked: Option<Option<i64>> =
        conn.exec_first(sql, (most.as_secs_f64().ceil() as u64,)).await.map_err(from_driver)?;
    if locked.flatten() != Some(1) {
        return Err(StoreError::new(
            StoreErrorKind::TimedOut,
            "the tables are being changed by somebody else",
        ));
    }
    conn.query_drop(format!("SET wait_timeout = {SILENT}")).await.map_err(from_driver)?;
    let keeper = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(SILENT / 4)).await;
            if let Err(error) = conn.ping().await {
                tracing::warn!(%error, "the right to change tables was lost with its connection");
                return;
            }
        }
    });
    Ok(Box::new(Held(keeper)))
}
