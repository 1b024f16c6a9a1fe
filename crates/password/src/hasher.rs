//! Hashing aside: threads of its own, so that no request waits behind it, and a line of those who wait that has an end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use argon2::Block;
use aws_lc_rs::rand;
use tokio::sync::oneshot;

use crate::form::{self, Cost, SALT};
use crate::password::Password;

/// How much less the system favours these threads: requests go before passwords.
const NICE: i32 = 10;

/// What a password is compared with where there is none to compare with.
const NOBODY: &[u8] = b"nobody has this password";

/// Why nothing was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The line of those who wait is full.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// The stored hash is of no form that is known, or would cost far more than ours.
    #[error("the stored password cannot be read")]
    Unreadable,
    /// The system gave no random bytes, or the threads are gone.
    #[error("passwords cannot be hashed: {0}")]
    Failed(&'static str),
}

/// What a verification came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is the password.
    pub matches: bool,
    /// Whether the stored hash should be made anew: it is of another form or cost than ours.
    pub outdated: bool,
}

type Work = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

/// Hashes and verifies passwords. One for a server; its threads end when it is dropped.
pub struct Hasher {
    cost: Cost,
    /// Verified where there is no hash, so that it takes as long.
    nobody: String,
    line: SyncSender<Work>,
}

impl Hasher {
    /// One with `at_once` threads (the machine's cores, usually) and room for `waiting` passwords.
    ///
    /// # Errors
    /// If the cost cannot be paid, or threads cannot be started.
    pub fn new(cost: Cost, at_once: usize, waiting: usize) -> Result<Self, HashError> {
        let mut memory = Vec::new();
        let nobody = form::hash(NOBODY, &[0; SALT], cost, &mut memory)
            .ok_or(HashError::Failed("the cost is out of range"))?;
        let (line, work) = sync_channel(waiting.max(1));
        let work = Arc::new(Mutex::new(work));
        for n in 0..at_once.max(1) {
            let work = Arc::clone(&work);
            let started = thread::Builder::new().name(format!("password-{n}")).spawn(move || serve(&work));
            started.map_err(|_| HashError::Failed("no thread could be started"))?;
        }
        Ok(Self { cost, nobody, line })
    }

    /// Hashes a new password with a salt of its own: a PHC string.
    pub async fn hash(&self, password: Password) -> Result<String, HashError> {
        let cost = self.cost;
        let mut salt = [0; SALT];
        rand::fill(&mut salt).map_err(|_| HashError::Failed("no random bytes"))?;
        let made = self.aside(move |memory| form::hash(password.text().as_bytes(), &salt, cost, memory));
        made.await?.ok_or(HashError::Failed("the cost is out of range"))
    }

    /// Compares a password with a stored hash.
    pub async fn verify(&self, password: Password, stored: &str) -> Result<Verdict, HashError> {
        let (cost, stored) = (self.cost, stored.to_owned());
        let outdated = form::outdated(&stored, cost);
        let verified =
            self.aside(move |memory| form::verify(password.text().as_bytes(), &stored, cost, memory));
        let matches = verified.await?.ok_or(HashError::Unreadable)?;
        Ok(Verdict { matches, outdated })
    }

    /// Takes as long as a verification, for an account that does not exist or has no password.
    pub async fn waste(&self, password: Password) -> Result<(), HashError> {
        let nobody = self.nobody.clone();
        self.verify(password, &nobody).await.map(drop)
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let (answer, told) = oneshot::channel();
        let work: Work = Box::new(move |memory| {
            // Nobody waits any more: a client that has gone costs nothing.
            if !answer.is_closed() {
                let _ = answer.send(work(memory));
            }
        });
        self.line.try_send(work).map_err(|error| match error {
            TrySendError::Full(_) => HashError::Busy,
            TrySendError::Disconnected(_) => HashError::Failed("its threads have ended"),
        })?;
        told.await.map_err(|_| HashError::Failed("its thread has ended"))
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").field("cost", &self.cost).finish_non_exhaustive()
    }
}

/// Works until the hasher is dropped. The memory is kept from one password to the next: clearing it anew would cost a tenth.
fn serve(work: &Mutex<Receiver<Work>>) {
    // On Linux a priority is a thread's own; elsewhere it would be the whole server's. Where it is not allowed, passwords are
    // merely less polite.
    if cfg!(target_os = "linux") {
        let _ = rustix::process::setpriority_process(None, NICE);
    }
    let mut memory = Vec::new();
    loop {
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            // A thread that ended would be missed by every password after this one.
            Ok(work) => drop(catch_unwind(AssertUnwindSafe(|| work(&mut memory)))),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{HashError, Hasher};
    use crate::form::Cost;
    use crate::password::Password;

    const CHEAP: Cost = Cost { memory: 64, passes: 1 };

    fn password(text: &str) -> Password {
        Password::of(text).unwrap()
    }

    #[tokio::test]
    async fn passwords_are_hashed_and_verified() {
        let hasher = Hasher::new(CHEAP, 2, 16).unwrap();
        let stored = hasher.hash(password("a long secret")).await.unwrap();
        let again = hasher.hash(password("a long secret")).await.unwrap();
        assert_ne!(stored, again, "each hash has its own salt");
        let verdict = hasher.verify(password("a long secret"), &stored).await.unwrap();
        assert!(verdict.matches && !verdict.outdated);
        let verdict = hasher.verify(password("another secret"), &stored).await.unwrap();
        assert!(!verdict.matches);
        let dearer = Hasher::new(Cost { memory: 128, passes: 1 }, 1, 1).unwrap();
        let verdict = dearer.verify(password("a long secret"), &stored).await.unwrap();
        assert!(verdict.matches && verdict.outdated);
        assert_eq!(hasher.verify(password("x"), "nonsense").await, Err(HashError::Unreadable));
    }

    #[tokio::test]
    async fn a_full_line_is_refused_at_once() {
        let hasher = Hasher::new(Cost { memory: 32 * 1_024, passes: 3 }, 1, 1).unwrap();
        let all = (0..8).map(|_| hasher.hash(password("a long secret")));
        let all = futures_util::future::join_all(all).await;
        let busy = all.iter().filter(|made| **made == Err(HashError::Busy)).count();
        assert!((1..8).contains(&busy), "{busy} of 8 were refused");
    }

    #[tokio::test]
    async fn nobody_takes_as_long_as_somebody() {
        let hasher = Hasher::new(Cost::default(), 1, 4).unwrap();
        let stored = hasher.hash(password("a long secret")).await.unwrap();
        // The quickest of several: what else the machine does makes each of them longer, never shorter.
        let mut times = [u128::MAX, u128::MAX];
        for _ in 0..8 {
            let start = Instant::now();
            hasher.verify(password("wrong"), &stored).await.unwrap();
            times[0] = times[0].min(start.elapsed().as_micros());
            let start = Instant::now();
            hasher.waste(password("wrong")).await.unwrap();
            times[1] = times[1].min(start.elapsed().as_micros());
        }
        let [known, unknown] = times;
        assert!(unknown * 2 > known && known * 2 > unknown, "known {known} µs, unknown {unknown} µs");
    }
}
