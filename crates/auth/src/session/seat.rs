//! What is known of one session.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use bistro_problem::Problem;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use super::{SessionSource, SessionState, Whose, over};

/// What was found, and when it was asked for.
pub(crate) struct Found {
    state: Option<SessionState>,
    since: Instant,
}

impl Found {
    /// The state, if the session goes on at `now_s`.
    pub(crate) fn state(&self, now_s: i64) -> Result<&SessionState, Problem> {
        let holds = |state: &&SessionState| state.ends_s.is_none_or(|end| now_s < end);
        self.state.as_ref().filter(holds).ok_or_else(over)
    }
}

type Look = BoxFuture<'static, Result<Arc<Found>, Problem>>;

/// A look at the records that is under way.
pub(crate) type Looking = Shared<Look>;

/// What is known of one session. All its verified tokens share it.
pub(crate) struct Seat {
    whose: Whose,
    found: ArcSwapOption<Found>,
    /// The look under way, as long as somebody waits for it. Whoever changes what is found holds it.
    looking: Mutex<Under>,
    changed: Arc<Notify>,
}

#[derive(Default)]
struct Under {
    /// Counts changes, so that what was read before a change is not kept after it.
    changes: u64,
    way: Option<WeakShared<Look>>,
}

impl Seat {
    pub(super) fn new(whose: Whose) -> Self {
        Self { whose, found: ArcSwapOption::empty(), looking: Mutex::default(), changed: Arc::default() }
    }

    /// Hands on what is known; `None` if nobody has looked, or longer ago than `believed`.
    pub(crate) fn known<T>(&self, believed: Duration, take: impl FnOnce(&Found) -> T) -> Option<T> {
        let found = self.found.load();
        let fresh = |found: &&Arc<Found>| found.since.elapsed() < believed;
        found.as_ref().filter(fresh).map(|found| take(found))
    }

    /// Looks at the records, or waits for who does.
    pub(crate) fn look(self: &Arc<Self>, source: &Arc<dyn SessionSource>) -> Looking {
        let mut under = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        // One that has ended may be older than what its asker believes.
        let way = under.way.as_ref().and_then(WeakShared::upgrade).filter(|way| way.peek().is_none());
        if let Some(way) = way {
            return way;
        }
        let (seat, source, changes) = (Arc::clone(self), Arc::clone(source), under.changes);
        let looking = async move {
            let since = Instant::now();
            let look = match seat.whose {
                Whose::Token(id) => source.session(id, false),
                Whose::Cookie(id) => source.session(id, true),
                Whose::Password(account) => source.account(account),
            };
            let state = look.await?;
            let found = Arc::new(Found { state, since });
            seat.keep(&found, changes);
            Ok(found)
        };
        let looking = looking.boxed().shared();
        under.way = looking.downgrade();
        looking
    }

    /// Keeps what was found after so many changes, unless there was another one since.
    fn keep(&self, found: &Arc<Found>, changes: u64) {
        let under = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        if under.changes == changes {
            self.found.store(Some(Arc::clone(found)));
        }
    }

    /// Forgets what is known and wakes who watches.
    pub(crate) fn forget(&self) {
        {
            let mut under = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
            under.changes += 1;
            under.way = None;
            self.found.store(None);
        }
        self.changed.notify_waiters();
    }

    /// Ready at the next change from now on.
    pub(super) fn changed(&self) -> OwnedNotified {
        Arc::clone(&self.changed).notified_owned()
    }

    /// Whether it may be a session of this account.
    pub(super) fn may_be_of(&self, account: [u8; 16]) -> bool {
        if let Whose::Password(own) = self.whose {
            return own == account;
        }
        let found = self.found.load();
        // What is not known, or over, may be anybody's: better forgotten once too often.
        found.as_ref().and_then(|found| found.state.as_ref()).is_none_or(|state| state.account == account)
    }
}
