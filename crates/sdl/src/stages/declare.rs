//! Which definitions the file holds: types, enums and the roles, each with its extensions; everything else is refused.

use apollo_compiler::ast::{Definition, Document, EnumTypeDefinition, FieldDefinition, ObjectTypeDefinition};
use apollo_compiler::{Name, Node};
use bistro_problem::Diagnostic;

use crate::codes;
use crate::draft::{Draft, EnumDecl, FieldDecl, Shape, TypeDecl, description, directive};
use crate::parse::MISTAKES_MAX;
use crate::place::At;

/// How many types a file may declare.
const TYPES_MAX: usize = 1_000;
/// How many fields a type may have.
pub(crate) const FIELDS_MAX: usize = 1_000;

/// Collects the definitions of a document.
pub(crate) fn run(draft: &mut Draft, document: &Document) {
    for definition in &document.definitions {
        if draft.types.len() > TYPES_MAX || draft.diagnostics.len() > MISTAKES_MAX {
            break;
        }
        match definition {
            Definition::ObjectTypeDefinition(node) => object(draft, node),
            Definition::EnumTypeDefinition(node) => enumeration(draft, node),
            Definition::ObjectTypeExtension(_) | Definition::EnumTypeExtension(_) => {}
            other => refuse(draft, other),
        }
    }
    for definition in &document.definitions {
        if draft.types.len() > TYPES_MAX || draft.diagnostics.len() > MISTAKES_MAX {
            break;
        }
        extension(draft, definition);
    }
    limits(draft);
    if draft.types.is_empty() && draft.refused.is_empty() {
        let told =
            Diagnostic::warning(codes::NO_TYPES, (0, 0), "the file declares no type, so nothing is served");
        draft.say(
            told.hint("begin with a model: `type Note @model @allow(to: [READ]) { id: ID!  text: String! }`"),
        );
    }
}

fn object(draft: &mut Draft, node: &Node<ObjectTypeDefinition>) {
    if is_root(&node.name) {
        root(draft, &node.name);
        return;
    }
    if let Some(first) = defined(draft, &node.name) {
        twice(draft, "type", &node.name, first);
        return;
    }
    interfaces(draft, &node.implements_interfaces);
    draft.types.push(TypeDecl {
        name: node.name.clone(),
        description: description(node.description.as_ref()),
        directives: node.directives.0.clone(),
        fields: Vec::new(),
        key: None,
    });
    let at = draft.types.len() - 1;
    add_fields(draft, at, &node.fields);
}

fn enumeration(draft: &mut Draft, node: &Node<EnumTypeDefinition>) {
    if let Some(first) = defined(draft, &node.name) {
        twice(draft, "enum", &node.name, first);
        return;
    }
    let decl = EnumDecl {
        name: node.name.clone(),
        description: description(node.description.as_ref()),
        directives: node.directives.0.clone(),
        values: node.values.clone(),
    };
    add_enum(draft, decl);
}

fn add_enum(draft: &mut Draft, decl: EnumDecl) {
    if directive(&decl.directives, "roles").is_none() {
        draft.enums.push(decl);
        return;
    }
    match &draft.roles {
        None => draft.roles = Some(decl),
        Some(first) => {
            let told = Diagnostic::error(codes::ROLES, decl.name.at(), "two enums are marked @roles")
                .label("the second")
                .related(first.name.at(), "the first")
                .hint("keep all roles in one enum");
            draft.refused.push(decl.name.to_string());
            draft.say(told);
        }
    }
}

/// Merges `extend type` and `extend enum`; an extension without a definition is the definition.
fn extension(draft: &mut Draft, definition: &Definition) {
    match definition {
        Definition::ObjectTypeExtension(node) if is_root(&node.name) => root(draft, &node.name),
        Definition::ObjectTypeExtension(node) => {
            interfaces(draft, &node.implements_interfaces);
            let at = draft.types.iter().position(|t| t.name == node.name).unwrap_or_else(|| {
                draft.types.push(TypeDecl {
                    name: node.name.clone(),
                    description: None,
                    directives: Vec::new(),
                    fields: Vec::new(),
                    key: None,
                });
                draft.types.len() - 1
            });
            draft.types[at].directives.extend(node.directives.0.iter().cloned());
            add_fields(draft, at, &node.fields);
        }
        Definition::EnumTypeExtension(node) => {
            let roles = draft.roles.as_mut().filter(|r| r.name == node.name);
            let found = roles.or_else(|| draft.enums.iter_mut().find(|e| e.name == node.name));
            if let Some(decl) = found {
                decl.values.extend(node.values.iter().cloned());
                return;
            }
            let decl = EnumDecl {
                name: node.name.clone(),
                description: None,
                directives: node.directives.0.clone(),
                values: node.values.clone(),
            };
            add_enum(draft, decl);
        }
        _ => {}
    }
}

fn add_fields(draft: &mut Draft, at: usize, fields: &[Node<FieldDefinition>]) {
    for node in fields {
        // One more than allowed is enough to say so.
        if draft.types[at].fields.len() > FIELDS_MAX || draft.diagnostics.len() > MISTAKES_MAX {
            return;
        }
        let known =
            draft.types[at].fields.iter().find(|f| f.node.name == node.name).map(|f| f.node.name.clone());
        if let Some(first) = known {
            twice(draft, "field", &node.name, first);
            continue;
        }
        if let Some(argument) = node.arguments.first() {
            let told = Diagnostic::error(
                codes::UNSUPPORTED,
                argument.at(),
                format!("the field `{}` has arguments; fields of stored types have none", node.name),
            );
            draft.say(told.label("an argument").hint("remove the arguments"));
        }
        draft.types[at].fields.push(FieldDecl {
            node: node.clone(),
            shape: Shape::Broken,
            columns: Vec::new(),
        });
    }
}

fn is_root(name: &str) -> bool {
    matches!(name, "Query" | "Mutation" | "Subscription")
}

fn root(draft: &mut Draft, name: &Name) {
    let told = Diagnostic::error(codes::LACKING, name.at(), format!("`{name}` is made from the models"))
        .label("operations of one's own are not in this version")
        .hint("remove it; functions come with a later version");
    draft.say(told);
}

fn interfaces(draft: &mut Draft, names: &[Name]) {
    if let Some(first) = names.first() {
        let told = Diagnostic::error(codes::UNSUPPORTED, first.at(), "types implement no interfaces here")
            .label("an interface")
            .hint("write the fields out in each type");
        draft.say(told);
    }
}

fn defined(draft: &Draft, name: &str) -> Option<Name> {
    let types = draft.types.iter().map(|t| &t.name);
    let enums = draft.enums.iter().chain(&draft.roles).map(|e| &e.name);
    types.chain(enums).find(|n| *n == name).cloned()
}

fn twice(draft: &mut Draft, what: &str, name: &Name, first: Name) {
    let told =
        Diagnostic::error(codes::DUPLICATE, name.at(), format!("the {what} `{name}` is defined twice"))
            .label("the second definition")
            .related(first.at(), "the first")
            .hint("rename or remove one of them");
    draft.say(told);
}

fn refuse(draft: &mut Draft, definition: &Definition) {
    let (what, hint) = match definition {
        Definition::InterfaceTypeDefinition(_) | Definition::InterfaceTypeExtension(_) => {
            ("interfaces", "write the fields out in each type")
        }
        Definition::UnionTypeDefinition(_) | Definition::UnionTypeExtension(_) => {
            ("unions", "use one relation for each kind of target")
        }
        Definition::InputObjectTypeDefinition(_) | Definition::InputObjectTypeExtension(_) => {
            ("input types", "remove it; inputs are made from the models")
        }
        Definition::ScalarTypeDefinition(_) | Definition::ScalarTypeExtension(_) => {
            ("scalars of one's own", "use a scalar of the schema language")
        }
        Definition::DirectiveDefinition(_) => {
            ("directive definitions", "remove it; the directives are built in")
        }
        Definition::SchemaDefinition(_) | Definition::SchemaExtension(_) => {
            ("schema definitions", "remove it; the root types are made from the models")
        }
        _ => ("operations", "keep queries in the client; this file declares types"),
    };
    draft.refused.extend(definition.name().map(|n| n.to_string()));
    let at = definition.name().map_or_else(|| crate::place::place(definition.location()), At::at);
    let told = Diagnostic::error(codes::UNSUPPORTED, at, format!("a schema file holds no {what}"));
    draft.say(told.label("not used here").hint(hint));
}

fn limits(draft: &mut Draft) {
    if let Some(ty) = draft.types.get(TYPES_MAX) {
        let told =
            Diagnostic::error(codes::LIMIT, ty.name.at(), format!("a file has at most {TYPES_MAX} types"));
        draft.say(told.label("one too many"));
    }
    let crowded = draft.enums.iter().chain(&draft.roles).filter_map(|e| e.values.get(FIELDS_MAX)).map(|v| {
        let message = format!("an enum has at most {FIELDS_MAX} values");
        Diagnostic::error(codes::LIMIT, v.value.at(), message).label("one too many")
    });
    let mut told: Vec<Diagnostic> = crowded.collect();
    let wide = draft.types.iter().filter_map(|t| t.fields.get(FIELDS_MAX));
    told.extend(wide.map(|f| {
        let message = format!("a type has at most {FIELDS_MAX} fields");
        Diagnostic::error(codes::LIMIT, f.node.name.at(), message).label("one too many")
    }));
    draft.diagnostics.extend(told);
}
