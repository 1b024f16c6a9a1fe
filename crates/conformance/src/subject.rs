//! What sits the exam: an engine over a store, and the callers who ask.

use std::sync::Arc;

use bistro_engine::{Context, Engine, Options};
use bistro_ir::Caller;
use bistro_policy::Rules;
use bistro_schema::Schema;
use bistro_store::{Capabilities, Store};

use crate::runtime::wait;

/// The suite's schema file.
pub const SCHEMA: &str = include_str!("../schema.graphql");

/// The instant at which every operation runs.
pub const NOW: i64 = 1_760_000_000_000_000;

/// The suite's schema and rules.
///
/// # Panics
/// If the schema file has a mistake.
pub fn rules() -> Arc<Rules> {
    let checked = bistro_sdl::read("schema.graphql", SCHEMA);
    let (rules, found) = Rules::compile(Arc::new(checked.schema));
    let all: Vec<_> = checked.diagnostics.into_iter().chain(found).filter(|d| d.is_error()).collect();
    assert!(all.is_empty(), "{}", bistro_sdl::report("schema.graphql", SCHEMA, &all, false));
    Arc::new(rules)
}

/// A store under examination.
pub struct Subject {
    /// Its name in the matrix.
    pub name: &'static str,
    /// The engine over it.
    pub engine: Arc<Engine>,
    /// What its store can do.
    pub able: Capabilities,
}

impl Subject {
    /// An engine over an empty store, whose tables are made first.
    ///
    /// # Panics
    /// If the store cannot make the tables.
    pub fn new(name: &'static str, store: Arc<dyn Store>, rules: &Arc<Rules>) -> Self {
        let steps = bistro_migrate::everything(rules.schema()).steps;
        let changes = steps.into_iter().map(|s| s.change).collect();
        let applied = wait(store.apply(Arc::clone(rules.schema()), changes, SCHEMA.to_owned()));
        applied.expect("an empty store takes the suite's tables");
        let able = *store.capabilities();
        Self { name, able, engine: Engine::new(store, Arc::clone(rules), Options::default()) }
    }

    /// An engine of the same rules over another store, whose tables are there.
    pub fn over(name: &'static str, store: Arc<dyn Store>, like: &Arc<Engine>) -> Self {
        let able = *store.capabilities();
        Self { name, able, engine: Engine::new(store, Arc::clone(like.rules()), Options::default()) }
    }
}

/// The people of the suite: their ids are fixed, so that both sides agree.
pub fn person(n: usize) -> [u8; 16] {
    let mut id = [0; 16];
    (id[0], id[6], id[8], id[15]) = (1, 0x70, 0x80, n as u8 + 1);
    id
}

/// Who asks: nobody, two people, an editor, the project itself.
pub fn callers(schema: &Schema) -> Vec<(&'static str, Context)> {
    let editor = schema.roles_named(["editor"]);
    let all = [
        ("anon", Caller::anonymous()),
        ("ada", Caller::user(person(0))),
        ("bob", Caller::user(person(1))),
        ("editor", Caller::user(person(2)).with_roles(editor)),
        ("service", Caller::service()),
    ];
    all.into_iter().map(|(name, caller)| (name, Context::new(caller, NOW))).collect()
}
