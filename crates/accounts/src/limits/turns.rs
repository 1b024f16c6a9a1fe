//! Sign-ins that are being judged: few at once under a key.
//!
//! One counts as failed until it is known to be right, so that of many at one moment no more are judged than may fail. Those who
//! come together wait for each other here, or right ones would be refused for being many.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::bucket::Bucket;

/// So many keys are remembered before those that nobody waits for are forgotten.
const KEYS_MOST: usize = 1_024;

/// Who is being judged.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<[u8; 16], Weak<Semaphore>>>);

/// The right to be judged; the next one has it when this is dropped.
pub(super) type Turn = OwnedSemaphorePermit;

impl Turns {
    /// Waits for a turn under a key.
    pub(super) async fn take(&self, bucket: &Bucket) -> Option<Turn> {
        let places = bucket.rate.at_once() / 4;
        let turns = self.of(bucket.key, places.max(1) as usize);
        turns.acquire_owned().await.ok()
    }

    fn of(&self, key: [u8; 16], places: usize) -> Arc<Semaphore> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        if all.len() >= KEYS_MOST {
            all.retain(|_, turns| turns.strong_count() > 0);
        }
        let turns = Arc::new(Semaphore::new(places));
        all.insert(key, Arc::downgrade(&turns));
        turns
    }
}
