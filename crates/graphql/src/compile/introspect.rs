//! Fields about the schema itself: `__schema`, `__type`, `_service`. Their answers are made when the plan is.

use apollo_compiler::Node;
use apollo_compiler::ast::OperationType;
use apollo_compiler::executable::{self, Selection, SelectionSet};
use apollo_compiler::introspection::{check_max_depth, partial_execute};
use apollo_compiler::request::RequestError;
use apollo_compiler::response::JsonValue;
use apollo_compiler::validation::Valid;
use bistro_problem::{Code, Problem};

use super::root::known;
use super::{Compiler, Field, one_of};
use crate::failure::Failure;
use crate::plan::Work;

impl<'a> Compiler<'a> {
    pub(super) fn introspect(&self, field: &Field<'a>) -> Result<Work, Failure> {
        if !field.first.arguments.iter().all(|a| a.value.as_variable().is_none()) {
            self.only_once();
        }
        field.sets.iter().try_for_each(|set| self.check_conditions(set))?;
        let mut operation = self.alone(field);
        let refused = |error: RequestError| {
            let problem = Problem::new(Code::TooComplex, error.message().to_string());
            Failure::at(problem.hint("Ask for fewer levels of fields and types at once."), field.place)
        };
        check_max_depth(self.document, &operation).map_err(refused)?;
        let variables = Valid::assume_valid_ref(self.variables);
        let (schema, implementers) = (&self.described.schema, &self.described.implementers);
        let mut one_of = None;
        if one_of::is_asked(self.document, &operation.selection_set) {
            let asked = one_of::written_out(self.document, &operation.selection_set);
            operation.selection_set = one_of::asked_by_name(schema, &asked);
            one_of = Some(asked);
        }
        let done =
            partial_execute(schema, implementers, self.document, &operation, variables).map_err(refused)?;
        if let Some(error) = done.errors.first() {
            return Err(Failure::at(Problem::bug(error.message.clone()), field.place));
        }
        let mut value = done.data.map(JsonValue::Object);
        if let (Some(asked), Some(value)) = (&one_of, &mut value) {
            one_of::fill(schema, asked, value);
        }
        let value = value.as_ref().and_then(|data| data.get(field.key));
        let json = value.map(serde_json::to_string).transpose().map_err(|e| Problem::bug(e.to_string()))?;
        Ok(known(field, json.as_deref().unwrap_or("null")))
    }

    /// An operation of nothing but this field, all its selections merged.
    fn alone(&self, field: &Field<'a>) -> executable::Operation {
        let mut only = field.first.clone();
        only.selection_set.selections =
            field.sets.iter().flat_map(|set| set.selections.iter().cloned()).collect();
        // What @skip and @include say of the field was heard already.
        only.directives = Default::default();
        let selections = vec![Selection::Field(Node::new(only))];
        executable::Operation {
            operation_type: OperationType::Query,
            name: None,
            variables: Vec::new(),
            directives: Default::default(),
            selection_set: SelectionSet { ty: self.operation.selection_set.ty.clone(), selections },
        }
    }

    /// Federation: the text of the schema.
    pub(super) fn service(&self, field: &Field<'a>) -> Result<Work, Failure> {
        let fields = self.collect("_Service", &field.sets)?.into_iter().map(|field| {
            let value = match field.name {
                "__typename" => "_Service".to_owned(),
                _ => self.described.sdl(),
            };
            format!("\"{}\":{}", field.key, serde_json::Value::from(value))
        });
        Ok(known(field, &format!("{{{}}}", fields.collect::<Vec<_>>().join(","))))
    }
}
