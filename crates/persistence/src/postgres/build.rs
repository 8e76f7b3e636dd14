//! Units that the index does not hold yet, built from the records a stretch of resources at a time.
//!
//! Writers go on, and know the new units. A stretch locks and touches the current rows of its resources: a writer of one
//! of them comes either before, and what it wrote is built, or after, and then is made to begin again and sees what was
//! built. It may have added some rows of a resource before, so a row is added only where none is open.

use crate::error::StoreError;
use crate::index::common::Groups;
use crate::jobs::lease::Lease;
use crate::jobs::work::Progress;
use crate::postgres::entries::{self, Row};
use crate::postgres::tally;
use crate::postgres::tx::Writer;
use crate::postgres::units::generation;
use crate::sql::Sql;
use crate::units::Known;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, SmallInt, Text};
use rushlight_search::{Entries, TABLES, contained};
use std::collections::{HashMap, HashSet};

/// Resources of a stretch. Writers who meet it wait and try again, so it is short.
pub(crate) const STRETCH: u32 = 256;
/// Rows of a retired unit that are deleted at a time.
const SWEEP: i64 = 5_000;

/// One step; `None` once the index holds all units, and no others. Also how many rows were added.
pub(crate) fn step(
    writer: &mut Writer,
    known: &Known,
    lease: &Lease,
    stretch: u32,
) -> Result<(Option<Progress>, Groups), StoreError> {
    writer.run_locking("reindex", |connection| {
        lease.hold(connection)?;
        if generation(connection)? != Some(known.generation) {
            return Err(StoreError::Outdated);
        }
        // One process at a time.
        let pass: Option<(i32, i64)> = Sql::<'_, Pg, (Integer, BigInt)>::new(
            "SELECT pass, reached FROM pass ORDER BY pass LIMIT 1 FOR UPDATE",
        )
        .get_result(connection)
        .optional()?;
        match pass {
            Some(pass) => {
                let (progress, groups) = build(connection, known, pass, i64::from(stretch))?;
                Ok((Some(progress), groups))
            }
            None => Ok((sweep(connection)?, Vec::new())),
        }
    })
}

/// A point in time after which all transactions that were under way at this moment have ended.
pub(crate) fn newest(writer: &mut Writer) -> Result<i64, StoreError> {
    let text = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
    writer.once(|connection| Ok(Sql::<'_, Pg, BigInt>::new(text).get_result(connection)?))
}

/// The oldest transaction that is still under way.
pub(crate) fn oldest(writer: &mut Writer) -> Result<i64, StoreError> {
    let text = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    writer.once(|connection| Ok(Sql::<'_, Pg, BigInt>::new(text).get_result(connection)?))
}

fn build(
    connection: &mut PgConnection,
    known: &Known,
    (pass, after): (i32, i64),
    stretch: i64,
) -> Result<(Progress, Groups), StoreError> {
    let units: Vec<i32> = Sql::<'_, Pg, Integer>::new("SELECT unit FROM built WHERE pass = ")
        .bind::<Integer, _>(pass)
        .load(connection)?;
    let units: HashSet<i32> = units.into_iter().collect();
    let resources = read(connection, after, stretch)?;
    let found: Vec<(i64, i64, Entries)> = resources
        .iter()
        .map(|(rid, seq, deleted, body)| {
            (*rid, *seq, known.entries_of_stored(*rid, if *deleted { "" } else { body }))
        })
        .collect();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (rid, from_seq, entries) in &found {
        let wanted = entries.iter().filter(|entry| units.contains(&entry.unit()));
        rows.extend(wanted.map(|entry| Row { entry, rid: *rid, from_seq: *from_seq, to_seq: None }));
    }
    entries::of_each_table(&mut rows, |table, rows| entries::complete(connection, table, rows))?;
    let mut groups = Vec::new();
    tally::count(&rows, 1, &mut groups);
    let last = resources.last().map(|row| row.0).filter(|_| i64::try_from(found.len()) == Ok(stretch));
    match last {
        Some(last) => {
            let sql = Sql::<'_, Pg>::new("UPDATE pass SET reached = ").int(last);
            sql.text(" WHERE pass = ").bind::<Integer, _>(pass).execute(connection)?;
        }
        None => {
            let sql = Sql::<'_, Pg>::new(
                "UPDATE built SET pass = 0, since = coalesce((SELECT max(last_seq) FROM batch), 0) WHERE pass = ",
            );
            sql.bind::<Integer, _>(pass).execute(connection)?;
            let sql = Sql::<'_, Pg>::new("DELETE FROM pass WHERE pass = ");
            sql.bind::<Integer, _>(pass).execute(connection)?;
        }
    }
    let total = Sql::<'_, Pg, BigInt>::new("SELECT last_value FROM version_number").get_result(connection)?;
    Ok((Progress { done: last.unwrap_or(total), total }, groups))
}

/// The next resources, locked against writers: key, current version, whether that is deleted, body.
fn read(
    connection: &mut PgConnection,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, i64, bool, String)>, StoreError> {
    let sql = Sql::<'_, Pg, (SmallInt, Binary)>::new(
        "SELECT k.type, k.id FROM (SELECT type, id FROM version WHERE shard = 0 AND version = 1 AND seq > ",
    );
    let keys: Vec<(i16, Vec<u8>)> =
        sql.int(after).text(" ORDER BY seq LIMIT ").int(limit).text(") k ORDER BY 1, 2").load(connection)?;
    let (types, ids): (Vec<i16>, Vec<Vec<u8>>) = keys.into_iter().unzip();
    // Resource by resource, each by its keys, and locked in the order of writers: see `heads` of the engine.
    Sql::<'_, Pg>::new("SELECT r.rid FROM unnest(")
        .bind::<Array<SmallInt>, _>(types.clone())
        .text(", ")
        .bind::<Array<Binary>, _>(ids.clone())
        .text(
            ") AS k (type, id) CROSS JOIN LATERAL (SELECT * FROM resource r WHERE r.shard = 0 AND r.type = k.type \
             AND r.id = k.id FOR UPDATE) r",
        )
        .execute(connection)?;
    // Touched, so that a writer who waits for the lock begins again.
    let sql = Sql::<'_, Pg, (BigInt, BigInt, Bool)>::new("UPDATE resource r SET seq = r.seq FROM unnest(")
        .bind::<Array<SmallInt>, _>(types)
        .text(", ")
        .bind::<Array<Binary>, _>(ids)
        .text(
            ") AS k (type, id) WHERE r.shard = 0 AND r.type = k.type AND r.id = k.id \
             RETURNING r.rid, r.seq, r.deleted",
        );
    let mut heads: Vec<(i64, i64, bool)> = sql.load(connection)?;
    heads.sort_unstable();
    let sql = Sql::<'_, Pg, (BigInt, Text)>::new("SELECT v.rid, v.body FROM unnest(")
        .bind::<Array<BigInt>, _>(heads.iter().map(|head| head.1).collect::<Vec<i64>>())
        .text(
            ") AS k (seq) CROSS JOIN LATERAL (SELECT v.rid, v.body FROM version v WHERE v.shard = 0 \
         AND v.seq = k.seq OFFSET 0) v",
        );
    let mut bodies: HashMap<i64, String> = sql.load::<(i64, String)>(connection)?.into_iter().collect();
    Ok(heads
        .into_iter()
        .map(|(rid, seq, deleted)| (rid, seq, deleted, bodies.remove(&rid).unwrap_or_default()))
        .collect())
}

/// Deletes rows of a unit that is not indexed any more.
fn sweep(connection: &mut PgConnection) -> Result<Option<Progress>, StoreError> {
    let unit: Option<i32> = Sql::<'_, Pg, Integer>::new(
        "SELECT b.unit FROM built b JOIN unit u ON u.number = b.unit WHERE u.retired LIMIT 1",
    )
    .get_result(connection)
    .optional()?;
    let Some(unit) = unit else { return Ok(None) };
    let mut deleted = 0;
    for table in &TABLES {
        let name = table.name;
        let sql = Sql::<'_, Pg>::new(format!(
            "DELETE FROM ix_{name} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ix_{name} WHERE shard = 0 AND param IN ("
        ));
        let sql = sql.bind::<Integer, _>(unit).text(", ").bind::<Integer, _>(unit | contained::UNITS);
        deleted += sql.text(") LIMIT ").int(SWEEP).text("))").execute(connection)?;
    }
    if deleted == 0 {
        let tally = ("DELETE FROM tally WHERE param = ", [unit, unit | contained::UNITS]);
        for (head, numbers) in [("DELETE FROM built WHERE unit = ", [unit; 2]), tally] {
            for number in numbers {
                Sql::<'_, Pg>::new(head).bind::<Integer, _>(number).execute(connection)?;
            }
        }
    }
    Ok(Some(Progress::default()))
}
