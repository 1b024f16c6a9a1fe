//! Every directive of the schema language: one row each. The prelude that the parser reads before the user's file and
//! the reference in the documentation come from this table.

/// Where a directive may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// On a type.
    Type,
    /// On a field of a type.
    Field,
    /// On an enum.
    Enum,
    /// On a value of an enum.
    EnumValue,
}

impl On {
    /// GraphQL's word for the place.
    const fn location(self) -> &'static str {
        match self {
            On::Type => "OBJECT",
            On::Field => "FIELD_DEFINITION",
            On::Enum => "ENUM",
            On::EnumValue => "ENUM_VALUE",
        }
    }
}

impl On {
    /// One such place, in words.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            On::Type => "a type",
            On::Field => "a field",
            On::Enum => "an enum",
            On::EnumValue => "a value of an enum",
        }
    }

    /// All such places, in words.
    pub const fn words(self) -> &'static str {
        match self {
            On::Type => "types",
            On::Field => "fields",
            On::Enum => "enums",
            On::EnumValue => "values of enums",
        }
    }
}

/// An argument: its name, its GraphQL type, what it means.
pub type Argument = (&'static str, &'static str, &'static str);

/// One directive of the schema language.
#[derive(Clone, Copy, Debug)]
pub struct Directive {
    /// Its name without `@`.
    pub name: &'static str,
    /// Where it may stand.
    pub on: &'static [On],
    /// Whether one place may carry several.
    pub repeatable: bool,
    /// Its arguments.
    pub arguments: &'static [Argument],
    /// What it means, in a line.
    pub meaning: &'static str,
    /// Whether this version knows the name only to refuse it.
    pub lacking: bool,
}

const fn known(
    name: &'static str,
    on: &'static [On],
    arguments: &'static [Argument],
    meaning: &'static str,
) -> Directive {
    Directive { name, on, repeatable: false, arguments, meaning, lacking: false }
}

const fn repeatable(row: Directive) -> Directive {
    Directive { repeatable: true, ..row }
}

const fn lacking(name: &'static str, on: &'static [On], arguments: &'static [Argument]) -> Directive {
    let meaning = "Known, but not in this version.";
    Directive { name, on, repeatable: false, arguments, meaning, lacking: true }
}

use On::{Enum, EnumValue, Field, Type};

/// The table.
pub const ALL: &[Directive] = &[
    known(
        "model",
        &[Type],
        &[
            ("name", "String", "The table's name and REST path, where it is not the plural."),
            ("plural", "String", "The plural word, used everywhere."),
            ("key", "[String!]", "The fields of the key, in order."),
            ("store", "String", "Not in this version."),
        ],
        "Rows in a table.",
    ),
    known(
        "account",
        &[Type],
        &[],
        "A model whose rows are the accounts; at most one in a schema, with the key `id: ID!`.",
    ),
    known(
        "view",
        &[Type],
        &[
            (
                "sql",
                "String",
                "The query, for SQLite or for all engines; without it the view is there already.",
            ),
            ("postgres", "String", "The query for PostgreSQL."),
            ("mysql", "String", "The query for MySQL and MariaDB."),
            ("name", "String", "The view's name and REST path, where it is not the plural."),
        ],
        "A read-only model over a query.",
    ),
    repeatable(known(
        "index",
        &[Type, Field],
        &[
            ("fields", "[String!]", "The fields in order; on a type only."),
            ("unique", "Boolean", "Whether their values are unique together."),
        ],
        "An index.",
    )),
    repeatable(known(
        "unique",
        &[Type, Field],
        &[("fields", "[String!]", "The fields; on a type only.")],
        "Values that no two rows share; on a relation it makes one-to-one.",
    )),
    repeatable(known(
        "check",
        &[Type],
        &[
            ("expr", "String!", "A condition over `new`."),
            ("message", "String", "What to tell a caller whose row breaks it."),
        ],
        "A condition that every stored row keeps.",
    )),
    repeatable(known(
        "allow",
        &[Type, Field],
        &[
            ("to", "[BistroAction!]!", "What it allows: READ, CREATE, UPDATE, DELETE."),
            (
                "roles",
                "[BistroName!]",
                "Who: roles of the schema, `anon`, `authenticated`; everybody without it.",
            ),
            ("when", "String", "On which condition; always without it."),
        ],
        "Who may do what. Nothing is allowed unless an `@allow` says so.",
    )),
    known("id", &[Field], &[], "The field is the key; `Int` and `BigInt` keys count up."),
    known(
        "decimal",
        &[Field],
        &[
            ("precision", "Int!", "Digits in all, 1–38."),
            ("scale", "Int!", "Digits after the point, 0–18 and at most the precision."),
        ],
        "The digits of a `Decimal`.",
    ),
    known(
        "column",
        &[Field],
        &[("name", "String!", "The column's name.")],
        "The name of the column where it differs.",
    ),
    known(
        "was",
        &[Type, Field],
        &[("name", "String!", "The name before.")],
        "A rename: migrations keep the rows of the type, or the values of the field, that had this name.",
    ),
    known(
        "length",
        &[Field],
        &[("min", "Int", "Fewest characters."), ("max", "Int", "Most characters.")],
        "How long a text may be.",
    ),
    known(
        "range",
        &[Field],
        &[("min", "BistroValue", "The least value."), ("max", "BistroValue", "The greatest value.")],
        "How small and great a number or a date may be.",
    ),
    known(
        "pattern",
        &[Field],
        &[("regex", "String!", "A regular expression of at most 256 bytes, without look-around.")],
        "A regular expression that a text matches.",
    ),
    known(
        "default",
        &[Field],
        &[
            ("value", "BistroValue", "A value of the field's type."),
            ("expr", "String", "An expression over `auth`, `now` and `request`."),
        ],
        "What a new row gets when the caller says nothing.",
    ),
    known("updated", &[Field], &[], "The time of the last write; on `DateTime`."),
    known("immutable", &[Field], &[], "Written at creation only."),
    known(
        "computed",
        &[Field],
        &[("expr", "String!", "An expression over `row`.")],
        "Computed from other fields, never written.",
    ),
    known(
        "generated",
        &[Field],
        &[],
        "Calculated by the database, never written; in tables that somebody else keeps.",
    ),
    known("search", &[Field], &[], "In the full-text index of its type."),
    known("hidden", &[Field], &[], "Never leaves the server; rules may use it."),
    known(
        "relation",
        &[Field],
        &[
            ("column", "String", "The foreign key's column, where it is not `<field>_id`."),
            ("onDelete", "BistroOnDelete", "What deleting the related row does; NO_ACTION without it."),
            ("through", "String", "The model that joins the two sides of a many-to-many list."),
            (
                "fields",
                "[String!]",
                "The fields that hold the key there, in its order, where the type declares them.",
            ),
        ],
        "How a relation is stored.",
    ),
    known(
        "inverse",
        &[Field],
        &[("of", "String!", "The field of the other type.")],
        "The other side of a relation.",
    ),
    known("roles", &[Enum], &[], "The enum's values are the roles of the schema."),
    known(
        "includes",
        &[EnumValue],
        &[("roles", "[BistroName!]!", "The roles that holders of this one hold too.")],
        "A role that includes others.",
    ),
    lacking(
        "document",
        &[Type],
        &[("name", "String", ""), ("plural", "String", ""), ("store", "String", "")],
    ),
    lacking("keyvalue", &[Type], &[("name", "String", ""), ("ttl", "String", ""), ("store", "String", "")]),
    lacking("wide", &[Type], &[("name", "String", ""), ("store", "String", "")]),
    lacking("edge", &[Type], &[("name", "String", ""), ("store", "String", "")]),
    lacking("series", &[Type], &[("name", "String", ""), ("store", "String", "")]),
    lacking("function", &[Field], &[("name", "String", "")]),
    lacking("encrypted", &[Field], &[]),
    lacking("since", &[Type, Field, Enum, EnumValue], &[("version", "String", "")]),
    lacking("until", &[Type, Field, Enum, EnumValue], &[("version", "String", "")]),
    lacking("renamed", &[Type, Field, Enum, EnumValue], &[("from", "String", ""), ("in", "String", "")]),
];

/// The directives of GraphQL itself that a schema may use.
pub const BUILT_IN: &[Directive] = &[known(
    "deprecated",
    &[Field, EnumValue],
    &[("reason", "String", "What to use instead.")],
    "Still served, but not to be used any more.",
)];

/// The scalars of the schema language, besides GraphQL's own.
pub const SCALARS: &[&str] =
    &["BigInt", "Decimal", "Date", "Time", "DateTime", "JSON", "Bytes", "Email", "URL", "UUID", "Html"];

/// GraphQL's own scalars.
pub const GRAPHQL_SCALARS: &[&str] = &["ID", "Int", "Float", "String", "Boolean"];

/// The directive with this name.
pub fn named(name: &str) -> Option<&'static Directive> {
    ALL.iter().chain(BUILT_IN).find(|d| d.name == name)
}

/// What the parser (or an editor) reads before the user's file: scalars, directives and a stub `Query`.
pub fn prelude() -> String {
    let mut out = String::from("type Query { _empty: Boolean }\nscalar BistroValue\nscalar BistroName\n");
    out.push_str("enum BistroAction { READ CREATE UPDATE DELETE }\n");
    out.push_str("enum BistroOnDelete { NO_ACTION RESTRICT CASCADE SET_NULL }\n");
    SCALARS.iter().for_each(|s| out.push_str(&format!("scalar {s}\n")));
    for row in ALL {
        let arguments: Vec<String> = row.arguments.iter().map(|(n, ty, _)| format!("{n}: {ty}")).collect();
        let arguments =
            if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        let repeatable = if row.repeatable { " repeatable" } else { "" };
        let on: Vec<&str> = row.on.iter().map(|p| p.location()).collect();
        out.push_str(&format!("directive @{}{arguments}{repeatable} on {}\n", row.name, on.join(" | ")));
    }
    out
}
