//! What is indexed, in the records' file: the numbers of units. What the index holds of them is in the index's own.

use crate::error::StoreError;
use crate::jobs::{JobState, reindex};
use crate::schema::{job, unit};
use crate::sql::Sql;
use crate::store::now_micros;
use crate::units::census::Census;
use crate::units::{Known, Wanted, plan, search_parameter_number};
use diesel::prelude::*;
use diesel::sql_types::{SmallInt, Text};
use diesel::sqlite::Sqlite;

/// What is indexed, once the store's units are those that are wanted; `None` if they are so already.
///
/// `now` is what is indexed now; at the beginning nothing is known of it.
pub(crate) fn register(
    main: &mut SqliteConnection,
    wanted: Wanted,
    now: Option<&Known>,
) -> Result<Option<Known>, StoreError> {
    main.immediate_transaction(|main| {
        let bodies: Vec<String> = Sql::<'_, Sqlite, Text>::new(
            "SELECT v.body FROM resource r CROSS JOIN version v ON v.seq = r.seq WHERE NOT r.deleted AND r.type = ",
        )
        .bind::<SmallInt, _>(search_parameter_number())
        .text(" ORDER BY r.rid")
        .load(main)?;
        let stored = unit::table.select((unit::number, unit::key, unit::retired)).load(main)?;
        let census = Census::new(plan(wanted, &bodies), stored)?;
        for (number, key) in &census.fresh {
            diesel::insert_into(unit::table)
                .values((unit::number.eq(number), unit::key.eq(key), unit::retired.eq(false)))
                .execute(main)?;
        }
        for number in &census.gone {
            diesel::update(unit::table.find(number)).set(unit::retired.eq(true)).execute(main)?;
        }
        match now {
            Some(now) if !census.changes(Some(now)) => Ok(None),
            _ => Ok(Some(census.known(now.map_or(0, |now| now.generation) + 1))),
        }
    })
}

/// Asks for the index to be brought up to what is indexed.
pub(crate) fn ask(main: &mut SqliteConnection) -> Result<(), StoreError> {
    let waiting =
        job::table.filter(job::state.eq(JobState::Waiting.number())).filter(job::kind.eq(reindex::KIND));
    if waiting.count().get_result::<i64>(main)? == 0 {
        diesel::insert_into(job::table)
            .values((job::kind.eq(reindex::KIND), job::parameters.eq("{}"), job::created.eq(now_micros())))
            .execute(main)?;
    }
    Ok(())
}

/// The leases of the process before are over: the folder is held by one at a time.
pub(crate) fn end_leases(main: &mut SqliteConnection) -> Result<(), StoreError> {
    diesel::update(job::table.filter(job::state.eq(JobState::Running.number())))
        .set(job::expires.eq(0))
        .execute(main)?;
    Ok(())
}
