//! What a document comes to, before anybody walks through it: each fragment is measured once, however often it is spread.
//!
//! Validation and compiling walk fragments as often as they are spread, and compare fields with each other; within these
//! limits both take little time.

use std::collections::{HashMap, HashSet};

use apollo_compiler::ast::{Argument, Definition, DirectiveList, Document, Selection, Value};
use apollo_compiler::{Name, Node};
use bistro_problem::{Code, Problem};

use crate::Limits;
use crate::failure::Failure;
use crate::plan::Place;

/// Operations of one document.
const OPERATIONS_MAX: usize = 50;
/// Fragments of one document.
const FRAGMENTS_MAX: usize = 250;
/// Variables of one operation.
const VARIABLES_MAX: usize = 250;
/// Arguments of one field, directives of one thing.
const ARGUMENTS_MAX: usize = 50;
/// Selections for each field that is allowed: fragments count too, though they print nothing.
const SELECTIONS_EACH: usize = 4;
/// Levels for each level of braces that is allowed, fragments included.
const LEVELS_EACH: usize = 4;

/// What selections come to, fragments written out.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    fields: usize,
    selections: usize,
    depth: usize,
    /// The same of what hangs on `__schema` and `__type`.
    meta_fields: usize,
    meta_depth: usize,
    /// How often the schema is asked for.
    metas: usize,
}

impl Size {
    fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            selections: self.selections.saturating_add(other.selections),
            depth: self.depth.max(other.depth),
            meta_fields: self.meta_fields.saturating_add(other.meta_fields),
            meta_depth: self.meta_depth.max(other.meta_depth),
            metas: self.metas.saturating_add(other.metas),
        }
    }

    /// A field with these selections in its braces.
    fn field(name: &str, inner: Self) -> Self {
        let selections = inner.selections.saturating_add(1);
        let (fields, depth) = (inner.fields.saturating_add(1), inner.depth + 1);
        if matches!(name, "__schema" | "__type") {
            let meta_fields = fields.saturating_add(inner.meta_fields);
            let meta_depth = depth.max(inner.meta_depth);
            let metas = inner.metas.saturating_add(1);
            return Self { selections, meta_fields, meta_depth, metas, ..Self::default() };
        }
        Self { fields, selections, depth, ..inner }
    }
}

/// A fragment, as far as it is measured.
#[derive(Clone, Copy)]
enum Known<'d> {
    Unseen(&'d [Selection]),
    UnderWay,
    Done(Size),
}

struct Counter<'d> {
    document: &'d Document,
    limits: &'d Limits,
    known: HashMap<&'d str, Known<'d>>,
}

/// Refuses a document that comes to more than the limits.
pub(super) fn check(document: &Document, limits: &Limits) -> Result<(), Failure> {
    let fragments = document.definitions.iter().filter_map(Definition::as_fragment_definition);
    let known: HashMap<&str, Known<'_>> =
        fragments.clone().map(|f| (f.name.as_str(), Known::Unseen(&f.selection_set))).collect();
    let mut counter = Counter { document, limits, known };
    let operations = document.definitions.iter().filter_map(Definition::as_operation_definition);
    below(operations.clone().count(), OPERATIONS_MAX, "operations")?;
    below(fragments.clone().count(), FRAGMENTS_MAX, "fragments")?;
    for fragment in fragments {
        counter.directives(&fragment.directives)?;
        counter.fragment(&fragment.name, fragment, 0)?;
    }
    let mut all = Size::default();
    for operation in operations {
        below(operation.variables.len(), VARIABLES_MAX, "variables")?;
        counter.directives(&operation.directives)?;
        for variable in &operation.variables {
            counter.directives(&variable.directives)?;
            variable.default_value.iter().try_for_each(|value| counter.value(value))?;
        }
        let size = counter.selections(&operation.selection_set, 0)?;
        counter.judge(size)?;
        all = all.and(size);
        counter.aliases(&operation.selection_set)?;
    }
    below(all.metas, 1, "fields __schema and __type")?;
    below(all.selections, limits.fields.saturating_mul(2 * SELECTIONS_EACH), "selections in all operations")
}

impl<'d> Counter<'d> {
    fn judge(&self, size: Size) -> Result<(), Failure> {
        let limits = self.limits;
        below(size.depth, limits.depth, "levels of fields")?;
        below(size.fields, limits.fields, "fields")?;
        below(size.selections, limits.fields.saturating_mul(SELECTIONS_EACH), "selections")?;
        below(size.meta_depth, limits.introspection_depth, "levels of fields of the schema")?;
        below(size.meta_fields, limits.introspection_fields, "fields of the schema")
    }

    fn selections(&mut self, set: &'d [Selection], level: usize) -> Result<Size, Failure> {
        // A stack has an end, also where limits are raised.
        below(
            level,
            self.limits.depth.saturating_mul(LEVELS_EACH).min(500),
            "levels of braces and fragments",
        )?;
        let mut size = Size::default();
        for selection in set {
            let one = match selection {
                Selection::Field(field) => {
                    self.directives(&field.directives)?;
                    self.arguments(&field.arguments)?;
                    Size::field(&field.name, self.selections(&field.selection_set, level + 1)?)
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives)?;
                    let inner = self.selections(&inline.selection_set, level + 1)?;
                    Size { selections: inner.selections.saturating_add(1), ..inner }
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives)?;
                    let inner = self.fragment(&spread.fragment_name, spread, level + 1)?;
                    Size { selections: inner.selections.saturating_add(1), ..inner }
                }
            };
            size = size.and(one);
        }
        Ok(size)
    }

    /// An unknown fragment is nothing here: validation names it.
    fn fragment<T>(&mut self, name: &Name, at: &Node<T>, level: usize) -> Result<Size, Failure> {
        match self.known.get(name.as_str()).copied() {
            None => Ok(Size::default()),
            Some(Known::Done(size)) => Ok(size),
            Some(Known::UnderWay) => {
                let message = format!("The fragment {name} contains itself");
                Err(Failure::at(Problem::new(Code::GraphqlInvalid, message), self.place(at)))
            }
            Some(Known::Unseen(set)) => {
                let key = self.key(name);
                self.known.insert(key, Known::UnderWay);
                let size = self.selections(set, level)?;
                self.known.insert(key, Known::Done(size));
                Ok(size)
            }
        }
    }

    fn key(&self, name: &Name) -> &'d str {
        self.known.get_key_value(name.as_str()).map(|(key, _)| *key).expect("it was just looked up")
    }

    fn place<T>(&self, node: &Node<T>) -> Place {
        let range = node.line_column_range(&self.document.sources);
        range.map_or_else(Place::default, |r| Place { line: r.start.line, column: r.start.column })
    }

    fn directives(&self, directives: &'d DirectiveList) -> Result<(), Failure> {
        below(directives.len(), ARGUMENTS_MAX, "directives in one place")?;
        directives.iter().try_for_each(|directive| self.arguments(&directive.arguments))
    }

    fn arguments(&self, arguments: &'d [Node<Argument>]) -> Result<(), Failure> {
        below(arguments.len(), ARGUMENTS_MAX, "arguments of one field")?;
        arguments.iter().try_for_each(|argument| self.value(&argument.value))
    }

    /// An input object has each member once: nobody else looks.
    fn value(&self, value: &'d Node<Value>) -> Result<(), Failure> {
        match &**value {
            Value::List(items) => items.iter().try_for_each(|item| self.value(item)),
            Value::Object(members) => {
                let mut seen = HashSet::with_capacity(members.len());
                members.iter().try_for_each(|(name, member)| {
                    if !seen.insert(name.as_str()) {
                        let message = format!("There can be only one input field named {name}");
                        let problem = Problem::new(Code::GraphqlInvalid, message);
                        return Err(Failure::at(problem, self.place(member)));
                    }
                    self.value(member)
                })
            }
            _ => Ok(()),
        }
    }

    /// Under how many names one field of one object is asked for. Called for what was judged, so that writing fragments
    /// out is short.
    fn aliases(&self, set: &'d [Selection]) -> Result<(), Failure> {
        let mut names: HashMap<&str, HashSet<&str>> = HashMap::new();
        let mut inner = Vec::new();
        let mut open = vec![set];
        let mut seen = HashSet::new();
        while let Some(set) = open.pop() {
            for selection in set {
                match selection {
                    Selection::Field(field) => {
                        let keys = names.entry(&field.name).or_default();
                        keys.insert(field.response_name());
                        if keys.len() > self.limits.aliases {
                            let what = format!("names for one field, {}", field.name);
                            return below(keys.len(), self.limits.aliases, &what);
                        }
                        inner.push(field.selection_set.as_slice());
                    }
                    Selection::InlineFragment(inline) => open.push(&inline.selection_set),
                    Selection::FragmentSpread(spread) => {
                        let name = spread.fragment_name.as_str();
                        let definitions = self.document.definitions.iter();
                        let mut fragments = definitions.filter_map(Definition::as_fragment_definition);
                        if seen.insert(name)
                            && let Some(fragment) = fragments.find(|f| f.name == name)
                        {
                            open.push(&fragment.selection_set);
                        }
                    }
                }
            }
        }
        inner.into_iter().filter(|set| !set.is_empty()).try_for_each(|set| self.aliases(set))
    }
}

/// Refuses more than a limit.
fn below(count: usize, limit: usize, what: &str) -> Result<(), Failure> {
    if count <= limit {
        return Ok(());
    }
    let message = format!("The document has more {what} than the limit of {limit}");
    Err(Problem::new(Code::TooComplex, message).hint("Ask for less at once.").into())
}
