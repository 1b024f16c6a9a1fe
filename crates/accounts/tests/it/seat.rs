//! Accounts over a store, with a clock that stands still until it is told otherwise, and mails that are caught.

use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

use bistro_accounts::data::Data;
use bistro_accounts::{Accounts, Parts, Sessions, Settings, Surface};
use bistro_auth::claims::Expected;
use bistro_auth::{Authenticator, CookieRules, Credentials, Keyring, Options, Secrets};
use bistro_engine::Engine;
use bistro_ir::Caller;
use bistro_mail::{Catch, Mailer, Templates};
use bistro_password::{Cost, Hasher};
use bistro_policy::Rules;
use bistro_problem::Problem;
use bistro_store::Store;
use bistro_store_mysql::MysqlStore;
use bistro_store_postgres::PostgresStore;
use bistro_store_sqlite::SqliteStore;
use bistro_testkit::Database;
use bistro_wire::Request;
use bytes::Bytes;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// 2026-11-23T00:00:00Z, when every test begins.
pub(crate) const START: i64 = 1_795_392_000_000_000;
/// Where the server is said to be.
pub(crate) const URL: &str = "https://api.example.org";
/// Where the application is said to be.
pub(crate) const SITE: &str = "https://app.example.org";
/// A password that nobody guesses first.
pub(crate) const PASSWORD: &str = "kolibri im garten";

/// What passwords cost where that is not what a test is about.
const FAST: Cost = Cost { memory: 64, passes: 1 };

/// People with a profile, as projects write them.
pub(crate) const SCHEMA: &str = "
enum Role @roles { moderator editor @includes(roles: [moderator]) }
type User @account @allow(to: [READ]) @allow(to: [UPDATE], when: \"row.id == auth.id\") {
  id: ID!
  email: Email @allow(to: [READ], when: \"row.id == auth.id\")
  name: String! @default(value: \"\") @length(max: 80)
  karma: Int! @default(value: 0) @allow(to: [READ])
}";

/// Where stores across a network live, and where transactions go on.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
});

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
    Mysql,
}

impl Backend {
    pub(crate) const ALL: [Backend; 3] = [Backend::Sqlite, Backend::Postgres, Backend::Mysql];
}

/// Where the data lies; removed after the store is closed.
enum Home {
    Folder(#[allow(dead_code, reason = "held until the end")] TempDir),
    Server(#[allow(dead_code, reason = "held until the end")] Database),
}

/// A running set of accounts.
pub(crate) struct Seat {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) mails: Arc<Catch>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) publishable: String,
    pub(crate) secret: String,
    secrets: Secrets,
    surface: Surface,
    store: Arc<dyn Store>,
    clock: Arc<AtomicI64>,
    _home: Option<Home>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body as text.
    pub(crate) text: String,
}

impl Reply {
    /// A member of the body as text; empty if it is none.
    pub(crate) fn at(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or("")
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// Status and code of a refusal, or the status alone.
    pub(crate) fn told(&self) -> String {
        let code = self.header("x-sb-error-code");
        if code.is_empty() { self.status.to_string() } else { format!("{} {code}", self.status) }
    }
}

/// The usual settings of tests: mail is sent and must be confirmed.
pub(crate) fn settings() -> Settings {
    Settings {
        public_url: URL.to_owned(),
        site_url: SITE.to_owned(),
        redirect_urls: vec!["https://other.example.org/back".to_owned()],
        mail: true,
        ..Settings::default()
    }
}

impl Seat {
    /// Over SQLite, with the usual schema.
    pub(crate) fn new(settings: Settings) -> Self {
        Self::on(Backend::Sqlite, SCHEMA, settings)
    }

    /// Over a store, with a schema.
    pub(crate) fn on(backend: Backend, schema: &str, settings: Settings) -> Self {
        Self::at(URL, backend, schema, settings, FAST)
    }

    /// Where the server is reached by plain http.
    pub(crate) fn over_http(settings: Settings) -> Self {
        Self::at("http://127.0.0.1:4000", Backend::Sqlite, SCHEMA, settings, FAST)
    }

    /// Where passwords cost so much.
    pub(crate) fn hashing(settings: Settings, cost: Cost) -> Self {
        Self::at(URL, Backend::Sqlite, SCHEMA, settings, cost)
    }

    fn at(url: &str, backend: Backend, schema: &str, settings: Settings, cost: Cost) -> Self {
        let checked = bistro_sdl::read("schema.graphql", schema);
        assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
        let (rules, mistakes) = Rules::compile(Arc::new(checked.schema));
        assert!(!mistakes.iter().any(|m| m.is_error()), "{mistakes:?}");
        let rules = Arc::new(rules);
        let (store, home) = RUNTIME.block_on(open(backend, &rules, schema));
        let engine = Engine::new(
            store.with_schema(Arc::clone(rules.schema())),
            rules,
            bistro_engine::Options::default(),
        );
        let mut secrets = Secrets::generate(START / 1_000_000).unwrap();
        secrets.complete("ES256", START / 1_000_000).unwrap();
        let keys = authenticator(&secrets, url);
        let mails = Arc::new(Catch::new());
        let data = RUNTIME.block_on(Data::open(&store, Arc::clone(&engine))).unwrap();
        let accounts = Accounts::new(Parts {
            data,
            keys: Arc::clone(&keys),
            settings,
            hasher: Hasher::new(cost, 2, 64).unwrap(),
            mailer: Arc::clone(&mails) as Arc<dyn Mailer>,
            templates: Templates::load(None).unwrap(),
        });
        let clock = Arc::new(AtomicI64::new(START));
        attach_sessions(&accounts, &clock);
        let surface = Surface::new(Arc::clone(&accounts));
        let (publishable, secret) = (secrets.publishable.clone(), secrets.secret.clone());
        let _home = Some(home);
        Self { accounts, mails, engine, publishable, secret, secrets, surface, store, clock, _home }
    }

    /// The keys as they were made.
    pub(crate) fn keyring(&self) -> Keyring {
        keyring(&self.secrets)
    }

    /// Another node on the same data that remembers by itself, with the same secrets and the same clock; it ends before this
    /// one.
    pub(crate) fn node_with_own_keys(&self) -> Self {
        let node = self.node_with(authenticator(&self.secrets, URL));
        attach_sessions(&node.accounts, &self.clock);
        node
    }

    /// Another node on the same data, with the same keys and the same clock; it ends before this one.
    pub(crate) fn node(&self) -> Self {
        self.node_with(Arc::clone(&self.accounts.keys))
    }

    fn node_with(&self, keys: Arc<Authenticator>) -> Self {
        let data = RUNTIME.block_on(Data::open(&self.store, Arc::clone(&self.engine))).unwrap();
        let accounts = Accounts::new(Parts {
            data,
            keys,
            settings: self.accounts.settings.clone(),
            hasher: Hasher::new(FAST, 2, 64).unwrap(),
            mailer: Arc::clone(&self.mails) as Arc<dyn Mailer>,
            templates: Templates::load(None).unwrap(),
        });
        Self {
            mails: Arc::clone(&self.mails),
            engine: Arc::clone(&self.engine),
            publishable: self.publishable.clone(),
            secret: self.secret.clone(),
            secrets: self.secrets.clone(),
            surface: Surface::new(Arc::clone(&accounts)),
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            _home: None,
            accounts,
        }
    }

    /// Where the data lies.
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Lets seconds pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// The time.
    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// Asks with the publishable key: `"POST /signup"`, a body (null for none), and perhaps a user's token.
    pub(crate) fn ask(&self, line: &str, body: Value, token: Option<&str>) -> Reply {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("apikey", self.publishable.as_str())];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        self.call(line, &headers, body)
    }

    /// Asks with the secret key.
    pub(crate) fn admin(&self, line: &str, body: Value) -> Reply {
        let bearer = format!("Bearer {}", self.secret);
        self.call(line, &[("apikey", &self.secret), ("authorization", &bearer)], body)
    }

    /// Asks with the publishable key and these headers, from an address.
    pub(crate) fn from(&self, ip: &str, line: &str, headers: &[(&str, &str)], body: Value) -> Reply {
        let mut all = vec![("apikey", self.publishable.as_str())];
        all.extend(headers);
        self.send(ip.parse().unwrap(), line, &all, body)
    }

    /// Asks with these headers; a body that is a text is sent as it is.
    pub(crate) fn call(&self, line: &str, headers: &[(&str, &str)], body: Value) -> Reply {
        self.send(IpAddr::from([192, 0, 2, 1]), line, headers, body)
    }

    fn send(&self, ip: IpAddr, line: &str, headers: &[(&str, &str)], body: Value) -> Reply {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = if path.starts_with("/auth/v1") { path.to_owned() } else { format!("/auth/v1{path}") };
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let body = match body {
            Value::Null => Bytes::new(),
            Value::String(text) => Bytes::from(text),
            body => Bytes::from(body.to_string()),
        };
        let request = Request {
            method,
            path: &path,
            query,
            headers: &headers,
            body: &body,
            id: "test",
            now: self.now(),
        };
        let answer = {
            let _inside = RUNTIME.enter();
            self.surface.handle(&request, Some(ip))
        };
        let response = RUNTIME.block_on(answer.wait());
        let text = String::from_utf8_lossy(&response.body).into_owned();
        Reply {
            status: response.status,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            headers: response.headers.into_iter().map(|(name, value)| (name, value.into_owned())).collect(),
            text,
        }
    }

    /// Who a token stands for on the data surfaces.
    pub(crate) fn caller(&self, token: &str) -> Result<Caller, Problem> {
        let bearer = format!("Bearer {token}");
        let shown = Credentials { apikey: None, authorization: Some(&bearer), ..Credentials::default() };
        let asked = self.accounts.keys.caller(self.engine.schema(), &shown, self.now() / 1_000_000, None)?;
        RUNTIME.block_on(asked.wait())
    }

    /// The last mail to an address: its code and its link.
    pub(crate) fn mail(&self, to: &str) -> (String, String) {
        let mail = self.mails.last_to(to).unwrap_or_else(|| panic!("no mail to {to}"));
        let link = mail.text.split_whitespace().find(|word| word.starts_with("https://api.")).unwrap_or("");
        let after = mail.text.split("code ").nth(1).unwrap_or("");
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        (digits, link.to_owned())
    }

    /// Signs up and, where that is asked for, confirms; the session.
    pub(crate) fn sign_up(&self, email: &str) -> Reply {
        let reply = self.ask("POST /signup", serde_json::json!({"email": email, "password": PASSWORD}), None);
        assert_eq!(reply.status, 200, "{}", reply.text);
        if !reply.at("/access_token").is_empty() {
            return reply;
        }
        let (code, _) = self.mail(email);
        let body = serde_json::json!({"type": "signup", "email": email, "token": code});
        let reply = self.ask("POST /verify", body, None);
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply
    }
}

fn keyring(secrets: &Secrets) -> Keyring {
    Keyring::new(secrets, None, None).unwrap().signing_with("ES256")
}

fn authenticator(secrets: &Secrets, url: &str) -> Arc<Authenticator> {
    let expected = Expected { own_issuer: Some(format!("{URL}/auth/v1")), ..Expected::default() };
    let cookies = CookieRules { own: url.to_owned(), origins: Vec::new() };
    let options = Options { expected, cookies, ..Options::default() };
    Arc::new(Authenticator::new(keyring(secrets), options))
}

fn attach_sessions(accounts: &Arc<Accounts>, clock: &Arc<AtomicI64>) {
    let told = Arc::clone(clock);
    let now = move || told.load(Ordering::Relaxed);
    accounts.keys.attach_sessions(Arc::new(Sessions::new(accounts, Arc::new(now))));
}

async fn open(backend: Backend, rules: &Arc<Rules>, text: &str) -> (Arc<dyn Store>, Home) {
    let schema = || Arc::clone(rules.schema());
    let (store, home): (Arc<dyn Store>, Home) = match backend {
        Backend::Sqlite => {
            let folder = TempDir::new().unwrap();
            let store =
                SqliteStore::open(folder.path().join("bistro.db"), schema(), Default::default()).unwrap();
            (store, Home::Folder(folder))
        }
        Backend::Postgres => {
            let database = bistro_testkit::postgres();
            let store = PostgresStore::open(&database.url(), schema(), Default::default()).await.unwrap();
            (store, Home::Server(database))
        }
        Backend::Mysql => {
            let database = bistro_testkit::mysql();
            let store = MysqlStore::open(&database.url(), schema(), Default::default()).await.unwrap();
            (store, Home::Server(database))
        }
    };
    let steps = bistro_migrate::everything(rules.schema()).steps;
    let changes = steps.into_iter().map(|s| s.change).collect();
    let empty = store.with_schema(Arc::default());
    empty.apply(schema(), changes, text.to_owned()).await.unwrap();
    (store, home)
}
