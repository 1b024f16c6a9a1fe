//! How far a migration is: a bar on a terminal, a line now and then elsewhere.

use std::time::{Duration, Instant};

use bistro_store::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::terminal;

/// Shorter ones are not worth a line.
const QUIET: Duration = Duration::from_secs(1);
/// How often a log hears of a long one.
const LINES: Duration = Duration::from_secs(10);

/// Shows how far it is while `work` runs.
pub(super) async fn watch<T>(name: &str, of: usize, done: &Progress, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut shown = Shown { name, of, bar: None, began: Instant::now(), said: Instant::now() };
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    let result = loop {
        tokio::select! {
            result = &mut work => break result,
            _ = tick.tick() => shown.tick(done.done()),
        }
    };
    if let Some(bar) = shown.bar {
        bar.finish_and_clear();
    }
    result
}

struct Shown<'a> {
    name: &'a str,
    of: usize,
    bar: Option<ProgressBar>,
    began: Instant,
    said: Instant,
}

impl Shown<'_> {
    fn tick(&mut self, done: u32) {
        if self.began.elapsed() < QUIET {
            return;
        }
        if terminal::interactive() {
            let bar = self.bar.get_or_insert_with(|| bar(self.name, self.of));
            bar.set_position(u64::from(done));
        } else if self.said.elapsed() >= LINES {
            self.said = Instant::now();
            let seconds = self.began.elapsed().as_secs();
            terminal::err(&format!("{}: {done} of {} statements after {seconds} s\n", self.name, self.of));
        }
    }
}

fn bar(name: &str, of: usize) -> ProgressBar {
    let bar = ProgressBar::new(of as u64);
    let style = ProgressStyle::with_template("{msg} {bar:30} {pos} of {len} statements, {elapsed}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(name.to_owned());
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}
