//! Whether the index holds a unit.

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::Source;
use crate::jobs::JobState;
use crate::store::Store;
use crate::units::Known;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Seconds after which to ask again for a unit that is being built.
const RETRY_AFTER: u32 = 5;

/// So long after a store was opened its jobs have begun.
const BEGINNING: Duration = Duration::from_secs(2);

/// Whether a unit can be searched as of a snapshot that goes up to a number, in the view in which it will be.
///
/// # Errors
/// [`StoreError::Building`]; [`StoreError::TooOld`] where it was built after the snapshot; [`StoreError::Unindexed`] for
/// a unit that there is not, or not any more.
pub(crate) fn check(
    connection: &mut AnyConnection,
    source: &Source,
    known: &Known,
    unit: i32,
    upto: i64,
) -> Result<(), StoreError> {
    let text = match source {
        Source::Postgres => {
            "SELECT b.pass, b.since, coalesce(p.reached, 0), (SELECT last_value FROM version_number) FROM unit u \
             JOIN built b ON b.unit = u.number LEFT JOIN pass p ON p.pass = b.pass WHERE NOT u.retired AND u.number = "
        }
        Source::Sqlite { .. } => {
            "SELECT b.pass, b.since, coalesce(p.reached, 0), coalesce(p.upto, 0) FROM ix.built b \
             LEFT JOIN ix.pass p ON p.pass = b.pass WHERE b.unit = "
        }
    };
    let sql: AnySql<'_, (Integer, BigInt, BigInt, BigInt)> = AnySql::new(text).bind::<Integer, _>(unit);
    let found: Option<(i32, i64, i64, i64)> = sql.get_result(connection).optional()?;
    let building = |done, total| Err(StoreError::Building { done, total, retry_after: RETRY_AFTER });
    match found {
        _ if !known.has(unit) => Err(StoreError::Unindexed(unit)),
        Some((0, since, ..)) => {
            known.complete.learn(source, Complete::from([(unit, since)]));
            if upto < since { Err(StoreError::TooOld) } else { Ok(()) }
        }
        Some((_, _, done, total)) => building(done, total),
        // Known, and no pass has begun.
        None => match source {
            Source::Postgres => Err(StoreError::Unindexed(unit)),
            Source::Sqlite { .. } => building(0, 0),
        },
    }
}

/// Units that the index holds, and the version since which it does.
pub(crate) type Complete = BTreeMap<i32, i64>;

/// Whether all these units can be searched so; `seen` are some that a view knew that is not newer than this one.
///
/// # Errors
/// As of [`check`].
pub(crate) fn check_all(
    connection: &mut AnyConnection,
    source: &Source,
    known: &Known,
    (wanted, seen): (&[i32], &Complete),
    upto: i64,
) -> Result<(), StoreError> {
    let mut lacking = lacking(known, (wanted, seen), upto);
    // Of several one question tells which are held, as nearly always all are.
    if lacking.len() > 1 {
        let complete = complete(connection, source, &lacking)?;
        lacking.retain(|unit| !is_complete(known, &complete, *unit, upto));
        known.complete.learn(source, complete);
    }
    lacking.into_iter().try_for_each(|unit| check(connection, source, known, unit, upto))
}

/// Which of these units are not known to be complete as of a snapshot that goes up to a number.
pub(crate) fn lacking(known: &Known, (wanted, seen): (&[i32], &Complete), upto: i64) -> Vec<i32> {
    wanted.iter().copied().filter(|unit| !is_complete(known, seen, *unit, upto)).collect()
}

fn is_complete(known: &Known, seen: &Complete, unit: i32, upto: i64) -> bool {
    known.has(unit) && seen.get(&unit).is_some_and(|since| *since <= upto)
}

/// Appends, on PostgreSQL, `FROM` of those of some units, `n.unit`, that the index holds, and since when: `b.since`.
pub(crate) fn complete_of<'a, ST>(sql: AnySql<'a, ST>, units: &[i32]) -> AnySql<'a, ST> {
    // Looked up one by one, by design.
    sql.text(" FROM unnest(string_to_array(").bind::<Text, _>(list(units)).text(
        ", ',')::int[]) n(unit) CROSS JOIN LATERAL (SELECT x.since FROM built x WHERE x.unit = n.unit AND x.pass = 0 \
         AND NOT EXISTS (SELECT 1 FROM unit u WHERE u.number = x.unit AND u.retired OFFSET 0) OFFSET 0) b",
    )
}

fn list(units: &[i32]) -> String {
    units.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Which of these units the index holds.
fn complete(connection: &mut AnyConnection, source: &Source, wanted: &[i32]) -> Result<Complete, StoreError> {
    let sql: AnySql<'_, (Integer, BigInt)> = match source {
        Source::Postgres => complete_of(AnySql::new("SELECT n.unit, b.since"), wanted),
        Source::Sqlite { .. } => AnySql::new(
            "SELECT b.unit, b.since FROM ix.built b WHERE b.pass = 0 AND b.unit IN (SELECT value FROM json_each(",
        )
        .bind::<Text, _>(format!("[{}]", list(wanted)))
        .text("))"),
    };
    Ok(sql.load::<(i32, i64)>(connection)?.into_iter().collect())
}

/// Units that were seen to be complete. In an embedded store it does not matter by which view: later ones find them so. On
/// PostgreSQL it was one of the registry's own generation, and others of that find them so.
#[derive(Default)]
pub(crate) struct Seen(RwLock<Arc<Complete>>);

impl Seen {
    /// Those of the moment, for a view that is opened after it.
    pub(crate) fn now(&self) -> Arc<Complete> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a view found that is not known to be of the registry's generation.
    fn learn(&self, source: &Source, found: Complete) {
        if matches!(source, Source::Sqlite { .. }) {
            self.extend(found);
        }
    }

    /// Forgets all: what is indexed is of another generation now, which this process has yet to learn of.
    pub(crate) fn forget(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    /// Adds some.
    pub(crate) fn extend(&self, found: Complete) {
        let mut seen = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut seen).extend(found);
    }
}

/// The units that are not, or not completely, in the index.
pub(crate) fn unbuilt(
    connection: &mut AnyConnection,
    source: &Source,
    known: &Known,
) -> Result<BTreeSet<i32>, StoreError> {
    let held = units(connection, source, "WHERE b.pass = 0")?;
    Ok(known.numbers.iter().copied().filter(|unit| !held.contains(unit)).collect())
}

/// The units whose rows are being deleted from the index.
pub(crate) fn retired(
    connection: &mut AnyConnection,
    source: &Source,
    known: &Known,
) -> Result<BTreeSet<i32>, StoreError> {
    Ok(units(connection, source, "")?.into_iter().filter(|unit| !known.has(*unit)).collect())
}

fn units(
    connection: &mut AnyConnection,
    source: &Source,
    which: &'static str,
) -> Result<BTreeSet<i32>, StoreError> {
    let sql: AnySql<'_, Integer> = AnySql::new(format!("SELECT b.unit FROM {} b {which}", built(source)));
    Ok(sql.load::<i32>(connection)?.into_iter().collect())
}

/// The table of the units that the index has, or is being given.
fn built(source: &Source) -> &'static str {
    match source {
        Source::Postgres => "built",
        Source::Sqlite { .. } => "ix.built",
    }
}

impl Store {
    /// Waits until the index holds all that is indexed, as long as a job is at it; not longer than `limit`.
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn wait_built(&self, limit: Duration) -> Result<bool, StoreError> {
        let begun = Instant::now();
        loop {
            if self.with_index(|connection, source| unbuilt(connection, source, &self.known()))?.is_empty() {
                return Ok(true);
            }
            let going = self.jobs()?.iter().any(|job| match job.state {
                JobState::Running => true,
                JobState::Waiting => self.does_jobs(),
                JobState::Done | JobState::Failed | JobState::Cancelled => false,
            });
            // A store that was just opened may have yet to begin its job.
            let beginning = self.does_jobs() && begun.elapsed() < BEGINNING;
            if !going && !beginning || begun.elapsed() >= limit {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
