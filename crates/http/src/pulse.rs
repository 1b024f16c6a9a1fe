//! What a connection is doing, as far as its limits need to know. Kept by the connection's reader and by its requests,
//! looked at by a timer: a request itself arms no timer.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

use crate::limits::Limits;

/// The state of one connection.
pub(crate) struct Pulse {
    start: Instant,
    /// Microseconds from `start` to the first byte of a head that is not complete yet, plus one; 0 for none.
    head_since: AtomicU64,
    /// Requests whose answer is not ready.
    active: AtomicU32,
    /// Answers that are being streamed: what comes meanwhile is no head yet, and they keep nothing open that does not move.
    streams: AtomicU32,
    /// Whether it speaks HTTP/2, where bytes need not belong to a head.
    http2: bool,
    /// Whether bytes moved or a request ended since the timer looked.
    moved: AtomicBool,
    /// Set when a head takes too long: the reader then says so and ends.
    late: AtomicBool,
    /// Microseconds from `start` to the last time that something moved.
    moved_at: AtomicU64,
}

/// What the timer finds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing; look again then.
    Fine(Instant),
    /// A head takes too long.
    Late,
    /// Nothing has moved for too long.
    Idle,
}

impl Pulse {
    pub(crate) fn new(http2: bool) -> Self {
        Self {
            start: Instant::now(),
            head_since: AtomicU64::new(0),
            active: AtomicU32::new(0),
            streams: AtomicU32::new(0),
            http2,
            moved: AtomicBool::new(true),
            late: AtomicBool::new(false),
            moved_at: AtomicU64::new(0),
        }
    }

    fn micros(&self) -> u64 {
        self.start.elapsed().as_micros() as u64 + 1
    }

    /// Bytes came. Answers whether they belong to a head, and whether they begin it.
    pub(crate) fn read(&self) -> (bool, bool) {
        self.moved.store(true, Relaxed);
        if self.active.load(Relaxed) > 0 || self.streams.load(Relaxed) > 0 || self.http2 {
            return (false, false);
        }
        let begins = self.head_since.load(Relaxed) == 0;
        if begins {
            self.head_since.store(self.micros(), Relaxed);
        }
        (true, begins)
    }

    /// Bytes went.
    pub(crate) fn wrote(&self) {
        self.moved.store(true, Relaxed);
    }

    /// Whether a head has begun and no request has come of it.
    pub(crate) fn in_head(&self) -> bool {
        self.head_since.load(Relaxed) != 0
    }

    /// Whether the reader must end the connection.
    pub(crate) fn is_late(&self) -> bool {
        self.late.load(Relaxed)
    }

    /// A head is complete: a request begins. It ends when the guard is dropped.
    pub(crate) fn begin(&self) -> Active<'_> {
        self.head_since.store(0, Relaxed);
        self.active.fetch_add(1, Relaxed);
        Active(self)
    }

    /// An answer begins to be streamed.
    pub(crate) fn stream_began(&self) {
        self.streams.fetch_add(1, Relaxed);
    }

    /// A streamed answer has ended.
    pub(crate) fn stream_ended(&self) {
        self.streams.fetch_sub(1, Relaxed);
    }

    /// When the timer looks for the first time.
    pub(crate) fn first_look(&self, limits: &Limits) -> Instant {
        self.start + limits.header_time.min(limits.idle_time)
    }

    /// What the timer does. A head that begins after a look is due later than the next look, so none is missed.
    pub(crate) fn look(&self, limits: &Limits) -> Verdict {
        let now = self.micros();
        let at = |micros: u64| self.start + Duration::from_micros(micros);
        if self.moved.swap(false, Relaxed) || self.active.load(Relaxed) > 0 {
            self.moved_at.store(now, Relaxed);
        }
        let head = self.head_since.load(Relaxed);
        let head_due = head + limits.header_time.as_micros() as u64;
        if head != 0 && now >= head_due {
            self.late.store(true, Relaxed);
            return Verdict::Late;
        }
        let idle_due = self.moved_at.load(Relaxed) + limits.idle_time.as_micros() as u64;
        if now >= idle_due {
            return Verdict::Idle;
        }
        let next = if head == 0 { now + limits.header_time.as_micros() as u64 } else { head_due };
        Verdict::Fine(at(next.min(idle_due)))
    }
}

/// A request in progress.
pub(crate) struct Active<'p>(&'p Pulse);

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.0.moved.store(true, Relaxed);
        self.0.active.fetch_sub(1, Relaxed);
    }
}
