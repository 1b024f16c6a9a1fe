//! Engines with a schema and rows, over each store. Schema and rows are those of the REST suite, whose kinds, relations and
//! rules have every shape; they are written through REST.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use bistro_engine::Engine;
use bistro_graphql::{GraphQl, Options};
use bistro_ir::Caller;
use bistro_policy::Rules;
use bistro_rest::Rest;
use bistro_store::Store;
use bistro_store_memory::MemoryStore;
use bistro_store_mysql::MysqlStore;
use bistro_store_postgres::PostgresStore;
use bistro_store_sqlite::SqliteStore;
use bistro_wire::{Answer, Request, Response};
use bytes::Bytes;
use futures_util::FutureExt as _;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::server::Server;

const SCHEMA: &str = include_str!("../../../rest/tests/it/schema.graphql");
const SEED: &str = include_str!("../../../rest/tests/it/seed.txt");
/// 2025-10-09T08:53:20Z: the instant of every request.
const NOW: i64 = 1_760_000_000_000_000;
/// The people of the seed, by the names that cases use.
const PEOPLE: [&str; 4] = ["ada", "bob", "eve", "vic"];

/// Where stores across a network live.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
});

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Memory,
    Sqlite,
    Postgres,
    Mysql,
}

impl Backend {
    pub(crate) const ALL: [Backend; 4] =
        [Backend::Memory, Backend::Sqlite, Backend::Postgres, Backend::Mysql];
}

/// A schema, and rows as the REST suite writes them.
#[derive(Clone, Copy)]
pub(crate) struct Data {
    pub(crate) schema: &'static str,
    pub(crate) seed: &'static str,
}

/// Where running surfaces come from: readers share one, a writer gets the seeded data for itself.
pub(crate) struct Seat {
    data: Data,
    rules: Arc<Rules>,
    options: Options,
    caps: bistro_engine::Options,
    reading: RefCell<Vec<Running>>,
    /// Databases that were written to, to be filled again.
    spare: RefCell<Vec<Running>>,
}

/// A surface over a store.
pub(crate) struct Running {
    pub(crate) backend: Backend,
    pub(crate) graphql: Arc<GraphQl>,
    rest: Rest,
    rules: Arc<Rules>,
    written: bool,
    home: Home,
}

/// Where the data lies; removed after the store is closed.
enum Home {
    Nowhere,
    Folder(#[expect(dead_code, reason = "it is held, not looked at")] TempDir),
    Server(Server),
}

/// Text with the ids of people in place of their names.
pub(crate) fn named(text: &str) -> String {
    let id = |n: usize| format!("01000000-0000-7000-8000-00000000000{}", n + 1);
    let put = |text: String, (n, name): (usize, &&str)| text.replace(&format!("<{name}>"), &id(n));
    PEOPLE.iter().enumerate().fold(text.to_owned(), put)
}

/// The names of people in place of their ids.
pub(crate) fn unnamed(text: &str) -> String {
    let put = |text: String, name: &&str| text.replace(&named(&format!("<{name}>")), &format!("<{name}>"));
    PEOPLE.iter().fold(text.to_owned(), put)
}

impl Seat {
    pub(crate) fn new(options: Options) -> Self {
        Self::with(options, bistro_engine::Options::default())
    }

    /// The same over other data.
    pub(crate) fn of(data: Data) -> Self {
        Self::made(data, Options::default(), bistro_engine::Options::default())
    }

    /// One whose engines have these caps.
    pub(crate) fn with(options: Options, caps: bistro_engine::Options) -> Self {
        Self::made(Data { schema: SCHEMA, seed: SEED }, options, caps)
    }

    fn made(data: Data, options: Options, caps: bistro_engine::Options) -> Self {
        let checked = bistro_sdl::read("schema.graphql", data.schema);
        let (rules, found) = Rules::compile(Arc::new(checked.schema));
        let all: Vec<_> = checked.diagnostics.into_iter().chain(found).filter(|d| d.is_error()).collect();
        assert!(all.is_empty(), "{}", bistro_sdl::report("schema.graphql", data.schema, &all, false));
        let (reading, spare) = Default::default();
        Self { data, rules: Arc::new(rules), options, caps, reading, spare }
    }

    /// A surface over the seeded data; one that may be written is nobody else's.
    pub(crate) fn take(&self, backend: Backend, writes: bool) -> Running {
        let from = if writes { &self.spare } else { &self.reading };
        let kept = from.borrow().iter().position(|r| r.backend == backend);
        let running = match kept {
            Some(at) => from.borrow_mut().swap_remove(at),
            None => self.make(backend),
        };
        if writes
            && kept.is_some()
            && let Home::Server(server) = &running.home
        {
            server.refill();
        }
        Running { written: writes, ..running }
    }

    /// A surface that nobody wrote to serves the next reader; a database of a server is filled again for the next writer.
    pub(crate) fn give_back(&self, running: Running) {
        if !running.written {
            self.reading.borrow_mut().push(running);
        } else if matches!(running.home, Home::Server(_)) {
            self.spare.borrow_mut().push(running);
        }
    }

    fn make(&self, backend: Backend) -> Running {
        let schema = Arc::clone(self.rules.schema());
        match backend {
            Backend::Memory => self.filled(backend, MemoryStore::new(schema), Home::Nowhere),
            Backend::Sqlite => {
                let folder = TempDir::new().unwrap();
                let store = SqliteStore::open(folder.path().join("bistro.db"), schema, Default::default());
                self.filled(backend, store.unwrap(), Home::Folder(folder))
            }
            Backend::Postgres => {
                let database = bistro_testkit::postgres();
                let opened =
                    RUNTIME.block_on(PostgresStore::open(&database.url(), schema, Default::default()));
                self.filled(backend, opened.unwrap(), Home::Server(Server::new(database)))
            }
            Backend::Mysql => {
                let database = bistro_testkit::mysql();
                let opened = RUNTIME.block_on(MysqlStore::open(&database.url(), schema, Default::default()));
                self.filled(backend, opened.unwrap(), Home::Server(Server::new(database)))
            }
        }
    }

    /// A surface over a new store, which gets the tables and the seed.
    fn filled(&self, backend: Backend, store: Arc<dyn Store>, home: Home) -> Running {
        let rules = &self.rules;
        let steps = bistro_migrate::everything(rules.schema()).steps;
        let changes = steps.into_iter().map(|s| s.change).collect();
        let applied = store.apply(Arc::clone(rules.schema()), changes, self.data.schema.to_owned());
        RUNTIME.block_on(applied).expect("an empty store takes the tables");
        let engine = Engine::new(store, Arc::clone(rules), self.caps);
        let running = Running {
            backend,
            graphql: Arc::new(GraphQl::new(Arc::clone(&engine), self.options.clone())),
            rest: Rest::new(engine, bistro_rest::Options::default()),
            rules: Arc::clone(rules),
            written: true,
            home,
        };
        running.seed(self.data.seed);
        if let Home::Server(server) = &running.home {
            server.remember();
        }
        running
    }
}

impl Running {
    /// The reply to a document with these variables, which are JSON or empty.
    pub(crate) fn ask(&self, caller: &str, document: &str, variables: &str) -> String {
        let variables = if variables.is_empty() { "{}" } else { variables };
        let query = serde_json::to_string(document).unwrap();
        let body = format!(r#"{{"query":{query},"variables":{variables}}}"#);
        // The front has judged the key; that there is one must show.
        let headers = [("content-type", "application/json"), ("apikey", "of the caller")];
        let response = self.send(caller, "POST", "/graphql/v1", &headers, &body);
        String::from_utf8(response.body.to_vec()).unwrap()
    }

    /// The response to any request.
    pub(crate) fn send(
        &self,
        caller: &str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        RUNTIME.block_on(self.answer(caller, method, target, headers, body).wait())
    }

    /// Sends a document and goes away after a first look at what becomes of it.
    pub(crate) fn ask_and_leave(&self, caller: &str, document: &str) {
        let body = format!(r#"{{"query":{}}}"#, serde_json::to_string(document).unwrap());
        let headers = [("content-type", "application/json"), ("apikey", "of the caller")];
        let answer = self.answer(caller, "POST", "/graphql/v1", &headers, &body);
        RUNTIME.block_on(async { answer.wait().now_or_never() });
    }

    fn answer(
        &self,
        caller: &str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let body = Bytes::copy_from_slice(body.as_bytes());
        let request = Request { method, path, query, headers: &headers, body: &body, id: "r1", now: NOW };
        let cx = self.graphql.context(&request, self.caller(caller));
        let _inside = RUNTIME.enter();
        self.graphql.handle(request, cx)
    }

    fn caller(&self, name: &str) -> Caller {
        let roles = |names: &[&str]| self.rules.schema().roles_named(names.iter().copied());
        let user = |n: usize| {
            let mut id = [0; 16];
            (id[0], id[6], id[8], id[15]) = (1, 0x70, 0x80, n as u8 + 1);
            Caller::user(id)
        };
        match (name, PEOPLE.iter().position(|p| *p == name)) {
            ("anon", _) => Caller::anonymous(),
            ("service", _) => Caller::service(),
            ("eve", Some(n)) => user(n).with_roles(roles(&["editor"])),
            ("vic", Some(n)) => user(n).with_roles(roles(&["viewer"])),
            (_, Some(n)) => user(n),
            _ => panic!("no caller {name}"),
        }
    }

    /// Writes the seed, as the service.
    fn seed(&self, seed: &str) {
        let mut rows = String::new();
        for line in seed.lines().chain([""]) {
            rows.push_str(line);
            if !line.ends_with(']') || line.starts_with('{') {
                continue;
            }
            let (collection, json) = rows.split_once(' ').unwrap();
            let response = self.post("service", &format!("/rest/v1/{collection}"), named(json).into());
            assert_eq!(response.status, 201, "{collection}: {}", String::from_utf8_lossy(&response.body));
            rows.clear();
        }
        assert!(rows.is_empty(), "the seed ends in half a collection");
    }

    /// What REST answers to a body that is posted.
    pub(crate) fn post(&self, caller: &str, path: &str, body: Bytes) -> Response {
        let (method, query, headers) = ("POST", "", Vec::<(String, String)>::new());
        let request = Request { method, path, query, headers: &headers, body: &body, id: "r1", now: NOW };
        let cx = self.rest.context(&request, self.caller(caller));
        let _inside = RUNTIME.enter();
        RUNTIME.block_on(self.rest.handle(request, cx).wait())
    }
}
