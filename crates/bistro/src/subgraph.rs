//! `graphql.extends`: the types of another subgraph.

use bistro_schema::Schema;

use crate::config;
use crate::error::Failure;
use crate::project::Project;

/// Refuses types that the schema does not have, and any where the service is no subgraph.
pub(crate) fn check(project: &Project, schema: &Schema) -> Result<(), Failure> {
    let graphql = &project.settings.graphql;
    let wrong = |message: String, hint: &str| {
        let place = format!("{}, graphql.extends", config::FILE);
        Err(Failure::Config { place, message, hint: Some(hint.to_owned()) })
    };
    if !graphql.extends.is_empty() && !graphql.federation {
        let message = "only a subgraph extends the types of another one".to_owned();
        return wrong(message, "set graphql.federation = true, or leave the setting out");
    }
    match graphql.extends.iter().find(|name| schema.by_name(name).is_none()) {
        Some(name) => wrong(
            format!("the schema has no type {name}"),
            "name types of the schema file, with the fields that this service adds to them",
        ),
        None => Ok(()),
    }
}
