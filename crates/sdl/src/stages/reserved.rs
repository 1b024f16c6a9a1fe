//! Names that are taken: by GraphQL, by what is generated from the models, by REST, by system tables.

use std::collections::HashMap;

use apollo_compiler::Name;
use bistro_problem::Diagnostic;
use bistro_schema::names::graphql;
use bistro_schema::{Type, TypeKind};

use crate::codes;
use crate::directives::{GRAPHQL_SCALARS, SCALARS};
use crate::draft::Draft;
use crate::place::{At, Place};

/// Types of the language itself.
const TYPES: &[&str] = &["BistroAction", "BistroOnDelete", "BistroValue", "BistroName"];
/// What SOAP says beside rows, which are called as their type is.
const ANSWERS: &[&str] = &["count", "endCursor", "hasNextPage", "totalCount"];
/// Fields that are words of filters.
const FILTER_WORDS: &[&str] = &["and", "or", "not", "some", "none", "every"];
/// Fields that REST's query string means something else by.
const QUERY_WORDS: &[&str] = &["select", "order", "limit", "offset", "columns", "on_conflict"];
/// The most bytes of a name that every engine holds.
const NAME_MAX: usize = 63;

/// Checks every name of the file against those that are taken.
pub(crate) fn run(draft: &mut Draft) {
    let mut found = Vec::new();
    type_names(draft, &mut found);
    collections(draft, &mut found);
    surfaces(draft, &mut found);
    fields(draft, &mut found);
    draft.diagnostics.extend(found);
}

fn type_names(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let enums = draft.enums.iter().chain(&draft.roles).map(|e| &e.name);
    for name in draft.types.iter().map(|t| &t.name).chain(enums) {
        let text = name.as_str();
        let why = if text.starts_with("__") {
            "names that begin with two underscores belong to GraphQL".to_owned()
        } else if SCALARS.contains(&text) || GRAPHQL_SCALARS.contains(&text) {
            format!("`{text}` is a scalar of the schema language")
        } else if ANSWERS.contains(&text) {
            format!("`{text}` stands beside the rows in answers of SOAP")
        } else if TYPES.contains(&text) || graphql::TYPES.contains(&text) {
            format!("`{text}` is a type that is always generated")
        } else {
            continue;
        };
        refuse(codes::RESERVED_NAME, name.at(), why, "choose another name for the type", found);
    }
    generated(draft, found);
    for value in draft.enums.iter().chain(&draft.roles).flat_map(|e| &e.values) {
        if value.value.starts_with("__") {
            let why = "values that begin with two underscores belong to GraphQL".to_owned();
            refuse(codes::RESERVED_NAME, value.value.at(), why, "choose another name for the value", found);
        }
    }
}

fn refuse(code: &'static str, at: Place, why: String, hint: &str, found: &mut Vec<Diagnostic>) {
    found.push(Diagnostic::error(code, at, why).label("not free").hint(hint));
}

fn at(ty: &Type) -> Place {
    (ty.span.start, ty.span.end)
}

fn collections(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<String, &Type> = HashMap::new();
    for ty in &draft.schema.types {
        let name = ty.collection.to_lowercase();
        let join = matches!(ty.kind, TypeKind::Join { .. });
        let mend = if join {
            "rename the field, or name a model of your own with `@relation(through:)`"
        } else {
            "give the type another collection with `@model(name: \"…\")`"
        };
        let system = ["__", "bistro_", "sqlite_"].iter().find(|p| name.starts_with(*p));
        let system = system.filter(|prefix| !draft.schema.system || **prefix != "bistro_");
        let why = if name == "rpc" || name == "openapi.json" {
            Some(format!("the collection `{name}` would hide an address of the REST API"))
        } else if let Some(prefix) = system {
            Some(format!("collections that begin with `{prefix}` belong to the system"))
        } else if ty.collection.len() > NAME_MAX {
            Some(format!("the collection `{}` has more than {NAME_MAX} bytes", ty.collection))
        } else {
            None
        };
        if let Some(why) = why {
            found.push(
                Diagnostic::error(codes::COLLECTION, at(ty), why).label("makes this collection").hint(mend),
            );
        }
        if let Some(first) = seen.get(&name) {
            let message = format!("`{}` and `{}` are both the collection `{name}`", first.name, ty.name);
            let told = Diagnostic::error(codes::COLLECTION, at(ty), message).label("the second");
            found.push(told.related(at(first), "the first").hint(mend));
        } else {
            seen.insert(name, ty);
        }
    }
}

/// What GraphQL makes of the declared types and enums must not meet.
fn generated(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let mut made: HashMap<String, (&str, Option<Place>)> = HashMap::new();
    for scalar in SCALARS.iter().chain(GRAPHQL_SCALARS) {
        made.extend(graphql::values(scalar).map(|name| (name, (*scalar, None))));
    }
    let types = draft.types.iter().zip(&draft.schema.types);
    let types = types.map(|(decl, ty)| (&decl.name, types_of(ty)));
    let enums = draft.enums.iter().map(|e| (&e.name, graphql::values(&e.name).collect()));
    let all: Vec<(&Name, Vec<String>)> = types.chain(enums).collect();
    for (owner, names) in all {
        let mut told = SCALARS.contains(&owner.as_str()) || GRAPHQL_SCALARS.contains(&owner.as_str());
        for name in names {
            match made.get(&name) {
                Some((first, place)) if !told && *first != owner.as_str() => {
                    found.push(meet(owner, &name, first, *place));
                    told = true;
                }
                Some(_) => {}
                None => {
                    made.insert(name, (owner.as_str(), Some(owner.at())));
                }
            }
        }
    }
}

/// Every GraphQL type that is made for a type of the file.
fn types_of(ty: &Type) -> Vec<String> {
    let sets = ty.uniques.iter().map(|u| &u.fields).chain([&ty.key]).filter(|set| set.len() > 1);
    let sets = sets.map(|set| graphql::key_set(&ty.name, set.iter().map(|f| ty.field(*f).name.as_str())));
    graphql::types(&ty.name, &ty.plural).chain(sets).collect()
}

/// The mistake of a type that meets another's name.
fn meet(owner: &Name, name: &str, first: &str, place: Option<Place>) -> Diagnostic {
    let why = if name == owner.as_str() {
        format!("`{name}` is generated for `{first}`")
    } else if name == first {
        format!("`{first}` has the name of a type that is generated for `{owner}`")
    } else {
        format!("GraphQL would make `{name}` for both `{first}` and `{owner}`")
    };
    let told = Diagnostic::error(codes::RESERVED_NAME, owner.at(), why).label("not free");
    match place {
        Some(place) => told
            .related(place, "the other")
            .hint("rename one of the two types; `@model(name: \"…\")` keeps the name of its collection"),
        None => told.hint("choose another name for the type"),
    }
}

/// Names that GraphQL's root fields would share, and those of join types, which GraphQL leaves out.
fn surfaces(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<String, &Type> = HashMap::new();
    // What bears a name of GraphQL's own is refused for that already.
    let free = |ty: &&Type| !graphql::TYPES.contains(&ty.name.as_str());
    let declared = draft.schema.types.iter().filter(|t| !matches!(t.kind, TypeKind::Join { .. }));
    for ty in declared.filter(free) {
        let roots = graphql::roots(&ty.name, &ty.plural);
        if let Some(name) = roots.iter().find(|name| graphql::ROOTS.contains(&name.as_str())) {
            let why = format!("GraphQL has a field `{name}` of its own");
            refuse(codes::RESERVED_NAME, at(ty), why, "rename it, or write `@model(plural: \"…\")`", found);
        }
        for name in roots {
            match seen.get(&name) {
                Some(first) if first.collection != ty.collection && first.name != ty.name => {
                    let message =
                        format!("GraphQL would call both `{}` and `{}` `{name}`", first.name, ty.name);
                    let told = Diagnostic::error(codes::RESERVED_NAME, at(ty), message).label("the second");
                    found.push(
                        told.related(at(first), "the first")
                            .hint("rename one, or write `@model(plural: \"…\")`"),
                    );
                }
                _ => {
                    seen.insert(name, ty);
                }
            }
        }
    }
    let declared: Vec<&str> = draft.types.iter().map(|t| t.name.as_str()).collect();
    let enums: Vec<&str> = draft.enums.iter().map(|e| e.name.as_str()).collect();
    for ty in draft.schema.types.iter().filter(|t| matches!(t.kind, TypeKind::Join { .. })) {
        if declared.contains(&ty.name.as_str()) || enums.contains(&ty.name.as_str()) {
            let why =
                format!("the links of this list would be the type `{}`, which the file declares", ty.name);
            let hint = format!(
                "write `@relation(through: \"{}\")` if it joins the two, or rename the field",
                ty.name
            );
            refuse(codes::RESERVED_NAME, at(ty), why, &hint, found);
        }
    }
}

fn fields(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for field in draft.types.iter().flat_map(|t| &t.fields) {
        let name = &field.node.name;
        if FILTER_WORDS.contains(&name.as_str()) {
            let why = format!("a field cannot be called `{name}`, which is a word of filters");
            refuse(codes::FIELD_NAME, name.at(), why, &format!("write `{name}_` or another name"), found);
        } else if let Some(prefix) = ["__", "bistro_"].iter().find(|p| name.to_lowercase().starts_with(*p)) {
            let why = format!("fields that begin with `{prefix}` belong to the system");
            refuse(codes::FIELD_NAME, name.at(), why, "choose another name for the field", found);
        } else if QUERY_WORDS.contains(&name.as_str()) {
            let told = Diagnostic::warning(
                codes::AWKWARD_NAME,
                name.at(),
                format!("REST cannot filter by `{name}`"),
            );
            let hint = if field.columns.is_empty() || field.relation().is_none() {
                "the query string means something else by it; rename the field".to_owned()
            } else {
                format!("filter by the column `{name}_id`, or rename the field")
            };
            found.push(told.label("a word of the query string").hint(hint));
        }
        if name.len() > NAME_MAX {
            let why = format!("the field `{name}` has more than {NAME_MAX} bytes");
            refuse(codes::NAME_TOO_LONG, name.at(), why, "shorten it", found);
        }
    }
    for (decl, ty) in draft.types.iter().zip(&draft.schema.types) {
        if let Some(id) = ty.key.iter().find(|id| ty.field(**id).name == "set") {
            let span = ty.field(*id).span;
            let why = "a field of a key cannot be called `set`, which is an argument of GraphQL's updates"
                .to_owned();
            let hint = format!("rename the field of `{}`", decl.name);
            refuse(codes::FIELD_NAME, (span.start, span.end), why, &hint, found);
        }
    }
    for field in
        draft.schema.types.iter().flat_map(|t| &t.fields).filter(|f| f.alias.is_some() || f.name != f.column)
    {
        let bad = field.name.len() > NAME_MAX || !is_name(&field.name);
        if bad {
            let why = format!("{:?} cannot name a column", field.name);
            let at = (field.span.start, field.span.end);
            refuse(codes::NAME_TOO_LONG, at, why, "use at most 63 letters, digits and underscores", found);
        }
    }
}

fn is_name(name: &str) -> bool {
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    first && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
