//! Types that belong to another subgraph: this one only adds fields to them. Its text says of such a type nothing but its key
//! and those fields, so that two services of one kind can share a row.

use std::collections::HashSet;

use apollo_compiler::Schema as Graph;
use apollo_compiler::ast::{FieldDefinition, Type};
use apollo_compiler::schema::{ExtendedType, ObjectType};
use bistro_schema::TypeId;

use super::Described;
use super::meaning::{FieldMeaning, Meaning, UniqueSet};

/// The names of the root types, in the order of [`super::build::Roots`].
const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscription"];

/// Leaves out of a subgraph's text what is made of the extended types, but for the types themselves.
pub(super) fn leave_out(described: &Described, graph: &mut Graph) {
    if described.extended.is_empty() {
        return;
    }
    for (root, fields) in ROOTS.iter().zip(&described.roots) {
        let is_about = |name: &str| fields.get(name).and_then(|field| field.ty());
        let is_another = |name: &str| is_about(name).is_some_and(|ty| described.extended.contains(&ty));
        object(graph, root, |object| object.fields.retain(|name, _| !is_another(name)));
    }
    let names = graph.types.keys().map(ToString::to_string);
    let mut gone: HashSet<String> = names.filter(|name| is_left_out(described, name)).collect();
    // What is left without a member goes too, and then what needs it.
    while !gone.is_empty() {
        graph.types.retain(|name, _| !gone.contains(name.as_str()));
        gone = without(graph, &gone);
    }
    for ty in &described.extended {
        loosen(described, graph, *ty);
    }
    forget_empty_roots(graph);
}

/// Whether the type is made of an extended one; that one itself only where its rows cannot be named.
fn is_left_out(described: &Described, name: &str) -> bool {
    let Some(meaning) = described.meanings.get(name) else { return false };
    let is_entity = || described.entity_keys.iter().any(|(of, sets)| of == name && !sets.is_empty());
    let is_made = meaning.ty().is_some_and(|ty| described.extended.contains(&ty));
    is_made && !(matches!(meaning, Meaning::Object(_)) && is_entity())
}

/// Lets every field but the key be null: there may be no row of it here, and a gateway takes what must not be null and is for
/// a fault of the whole row, also of what the other subgraph says of it.
fn loosen(described: &Described, graph: &mut Graph, ty: TypeId) {
    let is_object = |meaning: &Meaning| *meaning == Meaning::Object(ty);
    let Some((called, _)) = described.meanings.iter().find(|(_, meaning)| is_object(meaning)) else { return };
    let key = described.keys(ty).iter().find(|member| member.set == UniqueSet::Key);
    let is_key = |name: &str| match described.field(ty, name) {
        Some(FieldMeaning::GlobalId) => true,
        Some(FieldMeaning::Field(f)) => key.is_some_and(|member| member.fields.contains(&f)),
        _ => false,
    };
    object(graph, called, |object| {
        for (_, field) in object.fields.iter_mut().filter(|(name, _)| !is_key(name)) {
            let field = field.make_mut();
            field.ty = field.ty.clone().nullable();
        }
    });
}

/// Takes away the fields and members of types that are gone; the types that have none left.
fn without(graph: &mut Graph, gone: &HashSet<String>) -> HashSet<String> {
    let is_lost = |ty: &Type| gone.contains(ty.inner_named_type().as_str());
    let mut empty = HashSet::new();
    for (name, ty) in &mut graph.types {
        let left = match ty {
            ExtendedType::Object(object) if object.fields.values().any(|f| names_any(f, &is_lost)) => {
                let object = object.make_mut();
                object.fields.retain(|_, field| !is_lost(&field.ty) && !demands_any(field, &is_lost));
                for field in object.fields.values_mut().filter(|f| names_any(f, &is_lost)) {
                    field.make_mut().arguments.retain(|argument| !is_lost(&argument.ty));
                }
                object.fields.len()
            }
            ExtendedType::InputObject(input) if input.fields.values().any(|f| is_lost(&f.ty)) => {
                let input = input.make_mut();
                input.fields.retain(|_, member| !is_lost(&member.ty));
                input.fields.len()
            }
            _ => continue,
        };
        if left == 0 && !ROOTS.contains(&name.as_str()) {
            empty.insert(name.to_string());
        }
    }
    empty
}

/// Whether the field or an argument of it is of such a type.
fn names_any(field: &FieldDefinition, is_lost: &dyn Fn(&Type) -> bool) -> bool {
    is_lost(&field.ty) || field.arguments.iter().any(|argument| is_lost(&argument.ty))
}

/// Whether the field cannot be asked for without an argument of such a type.
fn demands_any(field: &FieldDefinition, is_lost: &dyn Fn(&Type) -> bool) -> bool {
    field.arguments.iter().any(|argument| argument.is_required() && is_lost(&argument.ty))
}

fn forget_empty_roots(graph: &mut Graph) {
    let empty = |graph: &Graph, name: &str| graph.get_object(name).is_some_and(|root| root.fields.is_empty());
    for name in &ROOTS[1..] {
        if empty(graph, name) {
            graph.types.shift_remove(*name);
            let roots = graph.schema_definition.make_mut();
            match *name {
                "Mutation" => roots.mutation = None,
                _ => roots.subscription = None,
            }
        }
    }
}

fn object(graph: &mut Graph, name: &str, with: impl FnOnce(&mut ObjectType)) {
    if let Some(ExtendedType::Object(object)) = graph.types.get_mut(name) {
        with(object.make_mut());
    }
}
