//! Changes of tables that are kept in a history: what a migration folder holds, as a store runs and records it.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Which way a migration is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the schema of its folder; adds an entry to the history.
    Up,
    /// Back to the schema before; takes the entry away.
    Down,
}

/// A migration as a store runs it.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The folder's name, `0007_add_tags`.
    pub name: String,
    /// The checksum that the history keeps.
    pub checksum: String,
    /// Which way.
    pub direction: Direction,
    /// The statements, in order; none records the migration as applied without running anything.
    pub statements: Vec<String>,
    /// The text of the schema that the tables follow afterwards; empty if no tables are left, which leaves nothing
    /// recorded.
    pub schema: String,
    /// Microseconds since the epoch.
    pub at: i64,
    /// Told after each statement.
    pub progress: Progress,
}

/// How many statements of a migration are done; whoever shows it keeps a clone.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU32>);

impl Progress {
    /// One statement more is done.
    pub fn step(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// So many were done before.
    pub fn set(&self, done: u32) {
        self.0.store(done, Ordering::Relaxed);
    }

    /// Statements that are done.
    pub fn done(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One entry of the history that a database keeps, in the order of the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The folder's name.
    pub name: String,
    /// The checksum at that time.
    pub checksum: String,
    /// When it was applied, in microseconds since the epoch.
    pub at: i64,
    /// How far it came.
    pub state: AppliedState,
}

/// How far a migration came. Only stores without [`crate::Capabilities::whole_changes`] leave one begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppliedState {
    /// All of it.
    Done,
    /// An interruption came after so many of its statements; running it again goes on from there.
    Begun {
        /// Which way it was run.
        direction: Direction,
        /// Statements that are done.
        done: u32,
        /// Statements in all.
        of: u32,
    },
}

/// The right to change tables: one holder among all nodes of a database; others wait. Dropping it gives it back.
pub type TablesLock = Box<dyn Any + Send>;
