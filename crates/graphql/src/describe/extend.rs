//! Types that belong to another subgraph: this one only adds fields to them. Its text says of such a type nothing but its key
//! and those fields, so that two services of one kind can share a row.

use std::collections::{HashMap, HashSet};

use apollo_compiler::Schema as Graph;
use apollo_compiler::ast::Type;
use apollo_compiler::schema::{ExtendedType, ObjectType};
use bistro_schema::TypeId;

use super::build::Roots;
use super::meaning::Meaning;

/// The names of the root types, in the order of [`Roots`].
const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscription"];

/// Leaves out of a subgraph's text what is made of these types, but for the types themselves.
pub(super) fn leave_out(
    graph: &mut Graph,
    meanings: &HashMap<String, Meaning>,
    roots: &Roots,
    (extended, keys): (&HashSet<TypeId>, &[(String, Vec<String>)]),
) {
    if extended.is_empty() {
        return;
    }
    let of = |name: &str| meanings.get(name).and_then(|meaning| meaning.ty());
    let made = |name: &str| of(name).is_some_and(|ty| extended.contains(&ty));
    let own = |name: &str| matches!(meanings.get(name), Some(Meaning::Object(_)));
    for (root, fields) in ROOTS.iter().zip(roots) {
        object(graph, root, |object| {
            let speaks =
                |name: &str| fields.get(name).and_then(|f| f.ty()).is_some_and(|ty| extended.contains(&ty));
            object.fields.retain(|name, _| !speaks(name));
        });
    }
    let mut gone: HashSet<String> =
        graph.types.keys().map(|name| name.to_string()).filter(|name| made(name) && !own(name)).collect();
    // What is left without a member goes too, and then what needs it.
    while !gone.is_empty() {
        graph.types.retain(|name, _| !gone.contains(name.as_str()));
        gone = without(graph, &gone);
    }
    for (name, sets) in keys.iter().filter(|(name, _)| made(name)) {
        let key: HashSet<&str> = sets.iter().flat_map(|set| set.split(' ')).collect();
        // There may be no row of it here.
        object(graph, name, |object| {
            for (_, field) in object.fields.iter_mut().filter(|(name, _)| !key.contains(name.as_str())) {
                let field = field.make_mut();
                field.ty = field.ty.clone().nullable();
            }
        });
    }
    forget_empty_roots(graph);
}

/// Takes away the fields and members of types that are gone; the types that have none left.
fn without(graph: &mut Graph, gone: &HashSet<String>) -> HashSet<String> {
    let lost = |ty: &Type| gone.contains(ty.inner_named_type().as_str());
    let mut empty = HashSet::new();
    for (name, ty) in &mut graph.types {
        let left = match ty {
            ExtendedType::Object(object) if object.fields.values().any(|f| lost(&f.ty)) => {
                let object = object.make_mut();
                object.fields.retain(|_, field| !lost(&field.ty));
                object.fields.len()
            }
            ExtendedType::InputObject(input) if input.fields.values().any(|f| lost(&f.ty)) => {
                let input = input.make_mut();
                input.fields.retain(|_, member| !lost(&member.ty));
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
