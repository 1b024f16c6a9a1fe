//! `__Type.isOneOf`. The specification has it since September 2025, and what answers introspection here does not know it: it
//! is asked for the type's name instead, and the name is then replaced by what it stands for.

use apollo_compiler::executable::{Field, InlineFragment, Selection, SelectionSet};
use apollo_compiler::response::JsonValue;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};

/// The field.
const NAME: &str = "isOneOf";

/// Whether the field is asked for anywhere in a document's fragments or in these selections.
pub(super) fn is_asked(document: &ExecutableDocument, set: &SelectionSet) -> bool {
    let in_fragments = || document.fragments.values().any(|fragment| holds(&fragment.selection_set));
    holds(set) || in_fragments()
}

fn holds(set: &SelectionSet) -> bool {
    set.selections.iter().any(|selection| match selection {
        Selection::Field(field) => is(set, field) || holds(&field.selection_set),
        Selection::InlineFragment(inline) => holds(&inline.selection_set),
        Selection::FragmentSpread(_) => false,
    })
}

fn is(set: &SelectionSet, field: &Field) -> bool {
    field.name == NAME && set.ty == "__Type"
}

/// The selections with their fragments written out; how many fields that makes was counted before.
pub(super) fn written_out(document: &ExecutableDocument, set: &SelectionSet) -> SelectionSet {
    let selections = set.selections.iter().filter_map(|selection| {
        Some(match selection {
            Selection::Field(field) => {
                let mut field = field.clone();
                let inner = written_out(document, &field.selection_set);
                field.make_mut().selection_set = inner;
                Selection::Field(field)
            }
            Selection::InlineFragment(inline) => {
                let mut inline = inline.clone();
                let inner = written_out(document, &inline.selection_set);
                inline.make_mut().selection_set = inner;
                Selection::InlineFragment(inline)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = document.fragments.get(&spread.fragment_name)?;
                Selection::InlineFragment(Node::new(InlineFragment {
                    type_condition: Some(fragment.type_condition().clone()),
                    directives: spread.directives.clone(),
                    selection_set: written_out(document, &fragment.selection_set),
                }))
            }
        })
    });
    SelectionSet { ty: set.ty.clone(), selections: selections.collect() }
}

/// The same selections with the type's name asked for in its place.
pub(super) fn asked_by_name(schema: &Schema, set: &SelectionSet) -> SelectionSet {
    let selections = set.selections.iter().map(|selection| match selection {
        Selection::Field(field) if is(set, field) => {
            let name = Name::new_static_unchecked("name");
            let mut asked = (**field).clone();
            if let Ok(definition) = schema.type_field("__Type", &name) {
                asked.definition = definition.node.clone();
            }
            asked.alias = Some(field.response_key().clone());
            asked.name = name;
            Selection::Field(Node::new(asked))
        }
        Selection::Field(field) => {
            let mut field = field.clone();
            let inner = asked_by_name(schema, &field.selection_set);
            field.make_mut().selection_set = inner;
            Selection::Field(field)
        }
        Selection::InlineFragment(inline) => {
            let mut inline = inline.clone();
            let inner = asked_by_name(schema, &inline.selection_set);
            inline.make_mut().selection_set = inner;
            Selection::InlineFragment(inline)
        }
        spread @ Selection::FragmentSpread(_) => spread.clone(),
    });
    SelectionSet { ty: set.ty.clone(), selections: selections.collect() }
}

/// Puts the answers where the selections ask for them.
pub(super) fn fill(schema: &Schema, set: &SelectionSet, value: &mut JsonValue) {
    match value {
        JsonValue::Array(items) => items.iter_mut().for_each(|item| fill(schema, set, item)),
        JsonValue::Object(_) => set.selections.iter().for_each(|selection| match selection {
            Selection::Field(field) => {
                let found =
                    value.as_object_mut().and_then(|members| members.get_mut(field.response_key().as_str()));
                match found {
                    Some(name) if is(set, field) => *name = answer(schema, name),
                    Some(inner) => fill(schema, &field.selection_set, inner),
                    None => {}
                }
            }
            Selection::InlineFragment(inline) => fill(schema, &inline.selection_set, value),
            Selection::FragmentSpread(_) => {}
        }),
        _ => {}
    }
}

/// True or false of an input object, null of any other type.
fn answer(schema: &Schema, name: &JsonValue) -> JsonValue {
    match name.as_str().and_then(|name| schema.types.get(name)) {
        Some(ExtendedType::InputObject(input)) => JsonValue::Bool(input.directives.has("oneOf")),
        _ => match name {
            JsonValue::Bool(answered) => JsonValue::Bool(*answered),
            _ => JsonValue::Null,
        },
    }
}
