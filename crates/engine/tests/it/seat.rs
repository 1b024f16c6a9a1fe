//! An engine over each store that needs no server, and operations written in one line.

use std::sync::Arc;

use bistro_engine::{Changed, Context, Engine, Event, Listener, Options, Types};
use bistro_ir::{
    Action, Body, Caller, Compare, Conflict, Expr, Input, Operand, Operation, Param, ParamId, Root, Write,
};
use bistro_policy::Rules;
use bistro_problem::Problem;
use bistro_schema::{Scalar, Schema, Type, TypeId, Value, literal};
use bistro_store::{Collect, Store};
use bistro_store_memory::MemoryStore;
use bistro_store_sqlite::SqliteStore;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tempfile::TempDir;

const SCHEMA: &str = include_str!("schema.graphql");
pub(crate) const NOW: i64 = 1_760_000_000_000_000;

/// An engine over an empty store.
pub(crate) struct Seat {
    pub(crate) name: &'static str,
    pub(crate) engine: Arc<Engine>,
    _folder: Option<TempDir>,
}

/// The id of a person.
pub(crate) fn person(n: u8) -> [u8; 16] {
    let mut id = [0; 16];
    (id[0], id[6], id[8], id[15]) = (1, 0x70, 0x80, n);
    id
}

pub(crate) fn rules() -> Arc<Rules> {
    rules_of(SCHEMA)
}

fn rules_of(text: &str) -> Arc<Rules> {
    let checked = bistro_sdl::read("schema.graphql", text);
    let (rules, found) = Rules::compile(Arc::new(checked.schema));
    let all: Vec<_> = checked.diagnostics.into_iter().chain(found).filter(|d| d.is_error()).collect();
    assert!(all.is_empty(), "{}", bistro_sdl::report("schema.graphql", text, &all, false));
    Arc::new(rules)
}

/// One of each store, empty.
pub(crate) fn seats() -> [Seat; 2] {
    seats_of(SCHEMA)
}

/// The same with another schema.
pub(crate) fn seats_of(text: &str) -> [Seat; 2] {
    let rules = rules_of(text);
    let schema = || Arc::clone(rules.schema());
    let folder = TempDir::new().unwrap();
    let file = SqliteStore::open(folder.path().join("bistro.db"), schema(), Default::default()).unwrap();
    [seat("memory", MemoryStore::new(schema()), &rules, None), seat("sqlite", file, &rules, Some(folder))]
}

pub(crate) fn seat(
    name: &'static str,
    store: Arc<dyn Store>,
    rules: &Arc<Rules>,
    folder: Option<TempDir>,
) -> Seat {
    let steps = bistro_migrate::everything(rules.schema()).steps;
    let changes = steps.into_iter().map(|s| s.change).collect();
    wait(store.apply(Arc::clone(rules.schema()), changes, SCHEMA.to_owned())).unwrap();
    Seat { name, engine: Engine::new(store, Arc::clone(rules), Options::default()), _folder: folder }
}

/// Waits on this thread.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    loop {
        if let Some(value) = future.as_mut().now_or_never() {
            return value;
        }
        std::thread::sleep(std::time::Duration::from_micros(200));
    }
}

pub(crate) fn service() -> Context {
    Context::new(Caller::service(), NOW)
}

impl Seat {
    pub(crate) fn schema(&self) -> &Arc<Schema> {
        self.engine.schema()
    }

    pub(crate) fn ty(&self, name: &str) -> TypeId {
        let mut types = self.schema().types();
        types
            .find(|(_, ty)| ty.name == name || ty.collection == name)
            .unwrap_or_else(|| panic!("no type {name}"))
            .0
    }

    pub(crate) fn types(&self, names: &str) -> Types {
        names.split_whitespace().map(|name| self.ty(name)).collect()
    }

    /// Runs the operations of a line, parted by `;`, in one transaction; `fail` rolls it back.
    pub(crate) fn transact(&self, line: &str) -> Result<(), Problem> {
        wait(self.begin(line))
    }

    /// The transaction of [`Seat::transact`], not waited for.
    pub(crate) fn begin(&self, line: &str) -> BoxFuture<'static, Result<(), Problem>> {
        let steps: Vec<Option<(Operation, Input)>> = line
            .split(';')
            .map(str::trim)
            .map(|step| (step != "fail").then(|| self.operation(step)))
            .collect();
        self.engine.transact(
            service(),
            Box::new(move |session| {
                Box::pin(async move {
                    for step in &steps {
                        let Some((operation, input)) = step else { return Err(Problem::bug("rolled back")) };
                        let ready = session.engine().ready(session.context().caller.roles, operation)?;
                        session.run(&ready, input, &mut Collect::new()).await?;
                    }
                    Ok(())
                })
            }),
        )
    }

    /// `insert Type field=value …`, `upsert …`, `update Type field=value set field=value …`, `delete Type field=value`;
    /// several rows of an insert are parted by `/`. Values have no spaces.
    pub(crate) fn operation(&self, step: &str) -> (Operation, Input) {
        let mut words = step.split_whitespace();
        let (verb, name) = (words.next().unwrap(), words.next().unwrap());
        let id = self.ty(name);
        let rest: Vec<&str> = words.collect();
        let (action, params, given, rows) = match verb {
            "insert" | "upsert" => {
                let rows: Vec<_> = rest.split(|word| *word == "/").map(|row| self.values(id, row)).collect();
                let columns = rows[0].iter().map(|(f, _)| *f).collect();
                let key = self.schema().ty(id).key.clone();
                let conflict = (verb == "upsert").then_some(Conflict { fields: key, merge: true });
                let rows = rows.into_iter().map(|row| row.into_iter().map(|(_, v)| Some(v)).collect());
                (Action::Insert { columns, conflict }, Vec::new(), Vec::new(), rows.collect())
            }
            _ => {
                let (filter, set) = match rest.iter().position(|word| *word == "set") {
                    Some(at) => (&rest[..at], &rest[at + 1..]),
                    None => (&rest[..], &[][..]),
                };
                let (filter, params, given) = self.filter(id, filter);
                let set = self.values(id, set);
                let columns = set.iter().map(|(f, _)| *f).collect();
                let rows = vec![set.into_iter().map(|(_, v)| Some(v)).collect()];
                let action = match verb {
                    "update" => Action::Update { filter, columns },
                    "delete" => Action::Delete { filter },
                    _ => panic!("no verb {verb}"),
                };
                (action, params, given, rows)
            }
        };
        let body = Body::Write(Write { ty: id, action, returning: None });
        (Operation { body, params }, Input { params: given, rows, ..Input::default() })
    }

    /// Equalities of fields, as a condition with its values.
    pub(crate) fn filter(&self, ty: TypeId, words: &[&str]) -> (Expr, Vec<Param>, Vec<Value>) {
        let values = self.values(ty, words);
        let scalar = |f: &bistro_schema::FieldId| Param { scalar: self.schema().ty(ty).field(*f).scalar };
        let params = values.iter().map(|(f, _)| scalar(f)).collect();
        let equals = values.iter().enumerate().map(|(n, (f, _))| {
            let left = Operand::Field(Root::Scope(0), *f);
            Expr::Compare(Compare::Eq, left, Operand::Param(ParamId(n as u16)))
        });
        (Expr::all(equals), params, values.into_iter().map(|(_, v)| v).collect())
    }

    fn values(&self, ty: TypeId, words: &[&str]) -> Vec<(bistro_schema::FieldId, Value)> {
        let of: &Type = self.schema().ty(ty);
        let value = |word: &&str| {
            let (name, text) = word.split_once('=').unwrap();
            let field = of.field_named(name).unwrap_or_else(|| panic!("no field {name}"));
            let scalar: Scalar = of.field(field).scalar;
            let value = match text {
                "null" => Value::Null,
                _ if scalar.kind.is_uuid() => Value::Uuid(person(text.parse().unwrap())),
                _ => literal::parse(self.schema(), scalar, text).unwrap(),
            };
            (field, value)
        };
        words.iter().map(value).collect()
    }

    /// What a listener has heard, a line each commit.
    pub(crate) fn heard(&self, listener: &mut Listener) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(next) = listener.next().now_or_never() {
            lines.push(match next {
                Some(Ok(commit)) => {
                    commit.changes().iter().map(|change| self.line(change)).collect::<Vec<_>>().join(", ")
                }
                Some(Err(lagged)) => format!("{lagged:?}"),
                None => {
                    lines.push("closed".into());
                    break;
                }
            });
        }
        lines
    }

    fn line(&self, change: &Changed) -> String {
        let name = &self.schema().ty(change.ty()).name;
        match change {
            Changed::Row { event, key, old, .. } => {
                let sign = match event {
                    Event::Insert => '+',
                    Event::Update => '~',
                    Event::Delete => '-',
                };
                assert_eq!(
                    old.is_some(),
                    *event == Event::Delete,
                    "a row that is gone comes with what it held"
                );
                let key = key.iter().map(|value| match value {
                    Value::Uuid(id) => id[15].to_string(),
                    Value::Int(n) => n.to_string(),
                    other => format!("{other:?}"),
                });
                format!("{sign}{name} {}", key.collect::<Vec<_>>().join("/"))
            }
            Changed::Rows(_) => format!("*{name}"),
            Changed::Unknown(_) => format!("?{name}"),
        }
    }
}
