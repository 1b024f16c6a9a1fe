//! The schema while it grows: types are put in one after another, each with its meaning.

use std::collections::HashMap;

use apollo_compiler::ast::{FieldDefinition, InputValueDefinition};
use apollo_compiler::collections::IndexMap;
use apollo_compiler::schema::{
    Component, ComponentName, DirectiveList, EnumType, EnumValueDefinition, ExtendedType, InputObjectType,
    ObjectType,
};
use apollo_compiler::{Name, Node, Schema as Graph};
use bistro_schema::{Kind, Schema, SchemaView, Type, TypeId};

use super::Options;
use super::meaning::{Meaning, RootField};
use super::nodes::{directive, name, text};
use super::shown::{self, Shown};
use super::values::plain;
use crate::limits::Limits;

/// What has been described so far.
pub(super) struct Build<'v> {
    pub(super) view: &'v SchemaView,
    pub(super) options: Options,
    pub(super) limits: &'v Limits,
    pub(super) shown: Vec<Shown>,
    pub(super) graph: Graph,
    pub(super) meanings: HashMap<String, Meaning>,
    pub(super) roots: Roots,
    kinds: Vec<Kind>,
    filters: Vec<(Kind, bool)>,
}

/// The fields of `Query`, `Mutation` and `Subscription`.
pub(super) type Roots = [HashMap<String, RootField>; 3];

impl<'v> Build<'v> {
    pub(super) fn new(view: &'v SchemaView, options: Options, limits: &'v Limits) -> Self {
        Self {
            view,
            options,
            limits,
            shown: shown::all(view, options),
            graph: Graph::new(),
            meanings: HashMap::new(),
            roots: Roots::default(),
            kinds: Vec::new(),
            filters: Vec::new(),
        }
    }

    pub(super) fn schema(&self) -> &'v Schema {
        self.view.schema()
    }

    pub(super) fn ty(&self, id: TypeId) -> &'v Type {
        self.schema().ty(id)
    }

    pub(super) fn shown(&self, id: TypeId) -> &Shown {
        &self.shown[usize::from(id.0)]
    }

    /// The types whose rows are shown, in file order.
    pub(super) fn rows(&self) -> Vec<TypeId> {
        self.schema().types().map(|(id, _)| id).filter(|id| self.shown(*id).rows).collect()
    }

    /// The types of which the roles see or do anything, in file order.
    pub(super) fn types(&self) -> Vec<TypeId> {
        let any = |s: &Shown| s.rows || !s.create.is_empty();
        self.schema().types().map(|(id, _)| id).filter(|id| any(self.shown(*id))).collect()
    }

    /// The name of a kind, which is described in the end.
    pub(super) fn scalar(&mut self, kind: Kind) -> &'v str {
        if !self.kinds.contains(&plain(kind)) {
            self.kinds.push(plain(kind));
        }
        self.schema().kind_name(kind)
    }

    /// The kinds that were named.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.kinds.clone()
    }

    /// The name of the filter of a kind or of a list of it, which is described in the end.
    pub(super) fn filter(&mut self, kind: Kind, is_list: bool) -> String {
        if !self.filters.contains(&(plain(kind), is_list)) {
            self.filters.push((plain(kind), is_list));
        }
        let end = if is_list { "ListFilter" } else { "Filter" };
        format!("{}{end}", self.schema().kind_name(kind))
    }

    /// The n-th filter that was named.
    pub(super) fn filter_at(&self, n: usize) -> Option<(Kind, bool)> {
        self.filters.get(n).copied()
    }

    /// Puts in an object type.
    pub(super) fn object(&mut self, called: &str, means: Meaning, about: &str, fields: Vec<FieldDefinition>) {
        let object = ObjectType {
            description: text(about),
            name: name(called),
            implements_interfaces: Default::default(),
            directives: DirectiveList::new(),
            fields: by_name(fields, |f| f.name.clone()),
        };
        self.put(called, means, ExtendedType::Object(Node::new(object)));
    }

    /// Puts in an input object type.
    pub(super) fn input(
        &mut self,
        called: &str,
        means: Meaning,
        about: &str,
        fields: Vec<InputValueDefinition>,
    ) {
        self.put_input(called, means, about, fields, DirectiveList::new());
    }

    /// Puts in an input of which one member is given.
    pub(super) fn one_of(
        &mut self,
        called: &str,
        means: Meaning,
        about: &str,
        fields: Vec<InputValueDefinition>,
    ) {
        let mut directives = DirectiveList::new();
        directives.push(directive("oneOf", &[]));
        self.put_input(called, means, about, fields, directives);
    }

    fn put_input(
        &mut self,
        called: &str,
        means: Meaning,
        about: &str,
        fields: Vec<InputValueDefinition>,
        directives: DirectiveList,
    ) {
        let fields = by_name(fields, |f| f.name.clone());
        let input = InputObjectType { description: text(about), name: name(called), directives, fields };
        self.put(called, means, ExtendedType::InputObject(Node::new(input)));
    }

    /// Puts in an enum: values and their descriptions.
    pub(super) fn enumeration<'a>(
        &mut self,
        called: &str,
        means: Meaning,
        about: &str,
        values: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        let value = |(value, about): (&str, &str)| EnumValueDefinition {
            description: text(about),
            value: name(value),
            directives: Default::default(),
        };
        let values = by_name(values.into_iter().map(value).collect(), |v| v.value.clone());
        let node = EnumType {
            description: text(about),
            name: name(called),
            directives: DirectiveList::new(),
            values,
        };
        self.put(called, means, ExtendedType::Enum(Node::new(node)));
    }

    /// Puts in a type. Of two with one name the first stays; the file that would make them was refused.
    pub(super) fn put(&mut self, called: &str, means: Meaning, ty: ExtendedType) {
        if !self.graph.types.contains_key(called) {
            self.graph.types.insert(name(called), ty);
            self.meanings.insert(called.to_owned(), means);
        }
    }

    /// Adds a field to an object type.
    pub(super) fn adds(&mut self, object: &str, field: FieldDefinition) {
        if let Some(ExtendedType::Object(object)) = self.graph.types.get_mut(object) {
            object.make_mut().fields.insert(field.name.clone(), Component::new(field));
        }
    }

    /// Lets an object type implement an interface.
    pub(super) fn implements(&mut self, object: &str, interface: &str) {
        if let Some(ExtendedType::Object(object)) = self.graph.types.get_mut(object) {
            object.make_mut().implements_interfaces.insert(ComponentName::from(name(interface)));
        }
    }
}

fn by_name<T>(all: Vec<T>, called: impl Fn(&T) -> Name) -> IndexMap<Name, Component<T>> {
    all.into_iter().map(|item| (called(&item), Component::new(item))).collect()
}
