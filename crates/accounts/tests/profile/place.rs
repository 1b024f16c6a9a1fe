//! Accounts over an empty store of each engine.

use std::sync::Arc;

use bistro_accounts::data::records::Account;
use bistro_accounts::data::{Data, Rows as _, is};
use bistro_accounts::flows::account::{New, create};
use bistro_accounts::flows::signup::{Application, SignedUp, with_password};
use bistro_accounts::profile;
use bistro_accounts::{Accounts, Parts, Settings, Visit};
use bistro_auth::{Authenticator, Keyring, Secrets};
use bistro_engine::{Context, Engine, Options, Work};
use bistro_ir::{
    Action, Body, Caller, Compare, Expr, Input, Item, Operand, Operation, Param, ParamId, Read, Root, Write,
};
use bistro_mail::{Catch, Templates};
use bistro_password::{Cost, Hasher};
use bistro_policy::Rules;
use bistro_problem::Problem;
use bistro_schema::{Roles, Value, text};
use bistro_store::{Collect, Store};
use bistro_store_mysql::MysqlStore;
use bistro_store_postgres::PostgresStore;
use bistro_store_sqlite::SqliteStore;
use serde_json::{Map, Value as Json};
use tempfile::TempDir;
use uuid::Uuid;

/// The time of every visit: 2025-10-09.
pub(crate) const NOW: i64 = 1_760_000_000_000_000;

/// Where the tables are, for as long as they are used: a folder or a database, which go with the value.
type Home = Box<dyn std::any::Any>;

/// Accounts over a store.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) engine: Arc<Engine>,
    runtime: tokio::runtime::Runtime,
    store: Arc<dyn Store>,
    _home: Home,
}

/// Work in a transaction of the system tables, with the accounts that it is about.
type Step<T> = Box<
    dyn for<'s, 't> FnOnce(
            &'s mut bistro_accounts::data::Tx<'t>,
            Arc<Accounts>,
        ) -> futures_util::future::BoxFuture<'s, Result<T, Problem>>
        + Send,
>;

/// One for each engine, with the tables of a schema.
pub(crate) fn places(schema: &str) -> Vec<Place> {
    ["sqlite", "postgres", "mysql"].map(|name| Place::new(name, schema)).into()
}

impl Place {
    pub(crate) fn new(name: &'static str, text: &str) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let rules = rules(text);
        let schema = || Arc::clone(rules.schema());
        let (store, home): (Arc<dyn Store>, Home) = match name {
            "sqlite" => {
                let folder = TempDir::new().unwrap();
                let path = folder.path().join("bistro.db");
                (SqliteStore::open(path, schema(), Default::default()).unwrap(), Box::new(folder))
            }
            "postgres" => {
                let database = bistro_testkit::postgres();
                let opened =
                    runtime.block_on(PostgresStore::open(&database.url(), schema(), Default::default()));
                (opened.unwrap(), Box::new(database))
            }
            _ => {
                let database = bistro_testkit::mysql();
                let opened =
                    runtime.block_on(MysqlStore::open(&database.url(), schema(), Default::default()));
                (opened.unwrap(), Box::new(database))
            }
        };
        let steps = bistro_migrate::everything(rules.schema()).steps;
        let changes = steps.into_iter().map(|step| step.change).collect();
        runtime.block_on(store.apply(schema(), changes, text.to_owned())).unwrap();
        let engine = Engine::new(Arc::clone(&store), rules, Options::default());
        let data = runtime.block_on(Data::open(&store, Arc::clone(&engine))).unwrap();
        let accounts = Accounts::new(parts(data));
        Self { name, accounts, engine, runtime, store, _home: home }
    }

    /// Serves the schema by another engine from now on, as after it was changed.
    pub(crate) fn reload(&mut self) {
        let rules = Arc::clone(self.engine.rules());
        self.engine = Engine::new(Arc::clone(&self.store), rules, Options::default());
        self.accounts.replace_project(Arc::clone(&self.engine));
    }

    /// Runs work in one transaction.
    pub(crate) fn transact<T: Send + 'static>(&self, step: Step<T>) -> Result<T, Problem> {
        let accounts = Arc::clone(&self.accounts);
        let work: Work<T> = Box::new(move |tx| step(tx, accounts));
        self.runtime.block_on(self.accounts.data.transact(NOW, work))
    }

    /// Signs somebody up.
    pub(crate) fn sign_up(&self, new: New) -> Result<Account, Problem> {
        self.transact(Box::new(|tx, accounts| {
            Box::pin(async move { create(tx, &accounts, &visit(), new).await })
        }))
    }

    /// Signs somebody up with a password, as an application asks for it; what it comes to.
    pub(crate) fn apply(&self, email: &str, data: &str) -> String {
        let application = Application {
            email: email.to_owned(),
            password: "correct horse battery staple".to_owned(),
            data: object(data),
            redirect_to: "http://127.0.0.1:3000".to_owned(),
            challenge: None,
        };
        match self.runtime.block_on(with_password(&self.accounts, &visit(), application)) {
            Ok(SignedUp::Waits(..)) => "waits".to_owned(),
            Ok(SignedUp::Session(_)) => "session".to_owned(),
            Err(problem) => format!("{} {}", problem.status, problem.message),
        }
    }

    /// Deletes the account with an address, if there is one, and its row.
    pub(crate) fn forget(&self, email: &'static str) {
        let gone = self.transact(Box::new(move |tx, accounts| {
            Box::pin(async move {
                if let Some(account) = tx.one::<Account>(is("email", email)).await? {
                    profile::remove(tx, &accounts, &visit(), account.id).await?;
                }
                Ok(())
            })
        }));
        gone.unwrap();
    }

    /// How many rows of the account type there are.
    pub(crate) fn rows(&self) -> usize {
        let ty = self.engine.schema().account().unwrap();
        let (select, order) = (Vec::new(), Vec::new());
        let read = Read { ty, select, filter: Expr::TRUE, order, limit: None, offset: None, total: false };
        self.run(Caller::service(), Body::Read(read), Uuid::nil(), Vec::new()).unwrap().values().len()
    }

    /// The account, if it is there.
    pub(crate) fn account(&self, id: Uuid) -> Option<Account> {
        self.runtime.block_on(self.accounts.data.one::<Account>(is("id", id))).unwrap()
    }

    /// Runs one operation for a caller.
    pub(crate) fn run(
        &self,
        caller: Caller,
        body: Body,
        id: Uuid,
        row: Vec<Value>,
    ) -> Result<Collect, Problem> {
        let operation = Operation { body, params: vec![Param { scalar: self.key().1 }] };
        let rows = vec![row.into_iter().map(Some).collect()];
        let input = Input { params: vec![Value::Uuid(id.into_bytes())], rows, ..Input::default() };
        let work: Work<Collect> = Box::new(move |session| {
            Box::pin(async move {
                let ready = session.engine().ready(session.context().caller.roles, &operation)?;
                let mut found = Collect::new();
                session.run(&ready, &input, &mut found).await?;
                Ok(found)
            })
        });
        self.runtime.block_on(self.engine.transact(Context::new(caller, NOW), work))
    }

    /// Makes a row of the account type without an account.
    pub(crate) fn insert(&self, id: Uuid, texts: &[(&str, &str)]) -> Result<(), Problem> {
        let mut row = vec![("id", Value::Uuid(id.into_bytes()))];
        row.extend(texts.iter().map(|(name, text)| (*name, Value::text(*text))));
        let ty = self.engine.schema().account().unwrap();
        let name = self.engine.schema().ty(ty).name.clone();
        self.insert_into(&name, &row)
    }

    /// Makes a row.
    pub(crate) fn insert_into(&self, ty: &str, row: &[(&str, Value)]) -> Result<(), Problem> {
        let ty = self.engine.schema().by_name(ty).unwrap();
        let of = self.engine.schema().ty(ty);
        let columns = row.iter().map(|(name, _)| of.field_named(name).unwrap()).collect();
        let action = Action::Insert { columns, conflict: None };
        let body = Body::Write(Write { ty, action, returning: None });
        let values = row.iter().map(|(_, value)| value.clone()).collect();
        self.run(Caller::service(), body, Uuid::nil(), values).map(drop)
    }

    /// The condition that it is the row of the first parameter.
    pub(crate) fn own(&self) -> Expr {
        Expr::Compare(Compare::Eq, Operand::Field(Root::Scope(0), self.key().0), Operand::Param(ParamId(0)))
    }

    fn key(&self) -> (bistro_schema::FieldId, bistro_schema::Scalar) {
        let ty = self.engine.schema().ty(self.engine.schema().account().unwrap());
        (ty.key[0], ty.field(ty.key[0]).scalar)
    }

    /// Fields of a row as `name=value`, as the project's key reads them; nothing where it is not there.
    pub(crate) fn row(&self, id: Uuid, fields: &[&str]) -> Option<String> {
        let ty = self.engine.schema().account().unwrap();
        let of = self.engine.schema().ty(ty);
        let item = |name: &&str| {
            let operand = Operand::Field(Root::Scope(0), of.field_named(name).unwrap());
            Item::Value { key: (*name).to_owned(), operand, cast: None }
        };
        let select = fields.iter().map(item).collect();
        let (filter, order) = (self.own(), Vec::new());
        let read = Read { ty, select, filter, order, limit: None, offset: None, total: false };
        let rows = self.run(Caller::service(), Body::Read(read), id, Vec::new()).unwrap().values();
        let values = rows.into_iter().next()?;
        let shown = fields.iter().zip(values).map(|(name, value)| format!("{name}={}", plain(&value)));
        Some(shown.collect::<Vec<_>>().join(" "))
    }
}

fn plain(value: &Value) -> String {
    if value.is_null() {
        return "null".to_owned();
    }
    let mut out = Vec::new();
    text::write_plain(value.borrow(), &mut out);
    String::from_utf8(out).unwrap()
}

/// Who asks, in every test.
pub(crate) fn visit() -> Visit {
    Visit::new(None, "test", "test", NOW)
}

/// An object, written as JSON.
pub(crate) fn object(text: &str) -> Map<String, Json> {
    match serde_json::from_str(text) {
        Ok(Json::Object(map)) => map,
        other => panic!("{text} is no object: {other:?}"),
    }
}

/// The signed-in person of an account.
pub(crate) fn person(id: Uuid) -> Caller {
    Caller::user(id.into_bytes()).with_roles(Roles::NONE)
}

fn rules(text: &str) -> Arc<Rules> {
    let checked = bistro_sdl::read("schema.graphql", text);
    let (rules, found) = Rules::compile(Arc::new(checked.schema));
    let all: Vec<_> = checked.diagnostics.into_iter().chain(found).filter(|d| d.is_error()).collect();
    assert!(all.is_empty(), "{}", bistro_sdl::report("schema.graphql", text, &all, false));
    Arc::new(rules)
}

fn parts(data: Data) -> Parts {
    let secrets = Secrets::generate(NOW / 1_000_000).unwrap();
    let keys = Keyring::new(&secrets, None, None).unwrap();
    Parts {
        data,
        keys: Arc::new(Authenticator::new(keys, Default::default())),
        settings: Settings { mail: true, ..Settings::default() },
        hasher: Hasher::new(Cost { memory: 64, passes: 1 }, 1, 1).unwrap(),
        mailer: Arc::new(Catch::new()),
        templates: Templates::load(None).unwrap(),
    }
}
