//! The fields of an object, fragments written out.

use apollo_compiler::Node;
use apollo_compiler::executable::{self, DirectiveList, Selection, SelectionSet};

use super::{Compiler, Field, Given};
use crate::failure::Failure;
use crate::plan::Place;

impl<'a> Compiler<'a> {
    /// The fields that a row of this type answers, in the order of their first mention.
    pub(crate) fn collect(
        &self,
        type_name: &str,
        sets: &[&'a SelectionSet],
    ) -> Result<Vec<Field<'a>>, Failure> {
        let (mut fields, mut seen) = (Vec::new(), Vec::new());
        for set in sets {
            self.collect_into(type_name, set, &mut fields, &mut seen);
        }
        Ok(fields)
    }

    fn collect_into(
        &self,
        type_name: &str,
        set: &'a SelectionSet,
        fields: &mut Vec<Field<'a>>,
        seen: &mut Vec<&'a str>,
    ) {
        for selection in &set.selections {
            if !self.included(selection.directives()) {
                continue;
            }
            match selection {
                Selection::Field(field) => self.merge(fields, field),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.type_condition.as_ref();
                    if condition.is_none_or(|name| self.applies(name, type_name)) {
                        self.collect_into(type_name, &fragment.selection_set, fields, seen);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    if seen.contains(&name) {
                        continue;
                    }
                    seen.push(name);
                    let Some(fragment) = self.document.fragments.get(name) else { continue };
                    if self.applies(fragment.type_condition(), type_name) {
                        self.collect_into(type_name, &fragment.selection_set, fields, seen);
                    }
                }
            }
        }
    }

    fn merge(&self, fields: &mut Vec<Field<'a>>, field: &'a Node<executable::Field>) {
        let key = field.response_key().as_str();
        match fields.iter_mut().find(|f| f.key == key) {
            Some(found) => found.sets.push(&field.selection_set),
            None => fields.push(Field {
                key,
                name: field.name.as_str(),
                first: field,
                sets: vec![&field.selection_set],
                place: self.place(field),
            }),
        }
    }

    /// Where a part of the document stands in its text.
    pub(crate) fn place<T>(&self, node: &Node<T>) -> Place {
        let range = node.line_column_range(&self.document.sources);
        range.map_or_else(Place::default, |r| Place { line: r.start.line, column: r.start.column })
    }

    /// Whether `@skip` and `@include` let a selection stand.
    fn included(&self, directives: &'a DirectiveList) -> bool {
        let holds = |name: &str| {
            let value = directives.get(name)?.specified_argument_by_name("if")?;
            Given::new(value, self.variables)?.boolean()
        };
        holds("skip") != Some(true) && holds("include") != Some(false)
    }

    fn applies(&self, condition: &str, type_name: &str) -> bool {
        condition == type_name || self.described.schema.is_subtype(condition, type_name)
    }

    /// The value of an argument, defaults of the schema included; `None` if it is absent.
    pub(crate) fn argument(&self, field: &Field<'a>, name: &str) -> Option<Given<'a>> {
        let said = field.first.arguments.iter().find(|a| a.name == name);
        let said = said.and_then(|argument| Given::new(&argument.value, self.variables));
        said.or_else(|| {
            let defined = field.first.definition.argument_by_name(name)?;
            Given::new(defined.default_value.as_ref()?, self.variables)
        })
    }

    /// The value of an argument that is neither absent nor null.
    pub(crate) fn said(&self, field: &Field<'a>, name: &str) -> Option<Given<'a>> {
        self.argument(field, name).filter(|given| !given.is_null())
    }
}
