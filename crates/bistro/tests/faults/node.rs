//! A database server of one's own, and nodes of Bistro on it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bistro_testkit::{Database, Engine, Server as Db, Settings};

use crate::harness::{Folder, Server};

/// Rows that say who wrote them.
pub(crate) const SCHEMA: &str = "type Note @model { id: Int! @id\n text: String! @length(max: 60) }\n";

/// A server whose commits are on the disk, and a database on it.
pub(crate) fn server(engine: Engine) -> (Db, Database) {
    let settings = Settings { durable: true, ..Settings::default() };
    let server = Db::start(engine, &settings).expect("the server starts");
    let database = Database::on(&server).expect("the server takes a database");
    (server, database)
}

/// A node of Bistro on the database at this URL.
pub(crate) fn node(url: &str, schema: &str) -> Server {
    let folder = Folder::with(schema);
    folder.write("bistro.toml", &format!("[database]\nurl = \"{url}\"\n\n[limits]\nstatement = 2\n"));
    Server::start(folder, &["serve"])
}

/// Waits until it holds; how long that took.
pub(crate) fn soon(what: &str, most: Duration, mut holds: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < most, "not within {most:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
    start.elapsed()
}

/// A text that no other row has.
pub(crate) fn unique(label: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{label}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// How often a text is stored, asked of the database itself.
pub(crate) fn stored(database: &Database, text: &str) -> u32 {
    let counted = database.sql(&format!("SELECT count(*) FROM notes WHERE text = '{text}'"));
    counted.expect("the server answers").parse().expect("a count")
}
