//! Snapshots on PostgreSQL: which numbers are settled, though transactions commit out of order.
//!
//! A transaction takes its xid before it draws numbers (see the function `draw`). So if a snapshot shows numbers up
//! to `m` and its xmax is `x`, then any transaction with an xid of `x` or above draws numbers above `m`; once all
//! xids below `x` have ended, every number up to `m` is settled: committed and visible, or never to be seen. That
//! number is the *horizon*. Xids are only ever compared within the life of this process; what is stored and handed
//! out are numbers of the store's own.

use crate::either::AnySql;
use crate::error::StoreError;
use crate::schema::store;
use crate::snapshot::Snapshot;
use crate::sql::Sql;
use crate::units::state::{COMPLETE, Complete};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
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

    /// Every number up to this one is settled.
    pub(crate) fn settled(&self) -> i64 {
        self.lock().settled
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a snapshot on this connection, and which of these units the index holds in it; moves the horizon on.
    pub(crate) fn snapshot(
        &self,
        connection: &mut PgConnection,
        units: &[i32],
    ) -> Result<(Sight, Complete), StoreError> {
        let list = units.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let settled = self.settled();
        // One statement is one snapshot of the database.
        let sql = AnySql::<'_, (Text, Nullable<Text>)>::new("SELECT ")
            .append(asked(settled))
            .text(", (SELECT string_agg(n.unit || ' ' || b.since, ' ') FROM unnest(string_to_array(")
            .bind::<Text, _>(list)
            .text(", ',')::int[])")
            .text(COMPLETE)
            .text(")");
        let (told, complete): (String, Option<String>) = RunQueryDsl::get_result(sql, connection)?;
        let complete = numbers(complete.as_deref().unwrap_or("")).ok_or_else(damaged)?;
        let complete = complete.chunks_exact(2).filter_map(|of| match *of {
            [unit, since] => Some((i32::try_from(unit).ok()?, since)),
            _ => None,
        });
        Ok((self.heard(settled, &told)?, complete.collect()))
    }

    /// What a statement saw, by what it [told](asked), and moves the horizon on; `before` is what was settled before it ran.
    ///
    /// What others learn meanwhile says nothing of what this statement saw: holes are told by what had ended before it.
    pub(crate) fn heard(&self, before: i64, told: &str) -> Result<Sight, StoreError> {
        let numbers = numbers(told).ok_or_else(damaged)?;
        let Some(([generation, xmin, xmax, stored], batches)) = numbers.split_first_chunk() else {
            return Err(damaged());
        };
        let batches = batches.chunks_exact(3).filter_map(|batch| match *batch {
            [first, last, time] => Some(Batch { first, last, time }),
            _ => None,
        });
        let mut batches: Vec<Batch> = batches.collect();
        batches.sort_unstable_by_key(|batch| batch.first);
        let known = before.max(*stored);
        let upto = batches.last().map_or(known, |batch| batch.last.max(known));
        let settled = known.max(self.advance(*xmin, *xmax, upto));
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
        Ok(Sight { generation: *generation, snapshot: Snapshot { upto, holes, time } })
    }

    /// Notes an observation, and returns up to where it shows that all is settled.
    fn advance(&self, xmin: i64, xmax: i64, upto: i64) -> i64 {
        let mut state = self.lock();
        if state.waiting.back().is_none_or(|&(last, _)| last < xmax) && state.waiting.len() < WAITING {
            state.waiting.push_back((xmax, upto));
        }
        let mut shown = 0;
        while let Some((_, number)) = state.waiting.front().copied().filter(|&(seen, _)| seen <= xmin) {
            shown = shown.max(number);
            state.waiting.pop_front();
        }
        state.settled = state.settled.max(shown);
        shown
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

/// An expression that tells what its statement sees, to be [heard](Horizon::heard): the generation, the bounds of the
/// database's snapshot, the horizon as it is stored, and of each batch that may be above what is settled the first number,
/// the last and the time.
pub(crate) fn asked<'a>(settled: i64) -> AnySql<'a> {
    AnySql::new(
        "concat_ws(' ', (SELECT number FROM generation), pg_snapshot_xmin(pg_current_snapshot()), \
         pg_snapshot_xmax(pg_current_snapshot()), coalesce((SELECT value FROM store WHERE key = 'horizon'), '0'), \
         (SELECT string_agg(first_seq || ' ' || last_seq || ' ' || last_time, ' ') FROM batch WHERE last_seq >= ",
    )
    .int(settled)
    .text("))")
}

/// What a statement saw.
pub(crate) struct Sight {
    /// Of which generation what is indexed was.
    pub(crate) generation: i64,
    /// Which versions.
    pub(crate) snapshot: Snapshot,
}

/// Numbers, as they were aggregated.
fn numbers(text: &str) -> Option<Vec<i64>> {
    text.split_ascii_whitespace().map(|number| number.parse().ok()).collect()
}

fn damaged() -> StoreError {
    StoreError::Damaged("a table holds what is not a number".to_owned())
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
        assert_eq!(horizon.advance(6, 6, 3), 3);
        assert_eq!(horizon.settled(), 7);
    }

    #[test]
    fn what_others_learn_meanwhile_fills_no_hole() {
        let horizon = horizon();
        // Of two statements the one that saw more is heard first: 3..=4 had been in flight, and were committed then.
        assert_eq!(horizon.heard(0, "1 20 20 0 1 2 100 3 4 101 5 6 102").unwrap().snapshot.holes, []);
        let earlier = horizon.heard(0, "1 10 12 0 1 2 100 5 6 102").unwrap().snapshot;
        assert_eq!((earlier.upto, earlier.holes), (6, vec![(1, 0), (3, 4)][1..].to_vec()));
    }

    #[test]
    fn batches_that_were_forgotten_are_no_holes() {
        // Another process has stored the horizon; some transaction is in flight.
        let seen = horizon().heard(0, "1 10 12 50 51 52 100").unwrap().snapshot;
        assert_eq!((seen.upto, seen.holes), (52, Vec::new()));
    }
}
