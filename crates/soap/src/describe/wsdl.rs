//! WSDL 1.1: the schema inside, a message for each element, one port type, and a binding and a port for each version of SOAP.

use super::markup::Markup;
use super::operations::{Operation, Verb};
use super::{About, Described, schema};
use crate::envelope::Version;
use crate::names::{EXCEPTION, FAULT, SERVICE};

const TRANSPORT: &str = "http://schemas.xmlsoap.org/soap/http";

/// The document.
pub(super) fn wsdl(described: &Described, about: &About, only: Option<Version>) -> String {
    let versions = match only {
        Some(version) => vec![version],
        None => vec![Version::V11, Version::V12],
    };
    let mut attributes = vec![
        ("xmlns:wsdl", "http://schemas.xmlsoap.org/wsdl/"),
        ("xmlns:tns", about.namespace.as_str()),
        ("name", SERVICE),
        ("targetNamespace", about.namespace.as_str()),
    ];
    attributes.extend(versions.iter().map(|v| match v {
        Version::V11 => ("xmlns:soap", "http://schemas.xmlsoap.org/wsdl/soap/"),
        Version::V12 => ("xmlns:soap12", "http://schemas.xmlsoap.org/wsdl/soap12/"),
    }));
    let mut m = Markup::new();
    m.inside("wsdl:definitions", &attributes, |m| {
        m.inside("wsdl:types", &[], |m| schema::schema(m, described, about));
        messages(m, described);
        port_type(m, described);
        versions.iter().for_each(|version| binding(m, described, about, *version));
        service(m, about, &versions);
    });
    m.finish()
}

fn messages(m: &mut Markup, described: &Described) {
    let mut message = |name: &str, part: &str, element: &str| {
        m.inside("wsdl:message", &[("name", name)], |m| {
            m.empty("wsdl:part", &[("name", part), ("element", &format!("tns:{element}"))]);
        });
    };
    for Operation { name, answer, .. } in described.operations() {
        message(&format!("{name}Request"), "parameters", name);
        message(&format!("{name}Response"), "parameters", answer);
    }
    message(EXCEPTION, "fault", FAULT);
}

fn port_type(m: &mut Markup, described: &Described) {
    m.inside("wsdl:portType", &[("name", &format!("{SERVICE}Port"))], |m| {
        for operation in described.operations() {
            let name = &operation.name;
            m.inside("wsdl:operation", &[("name", name)], |m| {
                m.text("wsdl:documentation", documentation(described, operation));
                m.empty("wsdl:input", &[("message", &format!("tns:{name}Request"))]);
                m.empty("wsdl:output", &[("message", &format!("tns:{name}Response"))]);
                m.empty("wsdl:fault", &[("name", FAULT), ("message", &format!("tns:{EXCEPTION}"))]);
            });
        }
    });
}

fn documentation(described: &Described, operation: &Operation) -> String {
    if operation.verb == Verb::SignIn {
        return "Signs in by e-mail address and password; the token goes into the HTTP header Authorization."
            .into();
    }
    let ty = described.ty(operation.ty);
    let (name, collection) = (&ty.name, &ty.collection);
    let done = match operation.verb {
        Verb::Get => format!("The {name} that a key names."),
        Verb::List => format!("A page of {collection}, after a filter, in an order, with related rows."),
        Verb::Count => format!("How many rows of {collection} meet a filter."),
        Verb::Create => format!("Makes a {name}."),
        Verb::CreateMany => format!("Makes several rows of {collection}: all, or none."),
        Verb::Update => format!("Changes the {name} that a key names; what is left out stays."),
        Verb::Delete => format!("Removes the {name} that a key names."),
        Verb::SignIn => String::new(),
    };
    let about = ty.description.as_deref().unwrap_or_default().trim();
    if about.is_empty() { done } else { format!("{done} {about}") }
}

fn binding(m: &mut Markup, described: &Described, about: &About, version: Version) {
    let prefix = prefix(version);
    let tag = |name: &str| format!("{prefix}:{name}");
    let (name, port) = (format!("{}Binding", port_name(version)), format!("tns:{SERVICE}Port"));
    m.inside("wsdl:binding", &[("name", &name), ("type", &port)], |m| {
        m.empty(&tag("binding"), &[("style", "document"), ("transport", TRANSPORT)]);
        for Operation { name, .. } in described.operations() {
            m.inside("wsdl:operation", &[("name", name)], |m| {
                let action = format!("{}/{name}", about.namespace);
                m.empty(&tag("operation"), &[("soapAction", &action), ("style", "document")]);
                for direction in ["wsdl:input", "wsdl:output"] {
                    m.inside(direction, &[], |m| m.empty(&tag("body"), &[("use", "literal")]));
                }
                m.inside("wsdl:fault", &[("name", FAULT)], |m| {
                    m.empty(&tag("fault"), &[("name", FAULT), ("use", "literal")]);
                });
            });
        }
    });
}

fn service(m: &mut Markup, about: &About, versions: &[Version]) {
    m.inside("wsdl:service", &[("name", SERVICE)], |m| {
        for version in versions {
            let name = port_name(*version);
            let binding = format!("tns:{name}Binding");
            m.inside("wsdl:port", &[("name", name), ("binding", &binding)], |m| {
                m.empty(&format!("{}:address", prefix(*version)), &[("location", &about.address)]);
            });
        }
    });
}

const fn prefix(version: Version) -> &'static str {
    match version {
        Version::V11 => "soap",
        Version::V12 => "soap12",
    }
}

const fn port_name(version: Version) -> &'static str {
    match version {
        Version::V11 => "BistroSoap",
        Version::V12 => "BistroSoap12",
    }
}
