//! The seats in use.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::{Seat, SessionId, Whose};

/// The least number of seats at which those that nobody uses are cleared away.
const CLEAR_AT: usize = 1_024;

/// For so long a seat is believed unless the shell says otherwise: a belt for changes that nobody told of.
const BELIEVED: Duration = Duration::from_secs(60);

/// The seats in use: as many as there are verified tokens, remembered passwords and watchers.
pub(crate) struct Seats {
    table: Mutex<Table>,
    /// For how many milliseconds a seat is believed.
    believed_ms: AtomicU64,
}

#[derive(Default)]
struct Table {
    by_whose: HashMap<Whose, Weak<Seat>>,
    clear_at: usize,
}

impl Seats {
    /// None yet.
    pub(crate) fn new() -> Self {
        let seats = Self { table: Mutex::default(), believed_ms: AtomicU64::new(0) };
        seats.believe(BELIEVED);
        seats
    }

    /// The seat for these records.
    pub(crate) fn seat(&self, whose: Whose) -> Arc<Seat> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seat) = table.by_whose.get(&whose).and_then(Weak::upgrade) {
            return seat;
        }
        if table.by_whose.len() >= table.clear_at {
            table.by_whose.retain(|_, seat| seat.strong_count() > 0);
            table.clear_at = (table.by_whose.len() * 2).max(CLEAR_AT);
        }
        let seat = Arc::new(Seat::new(whose));
        table.by_whose.insert(whose, Arc::downgrade(&seat));
        seat
    }

    /// For how long a seat is believed.
    pub(crate) fn believed(&self) -> Duration {
        Duration::from_millis(self.believed_ms.load(Ordering::Relaxed))
    }

    /// Sets for how long a seat is believed.
    pub(crate) fn believe(&self, time: Duration) {
        self.believed_ms.store(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Forgets what is known of a session.
    pub(crate) fn forget_session(&self, id: SessionId) {
        let seats = {
            let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
            [Whose::Token(id), Whose::Cookie(id)]
                .map(|whose| table.by_whose.get(&whose).and_then(Weak::upgrade))
        };
        seats.iter().flatten().for_each(|seat| seat.forget());
    }

    /// Forgets what is known of an account's sessions.
    pub(crate) fn forget_account(&self, account: [u8; 16]) {
        self.forget(|seat| seat.may_be_of(account));
    }

    /// Forgets what is known of all sessions.
    pub(crate) fn forget_all(&self) {
        self.forget(|_| true);
    }

    fn forget(&self, which: impl Fn(&Seat) -> bool) {
        // Outside of the lock: who is woken may ask for seats at once.
        let seats: Vec<Arc<Seat>> = {
            let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
            table.by_whose.values().filter_map(Weak::upgrade).collect()
        };
        seats.iter().filter(|seat| which(seat)).for_each(|seat| seat.forget());
    }
}
