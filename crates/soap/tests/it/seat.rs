//! Surfaces over each store, with the schema and the rows of the REST suite, whose kinds, relations and rules have every shape.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use bistro_engine::Engine;
use bistro_ir::{Caller, Scopes};
use bistro_policy::Rules;
use bistro_problem::{Code, Problem};
use bistro_rest::Rest;
use bistro_soap::{About, Authenticate, Limits, Options, SignedIn, Soap, UserName, Visit};
use bistro_store::Store;
use bistro_store_memory::MemoryStore;
use bistro_store_mysql::MysqlStore;
use bistro_store_postgres::PostgresStore;
use bistro_store_sqlite::SqliteStore;
use bistro_testkit::Database;
use bistro_wire::{Headers, Request, Response};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const SCHEMA: &str = include_str!("../../../rest/tests/it/schema.graphql");
const SEED: &str = include_str!("../../../rest/tests/it/seed.txt");
/// 2025-10-09T08:53:20Z: the instant of every request.
pub(crate) const NOW: i64 = 1_760_000_000_000_000;
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

/// A surface over a store of its own.
pub(crate) struct Running {
    pub(crate) soap: Arc<Soap>,
    rest: Rest,
    rules: Arc<Rules>,
    /// Where the data lies; removed after the store is closed.
    _home: Home,
}

enum Home {
    Nowhere,
    Folder(#[expect(dead_code, reason = "it is held, not looked at")] TempDir),
    Server(#[expect(dead_code, reason = "it is held, not looked at")] Database),
}

/// Knows nobody: names and passwords are the shell's affair.
struct Nobody;

impl Authenticate for Nobody {
    fn user_name(&self, _: UserName, _: Visit) -> BoxFuture<'static, Result<Caller, Problem>> {
        Box::pin(async { Err(Problem::new(Code::InvalidCredentials, "Invalid login credentials")) })
    }

    fn sign_in(&self, _: String, _: String, _: Visit) -> BoxFuture<'static, Result<SignedIn, Problem>> {
        Box::pin(async { Err(Problem::new(Code::InvalidCredentials, "Invalid login credentials")) })
    }

    fn is_confidential(&self, _: &dyn Headers, _: Option<IpAddr>) -> bool {
        true
    }
}

/// Text with the ids of people in place of their names.
pub(crate) fn named(text: &str) -> String {
    let id = |n: usize| format!("01000000-0000-7000-8000-00000000000{}", n + 1);
    let put = |text: String, (n, name): (usize, &&str)| text.replace(&format!("[{name}]"), &id(n));
    PEOPLE.iter().enumerate().fold(text.to_owned(), put)
}

/// The names of people in place of their ids.
pub(crate) fn unnamed(text: &str) -> String {
    let put = |text: String, name: &&str| text.replace(&named(&format!("[{name}]")), &format!("[{name}]"));
    PEOPLE.iter().fold(text.to_owned(), put)
}

fn options() -> Options {
    let limits = Limits::default();
    let about = About {
        namespace: bistro_soap::names::NAMESPACE.into(),
        address: "https://example.org/soap/v1".into(),
        signs_in: true,
        included: limits.included,
        page: limits.page,
        page_most: limits.page_most,
        nillable: false,
    };
    Options { limits, about, replaces: true }
}

/// The rules of the schema.
pub(crate) fn rules() -> Arc<Rules> {
    let read = bistro_sdl::read("schema.graphql", SCHEMA);
    let (rules, found) = Rules::compile(Arc::new(read.schema));
    assert!(!read.diagnostics.iter().chain(&found).any(|d| d.is_error()), "the schema has mistakes");
    Arc::new(rules)
}

impl Running {
    /// A surface over the seeded data, which is nobody else's.
    pub(crate) fn over(backend: Backend) -> Self {
        let rules = rules();
        let schema = Arc::clone(rules.schema());
        let (store, home): (Arc<dyn Store>, Home) = match backend {
            Backend::Memory => (MemoryStore::new(schema), Home::Nowhere),
            Backend::Sqlite => {
                let folder = TempDir::new().unwrap();
                let file = folder.path().join("bistro.db");
                (SqliteStore::open(file, schema, Default::default()).unwrap(), Home::Folder(folder))
            }
            Backend::Postgres => {
                let database = bistro_testkit::postgres();
                let url = database.url();
                let open = PostgresStore::open(&url, schema, Default::default());
                (RUNTIME.block_on(open).unwrap(), Home::Server(database))
            }
            Backend::Mysql => {
                let database = bistro_testkit::mysql();
                let url = database.url();
                let open = MysqlStore::open(&url, schema, Default::default());
                (RUNTIME.block_on(open).unwrap(), Home::Server(database))
            }
        };
        Self::filled(rules, store, home)
    }

    /// The same with the tables and the seed.
    fn filled(rules: Arc<Rules>, store: Arc<dyn Store>, home: Home) -> Self {
        let steps = bistro_migrate::everything(rules.schema()).steps;
        let changes = steps.into_iter().map(|step| step.change).collect();
        let applied = store.apply(Arc::clone(rules.schema()), changes, SCHEMA.to_owned());
        RUNTIME.block_on(applied).expect("an empty store takes the tables");
        let engine = Engine::new(store, Arc::clone(&rules), bistro_engine::Options::default());
        let soap = Arc::new(Soap::new(Arc::clone(&engine), options(), Arc::new(Nobody)));
        let running = Self { soap, rest: Rest::new(engine, Default::default()), rules, _home: home };
        running.seed();
        running
    }

    /// Writes the seed, as the service.
    fn seed(&self) {
        let seed = PEOPLE.iter().fold(SEED.to_owned(), |seed, name| {
            seed.replace(&format!("<{name}>"), &named(&format!("[{name}]")))
        });
        let mut rows = String::new();
        for line in seed.lines() {
            rows.push_str(line);
            if !line.ends_with(']') || line.starts_with('{') {
                continue;
            }
            let (collection, json) = rows.split_once(' ').unwrap();
            let (path, body) = (format!("/rest/v1/{collection}"), Bytes::from(json.to_owned()));
            let headers = Vec::<(String, String)>::new();
            let request = Request {
                method: "POST",
                path: &path,
                query: "",
                headers: &headers,
                body: &body,
                id: "r1",
                now: NOW,
            };
            let cx = self.rest.context(&request, Caller::service());
            let _inside = RUNTIME.enter();
            let response = RUNTIME.block_on(self.rest.handle(request, cx).wait());
            assert_eq!(response.status, 201, "{collection}: {}", String::from_utf8_lossy(&response.body));
            rows.clear();
        }
        assert!(rows.is_empty(), "the seed ends in half a collection");
    }

    /// The answer to the element of an operation, in an envelope of SOAP 1.1.
    pub(crate) fn ask(&self, caller: &str, element: &str) -> String {
        let response = self.send(caller, "text/xml", envelope(element));
        String::from_utf8(response.body.to_vec()).unwrap()
    }

    /// The response to a body.
    pub(crate) fn send(&self, caller: &str, content_type: &str, body: impl AsRef<[u8]>) -> Response {
        self.send_with(caller, &[("content-type", content_type)], body)
    }

    /// The response to a body with these headers.
    pub(crate) fn send_with(
        &self,
        caller: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Response {
        let headers = headers.iter().chain(&[("apikey", "of the caller")]);
        let headers: Vec<_> = headers.map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let body = Bytes::copy_from_slice(body.as_ref());
        let request = Request {
            method: "POST",
            path: "/soap/v1",
            query: "",
            headers: &headers,
            body: &body,
            id: "r1",
            now: NOW,
        };
        let _inside = RUNTIME.enter();
        RUNTIME.block_on(self.soap.handle(request, self.caller(caller)).wait())
    }

    /// The caller of this name; `ada/data:read` is an application with that scope, which acts for ada.
    pub(crate) fn caller(&self, name: &str) -> Caller {
        if let Some((name, scope)) = name.split_once('/') {
            return Caller { scopes: Some(Arc::new(Scopes::parse(scope))), ..self.caller(name) };
        }
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

/// An envelope of SOAP 1.1 around an element, which is put into the namespace of the service.
pub(crate) fn envelope(element: &str) -> String {
    let end = element.find([' ', '>', '/']).unwrap_or(element.len());
    let (name, rest) = element.split_at(end);
    let own = bistro_soap::names::NAMESPACE;
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><s:Body>{name} xmlns=\"{own}\"{rest}</s:Body></s:Envelope>"
    )
}
