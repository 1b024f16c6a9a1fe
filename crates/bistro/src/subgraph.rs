//! `graphql.extends`: the types of another subgraph.

use bistro_schema::{Schema, TypeKind, names};

use crate::config;
use crate::error::Failure;
use crate::project::Project;

/// Refuses types that the schema does not have or whose rows nobody can name, and any where the service is no subgraph.
pub(crate) fn check(project: &Project, schema: &Schema) -> Result<(), Failure> {
    let graphql = &project.settings.graphql;
    if !graphql.extends.is_empty() && !graphql.federation {
        let message = "only a subgraph extends the types of another one".to_owned();
        return Err(wrong(message, "set graphql.federation = true, or leave the setting out"));
    }
    graphql.extends.iter().try_for_each(|name| extended(schema, name))
}

fn extended(schema: &Schema, name: &str) -> Result<(), Failure> {
    let is_own = |kind: &TypeKind| !matches!(kind, TypeKind::Join { .. });
    match schema.by_name(name).map(|id| schema.ty(id)).filter(|ty| is_own(&ty.kind)) {
        Some(ty) if ty.key.is_empty() => Err(wrong(
            format!("the type {name} has no key"),
            "the services name a row by its key: mark the fields that are its key in the other one with @id",
        )),
        Some(_) => Ok(()),
        None => {
            let types = schema.types().map(|(_, ty)| ty).filter(|ty| is_own(&ty.kind));
            let near = names::nearest(name, types.map(|ty| ty.name.as_str()));
            let hint = near.map(|near| format!("did you mean {near}?"));
            let hint =
                hint.as_deref().unwrap_or("name types of the schema file, with what this service adds");
            Err(wrong(format!("the schema has no type {name}"), hint))
        }
    }
}

fn wrong(message: String, hint: &str) -> Failure {
    let place = format!("{}, graphql.extends", config::FILE);
    Failure::Config { place, message, hint: Some(hint.to_owned()) }
}
