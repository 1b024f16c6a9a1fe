//! Tokens whose signature has been verified, so that a token is verified once and not with each request.
//!
//! The key is the whole token, compared in full; an entry holds when the token ends and the epoch in which it was
//! verified. Only tokens with a good signature enter, so strangers cannot fill the cache.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::claims::Named;
use crate::session::Seat;

/// The most bytes that tokens and their claims take together.
const BYTES_MAX: u64 = 16 << 20;

/// How many tokens the tables are laid out for at first.
const TOKENS_EXPECTED: usize = 1_024;

/// A verified token.
pub(crate) struct Entry {
    /// Whom it names and when it holds.
    pub(crate) named: Named,
    /// Set once the token has been seen to be over: a clock that jumps back must not revive it.
    pub(crate) over: AtomicBool,
    /// The seat of its session, if it is our own account's.
    pub(crate) seat: Option<Arc<Seat>>,
    epoch: u64,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Box<str>, Arc<Entry>> for Bytes {
    fn weight(&self, token: &Box<str>, entry: &Arc<Entry>) -> u64 {
        (token.len() + entry.named.caller.claims.len() + 256) as u64
    }
}

/// The cache.
pub(crate) struct Verified {
    tokens: Cache<Box<str>, Arc<Entry>, Bytes>,
    epoch: AtomicU64,
}

impl Verified {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self { tokens: Cache::with_weighter(TOKENS_EXPECTED, BYTES_MAX, Bytes), epoch: AtomicU64::new(0) }
    }

    /// The epoch to verify in; take it before the keys are read, so that a change of keys in between is noticed.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// The entry of a token, if it was verified in the present epoch.
    pub(crate) fn get(&self, token: &str) -> Option<Arc<Entry>> {
        self.tokens.get(token).filter(|entry| entry.epoch == self.epoch())
    }

    /// Keeps a token that was verified in `epoch`.
    pub(crate) fn put(&self, token: &str, named: Named, seat: Option<Arc<Seat>>, epoch: u64) -> Arc<Entry> {
        let entry = Arc::new(Entry { named, over: AtomicBool::new(false), seat, epoch });
        self.tokens.insert(Box::from(token), Arc::clone(&entry));
        entry
    }

    /// Forgets all: each token is verified again.
    pub(crate) fn forget(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }
}
