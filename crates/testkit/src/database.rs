//! Fresh, empty databases for tests.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::engine::Engine;
use crate::server::{Fault, Server, Settings};

/// An empty database; dropped with the value.
#[derive(Debug)]
pub struct Database {
    engine: Engine,
    server: String,
    name: String,
    ending: &'static str,
}

/// A database on PostgreSQL: of the server in `BISTRO_TEST_POSTGRES_URL`, or of one that this process starts.
///
/// # Panics
/// If there is no server to be had; with the line that installs it.
#[track_caller]
pub fn postgres() -> Database {
    of(Engine::Postgres)
}

/// A database on MariaDB: of the server in `BISTRO_TEST_MYSQL_URL`, or of one that this process starts.
///
/// # Panics
/// If there is no server to be had; with the line that installs it.
#[track_caller]
pub fn mysql() -> Database {
    of(Engine::MySql)
}

/// A database on the CockroachDB in `BISTRO_TEST_COCKROACH_URL`; `None` without it.
///
/// # Panics
/// If the server refuses.
pub fn cockroach() -> Option<Database> {
    elsewhere(Engine::Postgres, "BISTRO_TEST_COCKROACH_URL", " CASCADE")
}

/// A database on the YugabyteDB in `BISTRO_TEST_YUGABYTE_URL`; `None` without it.
///
/// # Panics
/// If the server refuses.
pub fn yugabyte() -> Option<Database> {
    elsewhere(Engine::Postgres, "BISTRO_TEST_YUGABYTE_URL", "")
}

/// A database on the MySQL 8 in `BISTRO_TEST_MYSQL8_URL`; `None` without it.
///
/// # Panics
/// If the server refuses.
pub fn mysql8() -> Option<Database> {
    elsewhere(Engine::MySql, "BISTRO_TEST_MYSQL8_URL", "")
}

#[track_caller]
fn of(engine: Engine) -> Database {
    // Tests must not be able to go on without their server, and say nothing.
    server_url(engine)
        .and_then(|url| Database::new(engine, url, engine.drop_ending()))
        .unwrap_or_else(|fault| panic!("{fault}"))
}

fn elsewhere(engine: Engine, variable: &str, ending: &'static str) -> Option<Database> {
    let url = std::env::var(variable).ok().filter(|url| !url.is_empty())?;
    Some(Database::new(engine, url, ending).unwrap_or_else(|fault| panic!("{variable}: {fault}")))
}

/// The server that this process uses.
fn server_url(engine: Engine) -> Result<String, Fault> {
    static OURS: [OnceLock<Result<Server, Fault>>; 2] = [OnceLock::new(), OnceLock::new()];
    if let Some(url) = std::env::var(engine.variable()).ok().filter(|url| !url.is_empty()) {
        return Ok(url);
    }
    let ours = OURS[engine as usize].get_or_init(|| Server::start(engine, &Settings::default()));
    ours.as_ref().map(Server::url).map_err(Clone::clone)
}

impl Database {
    /// A database on the server behind `server`, the address of any database there.
    ///
    /// # Errors
    /// The server refuses, or does not answer.
    pub fn on(server: &Server) -> Result<Self, Fault> {
        Self::new(server.engine(), server.url(), server.engine().drop_ending())
    }

    fn new(engine: Engine, server: String, ending: &'static str) -> Result<Self, Fault> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("bistro_test_{}_{count}", std::process::id());
        // Others may be copying the usual template at this moment, which locks it.
        let options = if ending == Engine::Postgres.drop_ending() { " TEMPLATE template0" } else { "" };
        // A process of the same number may have been killed.
        let text = format!("DROP DATABASE IF EXISTS {name};\nCREATE DATABASE {name}{options}");
        engine.sql(&server, &text)?;
        Ok(Self { engine, server, name, ending })
    }

    /// Another empty one on the same server.
    ///
    /// # Errors
    /// The server refuses, or does not answer.
    pub fn another(&self) -> Result<Self, Fault> {
        Self::new(self.engine, self.server.clone(), self.ending)
    }

    /// Its address, with account and password.
    pub fn url(&self) -> String {
        self.url_at(None)
    }

    /// Its address by way of another port of this machine, such as a [`crate::Proxy`]'s.
    pub fn url_by(&self, port: u16) -> String {
        self.url_at(Some(port))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which engine it lies in.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Runs SQL in it with the server's own client; what that printed, columns divided by tabs or bars.
    ///
    /// # Errors
    /// The server refused; with its words.
    pub fn sql(&self, text: &str) -> Result<String, Fault> {
        self.engine.sql(&self.url(), text)
    }

    fn url_at(&self, port: Option<u16>) -> String {
        let (scheme, rest) = self.server.split_once("://").unwrap_or(("", &self.server));
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let place = rest.split_once('/').map_or(rest, |(place, _)| place);
        let who = place.rsplit_once('@').map(|(who, _)| format!("{who}@")).unwrap_or_default();
        let place = port.map_or_else(|| place.to_owned(), |port| format!("{who}127.0.0.1:{port}"));
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        format!("{scheme}://{place}/{}{query}", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let text = format!("DROP DATABASE IF EXISTS {}{}", self.name, self.ending);
        // The server may have been stopped by the test; one of our own is removed as a whole.
        let _ = self.engine.sql(&self.server, &text);
    }
}
