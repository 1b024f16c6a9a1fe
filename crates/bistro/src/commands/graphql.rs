//! `bistro graphql`.

use std::sync::Arc;

use bistro_graphql::describe::Described;
use bistro_schema::SchemaView;

use crate::error::Failure;
use crate::project::Project;
use crate::site::{self, Mode};
use crate::{caller, schema_file, subgraph, terminal};

/// Prints the GraphQL schema that a caller sees, in the form that the configuration gives it. Needs no data.
pub(crate) fn graphql(project: &Project, asks: &str) -> Result<(), Failure> {
    let loaded = schema_file::read(&project.schema_path(), terminal::colour())?.loaded()?;
    let schema = loaded.rules.schema();
    subgraph::check(project, schema)?;
    let caller = caller::parse(schema, asks)?;
    let view = SchemaView::new(Arc::clone(schema), caller.roles);
    let options = site::graphql_options(&project.settings, &Mode::default());
    let extends = options.extends.iter().filter_map(|name| schema.by_name(name));
    let described = Described::limited(&view, options.describe, &options.limits)?.extending(extends);
    terminal::out(&described.sdl());
    Ok(())
}
