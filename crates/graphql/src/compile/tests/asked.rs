//! A request of a case, and who answers it.

use std::sync::{Arc, LazyLock};

use apollo_compiler::response::JsonMap;
use bistro_engine::Engine;
use bistro_policy::Rules;
use bistro_schema::{Roles, SchemaView};
use bistro_store_memory::MemoryStore;

use crate::Limits;
use crate::compile::cursor;
use crate::describe::{Described, Options};
use crate::document::{Bound, Documents};
use crate::failure::Failure;
use crate::plan::Plan;

/// A document and what goes with it.
#[derive(Clone, Default)]
pub(super) struct Asked {
    pub(super) roles: Vec<String>,
    pub(super) schema: String,
    pub(super) global_ids: bool,
    pub(super) federation: bool,
    pub(super) operation: Option<String>,
    pub(super) variables: JsonMap,
    pub(super) text: String,
}

/// An engine, and the schema as some roles see it.
pub(super) struct Setting {
    pub(super) engine: Arc<Engine>,
    pub(super) view: Arc<SchemaView>,
    pub(super) described: Arc<Described>,
    pub(super) documents: Documents,
    pub(super) limits: Limits,
}

impl Asked {
    /// The request of a case, apart from its title.
    pub(super) fn read(case: &str) -> Self {
        let (head, text) = case.split_once("\n\n").expect("a document behind an empty line");
        let (head, text) = (with_cursors(head), with_cursors(text));
        let mut asked = Self { schema: "blog".into(), text, ..Self::default() };
        for line in head.lines().skip(1) {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            match name {
                "as" => asked.roles = value.split(' ').map(str::to_owned).collect(),
                "schema" => asked.schema = value.into(),
                "global ids" => asked.global_ids = true,
                "federation" => asked.federation = true,
                "operation" => asked.operation = Some(value.into()),
                "variables" => {
                    asked.variables = serde_json::from_str(value).expect("variables are an object")
                }
                other => panic!("{other} is no header"),
            }
        }
        asked
    }

    /// Whoever answers it.
    pub(super) fn setting(&self) -> Setting {
        let engine = Arc::clone(match self.schema.as_str() {
            "blog" => &BLOG,
            "fixture" => &FIXTURE,
            "shapes" => &SHAPES,
            other => panic!("{other} is no schema"),
        });
        let roles = self.roles.iter().fold(Roles::ANON, |set, name| match name.as_str() {
            "user" => Roles::AUTHENTICATED,
            "service" => Roles::SERVICE,
            name => set.with(engine.schema().roles_named([name])),
        });
        let view = engine.view(roles);
        let options = Options { global_ids: self.global_ids, federation: self.federation };
        let described = Arc::new(Described::new(&view, options).expect("a description"));
        Setting { engine, view, described, documents: Documents::new(), limits: Limits::default() }
    }
}

impl Setting {
    /// The plan of a request and its values.
    pub(super) fn plan(&self, asked: &Asked) -> Result<(Arc<Plan>, Bound), Vec<Failure>> {
        let document = self.documents.read(&self.described, self.view.roles(), &asked.text, &self.limits)?;
        let (name, variables) = (asked.operation.as_deref(), &asked.variables);
        document.plan(&self.engine, &self.described, &self.view, name, variables, &self.limits)
    }
}

/// `«Post slug false false=['a']»` is the cursor of these values in this order.
fn with_cursors(text: &str) -> String {
    let mut out = String::new();
    for (n, part) in text.split(['«', '»']).enumerate() {
        match part.split_once('=').filter(|_| n % 2 == 1) {
            Some((order, values)) => {
                let values = values.replace('\'', "\"");
                out.push_str(&cursor::write(bistro_ir::keyset::signature_of(order), values.as_bytes()));
            }
            None => out.push_str(part),
        }
    }
    out
}

static BLOG: LazyLock<Arc<Engine>> =
    LazyLock::new(|| engine(include_str!("../../../../../examples/blog/schema.graphql")));
static FIXTURE: LazyLock<Arc<Engine>> =
    LazyLock::new(|| engine(include_str!("../../../../../tests/fixture/schema.graphql")));
static SHAPES: LazyLock<Arc<Engine>> = LazyLock::new(|| engine(include_str!("schema.graphql")));

fn engine(file: &str) -> Arc<Engine> {
    let checked = bistro_sdl::read("schema.graphql", file);
    assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
    let schema = Arc::new(checked.schema);
    let (rules, diagnostics) = Rules::compile(Arc::clone(&schema));
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    Engine::new(MemoryStore::new(schema), Arc::new(rules), bistro_engine::Options::default())
}
