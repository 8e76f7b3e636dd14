//! The tail: index entries newer than the merged index, in memory, in sorted runs that never change.
//!
//! It only ever gains rows. An entry that begins with version `n` is a row with `from_seq = n`; an entry that ends
//! with version `n` is a *mark*, the same row with `from_seq = -n`, wherever the entry it ends lies. A commit adds
//! one run per table; neighbours of like size are merged, so that there are few. A reader holds on to the runs of the
//! moment ([`View`]) and is disturbed by nothing. SQL sees the rows through virtual tables, `tail_token` and so on.
//!
//! Nothing here is stored: after a crash the rows are derived again from the records.

mod key;
mod run;
pub(crate) mod vtab;

use crate::write::plan::NewVersion;
use run::Run;
use rushlight_search::TABLES;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The runs of one table, oldest first.
type Runs = Vec<Arc<Run>>;

/// The runs of one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// Being merged into the index.
    frozen: [Runs; TABLES.len()],
    /// Newer.
    active: [Runs; TABLES.len()],
    /// Whether any row may be a mark.
    marked: bool,
}

/// The tail of one store.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    view: Mutex<Arc<View>>,
    /// Held by whoever makes the next view: the writer, or the merger.
    changing: Mutex<()>,
}

impl Tail {
    fn lock(&self) -> MutexGuard<'_, Arc<View>> {
        // Whoever holds the lock only swaps a pointer.
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows there are now.
    pub(crate) fn view(&self) -> Arc<View> {
        Arc::clone(&self.lock())
    }

    fn change(&self, change: impl FnOnce(&mut View)) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = View::clone(&self.view());
        change(&mut next);
        *self.lock() = Arc::new(next);
    }

    /// Adds the changes of versions; returns how many marks there were.
    pub(crate) fn add(&self, versions: &[NewVersion<'_>]) -> usize {
        let mut marks = 0;
        let mut builders: [run::Builder; TABLES.len()] = Default::default();
        for version in versions {
            marks += version.ended.len();
            let ended = version.ended.iter().map(|entry| (entry, -version.seq));
            let begun = version.begun.iter().map(|entry| (entry, version.seq));
            for (entry, from_seq) in ended.chain(begun) {
                if let Some(builder) = builders.get_mut(usize::from(entry.table.0)) {
                    builder.push(|bytes| key::encode(bytes, entry, version.rid, from_seq));
                }
            }
        }
        self.change(|view| {
            view.marked |= marks > 0;
            for (runs, builder) in view.active.iter_mut().zip(builders) {
                let run = builder.finish();
                if run.len() > 0 {
                    runs.push(Arc::new(run));
                    compact(runs);
                }
            }
        });
        marks
    }

    /// Sets the rows there are now aside to be merged.
    pub(crate) fn freeze(&self) {
        self.change(|view| {
            for (frozen, active) in view.frozen.iter_mut().zip(&mut view.active) {
                frozen.append(active);
            }
        });
    }

    /// Makes one run per table of the rows set aside, and returns a view of them alone.
    pub(crate) fn settle(&self) -> View {
        let view = self.view();
        let mut alone = View { marked: view.marked, ..View::default() };
        for (table, runs) in view.frozen.iter().enumerate() {
            let one = match runs.as_slice() {
                [] => continue,
                [run] => Arc::clone(run),
                runs => Arc::new(Run::merged(runs)),
            };
            if let Some(runs) = alone.frozen.get_mut(table) {
                runs.push(Arc::clone(&one));
            }
            // At once, so that the parts are not kept beside the whole.
            self.change(|view| {
                if let Some(runs) = view.frozen.get_mut(table) {
                    *runs = vec![one];
                }
            });
        }
        alone
    }

    /// Drops the rows that were set aside: the index has them now. Readers that still look keep theirs.
    pub(crate) fn thaw(&self) {
        self.change(|view| {
            view.frozen = Default::default();
            view.marked = view.active.iter().flatten().any(|run| run.any(|row| key::from_seq(row) < 0));
        });
    }

    /// Removes what a failed commit added: everything about versions after `seq`.
    pub(crate) fn forget_after(&self, seq: i64) {
        self.change(|view| {
            for run in view.active.iter_mut().flatten() {
                *run = Arc::new(run.filtered(|row| key::from_seq(row).abs() <= seq));
            }
        });
    }
}

impl View {
    /// Whether any row may be a mark: where there is none, no reader need look for one.
    pub(crate) fn marked(&self) -> bool {
        self.marked
    }

    /// The runs of a table.
    fn runs(&self, table: usize) -> impl Iterator<Item = &Arc<Run>> {
        [&self.frozen, &self.active].into_iter().filter_map(move |set| set.get(table)).flatten()
    }
}

/// Merges neighbours until each run is more than twice as long as the next: a handful are left, and a row is copied
/// a handful of times.
fn compact(runs: &mut Runs) {
    while let [.., a, b] = runs.as_slice() {
        if a.len() > b.len() * 2 {
            break;
        }
        let merged = Run::merged(&[Arc::clone(a), Arc::clone(b)]);
        runs.truncate(runs.len() - 2);
        runs.push(Arc::new(merged));
    }
}
