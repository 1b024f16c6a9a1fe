//! `bistro pull`: the schema file of a database that is there.

use std::sync::Arc;

use bistro_schema::Schema;
use bistro_store::StoreError;

use crate::cli::Pull;
use crate::config::Settings;
use crate::database::Place;
use crate::error::Failure;
use crate::project::Project;
use crate::{schema_file, terminal};

/// Writes the schema of a database to standard output: of the one that the URL names, or of the project's.
pub(crate) async fn pull(project: Option<&Project>, args: &Pull) -> Result<(), Failure> {
    let place = match (&args.url, project) {
        (Some(url), _) => Place::parse(url).map_err(Failure::Usage)?,
        (None, Some(project)) => Place::of(project)?,
        (None, None) => return Err(Failure::Usage("name a database, or run it in a project".into())),
    };
    let failed = |error: &StoreError| Failure::Data { place: place.shown(), message: error.cause.clone() };
    if let Place::File(path) = &place
        && !path.is_file()
    {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Failure::File { action: "open", path: path.clone(), source });
    }
    let mut settings = project.map_or_else(Settings::default, |p| p.settings.clone());
    // Looking changes nothing, whoever keeps the tables.
    settings.database.managed = false;
    let store = place.open(&settings, Arc::new(Schema::default())).await.map_err(|e| failed(&e))?;
    let catalogue = store.catalogue().await;
    store.close();
    let catalogue = catalogue.map_err(|e| failed(&e))?;
    if catalogue.tables.is_empty() {
        return Err(Failure::Data { place: place.shown(), message: "it has no tables".into() });
    }
    let text = bistro_draft::draft(&catalogue, place.engine());
    let (_, diagnostics) = schema_file::compile("schema.graphql", &text);
    if diagnostics.iter().any(bistro_problem::Diagnostic::is_error) {
        terminal::err(&bistro_sdl::report("schema.graphql", &text, &diagnostics, terminal::colour()));
    }
    terminal::out(&text);
    let left = text.lines().filter(|l| l.trim_start().starts_with("# left out:")).count();
    if left > 0 {
        terminal::err(&format!("{left} columns are left out; the comments name them\n"));
    }
    Ok(())
}
