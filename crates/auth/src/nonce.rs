//! Nonces of messages that may be sent once (WS-Security UsernameToken). Where they are noted is the caller's: in a database that
//! nodes share, or in [`Nonces`].

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::digest::hex;
use crate::pepper::Pepper;

/// So many nonces are kept in memory: some eight megabytes.
const MOST: usize = 100_000;

/// What the clocks of two nodes may differ by, in microseconds.
const SKEW: i64 = 60_000_000;

/// A nonce, as it is noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce {
    tag: [u8; 32],
    until: i64,
}

impl Nonce {
    /// How old a message may be, and how far ahead its clock, in microseconds. Whoever reads a message refuses others.
    pub const WINDOW: i64 = 300_000_000;

    /// Where nonces are noted in a database.
    pub const SPACE: &str = "nonces";

    /// A nonce of somebody's message that says when it was made, in microseconds since the epoch. Others who send the same one
    /// do not use it up.
    pub fn new(pepper: &Pepper, name: &str, nonce: &[u8], created: Option<i64>, now: i64) -> Self {
        let name = name.trim().to_lowercase();
        let at = created.map_or(Vec::new(), |at| at.to_be_bytes().to_vec());
        let tag = pepper.tag("nonce", &[name.as_bytes(), nonce, &at]);
        let made = created.map_or(now, |at| at.max(now));
        Self { tag, until: made.saturating_add(Self::WINDOW + SKEW) }
    }

    /// The key under which it is noted.
    pub fn key(&self) -> String {
        hex(&self.tag)
    }

    /// Until when it has to be known that it was used, in microseconds since the epoch: the message is too old from then on.
    pub fn until(&self) -> i64 {
        self.until
    }
}

/// The nonces that one node keeps in memory: those of callers who proved nothing, and where nothing may be kept in the database.
/// When there are too many, those go first that end first.
#[derive(Debug, Default)]
pub struct Nonces(Mutex<HashMap<[u8; 32], i64>>);

impl Nonces {
    /// Uses a nonce up; whether this was the first time.
    pub fn use_once(&self, nonce: &Nonce, now: i64) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.get(&nonce.tag).is_some_and(|until| now < *until) {
            return false;
        }
        if used.len() >= MOST {
            make_room(&mut used, now);
        }
        used.insert(nonce.tag, nonce.until);
        true
    }
}

/// Forgets what is over; and, if that is little, the half that ends first.
fn make_room(used: &mut HashMap<[u8; 32], i64>, now: i64) {
    used.retain(|_, until| now < *until);
    if used.len() <= MOST / 2 {
        return;
    }
    let mut ends: Vec<i64> = used.values().copied().collect();
    let middle = ends.len() / 2;
    let (_, median, _) = ends.select_nth_unstable(middle);
    let median = *median;
    used.retain(|_, until| *until > median);
}

#[cfg(test)]
mod tests {
    use super::{MOST, Nonce, Nonces};
    use crate::pepper::Pepper;

    const NOW: i64 = 1_800_000_000_000_000;
    const SECOND: i64 = 1_000_000;

    fn nonce(name: &str, nonce: &[u8], created: Option<i64>) -> Nonce {
        Nonce::new(&Pepper::new(b"secret"), name, nonce, created, NOW)
    }

    #[test]
    fn a_nonce_is_somebodys_and_of_one_moment() {
        let key = |name: &str, bytes: &[u8], created: Option<i64>| nonce(name, bytes, created).key();
        let first = key("ada@example.org", b"n", Some(NOW));
        assert_eq!(first, key(" Ada@Example.org", b"n", Some(NOW)));
        assert_eq!(first.len(), key("", &[0; 5_000], None).len());
        for other in [
            key("bob@example.org", b"n", Some(NOW)),
            key("ada@example.org", b"m", Some(NOW)),
            key("ada@example.org", b"n", Some(NOW + 1)),
            key("ada@example.org", b"n", None),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn a_nonce_is_known_for_as_long_as_its_message_is_taken() {
        let check = |created: Option<i64>, expected_s: i64| {
            assert_eq!((nonce("ada", b"n", created).until() - NOW) / SECOND, expected_s, "{created:?}");
        };
        check(None, 360);
        check(Some(NOW), 360);
        check(Some(NOW - 300 * SECOND), 360);
        check(Some(NOW + 300 * SECOND), 660);
        check(Some(i64::MAX), (i64::MAX - NOW) / SECOND);
    }

    #[test]
    fn what_is_kept_in_memory_is_used_once() {
        let nonces = Nonces::default();
        let (one, other) = (nonce("ada", b"n", None), nonce("ada", b"m", None));
        assert!(nonces.use_once(&one, NOW));
        assert!(!nonces.use_once(&one, NOW) && !nonces.use_once(&one, one.until() - 1));
        assert!(nonces.use_once(&other, NOW));
        assert!(nonces.use_once(&one, one.until()), "nobody takes the message any more");
    }

    #[test]
    fn memory_is_bounded() {
        let nonces = Nonces::default();
        let at = |n: usize| {
            let mut tag = [0; 32];
            tag[..8].copy_from_slice(&n.to_be_bytes());
            Nonce { tag, until: NOW + n as i64 + 1 }
        };
        assert!((0..3 * MOST).all(|n| nonces.use_once(&at(n), NOW)));
        assert!(nonces.0.lock().unwrap().len() <= MOST);
        assert!(!nonces.use_once(&at(3 * MOST - 1), NOW), "the last are known");
    }
}
