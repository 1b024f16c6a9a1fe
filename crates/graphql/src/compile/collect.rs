//! The fields of an object, fragments written out.

use apollo_compiler::Node;
use apollo_compiler::executable::{self, DirectiveList, Selection, SelectionSet};
use bistro_problem::{Code, Problem};

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
            self.collect_into(type_name, set, &mut fields, &mut seen)?;
        }
        Ok(fields)
    }

    fn collect_into(
        &self,
        type_name: &str,
        set: &'a SelectionSet,
        fields: &mut Vec<Field<'a>>,
        seen: &mut Vec<&'a str>,
    ) -> Result<(), Failure> {
        for selection in &set.selections {
            if !self.included(selection.directives())? {
                continue;
            }
            match selection {
                Selection::Field(field) => self.merge(fields, field)?,
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.type_condition.as_ref();
                    if condition.is_none_or(|name| self.applies(name, type_name)) {
                        self.collect_into(type_name, &fragment.selection_set, fields, seen)?;
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
                        self.collect_into(type_name, &fragment.selection_set, fields, seen)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn merge(&self, fields: &mut Vec<Field<'a>>, field: &'a Node<executable::Field>) -> Result<(), Failure> {
        let key = field.response_key().as_str();
        if let Some(found) = fields.iter_mut().find(|f| f.key == key) {
            found.sets.push(&field.selection_set);
            return Ok(());
        }
        self.check_arguments(field)?;
        fields.push(Field {
            key,
            name: field.name.as_str(),
            first: field,
            sets: vec![&field.selection_set],
            place: self.place(field),
        });
        Ok(())
    }

    /// Refuses null for an argument that takes none. Validation lets a variable through that may be null and has a default.
    fn check_arguments(&self, field: &'a executable::Field) -> Result<(), Failure> {
        for argument in &field.arguments {
            let defined = field.definition.argument_by_name(&argument.name);
            let null = Given::new(&argument.value, self.variables).is_some_and(|given| given.is_null());
            if null && defined.is_some_and(|defined| defined.ty.is_non_null()) {
                let what = format!("{} of {}", argument.name, field.name);
                return Err(Failure::at(null_argument(&what), self.place(argument)));
            }
        }
        Ok(())
    }

    /// Where a part of the document stands in its text.
    pub(crate) fn place<T>(&self, node: &Node<T>) -> Place {
        let range = node.line_column_range(&self.document.sources);
        range.map_or_else(Place::default, |r| Place { line: r.start.line, column: r.start.column })
    }

    /// Whether `@skip` and `@include` let a selection stand. A variable that may be null is let through where it has a
    /// default, so that null is only seen here.
    fn included(&self, directives: &'a DirectiveList) -> Result<bool, Failure> {
        for (name, stands) in [("skip", false), ("include", true)] {
            let Some(directive) = directives.get(name) else { continue };
            let condition = directive.specified_argument_by_name("if");
            match condition.and_then(|value| Given::new(value, self.variables)?.boolean()) {
                Some(holds) if holds == stands => {}
                Some(_) => return Ok(false),
                None => {
                    let problem = null_argument(&format!("if of @{name}"));
                    return Err(Failure::at(problem, self.place(directive)));
                }
            }
        }
        Ok(true)
    }

    /// Refuses selections that `@skip` and `@include` decide by null, wherever they stand; for those that others answer.
    pub(super) fn check_conditions(&self, set: &'a SelectionSet) -> Result<(), Failure> {
        for selection in &set.selections {
            self.included(selection.directives())?;
            match selection {
                Selection::Field(field) => self.check_conditions(&field.selection_set)?,
                Selection::InlineFragment(fragment) => self.check_conditions(&fragment.selection_set)?,
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name) {
                        self.check_conditions(&fragment.selection_set)?;
                    }
                }
            }
        }
        Ok(())
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

fn null_argument(what: &str) -> Problem {
    Problem::new(Code::Variables, format!("The argument {what} cannot be null"))
        .hint("Give its variable a value, or leave it out for its default.")
}
