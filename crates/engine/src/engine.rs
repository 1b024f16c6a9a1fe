//! The engine of one schema: its rules, its store, and the plans that are ready.

use std::sync::{Arc, OnceLock};

use bistro_ir::{Action, Body, Operation};
use bistro_plan::{Bind, Limits, PlanBody};
use bistro_policy::Rules;
use bistro_problem::Problem;
use bistro_schema::{Action as Verb, Roles, Schema, SchemaView};
use bistro_store::Store;
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use crate::attached::{Attached, Touches};
use crate::context::Options;
use crate::feed::{self, Feed, Types};
use crate::problem::problem;
use crate::ready::Ready;
use crate::scope::Named;
use crate::values::Patterns;

/// The engine of one schema. A changed schema makes a new engine; requests in flight keep the old one.
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) options: Options,
    pub(crate) patterns: Patterns,
    pub(crate) attached: OnceLock<Arc<dyn Attached>>,
    feed: Arc<Feed>,
    ready: Cache<(Operation, Roles), Arc<Ready>, Weight>,
    views: Cache<Roles, Arc<SchemaView>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine for the schema of `rules`, over a store that follows it.
    pub fn new(store: Arc<dyn Store>, rules: Arc<Rules>, options: Options) -> Arc<Self> {
        let patterns = Patterns::new(rules.schema());
        let most = options.plans as u64 * WEIGHT_USUAL;
        let (ready, views) = (Cache::with_weighter(options.plans, most, Weight), Cache::new(256));
        let feed = Feed::new(rules.schema());
        let attached = OnceLock::new();
        Arc::new(Self { store, rules, options, patterns, attached, feed, ready, views })
    }

    /// The schema.
    pub fn schema(&self) -> &Arc<Schema> {
        self.rules.schema()
    }

    /// The compiled rules.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// The caps.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What is told of changes, once they are committed. It hears of the writes through this engine; other nodes' are their
    /// own.
    pub fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// Whether a read may give something else though [`Engine::feed`] told of nothing: others write to the same database, or
    /// its rules look at the time.
    pub fn drifts(&self, ready: &Ready) -> bool {
        !self.store.capabilities().embedded || ready.binds.contains(&Bind::Now)
    }

    /// The types whose rows decide what a read gives.
    pub fn types_of(&self, ready: &Ready) -> Types {
        match &ready.types {
            Some(types) => types.clone(),
            None => feed::every(self.schema()),
        }
    }

    /// What these roles can see.
    pub fn view(&self, roles: Roles) -> Arc<SchemaView> {
        if let Some(view) = self.views.get(&roles) {
            return view;
        }
        let view = Arc::new(SchemaView::new(Arc::clone(self.schema()), roles));
        self.views.insert(roles, Arc::clone(&view));
        view
    }

    /// The lower-case names of the headers that rules read; a request need bring no others.
    pub fn rule_headers(&self) -> &[String] {
        self.rules.headers()
    }

    /// Authorises and plans an operation for these roles, or finds that done.
    pub fn ready(&self, roles: Roles, operation: &Operation) -> Result<Arc<Ready>, Problem> {
        if let Some(ready) = self.ready.get(&Asked(operation, roles)) {
            return Ok(ready);
        }
        let ready = Arc::new(self.make_ready(roles, operation)?);
        self.ready.insert((operation.clone(), roles), Arc::clone(&ready));
        Ok(ready)
    }

    /// The plans that are kept.
    pub(crate) fn plans(&self) -> impl Iterator<Item = ((Operation, Roles), Arc<Ready>)> {
        self.ready.iter()
    }

    fn make_ready(&self, roles: Roles, operation: &Operation) -> Result<Ready, Problem> {
        let authorized = bistro_policy::authorize(&self.rules, roles, operation).map_err(|e| e.problem())?;
        let limits = Limits { embed_rows: self.options.embed_rows, embed_depth: self.options.embed_depth };
        let plan = bistro_plan::plan(&self.rules, &authorized, self.store.capabilities(), &limits)
            .map_err(|e| e.problem())?;
        let rule = authorized.rule_texts(verb(operation));
        let weight = bistro_ir::text::operation(self.schema(), operation).len();
        let (types, touches) = match &plan.body {
            PlanBody::Read(select) => (Some(feed::types_of(self.schema(), select)), Touches::default()),
            PlanBody::Write(write) => {
                (None, Touches::of(self.schema(), write, &self.feed.goes_on_to(write.ty)))
            }
        };
        let named = Named::of(self.schema(), operation);
        Ready::prepare(self.store.as_ref(), roles, plan, (rule, weight, types), (named, touches))
            .map_err(|e| problem(&self.view(roles), e, &[]))
    }
}

/// The weight that most operations stay below: so many on average fill the cache. Callers write operations, and a few
/// thousand of the largest would take gigabytes.
const WEIGHT_USUAL: u64 = 1_024;

#[derive(Clone, Debug)]
struct Weight;

impl Weighter<(Operation, Roles), Arc<Ready>> for Weight {
    fn weight(&self, _: &(Operation, Roles), ready: &Arc<Ready>) -> u64 {
        ready.weight.max(1) as u64
    }
}

/// A key of the cache that is only looked for: it hashes as the owned one does.
#[derive(Hash)]
struct Asked<'a>(&'a Operation, Roles);

impl Equivalent<(Operation, Roles)> for Asked<'_> {
    fn equivalent(&self, (operation, roles): &(Operation, Roles)) -> bool {
        self.0 == operation && self.1 == *roles
    }
}

/// What rules call the operation.
fn verb(operation: &Operation) -> Verb {
    match &operation.body {
        Body::Read(_) => Verb::Read,
        Body::Write(write) => match write.action {
            Action::Insert { .. } => Verb::Create,
            Action::Update { .. } => Verb::Update,
            Action::Delete { .. } => Verb::Delete,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use bistro_ir::{Expr, Read};
    use bistro_schema::TypeId;

    use super::*;

    #[test]
    fn regress_large_plans_do_not_add_up() {
        let ready = |weight| {
            let body = crate::ready::ReadyBody::Read(Arc::new(()));
            Arc::new(Ready {
                roles: Roles::ANON,
                binds: Vec::new(),
                plain: true,
                body,
                rule: String::new(),
                weight,
                types: None,
                named: Named::default(),
                touches: Touches::default(),
                statistics: Default::default(),
            })
        };
        let operation = |ty| {
            let (select, order, filter) = (Vec::new(), Vec::new(), Expr::TRUE);
            let (limit, offset, total) = (None, None, false);
            let read = Read { ty: TypeId(ty), select, filter, order, limit, offset, total };
            (Operation { body: Body::Read(read), params: Vec::new() }, Roles::ANON)
        };
        let cache = Cache::with_weighter(64, 64 * WEIGHT_USUAL, Weight);
        (0..1_000).for_each(|n| cache.insert(operation(n), ready(30_000)));
        assert!(cache.weight() <= 64 * WEIGHT_USUAL && cache.len() <= 2);
        (0..32).for_each(|n| cache.insert(operation(n), ready(300)));
        assert!(cache.len() >= 16);
    }

    #[test]
    fn a_borrowed_key_hashes_as_the_owned_one() {
        let (select, order) = (Vec::new(), Vec::new());
        let read = Read {
            ty: TypeId(1),
            select,
            filter: Expr::TRUE,
            order,
            limit: None,
            offset: None,
            total: false,
        };
        let operation = Operation { body: Body::Read(read), params: Vec::new() };
        let hasher = RandomState::new();
        let borrowed = hasher.hash_one(Asked(&operation, Roles::ANON));
        assert_eq!(borrowed, hasher.hash_one((operation, Roles::ANON)));
    }
}
