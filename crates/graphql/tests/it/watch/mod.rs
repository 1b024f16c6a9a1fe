//! Subscriptions, and what else goes over sockets and streams of events, as scripts.
//!
//! `who ask id document` sends a document over the socket of that caller, `who stop id` ends it, and `who says message` sends
//! something else; `who hears id kind payload` is what comes. `who follows document` opens a stream of events, whose events
//! `who reads`; `…` stands for the rest of either. `! document` is written by the service, and ends before the next line. `who hears nothing` waits a little.

mod bounds;
mod changes;
mod client;
mod identity;
mod live;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use bistro_engine::Engine;
use bistro_graphql::{Authenticate, Credentials, GraphQl, Options};
use bistro_ir::Caller;
use bistro_policy::Rules;
use bistro_problem::{Code, Problem};
use bistro_store::Store;
use bistro_store_memory::MemoryStore;
use bistro_store_sqlite::SqliteStore;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

use client::{Client, Stream};

const SCHEMA: &str = include_str!("../../../../engine/tests/it/schema.graphql");

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// A surface with its data, and whose tokens are taken back.
struct Place {
    engine: Arc<Engine>,
    surface: Arc<GraphQl>,
    revoked: Arc<AtomicBool>,
    /// Has those judged at once who are connected.
    told: Arc<Notify>,
    _folder: Option<TempDir>,
}

fn rules() -> Arc<Rules> {
    let checked = bistro_sdl::read("schema.graphql", SCHEMA);
    let (rules, found) = Rules::compile(Arc::new(checked.schema));
    let all: Vec<_> = checked.diagnostics.into_iter().chain(found).filter(|d| d.is_error()).collect();
    assert!(all.is_empty(), "{}", bistro_sdl::report("schema.graphql", SCHEMA, &all, false));
    Arc::new(rules)
}

/// One place on each store that needs no server.
fn places(options: &Options) -> [Place; 2] {
    let rules = rules();
    let schema = || Arc::clone(rules.schema());
    let folder = TempDir::new().unwrap();
    let file = SqliteStore::open(folder.path().join("bistro.db"), schema(), Default::default()).unwrap();
    [place(MemoryStore::new(schema()), &rules, options, None), place(file, &rules, options, Some(folder))]
}

fn place(store: Arc<dyn Store>, rules: &Arc<Rules>, options: &Options, folder: Option<TempDir>) -> Place {
    let steps = bistro_migrate::everything(rules.schema()).steps;
    let changes = steps.into_iter().map(|s| s.change).collect();
    RUNTIME.block_on(store.apply(Arc::clone(rules.schema()), changes, SCHEMA.to_owned())).unwrap();
    over(Engine::new(store, Arc::clone(rules), bistro_engine::Options::default()), options, folder)
}

fn over(engine: Arc<Engine>, options: &Options, folder: Option<TempDir>) -> Place {
    let revoked: Arc<AtomicBool> = Arc::default();
    let told: Arc<Notify> = Arc::default();
    let judge = Judge { revoked: Arc::clone(&revoked), told: Arc::clone(&told), asked: AtomicUsize::new(0) };
    let surface = GraphQl::new(Arc::clone(&engine), options.clone()).authenticated_by(Arc::new(judge));
    Place { engine, surface: Arc::new(surface), revoked, told, _folder: folder }
}

/// Judges by the names of scripts, until all credentials are taken back.
struct Judge {
    revoked: Arc<AtomicBool>,
    told: Arc<Notify>,
    /// How often somebody listened for changes.
    asked: AtomicUsize,
}

impl Authenticate for Judge {
    fn judge(&self, shown: &Credentials) -> BoxFuture<'static, Result<Caller, Problem>> {
        // Who bears witness loses the credentials with the first change that is heard of, and not before.
        let witness = shown.authorization.as_deref() == Some("Bearer witness");
        let judged = match self.revoked.load(Ordering::Relaxed) {
            true => Err(Problem::new(Code::TokenClaims, "JWT expired")),
            false if witness && self.asked.load(Ordering::Relaxed) > 1 => {
                Err(Problem::new(Code::SessionNotFound, "JWT session is over").status(401))
            }
            false => caller(shown),
        };
        std::future::ready(judged).boxed()
    }

    fn changed(&self, _: &Caller) -> BoxFuture<'static, ()> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Arc::clone(&self.told).notified_owned().boxed()
    }
}

/// Who has these credentials: the names are those of scripts.
fn caller(shown: &Credentials) -> Result<Caller, Problem> {
    let user = |n: u8| {
        let mut id = [0; 16];
        (id[0], id[6], id[8], id[15]) = (1, 0x70, 0x80, n);
        Ok(Caller::user(id))
    };
    match (shown.authorization.as_deref(), shown.apikey.as_deref()) {
        (Some("Bearer ada"), _) => user(1),
        (Some("Bearer bob"), _) => user(2),
        (Some("Bearer witness"), _) => user(3),
        (None, Some("anon")) => Ok(Caller::anonymous()),
        (None, Some("service")) => Ok(Caller::service()),
        _ => Err(Problem::new(Code::BadKey, "Invalid API key")),
    }
}

/// Runs a script on each store.
fn check(script: &str) {
    check_with(&Options::default(), script);
}

fn check_with(options: &Options, script: &str) {
    for place in places(options) {
        RUNTIME.block_on(run(&place, script));
    }
}

async fn run(place: &Place, script: &str) {
    let (mut clients, mut streams) = (HashMap::new(), HashMap::new());
    place.write(&format!(
        "mutation {{ createUsers(input: [{{id: {ADA:?}, name: \"ada\"}}, {{id: {BOB:?}, name: \"bob\"}}]) {{ count }} }}"
    ))
    .await;
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (who, rest) = line.split_once(' ').unwrap();
        if who == "!" {
            place.write(&named(rest)).await;
            continue;
        }
        let (verb, rest) = rest.split_once(' ').unwrap();
        match verb {
            "follows" => drop(streams.insert(who, Stream::open(place, who, rest).await)),
            "reads" => same(&streams.get_mut(who).unwrap().read().await, rest, line),
            _ => {
                if !clients.contains_key(who) {
                    clients.insert(who, Client::greeted(place, who).await);
                }
                let client: &mut Client = clients.get_mut(who).unwrap();
                speak(client, verb, rest, line).await;
            }
        }
    }
}

async fn speak(client: &mut Client, verb: &str, rest: &str, line: &str) {
    match verb {
        "ask" => {
            let (id, document) = rest.split_once(' ').unwrap();
            let query = serde_json::to_string(document).unwrap();
            client.say(&format!(r#"{{"type":"subscribe","id":"{id}","payload":{{"query":{query}}}}}"#));
        }
        "stop" => client.say(&format!(r#"{{"type":"complete","id":"{rest}"}}"#)),
        "says" => client.say(rest),
        "hears" if rest == "nothing" => assert_eq!(client.nothing().await, None, "{line}"),
        "hears" => same(&client.hear().await, &named(rest), line),
        _ => panic!("no line: {line}"),
    }
}

/// `…` stands for the rest.
fn same(found: &str, expected: &str, line: &str) {
    let found = match expected.find('…') {
        Some(at) => found.get(..at).map_or(String::new(), |found| format!("{found}…")),
        None => found.to_owned(),
    };
    assert_eq!(found, expected, "{line}");
}

const ADA: &str = "01000000-0000-7000-8000-000000000001";
const BOB: &str = "01000000-0000-7000-8000-000000000002";

/// Text with the ids of people in place of their names.
fn named(text: &str) -> String {
    text.replace("<ada>", ADA).replace("<bob>", BOB)
}
