//! A fixed set of versions to read from, whatever is written meanwhile.

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
