//! Sessions of our own tokens: what their records say now, remembered, and forgotten at once when they change.
//!
//! A verified token holds its session's [`Seat`]. A request looks into the seat, which is an atomic load; an empty seat is
//! filled by one look at the records, for which others wait. Whoever changes a session or an account empties its seats.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use bistro_ir::Scopes;
use bistro_problem::{Code, Problem};
use futures_util::future::BoxFuture;
use tokio::sync::Notify;

/// The id of a session.
pub type SessionId = [u8; 16];

/// For so long a seat is believed, whatever nobody has said meanwhile.
const BELIEVED: Duration = Duration::from_secs(60);

/// What the records say of a session and its account.
#[derive(Clone, Debug)]
pub struct SessionState {
    /// The account.
    pub account: [u8; 16],
    /// The roles of the schema that the account has, and `admin`.
    pub roles: Box<[String]>,
    /// What an application may do, if the session is one's.
    pub scopes: Option<Arc<Scopes>>,
    /// When the session ends by itself, in seconds since the epoch.
    pub ends_s: Option<i64>,
}

/// Who knows the records of sessions.
pub trait SessionSource: Send + Sync {
    /// What the records say; `None` if the session is over, or its account banned or gone.
    fn session(&self, id: SessionId) -> BoxFuture<'static, Result<Option<SessionState>, Problem>>;
}

/// What was found, and when.
struct Known {
    state: Option<SessionState>,
    since: Instant,
}

/// What is known of one session. All its verified tokens share it.
pub(crate) struct Seat {
    id: SessionId,
    known: ArcSwapOption<Known>,
    /// Held by the one who looks; what waits for it finds what was found.
    looking: tokio::sync::Mutex<()>,
    /// Counts up with each change, so that what was read before a change is not kept after it.
    changes: std::sync::atomic::AtomicU64,
    changed: Arc<Notify>,
}

impl Seat {
    fn new(id: SessionId) -> Self {
        Self {
            id,
            known: ArcSwapOption::empty(),
            looking: tokio::sync::Mutex::default(),
            changes: 0.into(),
            changed: Arc::default(),
        }
    }

    /// What is known: `None` if nobody has looked, or too long ago.
    pub(crate) fn state(&self, now_s: i64) -> Option<Result<SessionState, Problem>> {
        let known = self.known.load();
        let known = known.as_ref().filter(|known| known.since.elapsed() < BELIEVED)?;
        let holds = |state: &&SessionState| state.ends_s.is_none_or(|end| now_s < end);
        Some(known.state.as_ref().filter(holds).cloned().ok_or_else(over))
    }

    /// Looks at the records, once for all who ask meanwhile.
    pub(crate) async fn look(&self, source: &dyn SessionSource, now_s: i64) -> Result<SessionState, Problem> {
        let _looking = self.looking.lock().await;
        if let Some(state) = self.state(now_s) {
            return state;
        }
        let before = self.changes.load(std::sync::atomic::Ordering::Acquire);
        let state = source.session(self.id).await?;
        let known = Arc::new(Known { state: state.clone(), since: Instant::now() });
        self.known.store(Some(known));
        if self.changes.load(std::sync::atomic::Ordering::Acquire) != before {
            self.known.store(None);
        }
        let holds = |state: &SessionState| state.ends_s.is_none_or(|end| now_s < end);
        state.filter(holds).ok_or_else(over)
    }

    fn forget(&self) {
        self.changes.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
        self.known.store(None);
        self.changed.notify_waiters();
    }

    fn of(&self, account: [u8; 16]) -> bool {
        let known = self.known.load();
        // Who is being looked for may be the account's: better once too often.
        known.as_ref().is_none_or(|known| known.state.as_ref().is_none_or(|state| state.account == account))
    }
}

/// The seats in use.
#[derive(Default)]
pub(crate) struct Seats {
    seats: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    by_id: HashMap<SessionId, Weak<Seat>>,
    /// The number of seats at which those that nobody uses are cleared away.
    clear_at: usize,
}

impl Seats {
    /// The seat of a session.
    pub(crate) fn seat(&self, id: SessionId) -> Arc<Seat> {
        let mut table = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seat) = table.by_id.get(&id).and_then(Weak::upgrade) {
            return seat;
        }
        if table.by_id.len() >= table.clear_at {
            table.by_id.retain(|_, seat| seat.strong_count() > 0);
            table.clear_at = (table.by_id.len() * 2).max(1_024);
        }
        let seat = Arc::new(Seat::new(id));
        table.by_id.insert(id, Arc::downgrade(&seat));
        seat
    }

    /// Empties the seats that `which` picks.
    pub(crate) fn forget(&self, which: impl Fn(&Seat) -> bool) {
        let seats: Vec<Arc<Seat>> = {
            let table = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
            table.by_id.values().filter_map(Weak::upgrade).collect()
        };
        seats.iter().filter(|seat| which(seat)).for_each(|seat| seat.forget());
    }

    /// Empties the seat of a session.
    pub(crate) fn forget_session(&self, id: SessionId) {
        let seat = {
            let table = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
            table.by_id.get(&id).and_then(Weak::upgrade)
        };
        if let Some(seat) = seat {
            seat.forget();
        }
    }

    /// Empties the seats of an account.
    pub(crate) fn forget_account(&self, account: [u8; 16]) {
        self.forget(|seat| seat.of(account));
    }
}

/// Waits until a session must be looked at again.
pub struct Watch(BoxFuture<'static, ()>);

impl Watch {
    pub(crate) fn of(seat: Arc<Seat>) -> Self {
        let waits = Arc::clone(&seat.changed).notified_owned();
        // The seat is held, so that a change finds it.
        Self(Box::pin(async move {
            waits.await;
            drop(seat);
        }))
    }
}

impl Future for Watch {
    type Output = ();

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

/// The session is over.
pub(crate) fn over() -> Problem {
    Problem::new(Code::TokenInvalid, "The session is over").hint("Sign in again.")
}
