//! A sorted run of rows, each a string of bytes that compares as the row does.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Rows in ascending order.
#[derive(Debug, Default)]
pub(crate) struct Run {
    bytes: Vec<u8>,
    /// Where each row ends.
    ends: Vec<u32>,
    /// The places of the rows by unit and resource; made when a reader first needs it.
    by_resource: OnceLock<Box<[u32]>>,
}

/// Rows that have yet to be sorted.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    unsorted: Run,
}

impl Builder {
    /// Adds a row, which `write` appends to the bytes.
    pub(crate) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.unsorted.bytes);
        self.unsorted.close_row();
    }

    /// Bytes of the rows.
    pub(crate) fn bytes(&self) -> usize {
        self.unsorted.bytes.len()
    }

    /// Sorts; `None` where there is no row.
    pub(crate) fn finish(self) -> Option<Run> {
        let rows = self.unsorted;
        if rows.len() == 0 {
            return None;
        }
        let mut order: Vec<&[u8]> = (0..rows.len()).map(|at| rows.row(at)).collect();
        order.sort_unstable();
        let mut run = Run::with_capacity(rows.bytes.len(), rows.len());
        order.into_iter().for_each(|row| run.push(row));
        Some(run)
    }
}

impl Run {
    fn with_capacity(bytes: usize, rows: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ends: Vec::with_capacity(rows), ..Self::default() }
    }

    fn close_row(&mut self) {
        // A run holds some tens of megabytes; were it ever 4 GiB, rows would read as empty and match nothing.
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
    }

    fn push(&mut self, row: &[u8]) {
        self.bytes.extend_from_slice(row);
        self.close_row();
    }

    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The row at a place; empty beyond the last.
    pub(crate) fn row(&self, at: usize) -> &[u8] {
        let end = |at: usize| self.ends.get(at).map_or(0, |&end| end as usize);
        let start = at.checked_sub(1).map_or(0, end);
        self.bytes.get(start..end(at)).unwrap_or_default()
    }

    /// The places of the rows that begin with `prefix`.
    pub(crate) fn with_prefix(&self, prefix: &[u8]) -> Range<usize> {
        let first = self.first_where(0, |row| row >= prefix);
        let end = self.first_where(first, |row| !row.starts_with(prefix));
        first..end
    }

    /// The places of the rows of a unit and resource, in their order; `of` reads both from a row.
    pub(crate) fn of_resource(&self, wanted: (i64, i64), of: impl Fn(&[u8]) -> (i64, i64)) -> &[u32] {
        let order = self.by_resource.get_or_init(|| {
            let rows = (0_u32..).take(self.len());
            let mut keyed: Vec<((i64, i64), u32)> = rows.map(|at| (of(self.row(at as usize)), at)).collect();
            keyed.sort_unstable();
            keyed.into_iter().map(|(_, at)| at).collect()
        });
        let first = order.partition_point(|at| of(self.row(*at as usize)) < wanted);
        let rest = order.get(first..).unwrap_or_default();
        let end = rest.iter().take_while(|at| of(self.row(**at as usize)) == wanted).count();
        rest.get(..end).unwrap_or_default()
    }

    /// The first place from `low` on where `past`, which once true stays true, holds.
    fn first_where(&self, low: usize, past: impl Fn(&[u8]) -> bool) -> usize {
        let (mut low, mut high) = (low, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if past(self.row(middle)) { high = middle } else { low = middle + 1 }
        }
        low
    }

    /// The rows that `keep` keeps.
    pub(crate) fn filtered(&self, keep: impl Fn(&[u8]) -> bool) -> Self {
        let mut run = Self::default();
        (0..self.len()).map(|at| self.row(at)).filter(|row| keep(row)).for_each(|row| run.push(row));
        run
    }

    /// Whether any row is such.
    pub(crate) fn any(&self, such: impl Fn(&[u8]) -> bool) -> bool {
        (0..self.len()).any(|at| such(self.row(at)))
    }

    /// One run with the rows of several.
    pub(crate) fn merged(runs: &[Arc<Self>]) -> Self {
        match runs {
            [] => Self::default(),
            [a, b] => Self::merge_two(a, b),
            [run] => run.filtered(|_| true),
            runs => {
                // Halves first: every row is copied log2 times.
                let (left, right) = runs.split_at(runs.len() / 2);
                Self::merge_two(&Self::merged(left), &Self::merged(right))
            }
        }
    }

    fn merge_two(a: &Self, b: &Self) -> Self {
        let mut run = Self::with_capacity(a.bytes.len() + b.bytes.len(), a.len() + b.len());
        let (mut left, mut right) = (0, 0);
        while left < a.len() && right < b.len() {
            let (x, y) = (a.row(left), b.row(right));
            if x <= y {
                run.push(x);
                left += 1;
            } else {
                run.push(y);
                right += 1;
            }
        }
        (left..a.len()).for_each(|at| run.push(a.row(at)));
        (right..b.len()).for_each(|at| run.push(b.row(at)));
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rows: &[&str]) -> Run {
        let mut builder = Builder::default();
        rows.iter().for_each(|row| builder.push(|bytes| bytes.extend_from_slice(row.as_bytes())));
        builder.finish().unwrap_or_default()
    }

    fn rows(run: &Run) -> Vec<String> {
        (0..run.len()).map(|at| String::from_utf8(run.row(at).to_vec()).unwrap()).collect()
    }

    #[test]
    fn sorted_found_by_prefix_merged_and_filtered() {
        let a = run(&["b1", "a2", "", "b2", "c"]);
        assert_eq!(rows(&a), ["", "a2", "b1", "b2", "c"]);
        for (prefix, expected) in
            [("", 0..5), ("a", 1..2), ("b", 2..4), ("b2", 3..4), ("bb", 4..4), ("z", 5..5)]
        {
            assert_eq!(a.with_prefix(prefix.as_bytes()), expected, "{prefix}");
        }
        let all = Run::merged(&[
            Arc::new(a),
            Arc::new(run(&["b0", "z"])),
            Arc::new(run(&[])),
            Arc::new(run(&["a"])),
        ]);
        assert_eq!(rows(&all), ["", "a", "a2", "b0", "b1", "b2", "c", "z"]);
        assert_eq!(rows(&all.filtered(|row| row.starts_with(b"b"))), ["b0", "b1", "b2"]);
        assert!(all.row(99).is_empty());
    }
}
