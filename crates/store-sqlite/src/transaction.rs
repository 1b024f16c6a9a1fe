//! An open transaction of the writer.

use std::future::ready;
use std::time::{Duration, Instant};

use bistro_schema::Value;
use bistro_store::store::Written;
use bistro_store::{Prepared, Sink, StoreError, Summary, Transaction};
use futures_util::future::BoxFuture;
use rusqlite::{Connection, OptionalExtension};

use crate::error::from_driver;
use crate::execute;
use crate::prepare::{Body, Program};
use crate::watch::{Allowance, Watch};

/// What a job works with. SQLite never waits here, so each call is done when it returns.
pub(crate) struct Open<'c> {
    pub(crate) conn: &'c mut Connection,
    pub(crate) watch: &'c Watch,
    pub(crate) deadline: Duration,
}

impl Open<'_> {
    fn start(&self) {
        self.watch.set(Allowance::Until(Instant::now() + self.deadline, None));
    }

    fn run(
        &mut self,
        prepared: &Prepared,
        binds: &[Value],
        sink: &mut dyn Sink,
    ) -> Result<Summary, StoreError> {
        let (query, _) = Program::of(prepared)?.query()?;
        self.start();
        execute::read(self.conn, self.watch, query, binds, sink)
    }

    fn change(&mut self, prepared: &Prepared, binds: &[Value]) -> Result<Written, StoreError> {
        let program = Program::of(prepared)?;
        let Body::Write(write) = &program.body else {
            return Err(StoreError::bug("a read was asked to write"));
        };
        self.start();
        execute::write(self.conn, &program.schema, write, binds)
    }

    fn get(&mut self, space: &str, key: &str, now: i64) -> Result<Option<Vec<u8>>, StoreError> {
        // Each look takes some of what has expired along, so that the table stays small.
        let purge = "DELETE FROM bistro_records WHERE (space, key) IN \
                     (SELECT space, key FROM bistro_records WHERE expires <= ?1 LIMIT 16)";
        self.conn.prepare_cached(purge).and_then(|mut s| s.execute([now])).map_err(from_driver)?;
        let sql = "SELECT value FROM bistro_records WHERE space = ?1 AND key = ?2 AND expires > ?3";
        let mut statement = self.conn.prepare_cached(sql).map_err(from_driver)?;
        statement.query_row((space, key, now), |row| row.get(0)).optional().map_err(from_driver)
    }

    fn put(&mut self, space: &str, key: &str, value: &[u8], expires: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO bistro_records (space, key, value, expires) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (space, key) DO UPDATE SET value = excluded.value, expires = excluded.expires";
        let mut statement = self.conn.prepare_cached(sql).map_err(from_driver)?;
        statement.execute((space, key, value, expires)).map_err(from_driver)?;
        Ok(())
    }
}

impl Transaction for Open<'_> {
    fn read<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
        sink: &'a mut dyn Sink,
    ) -> BoxFuture<'a, Result<Summary, StoreError>> {
        Box::pin(ready(self.run(prepared, binds, sink)))
    }

    fn write<'a>(
        &'a mut self,
        prepared: &'a Prepared,
        binds: &'a [Value],
    ) -> BoxFuture<'a, Result<Written, StoreError>> {
        Box::pin(ready(self.change(prepared, binds)))
    }

    fn record_get<'a>(
        &'a mut self,
        space: &'a str,
        key: &'a str,
        now: i64,
    ) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(ready(self.get(space, key, now)))
    }

    fn record_put<'a>(
        &'a mut self,
        space: &'a str,
        key: &'a str,
        value: &'a [u8],
        expires: i64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(ready(self.put(space, key, value, expires)))
    }
}
