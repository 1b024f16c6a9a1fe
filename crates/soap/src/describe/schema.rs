//! The XML Schema of a service: an element for each message, and the types that they are made of.

use std::collections::{BTreeMap, BTreeSet};

use bistro_schema::{EnumId, Kind, Scalar};

use super::filters::{directions, many, member};
use super::markup::{Markup, XSD};
use super::operations::{Operation, Verb};
use super::{About, Described, filters, rows, values};
use crate::names;

/// Writes the schema.
pub(super) fn schema(m: &mut Markup, described: &Described, about: &About) {
    let attributes = [
        ("xmlns:xs", XSD),
        ("targetNamespace", about.namespace.as_str()),
        ("elementFormDefault", "qualified"),
    ];
    m.inside("xs:schema", &attributes, |m| {
        for operation in described.operations() {
            message(m, &operation.name, |m| asked(m, described, operation, about));
            message(m, &operation.answer, |m| answered(m, described, operation));
        }
        fault(m);
        for (id, _) in described.view().schema().types() {
            rows::rows(m, described, about, id);
            if described.shown(id).rows() {
                filters::rows(m, described, id);
            }
        }
        if described.operations().iter().any(|o| o.verb == Verb::List) {
            directions(m);
        }
        filters::values(m, described);
        kinds(m, described);
    });
}

/// The element of a message: a wrapper around its parameters.
fn message(m: &mut Markup, name: &str, inner: impl FnOnce(&mut Markup)) {
    m.inside("xs:element", &[("name", name)], |m| {
        m.inside("xs:complexType", &[], |m| m.inside("xs:sequence", &[], inner));
    });
}

fn asked(m: &mut Markup, described: &Described, operation: &Operation, about: &About) {
    if operation.verb == Verb::SignIn {
        m.empty("xs:element", &[("name", "email"), ("type", "xs:string")]);
        return m.empty("xs:element", &[("name", "password"), ("type", "xs:string")]);
    }
    let ty = described.ty(operation.ty);
    let own = |end: &str| format!("tns:{}{end}", ty.name);
    let one = |m: &mut Markup, name, end| m.empty("xs:element", &[("name", name), ("type", &own(end))]);
    match operation.verb {
        Verb::Get => {
            one(m, "key", "Key");
            include(m);
        }
        Verb::List => {
            filter(m, described, operation);
            many(m, "orderBy", &own("Order"), "The order of the rows, term by term.");
            let page = format!("Rows of the page: {} without it, {} at most.", about.page, about.page_most);
            member(m, "first", "xs:long", &page);
            member(m, "after", "xs:string", "The endCursor of the page before, with the same order.");
            include(m);
            member(m, "withTotal", "xs:boolean", "Whether all rows that match are counted.");
        }
        Verb::Count => filter(m, described, operation),
        Verb::Create => one(m, "input", "Create"),
        Verb::CreateMany => many(m, "input", &own("Create"), "The new rows. All are made, or none."),
        Verb::Update => {
            one(m, "key", "Key");
            member(m, "set", &own("Update"), "");
            many(m, "clear", "xs:string", "Fields that become null.");
        }
        Verb::Delete => one(m, "key", "Key"),
        Verb::SignIn => {}
    }
    let writes = !matches!(operation.verb, Verb::Get | Verb::List | Verb::Count);
    if writes && described.shown(operation.ty).rows() {
        member(
            m,
            "returning",
            "xs:boolean",
            "Whether what is written comes back, which it does without this.",
        );
    }
}

fn filter(m: &mut Markup, described: &Described, operation: &Operation) {
    let ty = described.ty(operation.ty);
    member(m, "filter", &format!("tns:{}Filter", ty.name), "Which rows; all without it.");
    if described.searches(operation.ty) {
        member(m, "search", "xs:string", "Words to be found, as people type them into a search box.");
    }
}

fn include(m: &mut Markup) {
    let about = "Related rows that come inside each row: a relation, or a way of several: comments.author.";
    many(m, "include", "xs:string", about);
}

fn answered(m: &mut Markup, described: &Described, operation: &Operation) {
    if operation.verb == Verb::SignIn {
        let members = [
            ("accessToken", "xs:string"),
            ("tokenType", "xs:string"),
            ("expiresIn", "xs:int"),
            ("expiresAt", "xs:long"),
            ("refreshToken", "xs:string"),
        ];
        for (name, type_name) in members {
            m.empty("xs:element", &[("name", name), ("type", type_name)]);
        }
        return;
    }
    let (ty, rows) = (described.ty(operation.ty), described.shown(operation.ty).rows());
    let own = format!("tns:{}", ty.name);
    match operation.verb {
        Verb::Get => m.empty("xs:element", &[("name", &ty.name), ("type", &own)]),
        Verb::List => {
            many(m, &ty.name, &own, "");
            member(m, "endCursor", "xs:string", "The place of the last row; after takes it.");
            m.element(&[("name", "hasNextPage"), ("type", "xs:boolean")], "Whether rows follow the page.");
            member(m, "totalCount", "xs:long", "All rows that match; with withTotal.");
        }
        Verb::Count => m.empty("xs:element", &[("name", "count"), ("type", "xs:long")]),
        Verb::CreateMany => {
            if rows {
                many(m, &ty.name, &own, "");
            }
            m.element(&[("name", "count"), ("type", "xs:long")], "How many rows were made.");
        }
        Verb::Create | Verb::Update | Verb::Delete if rows => {
            let about = match operation.verb {
                Verb::Delete => "The row as it was.",
                _ => "The row as it is now.",
            };
            member(m, &ty.name, &own, about);
        }
        _ => {}
    }
}

fn fault(m: &mut Markup) {
    message(m, names::FAULT, |m| {
        let sure = [
            ("code", "A row of the catalogue of errors."),
            ("kind", "What sort of fault it is: NotFound, Conflict, Forbidden …"),
            ("message", "What is wrong."),
        ];
        for (name, about) in sure {
            m.element(&[("name", name), ("type", "xs:string")], about);
        }
        member(m, "details", "xs:string", "More of it.");
        member(m, "hint", "xs:string", "What to do.");
        member(m, "place", "xs:string", "Where in the body: /CreatePosts/input[2]/title.");
        m.element(
            &[("name", "requestId"), ("type", "xs:string")],
            "The id of the request in the server's log.",
        );
    });
}

/// The enums and lists of all fields that are read or written.
fn kinds(m: &mut Markup, described: &Described) {
    let schema = described.view().schema();
    let (mut enums, mut lists) = (BTreeSet::<u16>::new(), BTreeMap::<String, Kind>::new());
    for (id, ty) in schema.types() {
        let shown = described.shown(id);
        let keys = shown.keys.iter().flatten();
        for f in shown.fields.iter().chain(&shown.create).chain(&shown.update).chain(keys) {
            let Scalar { kind, list } = ty.field(*f).scalar;
            if let Kind::Enum(EnumId(n)) = kind {
                enums.insert(n);
            }
            if list {
                lists.insert(values::list_type(schema, kind), kind);
            }
        }
    }
    enums.into_iter().for_each(|n| values::enumeration(m, schema, EnumId(n)));
    lists.into_values().for_each(|kind| values::list(m, schema, kind));
}
