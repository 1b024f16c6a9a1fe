//! Servers that repeat what the first one writes.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use bistro_ir::Expr;
use bistro_schema::Value;
use bistro_store::StoreErrorKind;
use bistro_store_postgres::Options;
use bistro_testkit::{Database, Engine, Server, Settings};

use crate::fixture::{Fixture, eventually, open, text};

const SCHEMA: &str = "type Item @model { id: Int! @id  name: String! }";

/// A server that repeats another: its folder is filled with a copy of that one's.
fn standby(primary: &Server) -> Server {
    let standby = Server::start(Engine::Postgres, &Settings::default()).unwrap();
    let folder = PathBuf::from(standby.sql("SHOW data_directory").unwrap().trim());
    let owner = std::fs::metadata(&folder).unwrap();
    standby.stop().unwrap();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap()
        } else {
            std::fs::remove_file(path).unwrap()
        }
    }
    let url = primary.url();
    let mut copy = Command::new(program());
    copy.args(["-R", "-X", "stream", "-c", "fast", "-d", &url, "-D"]).arg(&folder);
    let copied = copy.output().unwrap();
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    give(&folder, owner.uid(), owner.gid());
    standby.resume().unwrap();
    standby
}

/// The server's program for copies, which is not always on the path.
fn program() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|v| v.path().join("bin/pg_basebackup")).find(|p| p.exists());
    found.unwrap_or_else(|| "pg_basebackup".into())
}

fn give(path: &Path, user: u32, group: u32) {
    chown(path, Some(user), Some(group)).unwrap();
    if path.is_dir() && !path.is_symlink() {
        std::fs::read_dir(path).unwrap().for_each(|e| give(&e.unwrap().path(), user, group));
    }
}

#[test]
fn reads_go_to_replicas_that_have_all_that_was_written_here() {
    // Acknowledged writes are written out, as they are on a server that people use.
    let settings = Settings { durable: true, ..Settings::default() };
    let primary = Server::start(Engine::Postgres, &settings).unwrap();
    let first = Fixture::on(Database::on(&primary).unwrap(), SCHEMA, Options::default());
    let standby = standby(&primary);
    let url = standby.url_of(first.database.name());
    let error = open(&url, &first.schema, Options::default()).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Unavailable);
    assert!(error.cause.contains("only repeats"), "{}", error.cause);
    let options = Options { replicas: vec![url], readers: 1, ..Options::default() };
    let store = open(&first.database.url(), &first.schema, options).unwrap();
    let fixture = Fixture { store, ..first };
    let count = || fixture.column(fixture.select("Item", &["id"], Expr::TRUE), &[]).len();
    // When a read of the items began there last.
    let read_at = || {
        let sql = "SELECT max(query_start) FROM pg_stat_activity WHERE query LIKE 'SELECT t0.%'";
        standby.sql(sql).unwrap().trim().to_owned()
    };
    eventually("reads reach the replica", || {
        count();
        !read_at().is_empty()
    });
    // Each write is seen by the read after it, wherever that goes.
    for n in 1..=50 {
        fixture.insert("Item", &[("name", text("x"))]).unwrap();
        assert_eq!(count(), n);
    }
    let before = read_at();
    eventually("the replica has caught up and reads reach it again", || {
        assert_eq!(count(), 50);
        read_at() > before
    });
    // One that does not get on is passed over.
    standby.pause().unwrap();
    fixture.insert("Item", &[("name", text("y"))]).unwrap();
    assert_eq!(count(), 51);
    standby.unpause().unwrap();
    standby.stop().unwrap();
    for _ in 0..20 {
        assert_eq!(count(), 51);
    }
    assert_eq!(fixture.column(fixture.select("Item", &["id"], Expr::TRUE), &[])[0], Value::Int(1));
}
