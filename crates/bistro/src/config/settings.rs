//! Every setting, with its default and what it means. The reference and the JSON Schema are made from this page.

use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::auth::Auth;
use super::graphql::Graphql;
use super::limits::Limits;
use super::mail::Mail;
use super::outgoing::Outgoing;
use super::soap::Soap;

/// The settings of a Bistro project. All are optional.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where the server listens and what it is called.
    pub(crate) server: Server,
    /// Where the data lies.
    pub(crate) data: Data,
    /// Which tokens are believed, and how people sign in. Times are in seconds.
    pub(crate) auth: Auth,
    /// How mail is sent.
    pub(crate) mail: Mail,
    /// Which web pages may call.
    pub(crate) cors: Cors,
    /// What a request may cost. Times are in seconds, sizes in bytes.
    pub(crate) limits: Limits,
    /// The store.
    pub(crate) database: Database,
    /// The REST surface.
    pub(crate) rest: Rest,
    /// The GraphQL surface. Times are in seconds, sizes in bytes.
    pub(crate) graphql: Graphql,
    /// The SOAP surface. Sizes in bytes.
    pub(crate) soap: Soap,
    /// What the server asks others for.
    pub(crate) outgoing: Outgoing,
    /// The log, on standard error.
    pub(crate) log: Log,
}

/// `[server]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Server {
    /// The address to listen on. Port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// The URL under which clients reach the server, where it differs: behind a proxy, for example.
    pub(crate) public_url: Option<String>,
    /// The proxies in front of the server, as addresses or networks (`10.0.0.0/8`): their `X-Forwarded-For` names the client,
    /// for limits and logs, and their `X-Forwarded-Proto` says whether it came by https. Nobody else's does.
    pub(crate) proxies: Vec<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 4000)), public_url: None, proxies: Vec::new() }
    }
}

/// `[data]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Data {
    /// The folder for the database and the secrets, relative to the project's folder.
    pub(crate) dir: String,
}

impl Default for Data {
    fn default() -> Self {
        Self { dir: "data".into() }
    }
}

/// `[cors]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Cors {
    /// The origins whose pages may call, such as `https://example.org`. Empty means all.
    pub(crate) origins: Vec<String>,
    /// The origins whose pages may call for who is signed in at the browser, by the session cookie of `/auth/v1/ui`. Of the same
    /// site as the server: browsers send the cookie from no other.
    pub(crate) cookie_origins: Vec<String>,
}

/// `[database]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Database {
    /// The database: `sqlite:NAME`, a file in the data folder, `postgres://USER:PASSWORD@HOST/NAME` or
    /// `mysql://USER:PASSWORD@HOST/NAME`. A password is better kept in `BISTRO_DATABASE__URL`.
    pub(crate) url: String,
    /// Whether readers map the database file into memory (SQLite).
    pub(crate) mmap: bool,
    /// Whether Bistro makes and changes the tables. Off, it serves the tables that are there and keeps nothing of its own
    /// in the database; a file is then named by its path from the project's folder.
    pub(crate) managed: bool,
    /// Connections for reads, on a server. Without it PostgreSQL gets one a core, since reads share them, and MySQL as
    /// many as `database.writers`.
    #[schemars(range(min = 1))]
    pub(crate) readers: Option<usize>,
    /// Connections for writes, on a server.
    #[schemars(range(min = 1))]
    pub(crate) writers: usize,
    /// Whether `serve` runs pending migrations before it serves, as `--migrate` asks. One node does, others wait.
    pub(crate) migrate: bool,
    /// The URLs of servers that follow `database.url` and may be read from (PostgreSQL).
    pub(crate) replicas: Vec<String>,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite:bistro.db".into(),
            mmap: true,
            managed: true,
            migrate: false,
            readers: None,
            writers: 32,
            replicas: Vec::new(),
        }
    }
}

/// `[rest]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rest {
    /// Whether PATCH and DELETE without any filter are carried out.
    pub(crate) unfiltered_writes: bool,
    /// Whether `select=count()` and the other aggregates are served.
    pub(crate) aggregates: bool,
}

impl Default for Rest {
    fn default() -> Self {
        Self { unfiltered_writes: false, aggregates: true }
    }
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// `pretty` for people, `json` for machines, `auto` for the one that fits standard error.
    pub(crate) format: Format,
    /// The least level that is logged, or directives such as `info,bistro_rest=debug`.
    pub(crate) level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: Format::Auto, level: "info".into() }
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Pretty on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}
