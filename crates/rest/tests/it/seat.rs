//! Engines with the suite's schema and rows, over each store.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use bistro_engine::{Context, Engine};
use bistro_ir::Caller;
use bistro_policy::Rules;
use bistro_rest::{Options, Rest};
use bistro_store::{Capabilities, Store};
use bistro_store_memory::MemoryStore;
use bistro_store_mysql::MysqlStore;
use bistro_store_postgres::PostgresStore;
use bistro_store_sqlite::SqliteStore;
use bistro_wire::{Request, Response};
use bytes::Bytes;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::case::{Kept, PEOPLE, Step, named};
use crate::server::Server;

const SCHEMA: &str = include_str!("schema.graphql");
const SEED: &str = include_str!("seed.txt");
/// 2025-10-09T08:53:20Z: the instant of every request.
const NOW: i64 = 1_760_000_000_000_000;

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

/// Where running surfaces come from: readers share one, a writer gets the seeded data for itself.
pub(crate) struct Seat {
    rules: Arc<Rules>,
    /// A data folder with the seed.
    seeded: TempDir,
    /// Surfaces that nobody wrote to.
    reading: RefCell<Vec<Running>>,
    /// Databases that were written to, to be filled again.
    spare: RefCell<Vec<Running>>,
}

/// A surface over a store.
pub(crate) struct Running {
    pub(crate) backend: Backend,
    rest: Rest,
    rules: Arc<Rules>,
    written: bool,
    able: Capabilities,
    home: Home,
}

/// Where the data lies; removed after the store is closed.
enum Home {
    Nowhere,
    Folder(#[expect(dead_code, reason = "it is held, not looked at")] TempDir),
    Server(Server),
}

impl Seat {
    pub(crate) fn new() -> Self {
        let checked = bistro_sdl::read("schema.graphql", SCHEMA);
        let (rules, found) = Rules::compile(Arc::new(checked.schema));
        let all: Vec<_> = checked.diagnostics.into_iter().chain(found).filter(|d| d.is_error()).collect();
        assert!(all.is_empty(), "{}", bistro_sdl::report("schema.graphql", SCHEMA, &all, false));
        let rules = Arc::new(rules);
        let seeded = TempDir::new().unwrap();
        let store = sqlite(&seeded, &rules);
        drop(Running::filled(Backend::Sqlite, store.clone(), &rules, Home::Nowhere));
        store.close();
        Self { rules, seeded, reading: RefCell::default(), spare: RefCell::default() }
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

    /// What `suits` says of a backend's store: whether it is one of those that are served, and what it can do.
    pub(crate) fn able(&self, backend: Backend, suits: impl FnOnce(bool, &Capabilities) -> bool) -> bool {
        let running = self.take(backend, false);
        let answer = suits(backend != Backend::Memory, &running.able);
        self.give_back(running);
        answer
    }

    fn make(&self, backend: Backend) -> Running {
        let (rules, schema) = (&self.rules, Arc::clone(self.rules.schema()));
        match backend {
            Backend::Memory => Running::filled(backend, MemoryStore::new(schema), rules, Home::Nowhere),
            Backend::Sqlite => {
                let folder = TempDir::new().unwrap();
                for file in std::fs::read_dir(self.seeded.path()).unwrap().map(Result::unwrap) {
                    std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
                }
                let store = sqlite(&folder, rules);
                Running::new(backend, store, rules, Home::Folder(folder))
            }
            Backend::Postgres => {
                let database = bistro_testkit::postgres();
                let opened =
                    RUNTIME.block_on(PostgresStore::open(&database.url(), schema, Default::default()));
                Running::filled(backend, opened.unwrap(), rules, Home::Server(Server::new(database)))
            }
            Backend::Mysql => {
                let database = bistro_testkit::mysql();
                let opened = RUNTIME.block_on(MysqlStore::open(&database.url(), schema, Default::default()));
                Running::filled(backend, opened.unwrap(), rules, Home::Server(Server::new(database)))
            }
        }
    }

    /// A surface that nobody wrote to serves the next reader; a database of a server is filled again for the next writer.
    pub(crate) fn give_back(&self, running: Running) {
        if !running.written {
            self.reading.borrow_mut().push(running);
        } else if matches!(running.home, Home::Server(_)) {
            self.spare.borrow_mut().push(running);
        }
    }
}

fn sqlite(folder: &TempDir, rules: &Arc<Rules>) -> Arc<SqliteStore> {
    SqliteStore::open(folder.path().join("bistro.db"), Arc::clone(rules.schema()), Default::default())
        .unwrap()
}

impl Running {
    fn new(backend: Backend, store: Arc<dyn Store>, rules: &Arc<Rules>, home: Home) -> Self {
        let able = *store.capabilities();
        let engine = Engine::new(store, Arc::clone(rules), bistro_engine::Options::default());
        let rest = Rest::new(engine, Options::default());
        Self { backend, rest, rules: Arc::clone(rules), written: true, able, home }
    }

    /// A surface over a new store, which gets the tables and the seed.
    fn filled(backend: Backend, store: Arc<dyn Store>, rules: &Arc<Rules>, home: Home) -> Self {
        let steps = bistro_migrate::everything(rules.schema()).steps;
        let changes = steps.into_iter().map(|s| s.change).collect();
        let applied = store.apply(Arc::clone(rules.schema()), changes, SCHEMA.to_owned());
        RUNTIME.block_on(applied).expect("an empty store takes the tables");
        let running = Self::new(backend, store, rules, home);
        seed(&running);
        if let Home::Server(server) = &running.home {
            server.remember();
        }
        running
    }

    /// The response to a step.
    pub(crate) fn ask(&self, step: &Step, kept: &Kept) -> Response {
        let fill = |text: &str| {
            kept.iter().fold(named(text), |t, (name, value)| t.replace(&format!("${name}"), value))
        };
        let headers: Vec<_> = step.headers.iter().map(|(n, v)| (n.clone(), fill(v))).collect();
        self.send(&step.caller, &step.method, &fill(&step.target), &headers, fill(&step.body).into())
    }

    /// The response to a request.
    pub(crate) fn send(
        &self,
        caller: &str,
        method: &str,
        target: &str,
        headers: &Vec<(String, String)>,
        body: Bytes,
    ) -> Response {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Request { method, path, query, headers, body: &body, id: "r1", now: NOW };
        let cx: Context = self.rest.context(&request, self.caller(caller));
        let _inside = RUNTIME.enter();
        RUNTIME.block_on(self.rest.handle(request, cx).wait())
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
}

/// Writes the seed through the surface, as the service.
fn seed(running: &Running) {
    let mut rows = String::new();
    for line in SEED.lines().chain([""]) {
        rows.push_str(line);
        if !line.ends_with(']') || line.starts_with('{') {
            continue;
        }
        let (collection, json) = rows.split_once(' ').unwrap();
        let target = format!("/rest/v1/{collection}");
        let response = running.send("service", "POST", &target, &Vec::new(), named(json).into());
        assert_eq!(response.status, 201, "{collection}: {}", String::from_utf8_lossy(&response.body));
        rows.clear();
    }
    assert!(rows.is_empty(), "the seed ends in half a collection");
}
