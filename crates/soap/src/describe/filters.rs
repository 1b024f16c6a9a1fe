//! Conditions and orders as types of XML Schema: of rows, and of single values.

use std::collections::BTreeSet;

use bistro_ir::Test;
use bistro_ir::keyset::Direction;
use bistro_schema::{Kind, RelationId, Scalar, TypeId};

use super::Described;
use super::markup::Markup;
use super::values::{list_type, type_of};

/// The kinds of values that filters ask about: whether they are lists, and what their filters are called.
pub(super) type Asked = BTreeSet<(String, bool)>;

/// The filter and the order of a type's rows.
pub(super) fn rows(m: &mut Markup, described: &Described, id: TypeId) {
    let (ty, shown, schema) = (described.ty(id), described.shown(id), described.view().schema());
    let own = format!("tns:{}Filter", ty.name);
    m.sequence(&format!("{}Filter", ty.name), "Conditions on rows; all that are given hold.", |m| {
        for f in &shown.fields {
            let of = ty.field(*f);
            let end = if of.scalar.list { "ListFilter" } else { "Filter" };
            let filter = format!("tns:{}{end}", schema.kind_name(of.scalar.kind));
            member(m, &of.name, &filter, "");
        }
        for r in &shown.relations {
            let relation = ty.relation(*r);
            let end = if relation.to_one() { "Filter" } else { "ListFilter" };
            let filter = format!("tns:{}{end}", described.ty(relation.target).name);
            member(m, &relation.name, &filter, "");
        }
        many(m, "and", &own, "All of these hold.");
        many(m, "or", &own, "One of these holds, or more.");
        member(m, "not", &own, "This does not hold.");
    });
    if leads_in_list(described, id) {
        m.sequence(&format!("{}ListFilter", ty.name), "Conditions on related rows.", |m| {
            member(m, "some", &own, "This holds for one of the related rows, or more.");
            member(m, "none", &own, "This holds for none of the related rows.");
            member(m, "every", &own, "This holds for all related rows, also where there are none.");
        });
    }
    m.sequence(&format!("{}Order", ty.name), "One term of an order.", |m| {
        let about = "A field, or one behind relations that lead to one row: author.name.";
        m.element(&[("name", "field"), ("type", "xs:string")], about);
        member(m, "direction", "tns:OrderDirection", "ASC without it.");
    });
}

/// Whether some shown relation leads to many rows of the type.
fn leads_in_list(described: &Described, to: TypeId) -> bool {
    let leads = |from: TypeId, r: &RelationId| {
        let relation = described.ty(from).relation(*r);
        relation.target == to && !relation.to_one()
    };
    let types = described.view().schema().types();
    types.into_iter().any(|(from, _)| described.shown(from).relations.iter().any(|r| leads(from, r)))
}

/// The conditions on values of all kinds that shown fields have.
pub(super) fn values(m: &mut Markup, described: &Described) {
    let schema = described.view().schema();
    let mut seen = Asked::new();
    let mut json = false;
    for (id, ty) in schema.types() {
        for f in &described.shown(id).fields {
            let scalar = ty.field(*f).scalar;
            json |= scalar == Scalar::one(Kind::Json);
            value(m, described, scalar, &mut seen);
        }
    }
    if json {
        value(m, described, Scalar::one(Kind::String), &mut seen);
        path(m);
    }
}

fn value(m: &mut Markup, described: &Described, scalar: Scalar, seen: &mut Asked) {
    let schema = described.view().schema();
    let kind = schema.kind_name(scalar.kind);
    if !seen.insert((kind.to_owned(), scalar.list)) {
        return;
    }
    let end = if scalar.list { "ListFilter" } else { "Filter" };
    let (name, own) = (format!("{kind}{end}"), format!("tns:{kind}{end}"));
    let type_name = type_of(schema, scalar.compared().kind);
    m.sequence(&name, "Conditions on a value; all that are given hold.", |m| {
        for word in Test::words(scalar) {
            match (*word, scalar.list) {
                (word, true) => member(m, word, &list_type(schema, scalar.kind), about(word)),
                ("in", _) => many(m, "in", &type_name, "Equal to one of these."),
                ("like" | "ilike" | "match" | "imatch" | "startsWith", _) => {
                    member(m, word, "xs:string", about(word));
                }
                (word, _) => member(m, word, &type_name, about(word)),
            }
        }
        if scalar == Scalar::one(Kind::Json) {
            member(m, "at", "tns:JSONPathFilter", "What is at a place within it.");
        }
        member(m, "isNull", "xs:boolean", "Whether it is null.");
        member(m, "not", &own, "This does not hold.");
    });
}

/// What a word does not say by itself.
fn about(word: &str) -> &'static str {
    match word {
        "like" => "Like the pattern, where % is any text and _ any character.",
        "ilike" => "Like the pattern, in capitals or not.",
        "match" => "The regular expression is found in it.",
        "imatch" => "The regular expression is found in it, in capitals or not.",
        "contains" => "It contains this: the same members, elements or value.",
        "distinct" => "Not equal, where null is a value like others.",
        _ => "",
    }
}

fn path(m: &mut Markup) {
    m.sequence("JSONPathFilter", "Conditions on a place within a JSON value.", |m| {
        many(m, "path", "xs:string", "The place: names of members and positions in lists, in order.");
        member(m, "text", "tns:StringFilter", "Conditions on what is there, as text.");
        member(m, "json", "tns:JSONFilter", "Conditions on what is there, as JSON.");
    });
}

/// The directions of an order.
pub(super) fn directions(m: &mut Markup) {
    m.inside("xs:simpleType", &[("name", "OrderDirection")], |m| {
        m.inside("xs:restriction", &[("base", "xs:string")], |m| {
            for Direction { word, about, .. } in Direction::ALL {
                m.inside("xs:enumeration", &[("value", word)], |m| m.documented(about));
            }
        });
    });
}

/// An element that may be missing.
pub(super) fn member(m: &mut Markup, name: &str, type_name: &str, about: &str) {
    m.element(&[("name", name), ("type", type_name), ("minOccurs", "0")], about);
}

/// An element that may come any number of times.
pub(super) fn many(m: &mut Markup, name: &str, type_name: &str, about: &str) {
    let attributes = [("name", name), ("type", type_name), ("minOccurs", "0"), ("maxOccurs", "unbounded")];
    m.element(&attributes, about);
}
