//! A row, a page of rows, and what is said of all that match.

use apollo_compiler::ast::{FieldDefinition, InputValueDefinition};
use bistro_schema::{Field, FieldId, Kind, RelationId, RelationKind, TypeId};

use super::build::Build;
use super::meaning::Meaning;
use super::nodes::{asked, deprecated, field, input, list, maybe, sure};

/// Describes a type's rows and pages of them.
pub(super) fn rows(build: &mut Build<'_>, id: TypeId) {
    let ty = build.ty(id);
    let about = match &ty.description {
        Some(text) => text.clone(),
        None => format!("A row of `{}`.", ty.collection),
    };
    let fields = members(build, id);
    build.object(&ty.name, Meaning::Object(id), &about, fields);
    if build.shown(id).node {
        build.implements(&ty.name, "Node");
    }
    pages(build, id);
}

fn members(build: &mut Build<'_>, id: TypeId) -> Vec<FieldDefinition> {
    let ty = build.ty(id);
    let node = build.shown(id).node;
    let mut out = Vec::new();
    if node {
        out.push(field("id", sure("ID"), "An id that no other row of any type has."));
    }
    for f in build.shown(id).fields.clone() {
        out.push(column(build, ty.field(f), output_name(ty.field(f), node)));
    }
    for r in build.shown(id).relations.clone() {
        out.push(relation(build, id, r));
    }
    out
}

/// The name of a field on a row: beside a global id, the file's `id` is called `key`.
pub(crate) fn output_name(field: &Field, node: bool) -> &str {
    if node && field.name == "id" { "key" } else { &field.name }
}

fn column(build: &mut Build<'_>, f: &Field, called: &str) -> FieldDefinition {
    let scalar = build.scalar(f.scalar.kind);
    let ty = if f.scalar.list { list(scalar) } else { maybe(scalar) };
    let ty = if f.may_be_null() { ty } else { ty.non_null() };
    let mut about = f.description.clone().unwrap_or_default();
    if !f.nullable && f.may_be_null() {
        add(&mut about, "Null where a rule hides it.");
    }
    let path = f.scalar.kind == Kind::Json && !f.scalar.list;
    let arguments = if path {
        vec![input(
            "path",
            list("String"),
            "The place within the value: names of members and positions in lists.",
        )]
    } else {
        Vec::new()
    };
    let mut made = asked(called, ty, &about, arguments);
    made.directives = deprecated(f.deprecated.as_deref());
    made
}

/// Adds a sentence to a description.
pub(super) fn add(text: &mut String, sentence: &str) {
    if !text.is_empty() {
        text.push_str(if text.contains('\n') { "\n\n" } else { " " });
    }
    text.push_str(sentence);
}

fn relation(build: &mut Build<'_>, id: TypeId, r: RelationId) -> FieldDefinition {
    let relation = build.ty(id).relation(r);
    let target = &build.ty(relation.target).name;
    let own = relation.description.clone();
    if relation.to_one() {
        let refers = if relation.kind == RelationKind::ToOne { "it refers to" } else { "refers to it" };
        let about =
            own.unwrap_or_else(|| format!("The `{target}` that {refers}; null where there is none to see."));
        let mut made = field(&relation.name, maybe(target), &about);
        let column = relation.pairs.first().map(|(near, _)| build.ty(id).field(*near));
        let owned = column.filter(|_| relation.kind == RelationKind::ToOne);
        made.directives = deprecated(owned.and_then(|f| f.deprecated.as_deref()));
        return made;
    }
    let about = own.unwrap_or_else(|| format!("Each `{target}` that belongs to it, by pages."));
    let arguments = page_arguments(build, relation.target);
    asked(&relation.name, sure(&format!("{target}Connection")), &about, arguments)
}

/// The arguments of a page of rows.
pub(super) fn page_arguments(build: &mut Build<'_>, id: TypeId) -> Vec<InputValueDefinition> {
    let (usual, most) = (build.limits.page, build.limits.page_most);
    let mut arguments = chosen(build, id);
    let count = |name: &str, about: String| input(name, maybe("Int"), &about);
    let cursor = |name: &str, about: &str| input(name, maybe("String"), about);
    arguments.extend([
        count(
            "first",
            format!("How many rows from the start: at most {most}; {usual} without `first` and `last`."),
        ),
        cursor("after", "Only rows after the one with this cursor."),
        count("last", format!("How many rows from the end: at most {most}; not together with `first`.")),
        cursor("before", "Only rows before the one with this cursor."),
        count("offset", "Skip so many rows first.".into()),
    ]);
    arguments
}

/// The arguments that choose rows and their order.
pub(super) fn chosen(build: &mut Build<'_>, id: TypeId) -> Vec<InputValueDefinition> {
    let ty = build.ty(id);
    let mut arguments =
        vec![input("filter", maybe(&format!("{}Filter", ty.name)), "Only rows for which this holds.")];
    if !ordered(build, id).is_empty() {
        let about =
            "The order. Each term decides where those before it find no difference; the key decides last.";
        arguments.push(input("orderBy", list(&format!("{}Order", ty.name)), about));
    }
    let searched: Vec<String> = (build.shown(id).columns.iter().map(|f| ty.field(*f)))
        .filter(|f| f.search)
        .map(|f| format!("`{}`", f.name))
        .collect();
    if !searched.is_empty() {
        let words = "in quotes they stand together, `or` gives a choice, `-` excludes";
        let about = format!("Only rows with these words in {}: {words}.", searched.join(" or "));
        arguments.push(input("search", maybe("String"), &about));
    }
    arguments
}

/// The fields by which rows can be ordered.
pub(super) fn ordered(build: &Build<'_>, id: TypeId) -> Vec<FieldId> {
    let ty = build.ty(id);
    let fits = |f: &Field| !f.scalar.list && !matches!(f.scalar.kind, Kind::Json | Kind::Bytes);
    build.shown(id).fields.iter().copied().filter(|f| fits(ty.field(*f))).collect()
}

fn pages(build: &mut Build<'_>, id: TypeId) {
    let ty = build.ty(id);
    let own = |end: &str| format!("{}{end}", ty.name);
    let edge = vec![
        field("cursor", sure("String"), "Where the row stands in this order; for `after` and `before`."),
        field("node", sure(&ty.name), "The row."),
    ];
    let mut page = vec![
        field("edges", list(&own("Edge")).non_null(), "The rows of the page, each with its cursor."),
        field("nodes", list(&ty.name).non_null(), "The rows of the page."),
        field("pageInfo", sure("PageInfo"), "Whether there is more, and where."),
        field("totalCount", sure("Int"), "How many rows match, on all pages."),
        field("aggregate", sure(&own("Aggregate")), "What all rows that match amount to, on all pages."),
    ];
    if !super::aggregates::grouped(build, id).is_empty() {
        let (usual, most) = (build.limits.page, build.limits.page_most);
        let arguments = vec![
            input("by", list(&own("Field")).non_null(), "The fields in which the rows of a group agree."),
            input("first", maybe("Int"), &format!("How many groups: at most {most}; {usual} unless given.")),
        ];
        let groups = list(&own("Group")).non_null();
        page.push(asked("groups", groups, "All rows that match, on all pages, in groups.", arguments));
    }
    build.object(
        &own("Connection"),
        Meaning::Connection(id),
        &format!("A page of `{}`.", ty.collection),
        page,
    );
    build.object(&own("Edge"), Meaning::Edge(id), "A row and where it stands.", edge);
}
