//! How common values are: estimates, by which a query is planned and nothing is answered.
//!
//! Rows are counted when they come to the index, by their unit and by unit and leading value. A value is kept once so
//! many rows with it came at a time that it is worth knowing; from then on all that come are counted. What came before,
//! and what a crash takes, is not.

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::Source;
use crate::store::Store;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, SmallInt};
use rushlight_search::key::Value;
use rushlight_search::query::RowTest;
use rushlight_search::{Entry, Kind, TableId, key};
use siphasher::sip::SipHasher13;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::hash::Hasher;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Rows of a value that come at a time, at the least, for the value to be worth knowing.
const WORTH: i64 = 32;

/// What is counted: the rows of a table, of a unit, with a leading value by its hash; 0 for all of the unit.
pub(crate) type Counted = (i16, i32, i64);

/// How many rows came, less those that went.
pub(crate) type Groups = Vec<(Counted, i64)>;

/// The leading columns that make a value, for tables in which values are looked for as a whole.
pub(crate) fn leading(table: TableId) -> usize {
    match table {
        TableId::TOKEN => 2,
        TableId::REFERENCE | TableId::URI | TableId::COMPARTMENT | TableId::CONTAINED | TableId::WORD => 1,
        _ => 0,
    }
}

/// The part of a key that holds the unit, and the part that holds the unit and the leading value.
fn parts(table: TableId, key: &[u8]) -> Option<[&[u8]; 2]> {
    let unit = key::length(key, Kind::Int)?;
    let mut end = unit;
    for column in table.table()?.columns.iter().take(leading(table)) {
        end += key::length(key.get(end..)?, column.kind)?;
    }
    Some([key.get(..unit)?, key.get(..end)?])
}

fn counted(table: TableId, unit: &[u8], value: &[u8]) -> Counted {
    let number = Entry { table, key: unit, ordinal: 0 }.param();
    if value.len() == unit.len() {
        return (i16::from(table.0), number, 0);
    }
    let mut hasher = SipHasher13::new();
    hasher.write(value);
    // 0 is for all values.
    let hash = hasher.finish().cast_signed();
    (i16::from(table.0), number, if hash == 0 { 1 } else { hash })
}

/// Counts rows of one table, in the order of their keys, each as so many: -1 for one that ends.
pub(crate) fn count<'a>(table: TableId, rows: impl Iterator<Item = (&'a [u8], i64)>, out: &mut Groups) {
    let kinds = if leading(table) == 0 { 1 } else { 2 };
    // Of the unit, and of the value: what the rows before began with, and how many they were.
    let mut groups: [(&[u8], i64); 2] = Default::default();
    let mut close = |unit: &[u8], (prefix, rows): (&[u8], i64)| {
        if rows != 0 {
            out.push((counted(table, unit, prefix), rows));
        }
    };
    for (row, number) in rows {
        let Some(parts) = parts(table, row) else { continue };
        for (group, prefix) in groups.iter_mut().zip(parts).take(kinds) {
            if group.0 != prefix {
                let unit = key::length(group.0, Kind::Int).and_then(|end| group.0.get(..end));
                close(unit.unwrap_or_default(), *group);
                *group = (prefix, 0);
            }
            group.1 += number;
        }
    }
    for group in groups {
        let unit = key::length(group.0, Kind::Int).and_then(|end| group.0.get(..end));
        close(unit.unwrap_or_default(), group);
    }
}

/// What this process knows to be kept already.
#[derive(Default)]
pub(crate) struct Kept(HashSet<Counted>);

impl Kept {
    /// Of what was read.
    pub(crate) fn of(kept: Vec<Counted>) -> Self {
        Self(kept.into_iter().collect())
    }

    /// Leaves of what came at a time what is worth knowing, or kept already, and keeps it.
    pub(crate) fn worth(&mut self, mut groups: Groups) -> Groups {
        groups.retain(|(counted, rows)| {
            let all = counted.2 == 0;
            (all || *rows >= WORTH) && self.0.insert(*counted) || self.0.contains(counted)
        });
        groups
    }
}

impl Store {
    /// About how many rows of the index have the leading value of an entry, `None` if it is not known to be common:
    /// of a token its code and system, of a reference its target, of a URI all.
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn common(&self, entry: Entry<'_>) -> Result<Option<i64>, StoreError> {
        let Some([unit, value]) = parts(entry.table, entry.key) else { return Ok(None) };
        self.tallied(counted(entry.table, unit, value))
    }

    /// About how many rows a unit has in a table.
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn rows(&self, table: TableId, unit: i32) -> Result<i64, StoreError> {
        Ok(self.tallied((i16::from(table.0), unit, 0))?.unwrap_or(0))
    }

    fn tallied(&self, counted: Counted) -> Result<Option<i64>, StoreError> {
        self.with_index(|connection, source| tallied(connection, source, counted))
    }
}

/// How common values and tests were found to be, so that not every search asks the database. It holds as long as no rows
/// were merged into the index of an embedded store, and for a second on PostgreSQL.
#[derive(Default)]
pub(crate) struct Tallied(Mutex<HashMap<Counted, (i64, Option<i64>)>>);

impl Tallied {
    /// So many are remembered, until they are forgotten all at once.
    const MOST: usize = 4096;

    fn lock(&self) -> MutexGuard<'_, HashMap<Counted, (i64, Option<i64>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is remembered; otherwise what is found by asking.
    fn get(
        &self,
        source: &Source,
        counted: Counted,
        ask: impl FnOnce() -> Result<Option<i64>, StoreError>,
    ) -> Result<Option<i64>, StoreError> {
        static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
        let moment = match source {
            Source::Postgres => i64::try_from(BEGUN.elapsed().as_secs()).unwrap_or(i64::MAX),
            Source::Sqlite { merged, .. } => *merged,
        };
        if let Some((_, rows)) = self.lock().get(&counted).filter(|(at, _)| *at == moment) {
            return Ok(*rows);
        }
        let rows = ask()?;
        let mut all = self.lock();
        if all.len() >= Self::MOST {
            all.clear();
        }
        all.insert(counted, (moment, rows));
        Ok(rows)
    }
}

/// So many tests of a search are counted, at the most.
const MOST_COUNTED: usize = 32;

/// From one, inclusive, to another.
type Range = (i64, i64);

/// What a search has asked for, so that it does not ask twice.
#[derive(Default)]
pub(crate) struct Counts {
    told: RefCell<HashMap<Counted, Option<i64>>>,
    counted: RefCell<Vec<(RowTest, i64)>>,
    numbers: RefCell<Vec<(Range, Range)>>,
}

impl Counts {
    /// About how many rows of a unit a table has; `leading` are values, as many as are counted together.
    pub(crate) fn rows(
        &self,
        connection: &mut AnyConnection,
        (known, source): (&Tallied, &Source),
        (table, unit): (TableId, i32),
        leading: &[Value<'_>],
    ) -> Result<Option<i64>, StoreError> {
        let counted = key_of(table, unit, leading);
        if let Some(rows) = self.told.borrow().get(&counted) {
            return Ok(*rows);
        }
        let rows = known.get(source, counted, || tallied(connection, source, counted))?;
        self.told.borrow_mut().insert(counted, rows);
        Ok(rows)
    }

    /// How many rows pass a test, by counting if it is not known; `None` where that was done too often.
    pub(crate) fn passing(
        &self,
        (known, source): (&Tallied, &Source),
        test: &RowTest,
        count: impl FnOnce() -> Result<i64, StoreError>,
    ) -> Result<Option<i64>, StoreError> {
        let told = |(known, rows): &(RowTest, i64)| (known == test).then_some(*rows);
        if let Some(rows) = self.counted.borrow().iter().find_map(told) {
            return Ok(Some(rows));
        }
        if self.counted.borrow().len() >= MOST_COUNTED {
            return Ok(None);
        }
        let found = known.get(source, key_of_test(test), || count().map(Some))?;
        self.counted.borrow_mut().extend(found.map(|rows| (test.clone(), rows)));
        Ok(found)
    }

    /// The first number of versions between these times, and the first after them, if that was found out.
    pub(crate) fn numbers(&self, times: Range) -> Option<Range> {
        self.numbers.borrow().iter().find(|(known, _)| *known == times).map(|(_, numbers)| *numbers)
    }

    /// Of how many ranges of times the numbers were found out.
    pub(crate) fn ranges(&self) -> usize {
        self.numbers.borrow().len()
    }

    /// Keeps these numbers.
    pub(crate) fn learn_numbers(&self, times: Range, numbers: Range) {
        self.numbers.borrow_mut().push((times, numbers));
    }
}

/// What stands for a test as a whole, among what is counted.
fn key_of_test(test: &RowTest) -> Counted {
    let mut hasher = SipHasher13::new();
    hasher.write(format!("{test:?}").as_bytes());
    // No table has such a number.
    (-1, 0, hasher.finish().cast_signed())
}

fn key_of(table: TableId, unit: i32, leading: &[Value<'_>]) -> Counted {
    let mut key = Vec::with_capacity(32);
    key::int(&mut key, i64::from(unit));
    let end = key.len();
    for value in leading {
        match value {
            Value::Int(value) => key::int(&mut key, *value),
            Value::Real(value) => key::real(&mut key, *value),
            Value::Text(value) | Value::Bytes(value) => key::bytes(&mut key, value),
        }
    }
    let unit = key.get(..end).unwrap_or_default();
    counted(table, unit, &key)
}

fn tallied(
    connection: &mut AnyConnection,
    source: &Source,
    (table, unit, value): Counted,
) -> Result<Option<i64>, StoreError> {
    let name = match source {
        Source::Postgres => "tally",
        Source::Sqlite { .. } => "ix.tally",
    };
    let sql: AnySql<'_, BigInt> = AnySql::new(format!("SELECT number FROM {name} WHERE ix = "))
        .bind::<SmallInt, _>(table)
        .text(" AND param = ")
        .bind::<Integer, _>(unit)
        .text(" AND value = ")
        .int(value);
    let number: Option<i64> = sql.get_result(connection).optional()?;
    Ok(number.map(|number| number.max(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_search::Entries;

    #[test]
    fn rows_are_counted_by_unit_and_value() {
        let mut entries = Entries::default();
        for (unit, code) in [(7, "a"), (7, "a"), (7, "b"), (300, "a")] {
            entries.row(TableId::TOKEN, unit).text(code).int(5).end();
        }
        entries.row(TableId::DATE, 7).int(1).int(2).end();
        let of = |table: TableId, ends: usize| {
            let mut out = Vec::new();
            let rows = entries.iter().filter(|entry| entry.table == table).enumerate();
            let rows = rows.map(|(at, entry)| (entry.key, if at == ends { -1 } else { 1 }));
            count(table, rows, &mut out);
            out.sort_unstable();
            out.into_iter().map(|((_, unit, value), rows)| (unit, value != 0, rows)).collect::<Vec<_>>()
        };
        let mut tokens = of(TableId::TOKEN, usize::MAX);
        tokens.sort_unstable();
        let expected = [(7, false, 3), (7, true, 1), (7, true, 2), (300, false, 1), (300, true, 1)];
        assert_eq!(tokens, expected);
        assert_eq!(of(TableId::DATE, usize::MAX), [(7, false, 1)]);
        // One begins and one ends: nothing has changed for the value.
        assert_eq!(of(TableId::TOKEN, 1).iter().filter(|group| group.0 == 7).count(), 2);
    }

    #[test]
    fn what_is_common_is_kept_and_then_followed() {
        let mut kept = Kept::default();
        let (total, value, rare) = ((0, 7, 0), (0, 7, 1), (0, 7, 2));
        let first = kept.worth(vec![(total, 1), (value, WORTH), (rare, WORTH - 1)]);
        assert_eq!(first, [(total, 1), (value, WORTH)]);
        assert_eq!(kept.worth(vec![(value, -1), (rare, -1)]), [(value, -1)]);
    }
}
