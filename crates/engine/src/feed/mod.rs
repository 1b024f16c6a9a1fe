//! What transactions changed, told after they were committed to those who listen. It knows no store: a transaction notes
//! what it writes while it runs ([`record::Record`]), and the store says how it ended.
//!
//! Rows that the database itself deletes or changes with another (ON DELETE CASCADE, SET NULL) are told too (`follow.rs`).
//! Whether a caller may hear of a row is not judged here but by who listens: of a new or changed row by reading it, of one
//! that is gone by [`Hindsight`].
//!
//! Invariants: nothing is told before its commit is durable, and nothing of what was rolled back; without listeners a
//! transaction keeps a set of types and nothing else; what waits for a listener is bounded; a listener is told of each
//! commit that ends after it came, though not of the rows that were written before.

mod commit;
mod follow;
mod hindsight;
mod listener;
mod mentions;
mod record;
mod stored;
mod type_set;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;

use bistro_schema::{Schema, TypeId};
use bistro_store::Prepared;

pub use commit::{Changed, Commit, Event, OldRow};
pub use hindsight::Hindsight;
pub use listener::{Lagged, Listener};
pub use type_set::Types;

pub(crate) use mentions::{every, filtered_by, read_by, types_of};
pub(crate) use record::Record;

use listener::{Detail, Ear};

/// The change feed of one engine.
pub struct Feed {
    /// One entry a type.
    types: Box<[OfType]>,
    /// How many listen.
    listening: AtomicU32,
    ears: Mutex<Vec<Arc<Ear>>>,
    closed: AtomicBool,
    /// Held while a commit is told, so that all hear them in one order; the number of the last.
    telling: Mutex<u64>,
}

/// What is kept of one type.
#[derive(Default)]
struct OfType {
    /// How many want to know which of its rows change.
    rows: AtomicU32,
    ears: Mutex<Vec<Arc<Ear>>>,
    /// The types whose rows change when one of its own is deleted, over however many steps.
    reached: Types,
    /// The types whose rows are deleted or changed with one of its own, and over which relation of theirs.
    followers: Vec<follow::Follower>,
    /// The select of a row's stored fields by its key.
    row: OnceLock<Prepared>,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed")
            .field("listening", &self.listening)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}

impl Feed {
    pub(crate) fn new(schema: &Schema) -> Arc<Self> {
        let types = schema.types().map(|(id, _)| OfType {
            reached: follow::reached(schema, id),
            followers: follow::followers(schema, id),
            ..OfType::default()
        });
        Arc::new(Self {
            types: types.collect(),
            listening: AtomicU32::new(0),
            ears: Mutex::default(),
            closed: AtomicBool::new(false),
            telling: Mutex::default(),
        })
    }

    /// Listens for each row of these types that changes.
    pub fn listen(self: &Arc<Self>, types: &Types) -> Listener {
        self.hear(types, Detail::Rows)
    }

    /// Listens for changes of these types, without which rows they were; it never lags. Without types it hears the end alone.
    pub fn watch(self: &Arc<Self>, types: &Types) -> Listener {
        self.hear(types, Detail::Something)
    }

    /// Tells everybody who listens that there is no more: another engine takes over.
    pub fn close(&self) {
        let mut wakers = Vec::new();
        {
            let _telling = self.telling();
            self.closed.store(true, Ordering::SeqCst);
            wakers.extend(lock(&self.ears).iter().filter_map(|ear| ear.close()));
        }
        wakers.into_iter().for_each(Waker::wake);
    }

    fn hear(self: &Arc<Self>, types: &Types, detail: Detail) -> Listener {
        let ear = Ear::new(types.clone(), detail);
        let _telling = self.telling();
        self.listening.fetch_add(1, Ordering::SeqCst);
        lock(&self.ears).push(Arc::clone(&ear));
        for ty in types.iter() {
            self.count(ty, detail, 1);
            if let Some(of) = self.of(ty) {
                lock(&of.ears).push(Arc::clone(&ear));
            }
        }
        if self.closed.load(Ordering::SeqCst) {
            // Nobody waits for it yet.
            ear.close();
        }
        Listener::new(Arc::clone(self), ear)
    }

    fn leave(&self, ear: &Arc<Ear>) {
        for ty in ear.types.iter() {
            self.count(ty, ear.detail, -1);
            if let Some(of) = self.of(ty) {
                lock(&of.ears).retain(|other| !Arc::ptr_eq(other, ear));
            }
        }
        lock(&self.ears).retain(|other| !Arc::ptr_eq(other, ear));
        self.listening.fetch_sub(1, Ordering::SeqCst);
    }

    /// Counts who wants rows of a type, by one more or one less.
    fn count(&self, ty: TypeId, detail: Detail, by: i32) {
        if detail != Detail::Rows {
            return;
        }
        if let Some(of) = self.of(ty) {
            of.rows.fetch_add(by.cast_unsigned(), Ordering::SeqCst);
        }
    }

    fn of(&self, ty: TypeId) -> Option<&OfType> {
        self.types.get(usize::from(ty.0))
    }

    /// The types whose rows go or change when rows of this one are deleted.
    pub(crate) fn goes_on_to(&self, ty: TypeId) -> Types {
        self.of(ty).map(|of| of.reached.clone()).unwrap_or_default()
    }

    /// Whether somebody wants to know which rows of the type change.
    fn wants(&self, ty: TypeId) -> bool {
        self.of(ty).is_some_and(|of| of.rows.load(Ordering::Relaxed) > 0)
    }

    /// Tells what a transaction changed.
    pub(crate) fn publish(&self, record: Record, unknown: bool) {
        if self.listening.load(Ordering::SeqCst) == 0 {
            return;
        }
        let changes = record.changes(unknown);
        if changes.is_empty() {
            return;
        }
        let commit = Arc::new(Commit::new(changes));
        // Who does not want the rows does not keep them.
        let outline = Arc::new(commit.outline());
        let mut wakers = Vec::new();
        {
            let mut number = self.telling();
            *number += 1;
            for of in commit.types().iter().filter_map(|ty| self.of(ty)) {
                wakers.extend(lock(&of.ears).iter().filter_map(|ear| {
                    let told = if ear.detail == Detail::Rows { &commit } else { &outline };
                    ear.tell(told, *number)
                }));
            }
        }
        // A waker may drop what it wakes, and a listener with it.
        wakers.into_iter().for_each(Waker::wake);
    }

    fn telling(&self) -> MutexGuard<'_, u64> {
        self.telling.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock(ears: &Mutex<Vec<Arc<Ear>>>) -> MutexGuard<'_, Vec<Arc<Ear>>> {
    ears.lock().unwrap_or_else(PoisonError::into_inner)
}
