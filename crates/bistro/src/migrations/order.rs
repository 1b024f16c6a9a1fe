//! What `bistro migrate` asks, carried out in whichever process has the database.

use std::sync::Arc;

use bistro_store::Store;
use serde::{Deserialize, Serialize};

use super::folder::{Folder, Folders};
use super::report;
use super::run::Leave;
use super::state::{Entry, Site, State};
use crate::error::Failure;
use crate::project::Project;
use crate::{schema_file, terminal};

/// What is asked of a database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub(crate) enum Order {
    /// What is to be done.
    Plan {
        /// As JSON.
        json: bool,
    },
    /// How each migration stands.
    Status {
        /// As JSON.
        json: bool,
    },
    /// Run what is pending.
    Up {
        /// As far as this one.
        to: Option<String>,
        /// What may be done.
        leave: Leave,
    },
    /// Undo the last ones.
    Down {
        /// How many.
        count: usize,
        /// What may be done.
        leave: Leave,
    },
    /// Undo the last one and run it again.
    Redo {
        /// What may be done.
        leave: Leave,
    },
}

impl Order {
    /// Whether it leaves everything as it is.
    pub(crate) const fn only_looks(&self) -> bool {
        matches!(self, Order::Plan { .. } | Order::Status { .. })
    }
}

/// Carries it out; what came of it, for standard output.
pub(crate) async fn carry_out(
    project: &Project,
    store: Arc<dyn Store>,
    order: &Order,
) -> Result<String, Failure> {
    if !project.settings.database.managed {
        let text = "database.managed is off: the tables are somebody else's, and Bistro does not change them";
        return Err(Failure::Tables(text.into()));
    }
    let site = Site::new(project, store)?;
    let lines = match order {
        Order::Plan { json } => {
            let loaded = schema_file::read(&project.schema_path(), terminal::colour())?.loaded()?;
            let seen = site.look().await?;
            return report::plan(project, &loaded, Some((&site, &seen)), (false, *json)).await;
        }
        Order::Status { json } => return report::status(&site, *json).await,
        Order::Up { to, leave } => site.up(to.as_deref(), leave).await?,
        Order::Down { count, leave } => site.down(*count, leave).await?,
        Order::Redo { leave } => site.redo(leave).await?,
    };
    Ok(lines.into_iter().map(|line| format!("{line}\n")).collect())
}

/// The plan of a project whose database is `absent`, or cannot be reached.
pub(crate) async fn plan_alone(project: &Project, absent: bool, json: bool) -> Result<String, Failure> {
    let loaded = schema_file::read(&project.schema_path(), terminal::colour())?.loaded()?;
    report::plan(project, &loaded, None, (absent, json)).await
}

/// How the migrations of a project stand whose database is absent.
pub(crate) fn status_alone(project: &Project, json: bool) -> Result<String, Failure> {
    let folders = Folders::read(project)?;
    let waits = |f: &Folder| Entry { name: f.name.clone(), state: State::Pending, at: None };
    Ok(report::table(&folders.all.iter().map(waits).collect::<Vec<_>>(), &[], json))
}
