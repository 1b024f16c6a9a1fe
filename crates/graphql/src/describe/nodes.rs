//! The pieces of a GraphQL schema, in few words.

use apollo_compiler::ast::{
    Argument, Directive, DirectiveList, FieldDefinition, InputValueDefinition, Type, Value,
};
use apollo_compiler::{Name, Node};

/// A name that is known to be one: [`super::shown`] lets no other pass.
pub(super) fn name(text: &str) -> Name {
    Name::new_unchecked(text)
}

/// A description; none if there is nothing to say.
pub(super) fn text(text: &str) -> Option<Node<str>> {
    (!text.is_empty()).then(|| Node::new_str(text))
}

/// `X`.
pub(super) fn maybe(ty: &str) -> Type {
    Type::Named(name(ty))
}

/// `X!`.
pub(super) fn sure(ty: &str) -> Type {
    Type::NonNullNamed(name(ty))
}

/// `[X!]`.
pub(super) fn list(ty: &str) -> Type {
    sure(ty).list()
}

/// A field without arguments.
pub(super) fn field(called: &str, ty: Type, description: &str) -> FieldDefinition {
    asked(called, ty, description, Vec::new())
}

/// A field with arguments.
pub(super) fn asked(
    called: &str,
    ty: Type,
    description: &str,
    arguments: Vec<InputValueDefinition>,
) -> FieldDefinition {
    FieldDefinition {
        description: text(description),
        name: name(called),
        arguments: arguments.into_iter().map(Node::new).collect(),
        ty,
        directives: DirectiveList::new(),
    }
}

/// An argument, or a member of an input.
pub(super) fn input(called: &str, ty: Type, description: &str) -> InputValueDefinition {
    InputValueDefinition {
        description: text(description),
        name: name(called),
        ty: Node::new(ty),
        default_value: None,
        directives: DirectiveList::new(),
    }
}

/// A directive with arguments that are strings.
pub(super) fn directive(called: &str, arguments: &[(&str, &str)]) -> Directive {
    let argument = |(called, value): &(&str, &str)| {
        Node::new(Argument { name: name(called), value: Node::new(Value::String((*value).to_owned())) })
    };
    Directive { name: name(called), arguments: arguments.iter().map(argument).collect() }
}

/// `@deprecated` where the file says so.
pub(super) fn deprecated(reason: Option<&str>) -> DirectiveList {
    let directives = reason.map(|r| Node::new(directive("deprecated", &[("reason", r)])));
    DirectiveList(directives.into_iter().collect())
}
