//! A database of a server whose rows are put back as they were, which is faster than making a new one.

use std::fmt::Write as _;
use std::sync::OnceLock;

use bistro_testkit::{Database, Engine};

/// A database, and how its rows come back.
pub(crate) struct Server {
    database: Database,
    refill: OnceLock<String>,
}

impl Server {
    pub(crate) fn new(database: Database) -> Self {
        Self { database, refill: OnceLock::new() }
    }

    /// Keeps a copy of every row that is there now.
    pub(crate) fn remember(&self) {
        let refill = match self.database.engine() {
            Engine::Postgres => self.remember_postgres(),
            Engine::MySql => self.remember_mysql(),
        };
        self.refill.set(refill).expect("the rows are kept once");
    }

    /// Puts the kept rows back.
    pub(crate) fn refill(&self) {
        self.sql(self.refill.get().expect("the rows were kept"));
    }

    fn sql(&self, text: &str) -> String {
        self.database.sql(text).unwrap_or_else(|e| panic!("{e}"))
    }

    fn remember_postgres(&self) -> String {
        let tables = self.sql(
            "SELECT format('%I.%I', n.nspname, c.relname), format('kept.%I', n.nspname || '.' || c.relname), \
             (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute \
              WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' \
             AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'",
        );
        let mut keep = String::from("CREATE SCHEMA kept; ");
        // Foreign keys are looked at by triggers, which do not fire for a replica.
        let (mut empty, mut fill) = (Vec::new(), String::from("; SET session_replication_role = replica; "));
        for line in tables.lines() {
            let mut parts = line.splitn(3, '|');
            let [table, copy, columns] = std::array::from_fn(|_| parts.next().expect("three columns"));
            write!(keep, "CREATE TABLE {copy} AS SELECT {columns} FROM {table}; ").unwrap();
            empty.push(table);
            write!(fill, "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT * FROM {copy}; ")
                .unwrap();
        }
        self.sql(&keep);
        let counters = self.sql(
            "SELECT format('SELECT setval(%L, %s, %L)', format('%I.%I', schemaname, sequencename), \
             coalesce(last_value, start_value), last_value IS NOT NULL) FROM pg_sequences",
        );
        counters.lines().for_each(|line| fill.push_str(&format!("{line}; ")));
        // Not by DELETE: rows would come back in the holes that others have left, in another order.
        format!("TRUNCATE {}{fill}", empty.join(", "))
    }

    fn remember_mysql(&self) -> String {
        let tables = self.sql(
            "SET SESSION group_concat_max_len = 100000; SELECT t.table_name, coalesce(t.auto_increment, 0), \
             group_concat(concat('`', c.column_name, '`') ORDER BY c.ordinal_position) \
             FROM information_schema.tables t JOIN information_schema.columns c USING (table_schema, table_name) \
             WHERE t.table_schema = database() AND t.table_type = 'BASE TABLE' \
             AND coalesce(c.generation_expression, '') = '' GROUP BY t.table_name, t.auto_increment",
        );
        let mut keep = String::new();
        let mut empty = String::from("SET foreign_key_checks = 0; START TRANSACTION; ");
        let (mut fill, mut count) = (String::new(), String::from("COMMIT; "));
        for line in tables.lines() {
            let mut parts = line.splitn(3, '\t');
            let [table, next, columns] = std::array::from_fn(|_| parts.next().expect("three columns"));
            write!(keep, "CREATE TABLE `kept {table}` AS SELECT {columns} FROM `{table}`; ").unwrap();
            write!(empty, "DELETE FROM `{table}`; ").unwrap();
            write!(fill, "INSERT INTO `{table}` ({columns}) SELECT * FROM `kept {table}`; ").unwrap();
            if next != "0" {
                write!(count, "ALTER TABLE `{table}` AUTO_INCREMENT = {next}; ").unwrap();
            }
        }
        self.sql(&keep);
        empty + &fill + &count
    }
}
