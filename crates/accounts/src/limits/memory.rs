//! The numbers of one node, in its memory.

use std::collections::HashMap;

use super::bucket::Bucket;

/// So many keys are kept: some four megabytes.
const KEYS_MOST: usize = 100_000;

/// A number for each key that has not all of its allowance.
#[derive(Debug, Default)]
pub(super) struct Memory {
    full: HashMap<[u8; 16], i64>,
}

impl Memory {
    /// Counts an event under each of the buckets, or under none of them.
    ///
    /// # Errors
    /// The bucket that is full, and the microseconds to wait.
    pub(super) fn count(&mut self, buckets: &[Bucket], now: i64) -> Result<(), (usize, i64)> {
        let next = judge(buckets, now, |bucket| self.full.get(&bucket.key).copied())?;
        self.make_room(buckets.len(), now);
        self.full.extend(buckets.iter().map(|bucket| bucket.key).zip(next));
        Ok(())
    }

    /// Undoes a count.
    pub(super) fn take_back(&mut self, buckets: &[Bucket]) {
        for bucket in buckets {
            if let Some(full) = self.full.get_mut(&bucket.key) {
                *full = bucket.rate.take_back(*full);
            }
        }
    }

    /// Forgets who has all of their allowance; and, if that is not enough, those who have most of it.
    fn make_room(&mut self, more: usize, now: i64) {
        if self.full.len() + more <= KEYS_MOST {
            return;
        }
        self.full.retain(|_, full| *full > now);
        if self.full.len() + more <= KEYS_MOST / 2 {
            return;
        }
        let mut times: Vec<i64> = self.full.values().copied().collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        self.full.retain(|_, full| *full > median);
    }
}

/// The next number of each bucket, if none of them is full.
///
/// # Errors
/// The bucket that is full for longest, and the microseconds to wait.
pub(super) fn judge(
    buckets: &[Bucket],
    now: i64,
    mut full: impl FnMut(&Bucket) -> Option<i64>,
) -> Result<Vec<i64>, (usize, i64)> {
    let mut next = Vec::with_capacity(buckets.len());
    let mut refused: Option<(usize, i64)> = None;
    for (n, bucket) in buckets.iter().enumerate() {
        match bucket.rate.count(full(bucket), now) {
            Ok(number) => next.push(number),
            Err(wait) if refused.is_none_or(|(_, longest)| longest < wait) => refused = Some((n, wait)),
            Err(_) => {}
        }
    }
    refused.map_or(Ok(next), Err)
}

#[cfg(test)]
mod tests {
    use super::super::rate::Rate;
    use super::super::rates::Kind;
    use super::{Bucket, KEYS_MOST, Memory};

    fn bucket(n: usize, rate: Rate) -> Bucket {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&n.to_be_bytes());
        Bucket { kind: Kind::SignUp, key, rate }
    }

    #[test]
    fn nothing_is_counted_where_one_bucket_is_full() {
        let mut memory = Memory::default();
        let (narrow, wide) = (bucket(1, Rate::a_minute(1)), bucket(2, Rate::a_minute(2)));
        assert_eq!(memory.count(&[narrow.clone(), wide.clone()], 0), Ok(()));
        assert_eq!(memory.count(&[narrow, wide.clone()], 0), Err((0, 60_000_000)));
        assert_eq!(memory.count(std::slice::from_ref(&wide), 0), Ok(()));
        assert_eq!(memory.count(&[wide], 0), Err((0, 30_000_000)));
    }

    #[test]
    fn no_crowd_makes_it_grow() {
        let mut memory = Memory::default();
        for n in 0..3 * KEYS_MOST {
            assert_eq!(memory.count(&[bucket(n, Rate::an_hour(1))], n as i64), Ok(()));
        }
        assert!(memory.full.len() <= KEYS_MOST, "{}", memory.full.len());
        // Who came last is still known.
        assert!(memory.count(&[bucket(3 * KEYS_MOST - 1, Rate::an_hour(1))], 0).is_err());
    }
}
