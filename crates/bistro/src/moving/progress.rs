//! How far the work is: a bar on a terminal, plain lines elsewhere. On standard error.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use crate::terminal;

/// Between two plain lines at least.
const PAUSE: Duration = Duration::from_secs(10);

/// The rows of one table that are done.
pub(super) struct Progress {
    what: String,
    done: AtomicU64,
    total: u64,
    bar: Option<ProgressBar>,
    told: Mutex<Instant>,
}

impl Progress {
    /// `what` is done with a table of `total` rows, `done` of which are done before: `posts`, `checking posts`.
    pub(super) fn new(what: &str, done: u64, total: u64) -> Self {
        let bar = terminal::interactive().then(|| {
            let bar = ProgressBar::new(total).with_position(done);
            let template = "{msg:30} {bar:30} {human_pos} of {human_len} rows, {per_sec}, {eta} left";
            let bar = match ProgressStyle::with_template(template) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            };
            bar.with_message(what.to_owned())
        });
        Self {
            what: what.to_owned(),
            done: AtomicU64::new(done),
            total,
            bar,
            told: Mutex::new(Instant::now()),
        }
    }

    /// So many rows more are done.
    pub(super) fn add(&self, rows: u64) {
        let done = self.done.fetch_add(rows, Ordering::Relaxed) + rows;
        if let Some(bar) = &self.bar {
            return bar.set_position(done);
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() >= PAUSE {
            *told = Instant::now();
            let (done, total) = (HumanCount(done), HumanCount(self.total));
            terminal::err(&format!("{}: {done} of {total} rows\n", self.what));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
