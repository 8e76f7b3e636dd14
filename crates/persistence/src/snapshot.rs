//! A fixed set of versions to read from, whatever is written meanwhile.

use std::cell::OnceCell;

/// The versions visible at one moment: all numbers up to `upto` outside `holes`.
///
/// On SQLite there are no holes. On PostgreSQL a hole is the block of a transaction that was in flight (or rolled
/// back) while a later one had already committed. Nothing in it depends on the database node, so it holds in another
/// process, after a restart and after dump and restore.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The greatest visible number.
    pub upto: i64,
    /// Ranges (both ends included) up to `upto` that are not visible, ascending.
    pub holes: Vec<(i64, i64)>,
    /// A published time, in microseconds since 1970: every version with this `lastUpdated` or an earlier one is in
    /// the snapshot, and every version still to become visible, on any process, has a later one.
    pub time: i64,
}

impl Snapshot {
    /// Whether the snapshot shows the version of this number.
    #[must_use]
    pub fn shows(&self, seq: i64) -> bool {
        seq <= self.upto && !self.holes.iter().any(|&(first, last)| (first..=last).contains(&seq))
    }
}

/// Which versions statements show.
#[derive(Clone, Copy)]
pub(crate) enum Shown<'s> {
    /// Those of a snapshot.
    Of(&'s Snapshot),
    /// Those that are there when the first statement runs; on PostgreSQL alone, where a statement is a view by itself.
    Now(&'s Moment),
}

/// When a first statement runs.
pub(crate) struct Moment {
    /// About the greatest number.
    pub(crate) about: i64,
    /// The versions that the statement saw, once it has told: what follows shows the same.
    pub(crate) seen: OnceCell<Snapshot>,
}

impl Moment {
    /// One that is still to come.
    pub(crate) fn to_come(about: i64) -> Self {
        Self { about, seen: OnceCell::new() }
    }
}

impl<'s> Shown<'s> {
    /// The versions by their numbers; `None` for all that the next statement sees.
    pub(crate) fn snapshot(self) -> Option<&'s Snapshot> {
        match self {
            Self::Of(snapshot) => Some(snapshot),
            Self::Now(moment) => moment.seen.get(),
        }
    }

    /// About the greatest number.
    pub(crate) fn about(self) -> i64 {
        match self {
            Self::Of(snapshot) => snapshot.upto,
            Self::Now(moment) => moment.about,
        }
    }
}
