//! What the connections met last, for [`bistro_store::Store::reachable`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use bistro_store::{StoreError, StoreErrorKind};

/// The state of a server as its connections see it.
#[derive(Debug, Default)]
pub(crate) struct Health {
    failure: Mutex<Option<String>>,
    closed: AtomicBool,
}

impl Health {
    /// A connection was opened or answered.
    pub(crate) fn good(&self) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// No connection could be opened.
    pub(crate) fn bad(&self, error: &StoreError) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.is_none() {
            tracing::warn!(error = error.cause, "the database cannot be reached; trying again until it can");
        }
        *failure = Some(error.cause.clone());
    }

    /// Whether the last try to connect failed.
    pub(crate) fn failed(&self) -> bool {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The store is closed for good.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Whether work may be taken.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] after [`Health::close`].
    pub(crate) fn open(&self) -> Result<(), StoreError> {
        match self.closed.load(Ordering::Acquire) {
            true => Err(StoreError::new(StoreErrorKind::Unavailable, "the store is closed")),
            false => Ok(()),
        }
    }

    /// Why there is no connection.
    pub(crate) fn why(&self) -> StoreError {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = failure.unwrap_or_else(|| "no connection to the database is open".into());
        StoreError::new(StoreErrorKind::Unavailable, text)
    }
}
