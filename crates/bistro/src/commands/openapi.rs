//! `bistro openapi`.

use std::sync::Arc;

use bistro_rest::describe;
use bistro_schema::SchemaView;

use crate::error::Failure;
use crate::project::Project;
use crate::{caller, schema_file, site, terminal};

/// Prints the OpenAPI document of what a caller may see. Needs no data.
pub(crate) fn openapi(project: &Project, asks: &str) -> Result<(), Failure> {
    let loaded = schema_file::read(&project.schema_path(), terminal::colour())?.loaded()?;
    let schema = loaded.rules.schema();
    let caller = caller::parse(schema, asks)?;
    let view = SchemaView::new(Arc::clone(schema), caller.roles);
    terminal::line(&describe::openapi(&view, &site::about(project)));
    Ok(())
}
