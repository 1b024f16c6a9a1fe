//! Conditions and orders: of a type's rows, and of single values.

use apollo_compiler::ast::{InputValueDefinition, Type};
use bistro_ir::keyset::Direction;
use bistro_schema::{Kind, TypeId};

use super::build::Build;
use super::meaning::Meaning;
use super::nodes::{input, list, maybe};
use super::rows::ordered;

/// Describes the conditions on a type's rows and the terms of their order.
pub(super) fn filters(build: &mut Build<'_>, id: TypeId) {
    let ty = build.ty(id);
    let own = format!("{}Filter", ty.name);
    let mut members = Vec::new();
    for f in build.shown(id).fields.clone() {
        let field = ty.field(f);
        let filter = build.filter(field.scalar.kind, field.scalar.list);
        members.push(input(&field.name, maybe(&filter), ""));
    }
    for r in build.shown(id).relations.clone() {
        let relation = ty.relation(r);
        let end = if relation.to_one() { "Filter" } else { "ListFilter" };
        let target = &build.ty(relation.target).name;
        members.push(input(&relation.name, maybe(&format!("{target}{end}")), ""));
    }
    members.extend([
        input("and", list(&own), "All of these hold."),
        input("or", list(&own), "One of these holds, or more."),
        input("not", maybe(&own), "This does not hold."),
    ]);
    let about = format!("Conditions on rows of `{}`; all that are given hold.", ty.collection);
    build.input(&own, Meaning::Filter(id), &about, members);
    if build.shown.iter().enumerate().any(|(n, s)| leads_in_list(build, n, &s.relations, id)) {
        lists(build, id, &own);
    }
    order(build, id);
}

fn leads_in_list(
    build: &Build<'_>,
    from: usize,
    relations: &[bistro_schema::RelationId],
    to: TypeId,
) -> bool {
    let ty = &build.schema().types[from];
    relations.iter().map(|r| ty.relation(*r)).any(|r| r.target == to && !r.to_one())
}

fn lists(build: &mut Build<'_>, id: TypeId, own: &str) {
    let name = &build.ty(id).name;
    let members = vec![
        input("some", maybe(own), "This holds for one of the related rows, or more."),
        input("none", maybe(own), "This holds for none of the related rows."),
        input("every", maybe(own), "This holds for all related rows, also where there are none."),
    ];
    let about = format!("Conditions on related rows of `{}`.", build.ty(id).collection);
    build.input(&format!("{name}ListFilter"), Meaning::ListFilter(id), &about, members);
}

fn order(build: &mut Build<'_>, id: TypeId) {
    let ty = build.ty(id);
    let fields = ordered(build, id);
    if fields.is_empty() {
        return;
    }
    let by = |f| input(&build.ty(id).field(f).name, maybe("OrderDirection"), "");
    let mut members: Vec<InputValueDefinition> = fields.into_iter().map(by).collect();
    for r in &build.shown(id).relations {
        let relation = ty.relation(*r);
        if relation.to_one() && !ordered(build, relation.target).is_empty() {
            let target = &build.ty(relation.target).name;
            members.push(input(&relation.name, maybe(&format!("{target}Order")), ""));
        }
    }
    let about = format!("One term of the order of `{}`.", ty.collection);
    build.one_of(&format!("{}Order", ty.name), Meaning::Order(id), &about, members);
}

/// Describes the conditions on values, as far as a filter has named them; a filter of JSON names that of text.
pub(super) fn values(build: &mut Build<'_>) {
    let mut n = 0;
    while let Some((kind, is_list)) = build.filter_at(n) {
        if is_list {
            list_of(build, kind)
        } else {
            one(build, kind)
        }
        n += 1;
    }
}

fn one(build: &mut Build<'_>, kind: Kind) {
    let scalar = build.scalar(kind);
    let own = build.filter(kind, false);
    let same = |name: &str, about: &str| input(name, maybe(scalar), about);
    let mut members = vec![same("eq", "Equal."), same("neq", "Not equal.")];
    let most = build.limits.in_list;
    if kind != Kind::Boolean {
        members.extend([
            same("gt", "Greater."),
            same("gte", "Greater or equal."),
            same("lt", "Less."),
            same("lte", "Less or equal."),
            input("in", list(scalar), &format!("Equal to one of these; at most {most}.")),
        ]);
    }
    if matches!(kind, Kind::String | Kind::Email | Kind::Url | Kind::Html) {
        members.extend(patterns());
    }
    if kind == Kind::Json {
        members.extend([
            same("contains", "It contains this: the same members, elements or value."),
            same("containedBy", "It is contained in this."),
            input("at", maybe("JSONPathFilter"), "What is at a place within it."),
        ]);
        json_path(build);
    }
    members.extend([same("distinct", "Not equal, where null is a value like others."), is_null()]);
    members.push(input("not", maybe(&own), "This does not hold."));
    let about = format!("Conditions on a value of `{scalar}`; all that are given hold.");
    build.input(&own, Meaning::ScalarFilter(kind), &about, members);
}

fn patterns() -> Vec<InputValueDefinition> {
    let text = |name: &str, about: &str| input(name, maybe("String"), about);
    vec![
        text("like", "Like the pattern, where `%` is any text and `_` any character."),
        text("ilike", "Like the pattern, in capitals or not."),
        text("match", "The regular expression is found in it."),
        text("imatch", "The regular expression is found in it, in capitals or not."),
        text("startsWith", "It begins with this."),
    ]
}

fn is_null() -> InputValueDefinition {
    input("isNull", maybe("Boolean"), "Whether it is null.")
}

fn json_path(build: &mut Build<'_>) {
    let text = build.filter(Kind::String, false);
    let members = vec![
        input("path", list("String").non_null(), "The place: names of members and positions in lists."),
        input("text", maybe(&text), "Conditions on what is there, as text."),
        input("json", maybe("JSONFilter"), "Conditions on what is there, as JSON."),
    ];
    let about = "Conditions on a place within a JSON value.";
    build.input("JSONPathFilter", Meaning::JsonPathFilter, about, members);
}

fn list_of(build: &mut Build<'_>, kind: Kind) {
    let scalar = build.scalar(kind);
    let own = build.filter(kind, true);
    let all = |name: &str, about: &str| -> InputValueDefinition { input(name, list(scalar), about) };
    let not: Type = maybe(&own);
    let members = vec![
        all("eq", "The same elements in the same order."),
        all("neq", "Not equal."),
        all("contains", "All of these are in it."),
        all("containedBy", "All its elements are among these."),
        all("overlaps", "One of these is in it, or more."),
        is_null(),
        input("not", not, "This does not hold."),
    ];
    let about = format!("Conditions on a list of `{scalar}`; all that are given hold.");
    build.input(&own, Meaning::ScalarListFilter(kind), &about, members);
}

/// Describes the directions of an order.
pub(super) fn directions(build: &mut Build<'_>) {
    let values = Direction::ALL.map(|direction| (direction.word, direction.about));
    build.enumeration("OrderDirection", Meaning::OrderDirection, "Which way an order goes.", values);
}
