//! How far a long piece of work has come: a bar on a terminal, a line now and then elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Seconds between two lines where there is no terminal.
const PAUSE: u64 = 5;

/// A running count.
pub struct Progress {
    bar: ProgressBar,
    total: u64,
    /// What is counted.
    unit: &'static str,
    begun: Instant,
    said: AtomicU64,
    terminal: bool,
}

impl Progress {
    /// Begins, with `total` steps to come: bytes of sources, or patients.
    pub fn start(total: u64) -> Self {
        Self::of("resources", total)
    }

    /// The same, where something else than resources is counted.
    pub fn of(unit: &'static str, total: u64) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}  {eta} left") {
            bar.set_style(style);
        }
        Self { bar, total, unit, begun: Instant::now(), said: AtomicU64::new(0), terminal }
    }

    /// Adds steps that were done; `resources` is the count so far, of whatever is counted.
    pub fn add(&self, steps: u64, resources: u64) {
        self.bar.inc(steps);
        let seconds = self.begun.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = resources as f64 / seconds.max(0.001);
        self.bar.set_message(format!("{resources} {}, {rate:.0}/s", self.unit));
        let now = self.begun.elapsed().as_secs() / PAUSE;
        if !self.terminal && self.said.fetch_max(now, Ordering::Relaxed) < now {
            let percent = self.bar.position().min(self.total) * 100 / self.total.max(1);
            let left = self.bar.eta().as_secs();
            eprintln!("{percent} %: {resources} {}, {rate:.0}/s, {left} s left", self.unit);
        }
    }

    /// Says what is being done now.
    pub fn say(&self, what: &'static str) {
        self.bar.set_message(what);
        if !self.terminal && self.begun.elapsed().as_secs() >= PAUSE {
            eprintln!("{what}");
        }
    }

    /// Does what writes to the same terminal, without the bar in between.
    pub fn beside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar.suspend(work)
    }

    /// Ends; returns the seconds it took.
    pub fn finish(&self) -> f64 {
        self.bar.finish_and_clear();
        self.begun.elapsed().as_secs_f64()
    }
}
