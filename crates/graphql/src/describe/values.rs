//! Scalars, enums, directives and the small types that every schema shares.

use apollo_compiler::Node;
use apollo_compiler::ast::{DirectiveDefinition, DirectiveLocation};
use apollo_compiler::schema::{DirectiveList, ExtendedType, ScalarType};
use bistro_schema::{EnumId, Kind};

use super::build::Build;
use super::meaning::Meaning;
use super::nodes::{directive, field, maybe, name, sure, text};

/// A scalar that GraphQL lacks: what it is, and where it is specified.
struct Scalar {
    about: &'static str,
    specified: &'static str,
}

/// Describes every scalar and enum that was named.
pub(super) fn kinds(build: &mut Build<'_>) {
    for kind in build.kinds() {
        match kind {
            Kind::Enum(id) => enumeration(build, id),
            _ => scalar(build, kind),
        }
    }
}

fn scalar(build: &mut Build<'_>, kind: Kind) {
    let Some(Scalar { about, specified }) = custom(kind) else { return };
    define(build, build.schema().kind_name(kind), about, specified);
}

/// Puts in a scalar; an empty address says that nothing specifies it.
pub(super) fn define(build: &mut Build<'_>, called: &str, about: &str, specified: &str) {
    let mut directives = DirectiveList::new();
    if !specified.is_empty() {
        directives.push(directive("specifiedBy", &[("url", specified)]));
    }
    let scalar = ScalarType { description: text(about), name: name(called), directives };
    build.graph.types.entry(name(called)).or_insert_with(|| ExtendedType::Scalar(Node::new(scalar)));
}

fn custom(kind: Kind) -> Option<Scalar> {
    let (about, specified) = match kind {
        Kind::Id | Kind::Int | Kind::Float | Kind::String | Kind::Boolean | Kind::Enum(_) => return None,
        Kind::BigInt => ("A whole number of 64 bits. Comes as a string; taken as a string or a number.", ""),
        Kind::Decimal { .. } => {
            ("An exact decimal number. Comes as a string; taken as a string or a number.", "")
        }
        Kind::Date => ("A day: `2026-11-22`.", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"),
        Kind::Time => ("A time of day, to the microsecond: `18:30:00`.", ""),
        Kind::DateTime => (
            "An instant in UTC, to the microsecond: `2026-11-22T18:30:00Z`. Taken with any offset.",
            "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        ),
        Kind::Json => ("Any JSON value, as it is.", "https://www.rfc-editor.org/rfc/rfc8259"),
        Kind::Bytes => ("Bytes in base64.", "https://www.rfc-editor.org/rfc/rfc4648#section-4"),
        Kind::Email => ("An e-mail address.", "https://html.spec.whatwg.org/#valid-e-mail-address"),
        Kind::Url => ("An absolute URL.", "https://url.spec.whatwg.org/"),
        Kind::Uuid => ("A UUID.", "https://www.rfc-editor.org/rfc/rfc9562"),
        Kind::Html => ("HTML, from which what could run or mislead was taken out.", ""),
    };
    Some(Scalar { about, specified })
}

fn enumeration(build: &mut Build<'_>, id: EnumId) {
    let declared = build.schema().enum_type(id);
    let values =
        declared.values.iter().map(|(value, about)| (value.as_str(), about.as_deref().unwrap_or_default()));
    let about = declared.description.as_deref().unwrap_or_default();
    build.enumeration(&declared.name, Meaning::Enum(id), about, values);
}

/// Describes what pages, orders and changes of every type share.
pub(super) fn shared(build: &mut Build<'_>) {
    if build.shown.iter().any(|s| s.rows) {
        super::filters::directions(build);
        page_info(build);
    }
    let follows = build.graph.schema_definition.subscription.is_some();
    if follows {
        let values = [
            ("INSERT", "The row is new."),
            ("UPDATE", "The row has changed."),
            ("DELETE", "The row is gone."),
        ];
        build.enumeration("ChangeEvent", Meaning::ChangeEvent, "What happened to a row.", values);
    }
    directives(build);
}

fn page_info(build: &mut Build<'_>) {
    let fields = vec![
        field("hasNextPage", sure("Boolean"), "Whether rows follow the page."),
        field("hasPreviousPage", sure("Boolean"), "Whether rows precede the page."),
        field("startCursor", maybe("String"), "The cursor of the first row; null on an empty page."),
        field("endCursor", maybe("String"), "The cursor of the last row; null on an empty page."),
    ];
    build.object("PageInfo", Meaning::PageInfo, "Where a page lies among all rows that match.", fields);
}

fn directives(build: &mut Build<'_>) {
    let one_of = "Indicates an Input Object is a OneOf Input Object.";
    declare(build, "oneOf", one_of, DirectiveLocation::InputObject);
    // The specification's own types came with the library, which does not know this field yet.
    build.adds(
        "__Type",
        field("isOneOf", maybe("Boolean"), "Whether exactly one member of the input is given."),
    );
    if build.graph.schema_definition.mutation.is_some() {
        let about =
            "All fields of the mutation are one transaction: one error undoes them all, and each is null.";
        declare(build, "atomic", about, DirectiveLocation::Mutation);
    }
}

fn declare(build: &mut Build<'_>, called: &str, about: &str, location: DirectiveLocation) {
    let definition = || DirectiveDefinition {
        description: text(about),
        name: name(called),
        arguments: Vec::new(),
        repeatable: false,
        locations: vec![location],
    };
    build.graph.directive_definitions.entry(name(called)).or_insert_with(|| Node::new(definition()));
}

/// The kinds that filters, scalars and meanings tell apart: the digits of a decimal are the field's own.
pub(super) fn plain(kind: Kind) -> Kind {
    match kind {
        Kind::Decimal { .. } => Kind::Decimal { precision: 38, scale: 18, bare: true },
        other => other,
    }
}
