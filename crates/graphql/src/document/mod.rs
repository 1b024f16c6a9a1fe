//! Texts of documents: read, counted, validated, and kept; and the plans that were made of each.
//!
//! [`Documents::read`] turns a text into a [`Document`] once for a set of roles, [`Document::plan`] finds or makes the plan
//! for the structure of a request's variables and puts their values in. A document and a structure that were seen before
//! are neither parsed, validated nor planned.

mod bind;
mod bound;
mod count;
mod parse;
mod skeleton;
pub(crate) mod variables;

use std::cell::{Cell, RefCell};
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use apollo_compiler::Node;
use apollo_compiler::executable::{self, ExecutableDocument};
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use bistro_engine::Engine;
use bistro_problem::{Code, Problem};
use bistro_schema::{Roles, SchemaView};
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use crate::Limits;
use crate::compile::{Compiler, Rules};
use crate::describe::Described;
use crate::failure::Failure;
use crate::plan::{Plan, Work};

pub(crate) use bind::{cost, cut};
pub(crate) use bound::{Bound, BoundRoot, PageNow};

/// The bytes of text that are kept parsed, all together; a parsed document takes about thirty times its text.
const TEXTS_MAX: u64 = 1 << 20;
/// How many texts that usually is. The cache is divided by it, and the largest document must find room in a part.
const TEXTS_USUAL: usize = 256;
/// The weight of the plans that are kept, as [`bistro_engine::Ready::weight`] has it: about twenty bytes each.
const PLANS_MAX: u64 = 2 << 20;
/// How many plans that usually is.
const PLANS_USUAL: usize = 512;

/// A text that was parsed, counted and validated once for a set of roles.
pub(crate) struct Document {
    pub(crate) executable: Valid<ExecutableDocument>,
    /// Tells its plans from those of other documents.
    number: u64,
    plans: Arc<Plans>,
}

type Plans = Cache<Box<[u8]>, Arc<Plan>, PlanWeight>;

/// The documents that were asked last, by text and roles, and their plans. Failures are not kept.
pub(crate) struct Documents {
    documents: Cache<(Box<str>, Roles), Arc<Document>, TextWeight>,
    plans: Arc<Plans>,
    next: AtomicU64,
}

impl Documents {
    pub(crate) fn new() -> Self {
        Self {
            documents: Cache::with_weighter(TEXTS_USUAL, TEXTS_MAX, TextWeight),
            plans: Arc::new(Cache::with_weighter(PLANS_USUAL, PLANS_MAX, PlanWeight)),
            next: AtomicU64::new(0),
        }
    }

    /// The document of a text.
    pub(crate) fn read(
        &self,
        described: &Arc<Described>,
        roles: Roles,
        text: &str,
        limits: &Limits,
    ) -> Result<Arc<Document>, Vec<Failure>> {
        parse::check_length(text, limits).map_err(|failure| vec![failure])?;
        if let Some(document) = self.documents.get(&Asked(text, roles)) {
            return Ok(document);
        }
        let executable = parse::parse(described, text, limits)?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let document = Arc::new(Document { executable, number, plans: Arc::clone(&self.plans) });
        self.documents.insert((text.into(), roles), Arc::clone(&document));
        Ok(document)
    }
}

impl Document {
    /// The operation that a request means, without planning it.
    pub(crate) fn operation(&self, name: Option<&str>) -> Result<&Node<executable::Operation>, Failure> {
        let name = name.filter(|name| !name.is_empty());
        self.executable.operations.get(name).map_err(|_| {
            let message = match name {
                _ if self.executable.operations.is_empty() => "The document has no operation".into(),
                Some(name) => format!("The document has no operation named {name}"),
                None => "The document has several operations, and the request names none".into(),
            };
            Problem::new(Code::OperationName, message).into()
        })
    }

    /// The plan for these variables, and their values in it.
    pub(crate) fn plan(
        &self,
        engine: &Engine,
        described: &Described,
        view: &Arc<SchemaView>,
        name: Option<&str>,
        variables: &JsonMap,
        limits: &Limits,
    ) -> Result<(Arc<Plan>, Bound), Vec<Failure>> {
        let operation = self.operation(name).map_err(|failure| vec![failure])?;
        let variables = variables::coerce(described, &self.executable, operation, variables)?;
        let rules = Rules { schema: view.schema(), limits };
        let key = skeleton::of((described, rules.schema), self.number, operation, &variables);
        if let Some(plan) = key.as_deref().and_then(|key| self.plans.get(key)) {
            let bound = bind::bind(&plan, rules, &variables)?;
            return Ok((plan, bound));
        }
        let (once, judged) = (Cell::new(false), RefCell::default());
        let compiler = Compiler {
            engine,
            described,
            view,
            document: &self.executable,
            operation,
            variables: &variables,
            limits,
            once: &once,
            judged: &judged,
        };
        let plan = Arc::new(compiler.plan()?);
        let bound = bind::bind(&plan, rules, &variables)?;
        if let Some(key) = key.filter(|_| !once.get() && bind::is_lasting(&plan)) {
            self.plans.insert(key.into(), Arc::clone(&plan));
        }
        Ok((plan, bound))
    }
}

/// A key of the cache that is only looked for.
#[derive(Hash)]
struct Asked<'a>(&'a str, Roles);

impl Equivalent<(Box<str>, Roles)> for Asked<'_> {
    fn equivalent(&self, (text, roles): &(Box<str>, Roles)) -> bool {
        *self.0 == **text && self.1 == *roles
    }
}

#[derive(Clone)]
struct TextWeight;

impl Weighter<(Box<str>, Roles), Arc<Document>> for TextWeight {
    fn weight(&self, (text, _): &(Box<str>, Roles), _: &Arc<Document>) -> u64 {
        text.len() as u64 + 64
    }
}

#[derive(Clone)]
struct PlanWeight;

impl Weighter<Box<[u8]>, Arc<Plan>> for PlanWeight {
    fn weight(&self, key: &Box<[u8]>, plan: &Arc<Plan>) -> u64 {
        let roots = plan.roots.iter().map(|root| match &root.work {
            Work::Known(bytes) => bytes.len() / 20,
            Work::Read(reading) | Work::Live(reading) => {
                reading.parts.iter().map(|part| part.ready.weight()).sum()
            }
            Work::Write(writing) => writing.weight(),
            Work::Entities(_) | Work::Changes(_) => 1_024,
        });
        (key.len() / 20 + roots.sum::<usize>()) as u64 + 64
    }
}
