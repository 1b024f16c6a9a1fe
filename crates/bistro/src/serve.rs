//! `bistro serve`: the server in production. It changes no tables but those of an empty database, and runs
//! pending migrations when it is told to.

use crate::error::Failure;
use crate::key_set::KeySet;
use crate::project::Project;
use crate::running::{self, Held, Running};
use crate::site::Mode;
use crate::{by_nature, schema_file, tables, terminal, trusted};

/// Serves a project's folder until a signal.
pub(crate) async fn serve(project: Project, migrate: bool) -> Result<(), Failure> {
    let loaded = schema_file::read(&project.schema_path(), terminal::colour())?.loaded()?;
    if !loaded.warnings.is_empty() {
        tracing::warn!("the schema has warnings; bistro check shows them");
    }
    let trusted = trusted::load(&project, loaded.rules.schema())?;
    let key_set = KeySet::first(&project).await?;
    let held = Held::open(&project).await?;
    let migrate = migrate || project.settings.database.migrate;
    let followed = tables::hold(&project, &held.store(), &loaded, migrate).await?;
    if followed.fresh {
        tracing::info!(tables = followed.plan.len(), "the tables were made");
    }
    for note in by_nature::notes(held.store.capabilities(), loaded.rules.schema()) {
        tracing::info!("{note}; docs/engines.md says more");
    }
    let secrets = held.keep.load_or_create().await?;
    let door = running::bind(&project).await?;
    let address = door.address;
    let running = Running::new(
        project,
        Mode::default(),
        held,
        (loaded, trusted),
        &followed,
        address,
        (secrets, key_set),
    )
    .await?;
    tracing::info!(%address, "listening");
    let serving = running.ready(door);
    terminal::line(&format!("Bistro listening on http://{address}"));
    serving.run(std::future::pending()).await
}
