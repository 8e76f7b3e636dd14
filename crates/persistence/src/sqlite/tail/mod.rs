//! The tail: index entries newer than the merged index, in memory, in sorted runs that never change.
//!
//! It only ever gains rows. An entry that begins with version `n` is a row with `from_seq = n`; an entry that ends
//! with version `n` is a *mark*, the same row with `from_seq = -n`, wherever the entry it ends lies. A commit adds
//! one run per table; neighbours of like size are merged, so that there are few. A reader holds on to the runs of the
//! moment ([`View`]) and is disturbed by nothing. SQL sees the rows through virtual tables, `tail_token` and so on.
//!
//! Nothing here is stored: after a crash the rows are derived again from the records.

mod row;
mod run;
pub(crate) mod vtab;

use crate::index::common::{self, Groups};
use crate::write::plan::NewVersion;
use run::Run;
use rushlight_search::{Entry, TABLES, TableId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The runs of one table, oldest first.
type Runs = Vec<Arc<Run>>;

/// The runs of one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// Being merged into the index. Shared, so that a commit copies only what it changes.
    frozen: Arc<[Runs; TABLES.len()]>,
    /// Newer.
    active: [Runs; TABLES.len()],
    /// Whether any row may be a mark.
    marked: bool,
}

/// The index on disk while nothing is merged into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    /// The number up to which it holds the versions.
    pub(crate) merged: i64,
    /// How often something was merged.
    merges: u64,
}

/// The tail of one store.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    view: Mutex<Arc<View>>,
    /// How often something was merged, and the number up to which the index on disk holds the versions; `None` while it is
    /// changed, or after a merge that failed.
    resting: Mutex<(u64, Option<i64>)>,
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

    /// The index on disk, unless something is being merged into it.
    pub(crate) fn rest(&self) -> Option<Rest> {
        let (merges, merged) = *self.resting();
        merged.map(|merged| Rest { merged, merges })
    }

    /// Says that the index on disk will change.
    pub(crate) fn unsettle(&self) {
        let mut resting = self.resting();
        *resting = (resting.0 + 1, None);
    }

    /// Says that the index on disk holds the versions up to this number.
    pub(crate) fn rest_at(&self, merged: i64) {
        self.resting().1 = Some(merged);
    }

    fn resting(&self) -> MutexGuard<'_, (u64, Option<i64>)> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the changes of versions; returns how many marks there were.
    pub(crate) fn add(&self, versions: &[NewVersion<'_>]) -> usize {
        let mut marks = 0;
        let mut sheaf = Sheaf::default();
        for version in versions {
            marks += version.ended.len();
            let ended = version.ended.iter().map(|entry| (entry, -version.seq));
            let begun = version.begun.iter().map(|entry| (entry, version.seq));
            ended.chain(begun).for_each(|(entry, from_seq)| sheaf.push(entry, version.rid, from_seq));
        }
        let runs = sheaf.finish();
        self.change(|view| {
            view.marked |= marks > 0;
            for (runs, run) in view.active.iter_mut().zip(runs) {
                if let Some(run) = run {
                    runs.push(run);
                    compact(runs);
                }
            }
        });
        marks
    }

    /// Sets the rows there are now aside to be merged.
    pub(crate) fn freeze(&self) {
        self.change(|view| {
            for (frozen, active) in Arc::make_mut(&mut view.frozen).iter_mut().zip(&mut view.active) {
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
            set(&mut alone.frozen, table, &one);
            // At once, so that the parts are not kept beside the whole.
            self.change(|view| set(&mut view.frozen, table, &one));
        }
        alone
    }

    /// Drops the rows that were set aside: the index has them now. Readers that still look keep theirs.
    pub(crate) fn thaw(&self) {
        self.change(|view| {
            view.frozen = Default::default();
            view.marked = view.active.iter().flatten().any(|run| run.any(|row| row::from_seq(row) < 0));
        });
    }

    /// Removes what a failed commit added: everything about versions after `seq`.
    pub(crate) fn forget_after(&self, seq: i64) {
        self.change(|view| {
            for run in view.active.iter_mut().flatten() {
                *run = Arc::new(run.filtered(|row| row::from_seq(row).abs() <= seq));
            }
        });
    }
}

/// Rows for all tables that have yet to be sorted.
#[derive(Default)]
pub(crate) struct Sheaf {
    builders: [run::Builder; TABLES.len()],
}

impl Sheaf {
    /// Adds a row.
    pub(crate) fn push(&mut self, entry: Entry<'_>, rid: i64, from_seq: i64) {
        if let Some(builder) = self.builders.get_mut(usize::from(entry.table.0)) {
            builder.push(|bytes| row::encode(bytes, entry.key, entry.owner(rid), from_seq));
        }
    }

    /// Bytes of all rows.
    pub(crate) fn bytes(&self) -> usize {
        self.builders.iter().map(run::Builder::bytes).sum()
    }

    /// A view of these rows alone, sorted.
    pub(crate) fn view(self) -> View {
        let frozen = self.finish().map(|run| run.into_iter().collect());
        View { frozen: Arc::new(frozen), ..View::default() }
    }

    fn finish(self) -> [Option<Arc<Run>>; TABLES.len()] {
        self.builders.map(|builder| builder.finish().map(Arc::new))
    }
}

/// Puts one run in the place of a table's.
fn set(frozen: &mut Arc<[Runs; TABLES.len()]>, table: usize, run: &Arc<Run>) {
    if let Some(runs) = Arc::make_mut(frozen).get_mut(table) {
        *runs = vec![Arc::clone(run)];
    }
}

impl View {
    /// Whether a table has any row.
    pub(crate) fn has(&self, table: usize) -> bool {
        self.runs(table).next().is_some()
    }

    /// Whether any row may be a mark: where there is none, no reader need look for one.
    pub(crate) fn marked(&self) -> bool {
        self.marked
    }

    /// Whether there is no row.
    pub(crate) fn is_empty(&self) -> bool {
        !(0..TABLES.len()).any(|table| self.has(table))
    }

    /// Counts the rows of the first run of each table whose versions are above `merged`: -1 for each mark.
    pub(crate) fn count(&self, merged: i64) -> Groups {
        let mut out = Vec::new();
        for (table, runs) in TableId::all().zip(self.frozen.iter()) {
            let Some(run) = runs.first() else { continue };
            let rows = (0..run.len()).map(|at| run.row(at)).filter_map(|row| match row::from_seq(row) {
                seq if seq > merged => Some((row, 1)),
                seq if seq < -merged => Some((row, -1)),
                _ => None,
            });
            common::count(table, rows, &mut out);
        }
        out
    }

    /// The runs of a table.
    fn runs(&self, table: usize) -> impl Iterator<Item = &Arc<Run>> {
        [&*self.frozen, &self.active].into_iter().filter_map(move |set| set.get(table)).flatten()
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
