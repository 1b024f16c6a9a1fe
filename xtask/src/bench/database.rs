//! The database server that both contenders share, each with a database of its own.

use anyhow::{Context as _, Result};
use bistro_testkit::{Database, Server, Settings};

/// Where the rows lie.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// A file of each server's own.
    Sqlite,
    /// A PostgreSQL server from this computer's packages, durable.
    Postgres,
    /// A MySQL or MariaDB server, durable.
    Mysql,
}

impl Engine {
    /// The word of the command line.
    pub(super) fn word(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
            Engine::Mysql => "mysql",
        }
    }
}

/// A server that runs for the benchmark; gone with it.
pub(super) struct Shared {
    server: Option<Server>,
}

impl Shared {
    /// Starts what the engine needs: nothing for SQLite.
    pub(super) fn start(engine: Engine) -> Result<Self> {
        let (kind, options): (_, &[&str]) = match engine {
            Engine::Sqlite => return Ok(Self { server: None }),
            Engine::Postgres => (
                bistro_testkit::Engine::Postgres,
                &["-c", "max_connections=200", "-c", "shared_buffers=512MB"],
            ),
            Engine::Mysql => {
                (bistro_testkit::Engine::MySql, &["--max-connections=400", "--innodb-buffer-pool-size=1G"])
            }
        };
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let settings = Settings { durable: true, options };
        eprintln!("starting {}", engine.word());
        Ok(Self { server: Some(Server::start(kind, &settings)?) })
    }

    /// A fresh database.
    pub(super) fn database(&self) -> Result<Option<Database>> {
        self.server.as_ref().map(|server| Database::on(server).context("no fresh database")).transpose()
    }

    /// The process whose family is the server.
    pub(super) fn process(&self) -> Option<u32> {
        self.server.as_ref().and_then(Server::pid)
    }
}
