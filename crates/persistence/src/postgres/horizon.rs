//! Snapshots on PostgreSQL: which numbers are settled, though transactions commit out of order.
//!
//! A transaction takes its xid before it draws numbers (see the function `draw`). So if a snapshot shows numbers up
//! to `m` and its xmax is `x`, then any transaction with an xid of `x` or above draws numbers above `m`; once all
//! xids below `x` have ended, every number up to `m` is settled: committed and visible, or never to be seen. That
//! number is the *horizon*. Xids are only ever compared within the life of this process; what is stored and handed
//! out are numbers of the store's own.

use crate::error::StoreError;
use crate::schema::store;
use crate::snapshot::Snapshot;
use crate::sql::Sql;
use crate::units::state::Complete;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Observations that wait to be confirmed, at the most.
const WAITING: usize = 4096;
/// The horizon is stored, and the batches below it are forgotten, each time it has moved so far.
const STRIDE: i64 = 10_000;

/// The horizon as this process knows it.
#[derive(Debug)]
pub(crate) struct Horizon {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Every number up to this one is settled.
    settled: i64,
    /// As stored.
    stored: i64,
    /// (xmax, greatest visible number) of earlier snapshots.
    waiting: VecDeque<(i64, i64)>,
}

impl Horizon {
    /// The horizon as it was last stored: true for ever, also after dump and restore.
    pub(crate) fn load(connection: &mut PgConnection) -> Result<Self, StoreError> {
        let stored: Option<String> =
            store::table.find("horizon").select(store::value).first(connection).optional()?;
        let settled = stored.and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(Self { state: Mutex::new(State { settled, stored: settled, waiting: VecDeque::new() }) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a snapshot on this connection, and which of these units the index holds in it; moves the horizon on.
    pub(crate) fn snapshot(
        &self,
        connection: &mut PgConnection,
        units: &[i32],
    ) -> Result<(Snapshot, Complete), StoreError> {
        type Row = (BigInt, BigInt, Nullable<Text>, Nullable<Text>);
        type Found = (i64, i64, Option<String>, Option<String>);
        let settled = self.lock().settled;
        // One statement is one snapshot of the database.
        let (xmin, xmax, batches, complete): Found = Sql::<'_, Pg, Row>::new(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint, \
             (SELECT string_agg(first_seq || ' ' || last_seq || ' ' || last_time, ',' ORDER BY first_seq) \
             FROM batch WHERE last_seq >= ",
        )
        .int(settled)
        .text("), (SELECT string_agg(n.unit || ' ' || b.since, ',') FROM unnest(")
        .bind::<Array<Integer>, _>(units)
        // Looked up one by one, by design.
        .text(
            ") n(unit) CROSS JOIN LATERAL (SELECT x.since FROM built x WHERE x.unit = n.unit AND x.pass = 0 AND NOT EXISTS \
             (SELECT 1 FROM unit u WHERE u.number = x.unit AND u.retired OFFSET 0) OFFSET 0) b) \
             FROM pg_current_snapshot() s",
        )
        .get_result(connection)?;
        let damaged = || StoreError::Damaged("a table holds what is not a number".to_owned());
        let batches =
            parse(batches.as_deref().unwrap_or(""), |[first, last, time]| Batch { first, last, time });
        let batches = batches.ok_or_else(damaged)?;
        let complete = parse(complete.as_deref().unwrap_or(""), |of: [i64; 2]| of).ok_or_else(damaged)?;
        let complete =
            complete.into_iter().filter_map(|[unit, since]| Some((i32::try_from(unit).ok()?, since)));
        let upto = batches.last().map_or(settled, |batch| batch.last.max(settled));
        let settled = self.advance(xmin, xmax, upto);
        let mut holes = Vec::new();
        let mut next = settled + 1;
        for batch in batches.iter().filter(|batch| batch.last > settled) {
            if batch.first > next {
                holes.push((next, batch.first - 1));
            }
            next = batch.last + 1;
        }
        // All numbers up to the horizon are settled, and whatever is still in flight has a later time than they.
        let time = batches.iter().rfind(|batch| batch.last <= settled).map_or(0, |batch| batch.time);
        Ok((Snapshot { upto, holes, time }, complete.collect()))
    }

    /// Notes an observation and returns the horizon.
    fn advance(&self, xmin: i64, xmax: i64, upto: i64) -> i64 {
        let mut state = self.lock();
        if state.waiting.back().is_none_or(|&(last, _)| last < xmax) && state.waiting.len() < WAITING {
            state.waiting.push_back((xmax, upto));
        }
        while let Some((_, number)) = state.waiting.front().copied().filter(|&(seen, _)| seen <= xmin) {
            state.settled = state.settled.max(number);
            state.waiting.pop_front();
        }
        state.settled
    }

    /// Moves the horizon on and, where it has come far enough, stores it and forgets the batches below it.
    ///
    /// Runs on a writer's connection, outside of its transactions.
    pub(crate) fn keep(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        self.snapshot(connection, &[])?;
        let settled = {
            let mut state = self.lock();
            if state.settled < state.stored + STRIDE {
                return Ok(());
            }
            state.stored = state.settled;
            state.settled
        };
        // Another process may have stored a greater one.
        Sql::<'_, Pg>::new("INSERT INTO store (key, value) VALUES ('horizon', (")
            .int(settled)
            .text(
                ")::text) ON CONFLICT (key) DO UPDATE SET value = excluded.value \
                   WHERE store.value::bigint < excluded.value::bigint",
            )
            .execute(connection)?;
        Sql::<'_, Pg>::new("DELETE FROM batch WHERE last_seq < ").int(settled).execute(connection)?;
        Ok(())
    }
}

struct Batch {
    first: i64,
    last: i64,
    time: i64,
}

/// Rows of numbers, as they were aggregated.
fn parse<const N: usize, T>(text: &str, read: impl Fn([i64; N]) -> T) -> Option<Vec<T>> {
    let row = |row: &str| {
        let numbers: Option<Vec<i64>> = row.split(' ').map(|number| number.parse().ok()).collect();
        Some(read(numbers?.try_into().ok()?))
    };
    text.split(',').filter(|text| !text.is_empty()).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn horizon() -> Horizon {
        Horizon { state: Mutex::new(State { settled: 0, stored: 0, waiting: VecDeque::new() }) }
    }

    #[test]
    fn settles_only_what_no_running_transaction_can_still_fill() {
        let horizon = horizon();
        // xid 10 runs and may draw any number; 1..=5 are visible.
        assert_eq!(horizon.advance(10, 12, 5), 0);
        // 10 still runs.
        assert_eq!(horizon.advance(10, 20, 9), 0);
        // All below 12 have ended: what was seen then is settled, what came later is not.
        assert_eq!(horizon.advance(12, 21, 9), 5);
        // Nothing runs.
        assert_eq!(horizon.advance(30, 30, 14), 14);
    }

    #[test]
    fn never_moves_back() {
        let horizon = horizon();
        assert_eq!(horizon.advance(5, 5, 7), 7);
        assert_eq!(horizon.advance(6, 6, 3), 7);
    }
}
