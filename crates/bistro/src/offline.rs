//! Commands that need the data: through the running server if there is one, otherwise on the files themselves.

use std::sync::Arc;

use bistro_engine::Engine;
use bistro_store::Store;

use crate::config::Database;
use crate::control::{self, Ask};
use crate::error::Failure;
use crate::project::Project;
use crate::running::Held;
use crate::secrets::Keep;
use crate::{schema_file, site, tables, terminal};

/// The data in this process's hands, and the engine over it.
pub(crate) struct Offline {
    /// The engine.
    pub(crate) engine: Arc<Engine>,
    held: Held,
}

impl Offline {
    /// Opens the data of a project under its schema; makes the tables if there are none.
    pub(crate) async fn open(project: &Project) -> Result<Self, Failure> {
        let loaded = schema_file::read(&project.schema_path(), terminal::colour())?.loaded()?;
        let held = Held::open(project).await?;
        let followed = if project.aside {
            tables::follow(project, &held.store(), &loaded).await?
        } else {
            tables::hold(project, &held.store(), &loaded, false).await?
        };
        let engine = site::engine(&project.settings, followed.store, loaded.rules);
        Ok(Self { engine, held })
    }

    /// The database.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        self.held.store()
    }

    /// Where the secrets are.
    pub(crate) fn keep(&self) -> &Keep {
        &self.held.keep
    }

    /// Gives the data back.
    pub(crate) fn close(self) {
        self.held.store.close();
    }
}

/// A project whose data is thrown away: a question leaves nothing behind.
pub(crate) struct Aside {
    /// The project, with a data folder of its own in the system's temporary folder.
    pub(crate) project: Project,
}

impl Aside {
    /// The same project beside its data.
    pub(crate) fn new(project: &Project) -> Self {
        let name = format!("bistro-{}", uuid::Uuid::now_v7());
        let data = std::env::temp_dir().join(name);
        let mut project = Project { data, aside: true, ..project.clone() };
        project.settings.database = Database::default();
        Self { project }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // What is left in the system's temporary folder is its to clean.
        let _ = std::fs::remove_dir_all(&self.project.data);
    }
}

/// What the running server answers; `None` if none runs.
pub(crate) fn ask(
    project: &Project,
    ask: &Ask,
    progress: impl FnMut(usize, usize),
) -> Result<Option<String>, Failure> {
    if project.data.is_dir() { control::call(&project.data, ask, progress) } else { Ok(None) }
}
