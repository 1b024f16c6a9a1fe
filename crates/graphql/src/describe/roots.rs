//! What can be asked, done and followed: the fields of `Query`, `Mutation` and `Subscription`.

use std::collections::HashMap;

use apollo_compiler::Node;
use apollo_compiler::ast::{FieldDefinition, InputValueDefinition, OperationType, Value};
use apollo_compiler::schema::{Component, DirectiveList, ExtendedType, InterfaceType};
use bistro_schema::TypeId;

use super::build::Build;
use super::meaning::{Meaning, RootField};
use super::nodes::{asked, field, input, list, maybe, name, sure, text};
use super::rows::{chosen, page_arguments};
use super::writes::key_scalar;
use super::{federation, slot};
use crate::names;

type Fields = Vec<(FieldDefinition, RootField)>;

/// Describes the three root types.
pub(super) fn roots(build: &mut Build<'_>) {
    let (mut query, mut mutation, mut subscription) = (Vec::new(), Vec::new(), Vec::new());
    for id in build.types() {
        if build.shown(id).rows {
            read(build, id, &mut query);
            follow(build, id, &mut subscription);
        }
        create(build, id, &mut mutation);
        if build.shown(id).rows {
            change(build, id, &mut mutation);
        }
    }
    others(build, &mut query);
    root(build, OperationType::Query, "What can be read.", query);
    root(
        build,
        OperationType::Mutation,
        "What can be written. Each field is a transaction of its own.",
        mutation,
    );
    root(build, OperationType::Subscription, "What can be followed as it changes.", subscription);
}

fn root(build: &mut Build<'_>, kind: OperationType, about: &str, fields: Fields) {
    if fields.is_empty() {
        return;
    }
    let called = kind.default_type_name();
    let means = match kind {
        OperationType::Query => Meaning::Query,
        OperationType::Mutation => Meaning::Mutation,
        OperationType::Subscription => Meaning::Subscription,
    };
    let meanings: HashMap<String, RootField> =
        fields.iter().map(|(field, root)| (field.name.to_string(), *root)).collect();
    build.roots[slot(kind)] = meanings;
    let fields = fields.into_iter().map(|(field, _)| field).collect();
    build.object(&called, means, about, fields);
    let roots = build.graph.schema_definition.make_mut();
    let place = match kind {
        OperationType::Query => &mut roots.query,
        OperationType::Mutation => &mut roots.mutation,
        OperationType::Subscription => &mut roots.subscription,
    };
    *place = Some(called.into());
}

fn read(build: &mut Build<'_>, id: TypeId, out: &mut Fields) {
    let ty = build.ty(id);
    let page = maybe(&format!("{}Connection", ty.name));
    if build.shown(id).keyed() {
        let by_key = key_arguments(build, id);
        let about = format!("The row of `{}` with this key; null where there is none to see.", ty.collection);
        out.push((asked(&names::one(ty), maybe(&ty.name), &about, by_key), RootField::One(id)));
        let about = format!("The row of `{}` that has this; null where there is none to see.", ty.collection);
        let key = vec![input("key", sure(&format!("{}Key", ty.name)), "What only this row has.")];
        out.push((asked(&format!("{}By", names::one(ty)), maybe(&ty.name), &about, key), RootField::By(id)));
    }
    let arguments = page_arguments(build, id);
    let about = format!("Rows of `{}`, by pages.", ty.collection);
    out.push((asked(&names::many(ty), page, &about, arguments), RootField::Many(id)));
}

/// One argument a field of the key.
fn key_arguments(build: &mut Build<'_>, id: TypeId) -> Vec<InputValueDefinition> {
    let ty = build.ty(id);
    ty.key.iter().map(|f| input(&ty.field(*f).name, sure(key_scalar(build, id, *f)), "")).collect()
}

fn follow(build: &mut Build<'_>, id: TypeId, out: &mut Fields) {
    let ty = build.ty(id);
    if !ty.writable() {
        return;
    }
    let mut arguments = chosen(build, id);
    let (usual, most) = (build.limits.page.min(build.limits.live_most), build.limits.live_most);
    let first = format!("How many rows: at most {most}; {usual} unless given.");
    arguments.push(input("first", maybe("Int"), &first));
    let about = format!("Rows of `{}`, now and again after each change of what they hold.", ty.collection);
    let page = maybe(&format!("{}Connection", ty.name));
    out.push((asked(&names::many(ty), page, &about, arguments), RootField::Live(id)));
    if !build.shown(id).keyed() {
        return;
    }
    let arguments = vec![
        input("filter", maybe(&format!("{}Filter", ty.name)), "Only changes of rows for which this holds."),
        input("events", list("ChangeEvent"), "Only these kinds of change; all unless given."),
    ];
    let about = format!("Changes of rows of `{}`, one by one.", ty.collection);
    let called = format!("{}Changes", names::one(ty));
    out.push((
        asked(&called, maybe(&format!("{}Change", ty.name)), &about, arguments),
        RootField::Changes(id),
    ));
}

fn create(build: &mut Build<'_>, id: TypeId, out: &mut Fields) {
    let ty = build.ty(id);
    if build.shown(id).create.is_empty() {
        return;
    }
    let (one, many) = (names::capital(&names::one(ty)), names::many_pascal(ty));
    let (new, written) = (format!("{}Create", ty.name), maybe(&format!("{many}Written")));
    let rows = build.shown(id).rows;
    if rows {
        let arguments = vec![input("input", sure(&new), "The new row.")];
        let about = format!("Makes a row of `{}`.", ty.collection);
        out.push((asked(&format!("create{one}"), maybe(&ty.name), &about, arguments), RootField::Create(id)));
    }
    let several = || input("input", list(&new).non_null(), "The rows.");
    let about = format!("Makes rows of `{}`: all of them or none.", ty.collection);
    out.push((
        asked(&format!("create{many}"), written.clone(), &about, vec![several()]),
        RootField::CreateMany(id),
    ));
    let fields = !super::aggregates::grouped(build, id).is_empty();
    if !rows || !fields || build.shown(id).update.is_empty() {
        return;
    }
    let mut ignore = input("ignore", maybe("Boolean"), "Leave rows that are there as they are.");
    ignore.default_value = Some(Node::new(Value::Boolean(false)));
    let conflict =
        "The fields by which a row that is there is found: the key or a unique set; the key unless given.";
    let arguments =
        vec![several(), input("onConflict", list(&format!("{}Field", ty.name)), conflict), ignore];
    let about =
        format!("Makes rows of `{}`, or changes those that are there: all of them or none.", ty.collection);
    out.push((asked(&format!("upsert{many}"), written, &about, arguments), RootField::Upsert(id)));
}

fn change(build: &mut Build<'_>, id: TypeId, out: &mut Fields) {
    let ty = build.ty(id);
    let (one, many) = (names::capital(&names::one(ty)), names::many_pascal(ty));
    let written = maybe(&format!("{many}Written"));
    let unfiltered = build.limits.unfiltered_writes;
    let filter = || {
        let about =
            if unfiltered { "Which rows." } else { "Which rows; a filter without conditions is refused." };
        input("filter", sure(&format!("{}Filter", ty.name)), about)
    };
    let set = |about: &str| input("set", sure(&format!("{}Update", ty.name)), about);
    let (updates, deletes) = (!build.shown(id).update.is_empty(), build.shown(id).delete);
    if updates && build.shown(id).keyed() {
        let mut arguments = key_arguments(build, id);
        arguments.push(set("What changes."));
        let about = format!("Changes the row of `{}` with this key.", ty.collection);
        out.push((asked(&format!("update{one}"), maybe(&ty.name), &about, arguments), RootField::Update(id)));
    }
    if updates {
        let arguments = vec![filter(), set("What changes of each.")];
        let about = format!("Changes all rows of `{}` that match.", ty.collection);
        out.push((
            asked(&format!("update{many}"), written.clone(), &about, arguments),
            RootField::UpdateMany(id),
        ));
    }
    if deletes && build.shown(id).keyed() {
        let about = format!("Removes the row of `{}` with this key, and answers it.", ty.collection);
        let arguments = key_arguments(build, id);
        out.push((asked(&format!("delete{one}"), maybe(&ty.name), &about, arguments), RootField::Delete(id)));
    }
    if deletes {
        let about = format!("Removes all rows of `{}` that match.", ty.collection);
        out.push((
            asked(&format!("delete{many}"), written, &about, vec![filter()]),
            RootField::DeleteMany(id),
        ));
    }
}

/// The fields of `Query` that belong to no type.
fn others(build: &mut Build<'_>, out: &mut Fields) {
    let nodes = build.shown.iter().any(|s| s.node);
    if nodes && !build.options.federation {
        let arguments = vec![input("id", sure("ID"), "The id of the row.")];
        let about = "The row with this id, of whatever type; null where there is none to see.";
        out.push((asked("node", maybe("Node"), about, arguments), RootField::Node));
    }
    if build.options.federation {
        federation::queries(build, out);
    } else if out.is_empty() {
        let about = "Nothing can be read with this key or token; always null.";
        out.push((field("_empty", maybe("Boolean"), about), RootField::Empty));
    }
}

/// Describes the interface of everything with a global id.
pub(super) fn node(build: &mut Build<'_>) {
    if !build.shown.iter().any(|s| s.node) {
        return;
    }
    let id = field("id", sure("ID"), "An id that no other row of any type has.");
    let interface = InterfaceType {
        description: text("A row with an id that no other row of any type has."),
        name: name("Node"),
        implements_interfaces: Default::default(),
        directives: DirectiveList::new(),
        fields: [(id.name.clone(), Component::new(id))].into_iter().collect(),
    };
    build.put("Node", Meaning::Node, ExtendedType::Interface(Node::new(interface)));
}
