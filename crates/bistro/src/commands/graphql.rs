//! `bistro graphql`.

use std::sync::Arc;

use bistro_graphql::describe::{Described, Options};
use bistro_schema::SchemaView;

use crate::error::Failure;
use crate::project::Project;
use crate::{caller, schema_file, terminal};

/// Prints the GraphQL schema that a caller sees. Needs no data.
pub(crate) fn graphql(project: &Project, asks: &str) -> Result<(), Failure> {
    let loaded = schema_file::read(&project.schema_path(), terminal::colour())?.loaded()?;
    let schema = loaded.rules.schema();
    let caller = caller::parse(schema, asks)?;
    let view = SchemaView::new(Arc::clone(schema), caller.roles);
    let described = Described::new(&view, Options::default())?;
    terminal::out(&described.sdl());
    Ok(())
}
