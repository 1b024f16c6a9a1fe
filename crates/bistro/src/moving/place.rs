//! The two ends of a move: opened, and looked at before anything is done.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bistro_schema::Schema;
use bistro_store::{Store, StoreError, StoreErrorKind};

use super::state::State;
use crate::config::Settings;
use crate::database::Place;
use crate::error::Failure;
use crate::lock::Lock;
use crate::project::Project;
use crate::running::keep_private;

/// Seconds that one statement of a move may take: batches are short, but the indexes of a large table are not.
const PATIENCE: u64 = 6 * 3_600;

/// What tables follow while a move is under way: nothing serves them.
pub(crate) const UNFINISHED: &str = "# a move to this database has not come to its end\n";

/// A database in our hands.
pub(super) struct End {
    /// The store, under the schema that is moved.
    pub(super) store: Arc<dyn Store>,
    /// Its name for people.
    pub(super) shown: String,
    /// The folder of a file.
    pub(super) folder: Option<PathBuf>,
    /// Held while we work.
    _lock: Option<Lock>,
    /// A file that stands in for one that is not there.
    stand_in: Option<PathBuf>,
}

impl Drop for End {
    fn drop(&mut self) {
        self.store.close();
        if let Some(folder) = &self.stand_in {
            // What is left in the system's temporary folder is its to clean.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

impl End {
    /// A failure of this end.
    pub(super) fn failed(&self, error: &StoreError) -> Failure {
        Failure::Data { place: self.shown.clone(), message: error.cause.clone() }
    }

    /// A failure of this end in the middle of something.
    pub(super) fn failed_at(&self, what: &str, error: &StoreError) -> Failure {
        Failure::Data { place: self.shown.clone(), message: format!("{what}: {}", error.cause) }
    }

    /// What names this database in `bistro.toml`, of a project whose data lies in `data`.
    pub(super) fn settings(&self, data: &Path) -> String {
        let Some(folder) = &self.folder else { return format!("[database]\nurl = \"{}\"", self.shown) };
        let name = Path::new(&self.shown).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let url = format!("[database]\nurl = \"sqlite:{name}\"");
        if folder.canonicalize().ok() == data.canonicalize().ok() {
            return url;
        }
        format!("[data]\ndir = {:?}\n\n{url}", folder.display().to_string())
    }
}

/// The database that `--to` names: a bare file name as `database.url` has it, in the data folder; a path from here.
pub(super) fn named(project: &Project, url: &str) -> Result<Place, Failure> {
    let place = Place::parse(url).map_err(|what| Failure::Usage(format!("--to: {what}")))?;
    let Place::File(path) = place else { return Ok(place) };
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    if ["bistro.lock", "bistro.sock", "keys.json", "keys.lock", ""].contains(&name) {
        return Err(Failure::Usage(format!("--to: {} cannot be a database", path.display())));
    }
    if path.components().count() == 1 && !url.contains(['/', '\\']) {
        return Ok(Place::File(project.data.join(path)));
    }
    let path = std::path::absolute(&path).map_err(Failure::file("find", &path))?;
    Ok(Place::File(path))
}

/// The settings with which both ends are opened: the primary, and time.
fn settings(project: &Project) -> Settings {
    let mut settings = project.settings.clone();
    settings.limits.statement = PATIENCE;
    settings.database.replicas.clear();
    settings
}

/// The project's own database. It must be there, and no server may run on it.
pub(super) async fn source(project: &Project, place: &Place, schema: &Arc<Schema>) -> Result<End, Failure> {
    if let Place::File(path) = place
        && !path.is_file()
    {
        let text = format!("there is nothing to move: {} does not exist", path.display());
        return Err(Failure::Moving(text));
    }
    project.make_data()?;
    let lock = Lock::take(&project.data).map_err(running)?;
    open(project, place, schema, Some(lock), None).await
}

/// The words for a server that runs.
fn running(failure: Failure) -> Failure {
    let Failure::Locked { folder, pid } = failure else { return failure };
    let process = pid.map_or_else(String::new, |p| format!(" (process {p})"));
    Failure::Moving(format!(
        "a Bistro{process} runs on {}; stop it first: what it wrote meanwhile would be left behind",
        folder.display()
    ))
}

/// The database to move to. Without `write`, one that does not exist is not made.
pub(super) async fn target(
    project: &Project,
    place: &Place,
    schema: &Arc<Schema>,
    write: bool,
) -> Result<End, Failure> {
    let Place::File(path) = place else { return open(project, place, schema, None, None).await };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let text = format!("there is no folder {} for the database", folder.display());
        return Err(Failure::Moving(text));
    }
    let ours = folder.canonicalize().ok() == project.data.canonicalize().ok();
    let lock = if !ours && folder.join("bistro.lock").exists() {
        Some(Lock::take(folder).map_err(running)?)
    } else {
        None
    };
    if !write && !path.exists() {
        let aside = std::env::temp_dir().join(format!("bistro-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&aside).map_err(Failure::file("make the folder", &aside))?;
        let stand_in = Place::File(aside.join("bistro.db"));
        let mut end = open(project, &stand_in, schema, lock, Some(aside)).await?;
        end.shown = place.shown();
        return Ok(end);
    }
    keep_private(path)?;
    open(project, place, schema, lock, None).await
}

async fn open(
    project: &Project,
    place: &Place,
    schema: &Arc<Schema>,
    lock: Option<Lock>,
    stand_in: Option<PathBuf>,
) -> Result<End, Failure> {
    let shown = place.shown();
    let opened = place.open(&settings(project), Arc::clone(schema)).await;
    let failed = |error: StoreError| Failure::Data { place: shown.clone(), message: error.cause };
    let store = opened.map_err(failed)?;
    let folder = match place {
        Place::File(path) => path.parent().map(Path::to_owned),
        Place::Postgres(_) | Place::Mysql(_) => None,
    };
    Ok(End { store, shown, folder, _lock: lock, stand_in })
}

/// Whether two places are one.
pub(super) fn same(a: &Place, b: &Place) -> bool {
    match (a, b) {
        (Place::File(a), Place::File(b)) => match (a.canonicalize(), b.canonicalize()) {
            (Ok(a), Ok(b)) => a == b,
            _ => a == b,
        },
        _ => a == b,
    }
}

/// What a target holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing of the schema.
    Empty,
    /// A move that did not come to its end.
    Unfinished(State),
    /// Something else, in words.
    Taken(String),
}

/// Looks at the target.
pub(super) async fn look(target: &End, schema: &Schema) -> Result<Found, StoreError> {
    if let Some(state) = State::find(&target.store).await? {
        return Ok(Found::Unfinished(state));
    }
    if target.store.recorded().await?.is_some() {
        return Ok(Found::Taken("it holds the tables of a Bistro project".into()));
    }
    let catalogue = match target.store.catalogue().await {
        Ok(catalogue) => catalogue,
        Err(error) if matches!(error.kind, StoreErrorKind::Unsupported(_)) => return Ok(Found::Empty),
        Err(error) => return Err(error),
    };
    let there: Vec<&str> = catalogue.tables.iter().map(|t| t.name.as_str()).collect();
    let wanted = schema.types.iter().map(|t| t.collection.as_str());
    let both: Vec<&str> = wanted.filter(|name| there.contains(name)).collect();
    Ok(if both.is_empty() {
        Found::Empty
    } else {
        Found::Taken(format!("it has tables of the same names: {}", both.join(", ")))
    })
}
