//! What the stages hand to one another: the declarations of the file beside the schema that grows from them.

use apollo_compiler::ast::{Directive, EnumValueDefinition, FieldDefinition, Value as Literal};
use apollo_compiler::{Name, Node};
use bistro_problem::Diagnostic;
use bistro_schema::{FieldId, Kind, RelationId, Scalar, Schema, TypeId};

use crate::place::{At, Place};

/// A file on its way to a schema.
#[derive(Default)]
pub(crate) struct Draft {
    /// The schema so far.
    pub(crate) schema: Schema,
    /// The mistakes so far.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Declared types; the n-th becomes the n-th of `schema.types`.
    pub(crate) types: Vec<TypeDecl>,
    /// Declared enums without the roles; the n-th becomes the n-th of `schema.enums`.
    pub(crate) enums: Vec<EnumDecl>,
    /// The enum marked `@roles`.
    pub(crate) roles: Option<EnumDecl>,
    /// Names of definitions that were refused, so that a use of them is not a second mistake.
    pub(crate) refused: Vec<String>,
}

/// `type … { … }` with all its extensions.
pub(crate) struct TypeDecl {
    pub(crate) name: Name,
    pub(crate) description: Option<String>,
    pub(crate) directives: Vec<Node<Directive>>,
    pub(crate) fields: Vec<FieldDecl>,
    /// The columns of the key, once known; `None` where there is none or it is broken.
    pub(crate) key: Option<Vec<KeyColumn>>,
}

/// A field as written, and what it turned out to be.
pub(crate) struct FieldDecl {
    pub(crate) node: Node<FieldDefinition>,
    pub(crate) shape: Shape,
    /// Its columns in `Type::fields`; empty for lists of rows.
    pub(crate) columns: Vec<FieldId>,
}

/// What a field's type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A column of this scalar.
    Scalar(Scalar),
    /// A foreign key to this type, in this slot of `Type::relations`.
    ToOne(TypeId, RelationId),
    /// `@inverse`: the other side of a relation of this type.
    Inverse(TypeId, RelationId),
    /// A list without `@inverse`.
    Many(TypeId, RelationId),
    /// Refused; said already.
    Broken,
}

/// One column of a key: its name and what it holds.
#[derive(Clone, Debug)]
pub(crate) struct KeyColumn {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// `enum … { … }` with all its extensions.
pub(crate) struct EnumDecl {
    pub(crate) name: Name,
    pub(crate) description: Option<String>,
    pub(crate) directives: Vec<Node<Directive>>,
    pub(crate) values: Vec<Node<EnumValueDefinition>>,
}

impl Draft {
    /// Notes a mistake.
    pub(crate) fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The ids of the declared types.
    pub(crate) fn type_ids(&self) -> impl Iterator<Item = TypeId> + use<> {
        (0..self.types.len()).map(|n| TypeId(id(n)))
    }

    /// The declaration of a type that the file names.
    pub(crate) fn decl(&self, ty: TypeId) -> &TypeDecl {
        &self.types[ty.0 as usize]
    }

    /// The declared type of this name.
    pub(crate) fn type_named(&self, name: &str) -> Option<TypeId> {
        self.types.iter().position(|t| t.name == name).map(|n| TypeId(id(n)))
    }
}

impl TypeDecl {
    /// Its directive of this name (the first).
    pub(crate) fn directive(&self, name: &str) -> Option<&Node<Directive>> {
        directive(&self.directives, name)
    }

    /// Its field of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&FieldDecl> {
        self.fields.iter().find(|f| f.node.name == name)
    }
}

impl FieldDecl {
    /// Its directive of this name (the first).
    pub(crate) fn directive(&self, name: &str) -> Option<&Node<Directive>> {
        directive(&self.node.directives, name)
    }

    /// Its directives of this name.
    pub(crate) fn directives<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node<Directive>> {
        self.node.directives.iter().filter(move |d| d.name == name)
    }

    /// The relation's slot, if the field is a relation.
    pub(crate) fn relation(&self) -> Option<(TypeId, RelationId)> {
        match self.shape {
            Shape::ToOne(t, r) | Shape::Inverse(t, r) | Shape::Many(t, r) => Some((t, r)),
            Shape::Scalar(_) | Shape::Broken => None,
        }
    }
}

/// The first directive of this name.
pub(crate) fn directive<'a>(list: &'a [Node<Directive>], name: &str) -> Option<&'a Node<Directive>> {
    list.iter().find(|d| d.name == name)
}

/// An index as the 16 bits of an id; the limits on types and fields keep it small.
pub(crate) fn id(n: usize) -> u16 {
    u16::try_from(n).expect("limits keep ids under 65,536")
}

/// The value of an argument as written.
pub(crate) fn literal<'a>(directive: &'a Directive, name: &str) -> Option<&'a Node<Literal>> {
    directive.arguments.iter().find(|a| a.name == name).map(|a| &a.value)
}

/// A string argument and its place. A value of another type is the validator's to report.
pub(crate) fn text<'a>(directive: &'a Directive, name: &str) -> Option<(&'a str, Place)> {
    let value = literal(directive, name)?;
    value.as_str().map(|s| (s, value.at()))
}

/// The strings (or enum words) of a list argument with their places; a lone value counts as a list of one.
pub(crate) fn words<'a>(directive: &'a Directive, name: &str) -> Option<Vec<(&'a str, Place)>> {
    let value = literal(directive, name)?;
    let one =
        |v: &'a Node<Literal>| v.as_str().or_else(|| v.as_enum().map(Name::as_str)).map(|s| (s, v.at()));
    Some(match value.as_list() {
        Some(list) => list.iter().filter_map(one).collect(),
        None => one(value).into_iter().collect(),
    })
}

/// An enum argument and its place.
pub(crate) fn word<'a>(directive: &'a Directive, name: &str) -> Option<(&'a str, Place)> {
    let value = literal(directive, name)?;
    value.as_enum().map(|s| (s.as_str(), value.at()))
}

/// An integer argument and its place.
pub(crate) fn int(directive: &Directive, name: &str) -> Option<(i64, Place)> {
    match &**literal(directive, name)? {
        Literal::Int(n) => {
            n.as_str().parse().ok().map(|n| (n, literal(directive, name).map_or((0, 0), At::at)))
        }
        _ => None,
    }
}

/// A description without the spaces around it.
pub(crate) fn description(node: Option<&Node<str>>) -> Option<String> {
    node.map(|d| d.trim().to_owned()).filter(|d| !d.is_empty())
}
