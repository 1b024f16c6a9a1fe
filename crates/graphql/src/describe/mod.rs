//! The GraphQL schema that a caller sees: what its roles cannot see is not in it, under no name and in no description.
//!
//! Made once for a set of roles and kept. Beside the schema stands what each of its names means.

mod aggregates;
mod build;
mod extend;
mod federation;
mod filters;
mod links;
mod meaning;
mod nodes;
mod roots;
mod rows;
mod shown;
mod values;
mod writes;

use std::collections::{HashMap, HashSet};

use apollo_compiler::Name;
use apollo_compiler::Schema;
use apollo_compiler::ast::OperationType;
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::Valid;
use bistro_problem::Problem;
use bistro_schema::{SchemaView, TypeId};

use build::{Build, Roots};

use crate::limits::Limits;

pub(crate) use rows::output_name;

pub use meaning::{FieldMeaning, KeyMember, Meaning, RootField, UniqueSet};

/// Forms of the schema beside the plain one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Types implement `Node`; `id` is unique over all types, and a field `id` of the file is called `key`.
    pub global_ids: bool,
    /// The schema is a subgraph of Apollo Federation 2.
    pub federation: bool,
}

/// A view as a GraphQL schema.
#[derive(Debug)]
pub struct Described {
    /// The schema that documents are validated against and that introspection shows.
    pub schema: Valid<Schema>,
    /// The types that implement each interface, as `introspection::partial_execute` wants it.
    pub implementers: apollo_compiler::collections::HashMap<Name, Implementers>,
    options: Options,
    meanings: HashMap<String, Meaning>,
    roots: Roots,
    members: HashMap<TypeId, Members>,
    keys: HashMap<TypeId, Vec<KeyMember>>,
    nodes: Vec<TypeId>,
    entity_keys: Vec<(String, Vec<String>)>,
    extended: HashSet<TypeId>,
}

impl Described {
    /// The schema of what the view shows, with the usual limits in its descriptions.
    ///
    /// # Errors
    /// As [`Described::limited`].
    pub fn new(view: &SchemaView, options: Options) -> Result<Self, Problem> {
        Self::limited(view, options, &Limits::default())
    }

    /// The same with these limits.
    ///
    /// # Errors
    /// A fault of the program: names that clash were refused when the file was read, and the rest is valid by construction.
    pub fn limited(view: &SchemaView, options: Options, limits: &Limits) -> Result<Self, Problem> {
        let mut build = Build::new(view, options, limits);
        describe(&mut build);
        let members = build.types().into_iter().map(|id| (id, Members::of(&build, id)));
        let members = members.collect();
        let (keys, nodes) = (keys(&build), nodes(&build));
        let entity_keys = if options.federation { federation::all_keys(&build) } else { Vec::new() };
        let Build { graph, meanings, roots, .. } = build;
        let schema =
            graph.validate().map_err(|e| Problem::bug(format!("the GraphQL schema is not valid: {e}")))?;
        let implementers = schema.implementers_map();
        let extended = HashSet::new();
        Ok(Self {
            schema,
            implementers,
            options,
            meanings,
            roots,
            members,
            keys,
            nodes,
            entity_keys,
            extended,
        })
    }

    /// As a subgraph, these types are another's, to which this one only adds fields.
    #[must_use]
    pub fn extending(mut self, types: impl IntoIterator<Item = TypeId>) -> Self {
        self.extended.extend(types);
        self
    }

    /// The forms that it was made with.
    pub fn options(&self) -> Options {
        self.options
    }

    /// What the object, interface, union, input or enum type of this name is; `None` for scalars and unknown names.
    pub fn meaning(&self, type_name: &str) -> Option<Meaning> {
        self.meanings.get(type_name).copied()
    }

    /// What a field of a root type does.
    pub fn root(&self, kind: OperationType, field: &str) -> Option<RootField> {
        self.roots[slot(kind)].get(field).copied()
    }

    /// What a field of a row is. `__typename` is none.
    pub fn field(&self, ty: TypeId, name: &str) -> Option<FieldMeaning> {
        self.members.get(&ty)?.outputs.get(name).copied()
    }

    /// What a member of a filter, an order, a new row or a change is; here fields have the names of the file in every form.
    /// `and`, `or` and `not` are none.
    pub fn input(&self, ty: TypeId, name: &str) -> Option<FieldMeaning> {
        self.members.get(&ty)?.inputs.get(name).copied()
    }

    /// The ways to name one row of a type.
    pub fn keys(&self, ty: TypeId) -> &[KeyMember] {
        self.keys.get(&ty).map_or(&[], Vec::as_slice)
    }

    /// The types that implement `Node`, in file order.
    pub fn node_types(&self) -> &[TypeId] {
        &self.nodes
    }

    /// The schema as text for people, without what GraphQL always has; as a subgraph, the text that `_service` gives.
    pub fn sdl(&self) -> String {
        if self.options.federation {
            let mut graph = self.schema.clone().into_inner();
            extend::leave_out(self, &mut graph);
            federation::sdl(graph, &self.entity_keys)
        } else {
            printed(&self.schema)
        }
    }
}

/// The names by which a type's fields and relations are called.
#[derive(Debug, Default)]
struct Members {
    outputs: HashMap<String, FieldMeaning>,
    inputs: HashMap<String, FieldMeaning>,
}

impl Members {
    fn of(build: &Build<'_>, id: TypeId) -> Self {
        let (ty, shown) = (build.ty(id), build.shown(id));
        let mut members = Self::default();
        for f in &shown.fields {
            let name = rows::output_name(ty.field(*f), shown.node).to_owned();
            members.outputs.insert(name, FieldMeaning::Field(*f));
        }
        let known = shown.fields.iter().chain(&shown.create).chain(&shown.update);
        for f in known.filter(|f| !ty.is_shadowed(ty.field(**f))) {
            members.inputs.insert(ty.field(*f).name.clone(), FieldMeaning::Field(*f));
        }
        for r in &shown.relations {
            let name = &ty.relation(*r).name;
            members.outputs.insert(name.clone(), FieldMeaning::Relation(*r));
            members.inputs.insert(name.clone(), FieldMeaning::Relation(*r));
        }
        if shown.node {
            members.outputs.insert("id".into(), FieldMeaning::GlobalId);
        }
        members
    }
}

fn describe(build: &mut Build<'_>) {
    roots::roots(build);
    roots::node(build);
    for id in build.types() {
        if build.shown(id).rows {
            rows::rows(build, id);
            aggregates::aggregates(build, id);
            filters::filters(build, id);
            writes::keys(build, id);
        }
        writes::writes(build, id);
        writes::linking(build, id);
        if build.shown(id).keyed() && build.ty(id).writable() {
            writes::changes(build, id);
        }
    }
    values::shared(build);
    filters::values(build);
    values::kinds(build);
    if build.options.federation {
        federation::types(build);
    }
}

fn keys(build: &Build<'_>) -> HashMap<TypeId, Vec<KeyMember>> {
    build.rows().into_iter().map(|id| (id, build.shown(id).keys.clone())).collect()
}

fn nodes(build: &Build<'_>) -> Vec<TypeId> {
    build.rows().into_iter().filter(|id| build.shown(*id).node).collect()
}

/// The place of a root type in [`Roots`].
fn slot(kind: OperationType) -> usize {
    match kind {
        OperationType::Query => 0,
        OperationType::Mutation => 1,
        OperationType::Subscription => 2,
    }
}

/// The text of a schema without what every GraphQL server has.
fn printed(schema: &Schema) -> String {
    let mut schema = schema.clone();
    schema.directive_definitions.shift_remove("oneOf");
    schema.to_string()
}
