//! Index entries: the rows that a resource has in the index tables.

use std::cmp::Ordering;
use std::fmt;

use crate::contained;
use crate::key::{self, Value};
use crate::table::{GREATEST, IndexTable, Kind, LEAST, TableId};

/// Index entries of one resource, each as the bytes of its key: they compare as a store's pages sort them.
///
/// After [`Entries::finish`] they are sorted by table and key, and none is there twice.
///
/// ```
/// use rushlight_search::{Entries, TableId};
///
/// let mut entries = Entries::default();
/// entries.row(TableId::TOKEN, 7).text("final").int(0).end();
/// entries.row(TableId::DATE, 9).int(20).int(29).end();
/// entries.row(TableId::DATE, 9).int(10).int(19).end();
/// entries.finish();
/// let shown: Vec<String> = entries.iter().map(|entry| entry.to_string()).collect();
/// assert_eq!(shown, ["token 7 (final, 0)", "date 9 (10, 19, 1)", "date 9 (20, 29, 2)"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Entries {
    bytes: Vec<u8>,
    rows: Vec<Span>,
    overflows: bool,
    /// Of which contained resource the next ones are.
    ordinal: u32,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    table: TableId,
    ordinal: u32,
    start: u32,
    end: u32,
}

/// One row of an index table, without the resource that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry<'a> {
    /// Which table.
    pub table: TableId,
    /// The unit's number and the values, encoded as [`key`] says.
    pub key: &'a [u8],
    /// Which of the resources that the resource contains it is of, from 1 on; 0: the resource itself.
    pub ordinal: u32,
}

impl<'a> Entry<'a> {
    /// The table that the entry belongs to; `None` for a number that no table has.
    #[must_use]
    pub fn table(self) -> Option<&'static IndexTable> {
        self.table.table()
    }

    /// The number of the unit, see [`Unit`](crate::Unit).
    #[must_use]
    pub fn unit(self) -> i32 {
        contained::unit(self.param())
    }

    /// What a row has in the place of a resource's key, given the key of the resource.
    #[must_use]
    pub fn owner(self, rid: i64) -> i64 {
        contained::key(rid, self.ordinal)
    }

    /// The number of the unit as a row has it: [`contained`] says how those of contained resources are told apart.
    #[must_use]
    pub fn param(self) -> i32 {
        match key::column(self.key, Kind::Int, 0) {
            Some(Value::Int(number)) => i32::try_from(number).unwrap_or_default(),
            _ => 0,
        }
    }

    /// The values, one for each of the table's columns.
    pub fn values(self) -> impl Iterator<Item = Value<'a>> {
        let columns = self.table().map_or(&[][..], |table| table.columns);
        let mut at = self.unit_length();
        columns.iter().map_while(move |column| {
            let value = key::column(self.key, column.kind, at)?;
            at += key::length(self.key.get(at..)?, column.kind)?;
            Some(value)
        })
    }

    /// Whether it only says that there is an element which no value matches.
    #[must_use]
    pub fn is_bare(self) -> bool {
        let first = self.values().next();
        match first {
            Some(Value::Text(text)) => text.is_empty() && !self.has_hash(),
            Some(Value::Bytes(low)) => low.is_empty() || *low == *UNENDING && !self.is_beyond(),
            Some(Value::Int(low)) => self.table == TableId::DATE && low == i64::MAX,
            _ => false,
        }
    }

    /// Whether there is a system beside a code, or a text of which nothing is left when it is normalised.
    fn has_hash(self) -> bool {
        matches!(self.values().nth(1), Some(Value::Int(hash)) if hash != 0)
    }

    /// Whether it is a number too great to be told from others: from +inf to +inf.
    fn is_beyond(self) -> bool {
        matches!(self.values().nth(1), Some(Value::Bytes(high)) if *high == *UNENDING)
    }

    /// The values' bytes, without the unit and without flags: what composites are made of.
    pub(crate) fn plain(self) -> &'a [u8] {
        let flags = usize::from(self.table().is_some_and(IndexTable::is_flagged));
        self.key.get(self.unit_length()..self.key.len().saturating_sub(flags)).unwrap_or_default()
    }

    fn unit_length(self) -> usize {
        key::length(self.key, Kind::Int).unwrap_or_default()
    }
}

/// Greater than any number: where the least of a bare entry is.
const UNENDING: &[u8] = &[0xFF, 0xFF];

/// The table's name, the unit and the values: for people and tests.
impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.table().map_or("?", |table| table.name), self.unit())?;
        if self.ordinal != 0 {
            write!(f, "#{} ", self.ordinal)?;
        }
        f.write_str("(")?;
        for (at, value) in self.values().enumerate() {
            write!(f, "{}{value}", if at == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

/// A row in the making: the values follow in the order of the table's columns, flags left out.
#[must_use = "a row counts when it is ended"]
pub struct Row<'e> {
    entries: &'e mut Entries,
    table: TableId,
    start: usize,
}

impl Row<'_> {
    /// The next value, of a column of integers.
    pub fn int(self, value: i64) -> Self {
        key::int(&mut self.entries.bytes, value);
        self
    }

    /// The next value, of a column of doubles; never NaN.
    pub fn real(self, value: f64) -> Self {
        key::real(&mut self.entries.bytes, value);
        self
    }

    /// The next value, of a column of text.
    pub fn text(self, value: &str) -> Self {
        key::bytes(&mut self.entries.bytes, value.as_bytes());
        self
    }

    /// The next value, of a column of bytes.
    pub fn bytes(self, value: &[u8]) -> Self {
        key::bytes(&mut self.entries.bytes, value);
        self
    }

    /// Values that are encoded already.
    pub(crate) fn encoded(self, values: &[u8]) -> Self {
        self.entries.bytes.extend_from_slice(values);
        self
    }

    /// The row is complete. It does not count if there are [`Entries::MOST`] already.
    pub fn end(self) {
        if self.entries.is_full() {
            self.entries.bytes.truncate(self.start);
            return self.entries.overflow();
        }
        if self.table.table().is_some_and(IndexTable::is_flagged) {
            key::int(&mut self.entries.bytes, 0);
        }
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (start, end) = (place(self.start), place(self.entries.bytes.len()));
        self.entries.rows.push(Span { table: self.table, ordinal: self.entries.ordinal, start, end });
    }
}

impl Entries {
    /// As many as a resource may have.
    pub const MOST: usize = 1_000_000;
    /// Bytes of all of them, at most: a body's text can be in many entries.
    const MOST_BYTES: usize = 64 << 20;

    fn is_full(&self) -> bool {
        self.rows.len() >= Self::MOST || self.bytes.len() > Self::MOST_BYTES
    }

    /// Notes that some do not count.
    pub(crate) fn overflow(&mut self) {
        self.overflows = true;
    }

    /// Whether some did not count, because there were too many, or because an expression would take too long to find
    /// them.
    #[must_use]
    pub fn overflows(&self) -> bool {
        self.overflows
    }

    /// From now on the entries are those of the contained resource of this ordinal, of the resource itself with 0.
    pub(crate) fn of(&mut self, ordinal: u32) {
        self.ordinal = ordinal;
    }

    /// Begins a row.
    pub fn row(&mut self, table: TableId, unit: i32) -> Row<'_> {
        let start = self.bytes.len();
        let param = if self.ordinal == 0 { unit } else { unit | contained::UNITS };
        key::int(&mut self.bytes, i64::from(param));
        Row { entries: self, table, start }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Forgets all of them, and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
        self.overflows = false;
        self.ordinal = 0;
    }

    /// The entries: in their order once they are finished, before that as they were made.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Entry<'_>> + ExactSizeIterator + Clone {
        self.since(0)
    }

    /// Those from a place on, without a walk through those before.
    pub(crate) fn since(
        &self,
        first: usize,
    ) -> impl DoubleEndedIterator<Item = Entry<'_>> + ExactSizeIterator + Clone {
        self.rows.get(first..).unwrap_or_default().iter().map(|row| self.entry(*row))
    }

    /// The entry at a place.
    pub(crate) fn get(&self, at: usize) -> Option<Entry<'_>> {
        self.rows.get(at).map(|row| self.entry(*row))
    }

    fn entry(&self, row: Span) -> Entry<'_> {
        Entry { table: row.table, key: slice(&self.bytes, row), ordinal: row.ordinal }
    }

    /// Sorts, leaves out what is there twice, and says which are the least and the greatest of their unit.
    pub fn finish(&mut self) {
        let bytes = &self.bytes;
        self.rows.sort_unstable_by(|a, b| order(bytes, *a, *b));
        self.rows.dedup_by(|a, b| order(bytes, *a, *b) == Ordering::Equal);
        self.flag();
    }

    /// Entries that no value matches are neither the least nor the greatest: their resource has nothing to sort by.
    /// Contained resources are not sorted.
    fn flag(&mut self) {
        let mut unit = None;
        let mut greatest = None;
        for at in 0..self.rows.len() {
            let Some(entry) = self.rows.get(at).map(|row| self.entry(*row)) else { continue };
            if entry.ordinal != 0 || !entry.table().is_some_and(IndexTable::is_flagged) || entry.is_bare() {
                continue;
            }
            let here = Some((entry.table, entry.unit()));
            if unit != here {
                unit = here;
                self.mark(greatest, GREATEST);
                self.mark(Some(at), LEAST);
            }
            greatest = Some(at);
        }
        self.mark(greatest, GREATEST);
    }

    /// Sets a flag, which is not set yet, in the last column of the entry at a place.
    fn mark(&mut self, at: Option<usize>, flag: i64) {
        let end = at.and_then(|at| self.rows.get(at)).map_or(0, |row| row.end as usize);
        if let Some(flags) = end.checked_sub(1).and_then(|last| self.bytes.get_mut(last)) {
            *flags |= key::small(flag);
        }
    }

    /// Makes room for so many entries and bytes.
    pub(crate) fn reserve(&mut self, entries: usize, bytes: usize) {
        self.rows.reserve(entries);
        self.bytes.reserve(bytes);
    }

    /// Adds a row of one value, which is the first value of the entry at a place.
    pub(crate) fn row_of(&mut self, table: TableId, unit: i32, at: usize) {
        let Some(row) = self.rows.get(at).copied() else { return };
        let entry = self.entry(row);
        let begin = entry.unit_length();
        let kind = entry.table().and_then(|table| table.columns.first()).map(|column| column.kind);
        let rest = entry.key.get(begin..).unwrap_or_default();
        let Some(length) = kind.and_then(|kind| key::length(rest, kind)) else { return };
        let begin = row.start as usize + begin;
        let new = self.row(table, unit);
        new.entries.bytes.extend_from_within(begin..begin + length);
        new.end();
    }

    /// Forgets all but the first so many.
    pub(crate) fn truncate(&mut self, length: usize) {
        if let Some(first) = self.rows.get(length) {
            self.bytes.truncate(first.start as usize);
            self.rows.truncate(length);
        }
    }

    /// Adds a copy of an entry, in the order of which the caller takes care.
    pub(crate) fn push(&mut self, entry: Entry<'_>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(entry.key);
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (start, end) = (place(start), place(self.bytes.len()));
        self.rows.push(Span { table: entry.table, ordinal: entry.ordinal, start, end });
    }
}

impl<'a> FromIterator<Entry<'a>> for Entries {
    fn from_iter<I: IntoIterator<Item = Entry<'a>>>(entries: I) -> Self {
        let mut all = Self::default();
        entries.into_iter().for_each(|entry| all.push(entry));
        all
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Entries {}

fn slice(bytes: &[u8], row: Span) -> &[u8] {
    bytes.get(row.start as usize..row.end as usize).unwrap_or_default()
}

fn order(bytes: &[u8], a: Span, b: Span) -> Ordering {
    let values = || slice(bytes, a).cmp(slice(bytes, b));
    a.table.cmp(&b.table).then_with(values).then_with(|| a.ordinal.cmp(&b.ordinal))
}

/// What has to be done to turn the entries `old` into `new`: those that end, and those that begin.
///
/// Both must be finished; so are the results.
///
/// ```
/// use rushlight_search::{Entries, TableId, diff};
///
/// let entries = |codes: &[&str]| {
///     let mut entries = Entries::default();
///     codes.iter().for_each(|code| entries.row(TableId::TOKEN, 1).text(code).int(0).end());
///     entries.finish();
///     entries
/// };
/// let (ended, begun) = diff(&entries(&["a", "b"]), &entries(&["b", "c"]));
/// assert_eq!((ended, begun), (entries(&["a"]), entries(&["c"])));
/// ```
#[must_use]
pub fn diff(old: &Entries, new: &Entries) -> (Entries, Entries) {
    let (mut ended, mut begun) = (Entries::default(), Entries::default());
    let (mut olds, mut news) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (olds.peek(), news.peek()) {
            (None, None) => return (ended, begun),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.cmp(new),
        };
        let old = if order == Ordering::Greater { None } else { olds.next() };
        let new = if order == Ordering::Less { None } else { news.next() };
        if order == Ordering::Equal {
            continue;
        }
        old.into_iter().for_each(|entry| ended.push(entry));
        new.into_iter().for_each(|entry| begun.push(entry));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_entries_can_be_too_much() {
        let text = "x".repeat(1 << 20);
        let mut entries = Entries::default();
        let mut add = |count| {
            (0..count).for_each(|_| entries.row(TableId::URI, 1).text(&text).end());
            (entries.len(), entries.overflows())
        };
        assert_eq!(add(63), (63, false));
        assert_eq!(add(1), (63, true));
    }
}
