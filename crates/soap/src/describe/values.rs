//! Kinds of values as types of XML Schema.

use bistro_schema::{EnumId, Field, Kind, Schema, Value};

use super::markup::{Attributes, Markup};

/// The type of one value of a kind.
pub(super) fn type_of(schema: &Schema, kind: Kind) -> String {
    let name = match kind {
        Kind::Id | Kind::Uuid | Kind::String | Kind::Email | Kind::Url | Kind::Html | Kind::Json => {
            "xs:string"
        }
        Kind::Int => "xs:int",
        Kind::BigInt => "xs:long",
        Kind::Float => "xs:double",
        Kind::Decimal { .. } => "xs:decimal",
        Kind::Boolean => "xs:boolean",
        Kind::Date => "xs:date",
        Kind::Time => "xs:time",
        Kind::DateTime => "xs:dateTime",
        Kind::Bytes => "xs:base64Binary",
        Kind::Enum(id) => return format!("tns:{}", schema.enum_type(id).name),
    };
    name.to_owned()
}

/// What the type of XML Schema does not say of values of the kind.
fn told(kind: Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Uuid => "A UUID.",
        Kind::Json => "A JSON document as text.",
        Kind::DateTime => {
            "An instant, to the microsecond. Comes in UTC; is taken with any time zone, without one as UTC."
        }
        Kind::Email => "An e-mail address.",
        Kind::Url => "An absolute URL.",
        Kind::Html => "HTML, from which what could run or mislead was taken out.",
        _ => "",
    }
}

/// The documentation of a field.
pub(super) fn about(field: &Field) -> String {
    let described = field.description.as_deref().unwrap_or_default().trim();
    let deprecated = field.deprecated.as_ref().map(|why| format!("Deprecated: {why}"));
    let pattern = field.pattern.as_ref().map(|pattern| format!("Matches {pattern}"));
    let parts = [Some(described), Some(told(field.scalar.kind)), pattern.as_deref(), deprecated.as_deref()];
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

/// How an element stands in its sequence.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    /// Whether it may be missing.
    pub(super) optional: bool,
    /// Whether `xsi:nil` is a value.
    pub(super) nillable: bool,
    /// Whether the conditions on its values are told.
    pub(super) bounded: bool,
}

/// An element for the value of a field.
pub(super) fn field(m: &mut Markup, schema: &Schema, field: &Field, standing: Standing) {
    let mut attributes = vec![("name", field.name.as_str())];
    if standing.optional {
        attributes.push(("minOccurs", "0"));
    }
    if standing.nillable {
        attributes.push(("nillable", "true"));
    }
    let (type_name, about) = (type_of(schema, field.scalar.kind), about(field));
    let facets = if standing.bounded { facets(field) } else { digits(field) };
    if field.scalar.list {
        let list = list_type(schema, field.scalar.kind);
        attributes.push(("type", &list));
        m.element(&attributes, &about);
    } else if facets.is_empty() {
        attributes.push(("type", &type_name));
        m.element(&attributes, &about);
    } else {
        m.inside("xs:element", &attributes, |m| {
            m.documented(&about);
            m.inside("xs:simpleType", &[], |m| restriction(m, &type_name, &facets));
        });
    }
}

/// The type of a list of a kind. No type of the file has its name.
pub(super) fn list_type(schema: &Schema, kind: Kind) -> String {
    format!("tns:{}", list_name(schema, kind))
}

fn list_name(schema: &Schema, kind: Kind) -> String {
    let mut name = format!("ArrayOf{}", schema.kind_name(kind));
    while schema.by_name(&name).is_some() || schema.enums.iter().any(|e| e.name == name) {
        name.push('_');
    }
    name
}

/// A list: any number of elements `item`.
pub(super) fn list(m: &mut Markup, schema: &Schema, kind: Kind) {
    let type_name = type_of(schema, kind);
    m.sequence(&list_name(schema, kind), "", |m| {
        let item: Attributes<'_> =
            &[("name", "item"), ("type", &type_name), ("minOccurs", "0"), ("maxOccurs", "unbounded")];
        m.empty("xs:element", item);
    });
}

fn restriction(m: &mut Markup, base: &str, facets: &[(&'static str, String)]) {
    m.inside("xs:restriction", &[("base", base)], |m| {
        for (name, value) in facets {
            m.empty(name, &[("value", value)]);
        }
    });
}

/// The digits of a decimal.
fn digits(field: &Field) -> Vec<(&'static str, String)> {
    match field.scalar.kind {
        Kind::Decimal { precision, scale, bare: false } => {
            vec![("xs:totalDigits", precision.to_string()), ("xs:fractionDigits", scale.to_string())]
        }
        _ => Vec::new(),
    }
}

/// All that XML Schema can say of the values that a field takes.
fn facets(field: &Field) -> Vec<(&'static str, String)> {
    let mut facets = digits(field);
    if let (true, Some((least, most))) = (field.scalar.kind.is_text(), &field.length) {
        facets.extend(least.map(|least| ("xs:minLength", least.to_string())));
        facets.extend(most.map(|most| ("xs:maxLength", most.to_string())));
    }
    if let (true, Some((least, most))) = (field.scalar.kind.is_number(), &field.range) {
        facets.extend(least.as_ref().map(|least| ("xs:minInclusive", number(least))));
        facets.extend(most.as_ref().map(|most| ("xs:maxInclusive", number(most))));
    }
    facets
}

fn number(value: &Value) -> String {
    let mut out = Vec::new();
    bistro_schema::text::write_plain(value.borrow(), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// The type of an enum.
pub(super) fn enumeration(m: &mut Markup, schema: &Schema, id: EnumId) {
    let declared = schema.enum_type(id);
    m.inside("xs:simpleType", &[("name", &declared.name)], |m| {
        m.documented(declared.description.as_deref().unwrap_or_default().trim());
        m.inside("xs:restriction", &[("base", "xs:string")], |m| {
            for (value, about) in &declared.values {
                let attributes: Attributes<'_> = &[("value", value)];
                match about.as_deref().map(str::trim).filter(|about| !about.is_empty()) {
                    Some(about) => m.inside("xs:enumeration", attributes, |m| m.documented(about)),
                    None => m.empty("xs:enumeration", attributes),
                }
            }
        });
    });
}
