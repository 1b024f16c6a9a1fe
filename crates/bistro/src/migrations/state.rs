//! Where a database stands in the line of migrations: folders on one side, its history on the other.

use std::sync::Arc;

use bistro_migrate::difference;
use bistro_schema::Schema;
use bistro_store::{Applied, AppliedState, Direction, Store};

use super::engine::Engine;
use super::folder::{Folder, Folders};
use crate::error::Failure;
use crate::project::Project;
use crate::tables;

/// A database beside the project's folders.
pub(crate) struct Site<'p> {
    /// The project.
    pub(crate) project: &'p Project,
    /// The database, under any schema.
    pub(crate) store: Arc<dyn Store>,
    /// Whose SQL it runs.
    pub(crate) engine: Engine,
    /// The project's migrations.
    pub(crate) folders: Folders,
}

/// What the database says of itself.
pub(crate) struct Seen {
    /// What was run.
    pub(crate) history: Vec<Applied>,
    /// The text of the schema that the tables follow.
    pub(crate) recorded: Option<String>,
    /// The schema itself; an empty one for an empty database.
    pub(crate) schema: Arc<Schema>,
}

/// How one migration stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It was run.
    Applied,
    /// It waits.
    Pending,
    /// An interruption came in the middle of it.
    Begun {
        /// Which way it went.
        direction: Direction,
        /// Statements that are done.
        done: u32,
        /// Statements in all.
        of: u32,
    },
    /// It was run, and its folder is not here.
    Missing,
    /// It was run, and its folder says something else now.
    Changed,
}

/// One line of the whole.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The migration's name.
    pub(crate) name: String,
    /// How it stands.
    pub(crate) state: State,
    /// When it was run, in microseconds since the epoch.
    pub(crate) at: Option<i64>,
}

impl State {
    /// In a word.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            State::Applied => "applied",
            State::Pending => "pending",
            State::Begun { .. } => "begun",
            State::Missing => "missing",
            State::Changed => "changed",
        }
    }
}

impl<'p> Site<'p> {
    /// A store with the project's folders.
    pub(crate) fn new(project: &'p Project, store: Arc<dyn Store>) -> Result<Self, Failure> {
        let engine = Engine::of(store.capabilities()).ok_or_else(|| {
            Failure::Tables(
                "the tables of this database are not changed by SQL, so it has no migrations".into(),
            )
        })?;
        Ok(Self { project, store, engine, folders: Folders::read(project)? })
    }

    /// Asks the database.
    pub(crate) async fn look(&self) -> Result<Seen, Failure> {
        let failed = |error| tables::data(self.project, &error);
        let history = self.store.history().await.map_err(failed)?;
        let recorded = self.store.recorded().await.map_err(failed)?;
        // A schema that was served reads without errors; an older Bistro's words may be missing, and then show as such.
        let schema = recorded.as_ref().map(|text| bistro_sdl::read("recorded", text).schema);
        Ok(Seen { history, recorded, schema: Arc::new(schema.unwrap_or_default()) })
    }

    /// Every migration that the folders or the history know, in order.
    pub(crate) fn entries(&self, seen: &Seen) -> Result<Vec<Entry>, Failure> {
        let mut entries = Vec::new();
        for folder in &self.folders.all {
            let applied = seen.history.iter().find(|a| a.name == folder.name);
            let state = match applied {
                None => State::Pending,
                Some(applied) => self.state(folder, applied)?,
            };
            entries.push(Entry { name: folder.name.clone(), state, at: applied.map(|a| a.at) });
        }
        for gone in seen.history.iter().filter(|a| self.folders.named(&a.name).is_none()) {
            let state = match gone.state {
                AppliedState::Done => State::Missing,
                AppliedState::Begun { direction, done, of } => State::Begun { direction, done, of },
            };
            entries.push(Entry { name: gone.name.clone(), state, at: Some(gone.at) });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn state(&self, folder: &Folder, applied: &Applied) -> Result<State, Failure> {
        Ok(match applied.state {
            AppliedState::Begun { direction, done, of } => State::Begun { direction, done, of },
            AppliedState::Done if folder.checksum(self.engine)? == applied.checksum => State::Applied,
            AppliedState::Done => State::Changed,
        })
    }

    /// The schema that tables follow after the last folder that was run.
    pub(crate) fn base(&self, entries: &[Entry]) -> Arc<Schema> {
        let run = |e: &&Entry| matches!(e.state, State::Applied | State::Changed);
        let last = entries.iter().rev().find(run).and_then(|e| self.folders.named(&e.name));
        last.map_or_else(Arc::default, |f| Arc::clone(&f.schema))
    }
}

/// Whether tables that follow `from` need no change to follow `to`.
pub(crate) fn leads_nowhere(from: &Schema, to: &Schema) -> bool {
    difference(from, to).is_empty()
}

/// The names of entries in a state.
pub(crate) fn names(entries: &[Entry], wanted: impl Fn(&State) -> bool) -> Vec<String> {
    entries.iter().filter(|e| wanted(&e.state)).map(|e| e.name.clone()).collect()
}
