//! Every setting, with its default and what it means. The reference and the JSON Schema are made from this page.

use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::auth::Auth;
use super::graphql::Graphql;
use super::mail::Mail;
use super::outgoing::Outgoing;

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
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 4000)), public_url: None }
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

/// `[limits]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// The request line.
    #[schemars(range(min = 1024))]
    pub(crate) request_line: usize,
    /// All headers together.
    #[schemars(range(min = 1024))]
    pub(crate) headers: usize,
    /// How many headers.
    #[schemars(range(min = 16, max = 100))]
    pub(crate) header_count: usize,
    /// The time in which the headers must have come.
    #[schemars(range(min = 1))]
    pub(crate) header_time: u64,
    /// A body of JSON or CSV.
    #[schemars(range(min = 1024))]
    pub(crate) body: usize,
    /// The longest pause within a body.
    #[schemars(range(min = 1))]
    pub(crate) body_idle: u64,
    /// The time in which the whole body must have come.
    #[schemars(range(min = 1))]
    pub(crate) body_time: u64,
    /// The time to the first byte of the answer.
    #[schemars(range(min = 1))]
    pub(crate) request: u64,
    /// The time of one statement.
    #[schemars(range(min = 1))]
    pub(crate) statement: u64,
    /// A connection without a request, or whose client takes nothing.
    #[schemars(range(min = 1))]
    pub(crate) idle: u64,
    /// How long requests may take to end after the order to stop.
    pub(crate) drain: u64,
    /// Connections at once.
    #[schemars(range(min = 1))]
    pub(crate) connections: usize,
    /// Streams of one HTTP/2 connection.
    #[schemars(range(min = 1))]
    pub(crate) streams: u32,
    /// Parameters of a query string.
    #[schemars(range(min = 1))]
    pub(crate) parameters: usize,
    /// Values of an `in` list.
    #[schemars(range(min = 1))]
    pub(crate) in_list: usize,
    /// Rows of a page.
    #[schemars(range(min = 1))]
    pub(crate) rows: u64,
    /// Rows of an embedded list.
    #[schemars(range(min = 1))]
    pub(crate) embed_rows: u64,
    /// Levels of embeds.
    #[schemars(range(min = 1, max = 10))]
    pub(crate) embed_depth: usize,
    /// Rows that one write may touch.
    #[schemars(range(min = 1))]
    pub(crate) write_rows: u64,
    /// Records of a whole reply.
    #[schemars(range(min = 1))]
    pub(crate) reply_records: u64,
    /// A whole reply.
    #[schemars(range(min = 1024))]
    pub(crate) reply_bytes: usize,
    /// Plans that are kept ready.
    #[schemars(range(min = 16))]
    pub(crate) plans: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_line: 64 << 10,
            headers: 16 << 10,
            header_count: 100,
            header_time: 10,
            body: 2 << 20,
            body_idle: 10,
            body_time: 30,
            request: 30,
            statement: 10,
            idle: 120,
            drain: 10,
            connections: 10_000,
            streams: 100,
            parameters: 100,
            in_list: 2_000,
            rows: 1_000,
            embed_rows: 1_000,
            embed_depth: 5,
            write_rows: 100_000,
            reply_records: 100_000,
            reply_bytes: 32 << 20,
            plans: 4_096,
        }
    }
}

impl Limits {
    /// The setting that is too small to work with, and its least value.
    pub(crate) fn too_small(&self) -> Option<(&'static str, u64)> {
        let least: [(&'static str, u64, u64); 21] = [
            ("request_line", self.request_line as u64, 1_024),
            ("headers", self.headers as u64, 1_024),
            ("header_count", self.header_count as u64, 16),
            ("header_time", self.header_time, 1),
            ("body", self.body as u64, 1_024),
            ("body_idle", self.body_idle, 1),
            ("body_time", self.body_time, 1),
            ("request", self.request, 1),
            ("statement", self.statement, 1),
            ("idle", self.idle, 1),
            ("connections", self.connections as u64, 1),
            ("streams", u64::from(self.streams), 1),
            ("parameters", self.parameters as u64, 1),
            ("in_list", self.in_list as u64, 1),
            ("rows", self.rows, 1),
            ("embed_rows", self.embed_rows, 1),
            ("embed_depth", self.embed_depth as u64, 1),
            ("write_rows", self.write_rows, 1),
            ("reply_records", self.reply_records, 1),
            ("reply_bytes", self.reply_bytes as u64, 1_024),
            ("plans", self.plans as u64, 16),
        ];
        least.into_iter().find(|(_, value, least)| value < least).map(|(name, _, least)| (name, least))
    }

    /// The setting that is larger than the program allows, and its greatest value.
    pub(crate) fn too_large(&self) -> Option<(&'static str, u64)> {
        let most: [(&'static str, u64, u64); 2] =
            [("header_count", self.header_count as u64, 100), ("embed_depth", self.embed_depth as u64, 10)];
        most.into_iter().find(|(_, value, most)| value > most).map(|(name, _, most)| (name, most))
    }
}
