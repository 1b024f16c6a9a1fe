//! New rows, changes, links to other rows, and the names of single rows.

use apollo_compiler::ast::InputValueDefinition;
use bistro_schema::{Action, Default, Field, FieldId, Kind, RelationId, TypeId, Value};

use super::build::Build;
use super::links::{Links, links};
use super::meaning::Meaning;
use super::nodes::{deprecated, field, input, list, maybe, sure};
use super::rows::{add, output_name};
use super::shown::is_demanded;
use crate::names;

/// Describes how a row is named by its key or by what is unique.
pub(super) fn keys(build: &mut Build<'_>, id: TypeId) {
    let ty = build.ty(id);
    let mut members = Vec::new();
    for member in build.shown(id).keys.clone() {
        if let [one] = member.fields[..] {
            members.push(input(&member.name, maybe(key_scalar(build, id, one)), ""));
            continue;
        }
        let fields = || member.fields.iter().map(|f| ty.field(*f));
        let set = names::key_set(ty, fields());
        let parts = fields().map(|f| input(&f.name, sure(build.scalar(f.scalar.kind)), "")).collect();
        let about = format!("Values that only one row of `{}` has together.", ty.collection);
        build.input(&set, Meaning::KeySet(id, member.set), &about, parts);
        members.push(input(&member.name, maybe(&set), ""));
    }
    if !members.is_empty() {
        let about = format!("Names one row of `{}` by what no other row has.", ty.collection);
        build.one_of(&format!("{}Key", ty.name), Meaning::Key(id), &about, members);
    }
}

/// The scalar by which a key is given: an `id` that may also be a global one is an `ID`.
pub(super) fn key_scalar<'v>(build: &mut Build<'v>, id: TypeId, f: FieldId) -> &'v str {
    let field = build.ty(id).field(f);
    let either = build.shown(id).node && build.ty(id).key == [f] && field.name == "id";
    build.scalar(if either { Kind::Id } else { field.scalar.kind })
}

/// Describes what can be written of a type, and what comes back.
pub(super) fn writes(build: &mut Build<'_>, id: TypeId) {
    let ty = build.ty(id);
    let creates = !build.shown(id).create.is_empty();
    let updates = !build.shown(id).update.is_empty() && build.shown(id).rows;
    if creates {
        let members = written(build, id, Action::Create);
        let about = format!("A new row of `{}`.", ty.collection);
        build.input(&format!("{}Create", ty.name), Meaning::Create(id), &about, members);
    }
    if updates {
        let members = written(build, id, Action::Update);
        let about = format!("What changes of a row of `{}`; what is left out stays.", ty.collection);
        build.input(&format!("{}Update", ty.name), Meaning::Update(id), &about, members);
    }
    if creates || updates || (build.shown(id).delete && build.shown(id).rows) {
        let mut members = vec![field("count", sure("Int"), "How many rows were written.")];
        if build.shown(id).rows {
            members.push(field("nodes", list(&ty.name).non_null(), "The rows, as far as they may be seen."));
        }
        let called = format!("{}Written", names::many_pascal(ty));
        build.object(
            &called,
            Meaning::Written(id),
            &format!("What was written to `{}`.", ty.collection),
            members,
        );
    }
}

fn written(build: &mut Build<'_>, id: TypeId, action: Action) -> Vec<InputValueDefinition> {
    let ty = build.ty(id);
    let new = action == Action::Create;
    let fields = if new { &build.shown(id).create } else { &build.shown(id).update };
    let fields: Vec<FieldId> = fields.iter().copied().filter(|f| !ty.is_shadowed(ty.field(*f))).collect();
    let mut members = Vec::new();
    for f in fields {
        members.push(value(build, ty.field(f), new && is_demanded(ty, f), new));
    }
    for r in build.shown(id).relations.clone() {
        members.extend(link(build, id, r, action));
    }
    members
}

fn value(build: &mut Build<'_>, f: &Field, demanded: bool, new: bool) -> InputValueDefinition {
    let scalar = build.scalar(f.scalar.kind);
    let ty = if f.scalar.list { list(scalar) } else { maybe(scalar) };
    let mut about = f.description.clone().unwrap_or_default();
    for rule in rules(f, new) {
        add(&mut about, &rule);
    }
    let mut made = input(&f.name, if demanded { ty.non_null() } else { ty }, &about);
    if !demanded {
        made.directives = deprecated(f.deprecated.as_deref());
    }
    made
}

/// What the type of a value does not say of it.
fn rules(f: &Field, new: bool) -> Vec<String> {
    let mut rules = Vec::new();
    match f.length {
        Some((Some(min), Some(max))) => rules.push(format!("{min} to {max} characters.")),
        Some((Some(min), None)) => rules.push(format!("At least {min} characters.")),
        Some((None, Some(max))) => rules.push(format!("At most {max} characters.")),
        Some((None, None)) | None => {}
    }
    match &f.range {
        Some((Some(min), Some(max))) => rules.push(format!("From {} to {}.", shown(min), shown(max))),
        Some((Some(min), None)) => rules.push(format!("{} or more.", shown(min))),
        Some((None, Some(max))) => rules.push(format!("{} or less.", shown(max))),
        Some((None, None)) | None => {}
    }
    if let Kind::Decimal { precision, scale, bare: false } = f.scalar.kind {
        rules.push(format!("{precision} digits, {scale} of them after the point."));
    }
    if let Some(pattern) = &f.pattern {
        rules.push(format!("Matches `{pattern}`."));
    }
    match &f.default {
        Some(Default::Value(value)) if new => {
            let value = shown(value);
            let word = matches!(f.scalar.kind, Kind::Enum(_)).then(|| value.replace('"', ""));
            rules.push(format!("Left out, it is {}.", word.unwrap_or(value)));
        }
        Some(Default::Expr(_)) if new => rules.push("Made by the server when left out.".into()),
        _ => {}
    }
    rules
}

/// A value as it is written in GraphQL.
fn shown(value: &Value) -> String {
    let mut json = Vec::new();
    bistro_schema::text::write_json(value.borrow(), &mut json);
    format!("`{}`", String::from_utf8_lossy(&json))
}

/// The member that links rows over a relation, where the roles may link any.
fn link(build: &Build<'_>, id: TypeId, r: RelationId, action: Action) -> Option<InputValueDefinition> {
    if !links(build.view, &build.shown, id, r, action).any() {
        return None;
    }
    let relation = build.ty(id).relation(r);
    let end = match (relation.to_one(), action) {
        (true, _) => "Link",
        (false, Action::Create) => "Links",
        (false, _) => "Relinks",
    };
    let ty = format!("{}{end}", build.ty(relation.target).name);
    Some(input(&relation.name, maybe(&ty), relation.description.as_deref().unwrap_or_default()))
}

/// Describes the links to rows of a type, as far as some relation takes them.
pub(super) fn linking(build: &mut Build<'_>, id: TypeId) {
    let name = &build.ty(id).name;
    let collection = &build.ty(id).collection;
    let [one, many, again] = taken(build, id);
    if one.any() {
        let about = format!("The row of `{collection}` that it refers to.");
        let members = link_members(name, one, false);
        build.one_of(&format!("{name}Link"), Meaning::Link(id), &about, members);
    }
    if many.any() {
        let about = format!("Rows of `{collection}` that belong to the new row.");
        build.input(&format!("{name}Links"), Meaning::Links(id), &about, link_members(name, many, true));
    }
    if again.any() {
        let about = format!("Changes of the rows of `{collection}` that belong to the row.");
        build.input(&format!("{name}Relinks"), Meaning::Relinks(id), &about, link_members(name, again, true));
    }
}

/// What the relations to a type take together: to one row, to rows of a new one, to rows of one that is there.
fn taken(build: &Build<'_>, id: TypeId) -> [Links; 3] {
    let mut taken = [Links::default(); 3];
    for (from, ty) in build.schema().types() {
        for r in build.shown(from).relations.iter().filter(|r| ty.relation(**r).target == id) {
            let create = links(build.view, &build.shown, from, *r, Action::Create);
            let update = links(build.view, &build.shown, from, *r, Action::Update);
            if ty.relation(*r).to_one() {
                taken[0] = taken[0].or(create).or(update);
            } else {
                taken[1] = taken[1].or(create);
                taken[2] = taken[2].or(update);
            }
        }
    }
    taken
}

fn link_members(name: &str, links: Links, many: bool) -> Vec<InputValueDefinition> {
    let ty = |end: &str| {
        let ty = format!("{name}{end}");
        if many { list(&ty) } else { maybe(&ty) }
    };
    let mut members = Vec::new();
    let (there, new) =
        if many { ("Rows that are there.", "New rows.") } else { ("A row that is there.", "A new row.") };
    if links.connect {
        members.push(input("connect", ty("Key"), there));
    }
    if links.create {
        members.push(input("create", ty("Create"), new));
    }
    if links.disconnect {
        members.push(input("disconnect", ty("Key"), "Rows that belong to it no longer."));
    }
    members
}

/// Describes the changes of a type's rows.
pub(super) fn changes(build: &mut Build<'_>, id: TypeId) {
    let (ty, node) = (build.ty(id), build.shown(id).node);
    let key_name = format!("{}ChangeKey", ty.name);
    let key = ty.key.iter().map(|f| ty.field(*f));
    // Not `id` where there are global ids: clients take that for what the object is known by.
    let key = key.map(|f| field(output_name(f, node), sure(build.scalar(f.scalar.kind)), "")).collect();
    build.object(&key_name, Meaning::ChangeKey(id), "The key of a row that changed.", key);
    let mut members = vec![
        field("event", sure("ChangeEvent"), "What happened."),
        field("key", sure(&key_name), "Which row it happened to."),
        field("node", maybe(&ty.name), "The row as it is now; null when it is gone."),
    ];
    if node {
        members.push(field("nodeId", sure("ID"), "The `id` of the row, also when it is gone."));
    }
    let about = format!("A change of a row of `{}`.", ty.collection);
    build.object(&format!("{}Change", ty.name), Meaning::Change(id), &about, members);
}
