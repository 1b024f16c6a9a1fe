//! Engines with the suite's schema and rows, over each store.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use bistro_engine::{Context, Engine};
use bistro_ir::Caller;
use bistro_policy::Rules;
use bistro_rest::{Options, Rest};
use bistro_store::Store;
use bistro_store_memory::MemoryStore;
use bistro_store_sqlite::SqliteStore;
use bistro_wire::{Request, Response};
use bytes::Bytes;
use futures_util::FutureExt as _;
use tempfile::TempDir;

use crate::case::{Kept, PEOPLE, Step, named};

const SCHEMA: &str = include_str!("schema.graphql");
const SEED: &str = include_str!("seed.txt");
/// 2025-10-09T08:53:20Z: the instant of every request.
const NOW: i64 = 1_760_000_000_000_000;

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Memory,
    Sqlite,
}

impl Backend {
    pub(crate) const ALL: [Backend; 2] = [Backend::Memory, Backend::Sqlite];
}

/// Where running surfaces come from: readers share one, a writer gets a fresh copy of the seeded data.
pub(crate) struct Seat {
    rules: Arc<Rules>,
    /// A data folder with the seed.
    seeded: TempDir,
    reading: RefCell<Vec<(Backend, Running)>>,
}

/// A surface over a store.
pub(crate) struct Running {
    rest: Rest,
    rules: Arc<Rules>,
    written: bool,
    /// Removed after the store is closed.
    _folder: Option<TempDir>,
}

impl Seat {
    pub(crate) fn new() -> Self {
        let checked = bistro_sdl::read("schema.graphql", SCHEMA);
        let (rules, found) = Rules::compile(Arc::new(checked.schema));
        let all: Vec<_> = checked.diagnostics.into_iter().chain(found).filter(|d| d.is_error()).collect();
        assert!(all.is_empty(), "{}", bistro_sdl::report("schema.graphql", SCHEMA, &all, false));
        let rules = Arc::new(rules);
        let seeded = TempDir::new().unwrap();
        let store = sqlite(seeded.path(), &rules);
        seed(&Running::new(store.clone(), &rules, true, None));
        store.close();
        Self { rules, seeded, reading: RefCell::default() }
    }

    /// A surface over the seeded data; one that may be written is nobody else's.
    pub(crate) fn take(&self, backend: Backend, writes: bool) -> Running {
        let kept = self.reading.borrow().iter().position(|(b, _)| *b == backend && !writes);
        if let Some(at) = kept {
            return self.reading.borrow_mut().swap_remove(at).1;
        }
        match backend {
            Backend::Memory => {
                let store = MemoryStore::new(Arc::clone(self.rules.schema()));
                let running = Running::new(store, &self.rules, true, None);
                seed(&running);
                Running { written: writes, ..running }
            }
            Backend::Sqlite => {
                let folder = TempDir::new().unwrap();
                for file in std::fs::read_dir(self.seeded.path()).unwrap().map(Result::unwrap) {
                    std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
                }
                let store =
                    SqliteStore::open(folder.path(), Arc::clone(self.rules.schema()), Default::default());
                Running::new(store.unwrap(), &self.rules, writes, Some(folder))
            }
        }
    }

    /// A surface that nobody wrote to serves the next reader.
    pub(crate) fn give_back(&self, backend: Backend, running: Running) {
        if !running.written {
            self.reading.borrow_mut().push((backend, running));
        }
    }
}

fn sqlite(folder: &Path, rules: &Arc<Rules>) -> Arc<SqliteStore> {
    SqliteStore::open(folder, Arc::clone(rules.schema()), Default::default()).unwrap()
}

impl Running {
    /// A surface over a store, whose tables are made first if it is new.
    fn new(store: Arc<dyn Store>, rules: &Arc<Rules>, written: bool, folder: Option<TempDir>) -> Self {
        if folder.is_none() {
            let steps = bistro_migrate::everything(rules.schema()).steps;
            let changes = steps.into_iter().map(|s| s.change).collect();
            let applied = store.apply(Arc::clone(rules.schema()), changes, SCHEMA.to_owned());
            wait(applied).expect("an empty store takes the tables");
        }
        let engine = Engine::new(store, Arc::clone(rules), bistro_engine::Options::default());
        Self {
            rest: Rest::new(engine, Options::default()),
            rules: Arc::clone(rules),
            written,
            _folder: folder,
        }
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
        wait(self.rest.handle(request, cx).wait().boxed())
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

/// Waits for a future on this thread: parks it until the future wakes it.
fn wait<T>(mut future: futures_util::future::BoxFuture<'_, T>) -> T {
    use std::task::{Context, Poll, Wake, Waker};
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}
