//! Servers that repeat what the primary writes. A read outside transactions may go there once the replica has all that
//! this process has committed: after a write all reads go to the primary until then, whoever asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio_postgres::SimpleQueryMessage;

use crate::readers::Readers;
use crate::server::Place;

/// How often replicas are asked how far they are while one is behind.
const ASK: Duration = Duration::from_millis(20);
/// How often they are asked while nothing is written here.
const LOOK: Duration = Duration::from_secs(1);
/// How long a replica may take to say how far it is.
const SAY: Duration = Duration::from_secs(2);

/// Where the log ends that holds all that was committed. What was acknowledged is written out, unless the server
/// acknowledges before that; what is not written out yet may stay so for long.
const END: &str = "SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() \
     ELSE pg_current_wal_lsn() END";

/// The replicas of a server.
pub(crate) struct Replicas {
    places: Vec<Place>,
    next: AtomicUsize,
    progress: Arc<Progress>,
    task: AbortHandle,
}

/// What is committed and what is repeated.
struct Progress {
    /// Commits of this process.
    writes: AtomicU64,
    /// For each replica, how many of them it has; none while it does not answer.
    has: Vec<AtomicU64>,
    wrote: Notify,
}

/// What [`Progress::has`] says of a replica that cannot be used.
const NOTHING: u64 = u64::MAX;

impl Drop for Replicas {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Replicas {
    /// Follows the replicas; `None` if there are none.
    pub(crate) fn start(primary: &Place, places: Vec<Place>) -> Option<Self> {
        if places.is_empty() {
            return None;
        }
        let has = places.iter().map(|_| AtomicU64::new(NOTHING)).collect();
        let progress = Arc::new(Progress { writes: AtomicU64::new(0), has, wrote: Notify::new() });
        let readers = places.iter().map(|p| p.readers.clone()).collect();
        let task = tokio::spawn(follow(primary.readers.clone(), readers, progress.clone())).abort_handle();
        Some(Self { places, next: AtomicUsize::new(0), progress, task })
    }

    /// All of them.
    pub(crate) fn places(&self) -> &[Place] {
        &self.places
    }

    /// Something was committed, or may have been.
    pub(crate) fn wrote(&self) {
        self.progress.writes.fetch_add(1, Ordering::SeqCst);
        self.progress.wrote.notify_one();
    }

    /// One that has all that this process committed, each in its turn.
    pub(crate) fn current(&self) -> Option<&Place> {
        let writes = self.progress.writes.load(Ordering::SeqCst);
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let all = (0..self.places.len()).map(|n| (first.wrapping_add(n)) % self.places.len());
        let has = |at: &usize| self.progress.has[*at].load(Ordering::SeqCst) == writes;
        all.filter(has).map(|at| &self.places[at]).find(|place| place.readers.alive())
    }
}

/// Asks the primary where its log ends after a write, and the replicas how far they are, until they have it.
async fn follow(primary: Arc<Readers>, replicas: Vec<Arc<Readers>>, progress: Arc<Progress>) {
    loop {
        let writes = progress.writes.load(Ordering::SeqCst);
        // Whatever was committed before the question stands before the answer.
        let end = position(&primary, END).await;
        let asked = replicas.iter().map(|r| position(r, "SELECT pg_last_wal_replay_lsn()"));
        let mut behind = progress.writes.load(Ordering::SeqCst) != writes;
        for (has, at) in progress.has.iter().zip(join_all(asked).await) {
            let caught = matches!((at, end), (Some(at), Some(end)) if at >= end);
            if caught {
                has.store(writes, Ordering::SeqCst);
            } else if at.is_none() {
                has.store(NOTHING, Ordering::SeqCst);
            }
            behind |= at.is_some() && end.is_some() && !caught;
        }
        match behind {
            true => tokio::time::sleep(ASK).await,
            false => drop(tokio::time::timeout(LOOK, progress.wrote.notified()).await),
        }
    }
}

/// A place in the log; `None` without an answer, or from a server that repeats nothing.
async fn position(readers: &Arc<Readers>, sql: &str) -> Option<u64> {
    if !readers.alive() {
        return None;
    }
    let asked = async {
        let turn = readers.turn().await.ok()?;
        let answers = turn.link().client().simple_query(sql).await.ok()?;
        let row =
            answers.iter().find_map(|m| if let SimpleQueryMessage::Row(r) = m { Some(r) } else { None })?;
        parse(row.get(0)?)
    };
    tokio::time::timeout(SAY, asked).await.ok()?
}

/// Reads the server's way to write a place in the log: two hexadecimal numbers.
fn parse(text: &str) -> Option<u64> {
    let (high, low) = text.split_once('/')?;
    let part = |digits| u64::from_str_radix(digits, 16).ok().filter(|n| *n <= u64::from(u32::MAX));
    Some(part(high)? << 32 | part(low)?)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn places_in_the_log_are_numbers() {
        let check = |text: &str, expected: Option<u64>| assert_eq!(parse(text), expected, "{text}");
        check("0/0", Some(0));
        check("16/B374D848", Some(0x16_b374_d848));
        check("FFFFFFFF/FFFFFFFF", Some(u64::MAX));
        check("100000000/0", None);
        check("", None);
    }
}
