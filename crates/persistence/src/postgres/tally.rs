//! How common values are, counted by each lane and written now and then.

use crate::error::StoreError;
use crate::index::common::{self, Counted, Groups, Kept};
use crate::postgres::entries::Row;
use crate::postgres::tx::Writer;
use crate::sql::Sql;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use diesel::pg::Pg;
use diesel::sql_types::{Array, BigInt, Integer, SmallInt};
use std::collections::HashMap;

/// Values that wait to be written, at the most: what comes beyond is not counted.
const WAITING: usize = 65_536;

/// What was counted since it was last written.
#[derive(Default)]
pub(crate) struct Tally {
    waiting: HashMap<Counted, i64>,
    kept: Option<Kept>,
}

/// Counts rows that are sorted, each as so many.
pub(crate) fn count(rows: &[Row<'_>], each: i64, out: &mut Groups) {
    for rows in rows.chunk_by(|a, b| a.entry.table == b.entry.table) {
        let Some(first) = rows.first() else { continue };
        common::count(first.entry.table, rows.iter().map(|row| (row.entry.key, each)), out);
    }
}

impl Tally {
    /// Adds what was committed.
    pub(crate) fn add(&mut self, groups: Groups) {
        for (counted, rows) in groups {
            if self.waiting.len() < WAITING || self.waiting.contains_key(&counted) {
                *self.waiting.entry(counted).or_default() += rows;
            }
        }
    }

    /// Writes what waits. What can't be written is lost.
    pub(crate) fn write(&mut self, writer: &mut Writer) -> Result<(), StoreError> {
        let groups: Groups = self.waiting.drain().collect();
        let kept = match &mut self.kept {
            Some(kept) => kept,
            None => self.kept.insert(writer.once(kept)?),
        };
        let groups = kept.worth(groups);
        writer.once(|connection| add(connection, groups))
    }
}

fn kept(connection: &mut PgConnection) -> Result<Kept, StoreError> {
    let sql = Sql::<'_, Pg, (SmallInt, Integer, BigInt)>::new("SELECT ix, param, value FROM tally");
    Ok(Kept::of(sql.load(connection)?))
}

/// Adds what came at a time, in the one order in which all lanes and jobs do.
pub(crate) fn add(connection: &mut PgConnection, mut groups: Groups) -> Result<(), StoreError> {
    if groups.is_empty() {
        return Ok(());
    }
    groups.sort_unstable();
    Sql::<'_, Pg>::new("INSERT INTO tally (ix, param, value, number) SELECT * FROM unnest(")
        .bind::<Array<SmallInt>, _>(groups.iter().map(|group| group.0.0).collect::<Vec<_>>())
        .text(", ")
        .bind::<Array<Integer>, _>(groups.iter().map(|group| group.0.1).collect::<Vec<_>>())
        .text(", ")
        .bind::<Array<BigInt>, _>(groups.iter().map(|group| group.0.2).collect::<Vec<_>>())
        .text(", ")
        .bind::<Array<BigInt>, _>(groups.iter().map(|group| group.1).collect::<Vec<_>>())
        .text(") ON CONFLICT (ix, param, value) DO UPDATE SET number = tally.number + excluded.number")
        .execute(connection)?;
    Ok(())
}
