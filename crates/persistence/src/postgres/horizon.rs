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
use crate::units::state::{Complete, complete_of};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
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

#[derive(Debug, Default)]
struct State {
    /// Every number up to this one is settled.
    settled: Mark,
    /// Every statement with this xmin or a greater one sees it so.
    since: i64,
    /// As stored.
    stored: i64,
    /// The xmax of earlier snapshots, and the greatest number that was visible.
    waiting: VecDeque<(i64, Mark)>,
}

/// The last number of a batch, and its time, or an earlier one where that is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) number: i64,
    time: i64,
}

impl Horizon {
    /// The horizon as it was last stored: true for ever, also after dump and restore.
    pub(crate) fn load(connection: &mut PgConnection) -> Result<Self, StoreError> {
        let stored: Option<String> =
            store::table.find("horizon").select(store::value).first(connection).optional()?;
        let number = stored.and_then(|text| text.parse().ok()).unwrap_or(0);
        let time =
            Sql::<'_, Pg, BigInt>::new("SELECT coalesce(max(last_time), 0) FROM batch WHERE last_seq <= ")
                .int(number)
                .get_result(connection)?;
        let settled = Mark { number, time };
        Ok(Self { state: Mutex::new(State { settled, stored: number, ..State::default() }) })
    }

    /// Every number up to this one is settled.
    pub(crate) fn settled(&self) -> Mark {
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
        let settled = self.settled();
        // One statement is one snapshot of the database.
        let sql = AnySql::<'_, (Text, Nullable<Text>)>::new("SELECT ")
            .append(asked(settled))
            .text(", (SELECT string_agg(n.unit || ' ' || b.since, ' ')");
        let sql = complete_of(sql, units).text(")");
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
    pub(crate) fn heard(&self, before: Mark, told: &str) -> Result<Sight, StoreError> {
        let numbers = numbers(told).ok_or_else(damaged)?;
        let Some(([generation, xmin, xmax, stored], batches)) = numbers.split_first_chunk() else {
            return Err(damaged());
        };
        let batches = batches.chunks_exact(3).filter_map(|batch| match *batch {
            [first, number, time] => Some(Batch { first, last: Mark { number, time } }),
            _ => None,
        });
        let mut batches: Vec<Batch> = batches.collect();
        batches.sort_unstable_by_key(|batch| batch.first);
        let number = before.number.max(*stored);
        let of = batches.iter().rfind(|batch| batch.last.number <= number);
        let known = Mark { number, time: of.map_or(before.time, |batch| batch.last.time.max(before.time)) };
        let last = batches.last().map(|batch| batch.last).filter(|last| last.number >= known.number);
        let newest = last.unwrap_or(known);
        let shown = self.advance((*xmin, *xmax), known, newest);
        let settled = shown.number;
        let mut holes = Vec::new();
        let mut next = settled + 1;
        for batch in batches.iter().filter(|batch| batch.last.number > settled) {
            if batch.first > next {
                holes.push((next, batch.first - 1));
            }
            next = batch.last.number + 1;
        }
        // All numbers up to the horizon are settled, and whatever is still in flight has a later time than they.
        let settled = batches.iter().rfind(|batch| batch.last.number <= settled);
        let time = settled.map_or(0, |batch| batch.last.time).max(shown.time);
        let upto = newest.number.max(shown.number);
        Ok(Sight { generation: *generation, snapshot: Snapshot { upto, holes, time } })
    }

    /// Notes an observation, of which it is known that all is settled up to a mark, and returns up to where it shows that.
    fn advance(&self, (xmin, xmax): (i64, i64), known: Mark, newest: Mark) -> Mark {
        let mut state = self.lock();
        if state.waiting.back().is_none_or(|&(last, _)| last < xmax) && state.waiting.len() < WAITING {
            state.waiting.push_back((xmax, newest));
        }
        while let Some((seen, mark)) = state.waiting.front().copied().filter(|&(seen, _)| seen <= xmin) {
            state.settle(mark, seen);
            state.waiting.pop_front();
        }
        let shown = if state.since <= xmin { known.later(state.settled) } else { known };
        // What another process has stored: whoever begins from now on sees it so.
        state.settle(known, xmax);
        shown
    }

    /// Moves the horizon on and, where it has come far enough, stores it and forgets the batches below it.
    ///
    /// Runs on a writer's connection, outside of its transactions.
    pub(crate) fn keep(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        self.snapshot(connection, &[])?;
        let settled = {
            let mut state = self.lock();
            let settled = state.settled.number;
            if settled < state.stored + STRIDE {
                return Ok(());
            }
            state.stored = settled;
            settled
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

impl State {
    /// Notes that all is settled up to a mark, to every statement with this xmin or a greater one.
    fn settle(&mut self, mark: Mark, since: i64) {
        if mark.number > self.settled.number {
            (self.settled, self.since) = (mark, since);
        } else if mark.number == self.settled.number {
            self.settled.time = self.settled.time.max(mark.time);
        }
    }
}

impl Mark {
    /// Of two the one of the greater number.
    fn later(self, other: Self) -> Self {
        if other.number > self.number { other } else { self }
    }
}

struct Batch {
    first: i64,
    last: Mark,
}

/// An expression that tells what its statement sees, to be [heard](Horizon::heard): the generation, the bounds of the
/// database's snapshot, the horizon as it is stored, and of each batch above what is settled, which ends a batch, the first
/// number, the last and the time.
pub(crate) fn asked<'a>(settled: Mark) -> AnySql<'a> {
    AnySql::new(
        "concat_ws(' ', (SELECT number FROM generation), pg_snapshot_xmin(pg_current_snapshot()), \
         pg_snapshot_xmax(pg_current_snapshot()), coalesce((SELECT value FROM store WHERE key = 'horizon'), '0'), \
         (SELECT string_agg(first_seq || ' ' || last_seq || ' ' || last_time, ' ') FROM batch WHERE first_seq > ",
    )
    .int(settled.number)
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
        Horizon { state: Mutex::default() }
    }

    fn at(number: i64) -> Mark {
        Mark { number, time: number * 10 }
    }

    #[test]
    fn settles_only_what_no_running_transaction_can_still_fill() {
        let horizon = horizon();
        // xid 10 runs and may draw any number; 1..=5 are visible.
        let none = Mark::default();
        assert_eq!(horizon.advance((10, 12), none, at(5)), none);
        // 10 still runs.
        assert_eq!(horizon.advance((10, 20), none, at(9)), none);
        // All below 12 have ended: what was seen then is settled, what came later is not.
        assert_eq!(horizon.advance((12, 21), none, at(9)), at(5));
        // Nothing runs.
        assert_eq!(horizon.advance((30, 30), none, at(14)), at(14));
        // One that began before is heard after it.
        assert_eq!(horizon.advance((12, 30), none, at(13)), none);
    }

    #[test]
    fn never_moves_back() {
        let horizon = horizon();
        assert_eq!(horizon.advance((5, 5), Mark::default(), at(7)), at(7));
        assert_eq!(horizon.advance((6, 6), Mark::default(), at(3)), at(7));
        assert_eq!(horizon.settled(), at(7));
    }

    fn seen(horizon: &Horizon, before: Mark, told: &str) -> Snapshot {
        horizon.heard(before, told).unwrap().snapshot
    }

    #[test]
    fn what_others_learn_meanwhile_fills_no_hole() {
        let horizon = horizon();
        let before = horizon.settled();
        // Of two statements the one that saw more is heard first: 3..=4 had been in flight, and were committed then.
        let later = seen(&horizon, before, "1 20 20 0 1 2 100 3 4 101 5 6 102");
        assert_eq!(later, Snapshot { upto: 6, holes: Vec::new(), time: 102 });
        let earlier = seen(&horizon, before, "1 10 12 0 5 6 102 1 2 100");
        assert_eq!(earlier, Snapshot { upto: 6, holes: vec![(3, 4)], time: 0 });
    }

    #[test]
    fn batches_that_were_forgotten_are_no_holes() {
        // Another process has stored the horizon; some transaction is in flight.
        let snapshot = seen(&horizon(), at(10), "1 10 12 50 49 50 500 53 54 540");
        assert_eq!(snapshot, Snapshot { upto: 54, holes: vec![(51, 52)], time: 500 });
    }

    #[test]
    fn what_another_process_settled_has_its_time() {
        let horizon = horizon();
        assert_eq!(seen(&horizon, at(10), "1 10 12 50 49 50 500").time, 500);
        // Nothing is above.
        let snapshot = seen(&horizon, horizon.settled(), "1 13 13 50");
        assert_eq!(snapshot, Snapshot { upto: 50, holes: Vec::new(), time: 500 });
    }

    #[test]
    fn what_is_settled_keeps_its_time() {
        let horizon = horizon();
        seen(&horizon, Mark::default(), "1 10 10 0 1 2 100");
        // Nothing is above.
        let snapshot = seen(&horizon, horizon.settled(), "1 11 12 0");
        assert_eq!(snapshot, Snapshot { upto: 2, holes: Vec::new(), time: 100 });
    }
}
