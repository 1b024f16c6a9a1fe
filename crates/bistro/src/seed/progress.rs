//! How far the loading is: counted by the writer, looked at by whoever shows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::terminal;

/// Rows done, of how many.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    done: AtomicUsize,
    total: AtomicUsize,
}

impl Progress {
    /// The number of rows is known.
    pub(crate) fn start(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// One row more is written.
    pub(crate) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Rows done, and rows in all.
    pub(crate) fn now(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Takes over what another process said.
    pub(crate) fn set(&self, done: usize, total: usize) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }
}

/// Shows a bar on a terminal while `work` runs; nothing elsewhere.
pub(crate) async fn watch<T>(progress: Arc<Progress>, work: impl Future<Output = T>) -> T {
    if !terminal::interactive() {
        return work.await;
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} rows, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    let mut work = std::pin::pin!(work);
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    let result = loop {
        tokio::select! {
            result = &mut work => break result,
            _ = tick.tick() => {
                let (done, total) = progress.now();
                bar.set_length(total as u64);
                bar.set_position(done as u64);
            }
        }
    };
    bar.finish_and_clear();
    result
}
