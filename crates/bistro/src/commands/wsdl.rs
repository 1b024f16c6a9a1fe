//! `bistro wsdl`.

use std::sync::Arc;

use bistro_schema::SchemaView;
use bistro_soap::{About, Described, Version};

use crate::cli::Wsdl;
use crate::error::Failure;
use crate::project::Project;
use crate::{caller, schema_file, soap, terminal};

/// Prints the WSDL of the service that a caller sees, as the server gives it. Needs no data.
pub(crate) fn wsdl(project: &Project, args: &Wsdl) -> Result<(), Failure> {
    let loaded = schema_file::read(&project.schema_path(), terminal::colour())?.loaded()?;
    let schema = loaded.rules.schema();
    let caller = caller::parse(schema, &args.caller)?;
    let view = Arc::new(SchemaView::new(Arc::clone(schema), caller.roles));
    let settings = &project.settings;
    let listens = || format!("http://{}", settings.server.listen);
    let url = settings.server.public_url.clone().unwrap_or_else(listens);
    let signs_in = settings.auth.enabled && settings.database.managed;
    let about = About { nillable: args.nil, ..soap::options(settings, &url, signs_in).about };
    let only = args.soap.as_deref().map(|version| if version == "1.1" { Version::V11 } else { Version::V12 });
    terminal::out(&Described::new(view, signs_in).wsdl(&about, only));
    Ok(())
}
