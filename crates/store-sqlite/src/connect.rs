//! Connections: how each is opened and tuned.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bistro_store::{StoreError, StoreErrorKind};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::from_driver;
use crate::functions;
use crate::watch::{STEPS, Watch};

/// Where the database is and how it is read.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) path: PathBuf,
    pub(crate) mmap: bool,
    /// Whether the file is Bistro's: it may be made, and is written with a write-ahead log.
    pub(crate) managed: bool,
}

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 192;
/// Bytes of the file that readers map. A mapped page is set up anew at each visit, so that looking at every cell of it
/// (`cell_size_check`) would triple the cost of a read; the writer looks.
const MAPPED: u64 = 1 << 30;

/// Refuses SQLite versions that lose data: before 3.51.3 (WAL reset), and 3.52.0 (withdrawn).
pub(crate) fn check_version() -> Result<(), StoreError> {
    let version = rusqlite::version_number();
    if version >= 3_051_003 && version != 3_052_000 {
        return Ok(());
    }
    let text =
        format!("SQLite {} can lose data; build with 3.51.3 or newer, not 3.52.0", rusqlite::version());
    Err(StoreError::new(StoreErrorKind::Unsupported("this version of SQLite"), text))
}

impl Site {
    /// Opens a connection that only reads.
    pub(crate) fn reader(&self) -> Result<(Connection, Watch), StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let (conn, watch) = open(&self.path, flags)?;
        let mapped = if self.mmap && cfg!(target_pointer_width = "64") { MAPPED } else { 0 };
        let cache = if mapped > 0 { 512 } else { 8_192 };
        let tuning =
            format!("PRAGMA query_only = ON; PRAGMA mmap_size = {mapped}; PRAGMA cache_size = -{cache};");
        conn.execute_batch(&tuning).map_err(from_driver)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok((conn, watch))
    }

    /// Lets the file be written with a write-ahead log, which is noted in the file.
    fn log_ahead(&self, conn: &Connection) -> Result<(), StoreError> {
        let mode: String =
            conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(from_driver)?;
        if mode.eq_ignore_ascii_case("wal") {
            return Ok(());
        }
        let text =
            format!("{} cannot be used with a write-ahead log (journal mode {mode})", self.path.display());
        Err(StoreError::new(StoreErrorKind::Unavailable, text))
    }

    /// Opens the connection that writes, and makes the file if there is none. It never maps the file.
    pub(crate) fn writer(&self) -> Result<(Connection, Watch), StoreError> {
        let make = if self.managed { OpenFlags::SQLITE_OPEN_CREATE } else { OpenFlags::empty() };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | make;
        let (conn, watch) = open(&self.path, flags)?;
        if self.managed {
            self.log_ahead(&conn)?;
        }
        let tuning = "PRAGMA cell_size_check = ON; PRAGMA synchronous = FULL; PRAGMA mmap_size = 0; PRAGMA cache_size = -4096; \
                      PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 67108864;";
        conn.execute_batch(tuning).map_err(from_driver)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok((conn, watch))
    }
}

/// Opens a connection with the functions of ours, and the watch over what runs on it.
fn open(path: &Path, flags: OpenFlags) -> Result<(Connection, Watch), StoreError> {
    let mut conn = Connection::open_with_flags(path, flags).map_err(from_driver)?;
    conn.busy_timeout(Duration::from_secs(5)).map_err(from_driver)?;
    let settings = [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true),
        // One text has one plan: bound values never bring about another, nor the time to find it.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
    ];
    for (setting, on) in settings {
        conn.set_db_config(setting, on).map_err(from_driver)?;
    }
    conn.execute_batch("PRAGMA temp_store = MEMORY;").map_err(from_driver)?;
    let watch = Watch::new();
    functions::register(&conn, &watch).map_err(from_driver)?;
    let eye = watch.clone();
    conn.progress_handler(STEPS, Some(move || eye.look())).map_err(from_driver)?;
    Ok((conn, watch))
}
