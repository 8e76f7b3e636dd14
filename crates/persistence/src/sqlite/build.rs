//! Units that the index does not hold yet, built from the records a stretch of resources at a time.
//!
//! The index is exact as of its mark. A *pass* goes through the resources that there were when its units were first
//! known, and adds the rows that each has as of the mark of the moment. What is written meanwhile goes through the tail
//! as ever, with the entries of the new units: the thread that merges is the one that builds, so the mark stands still
//! while a stretch is built. A resource that was written since its units were known may have some of its rows from the
//! tail already; for those each row is looked for first.

use crate::error::StoreError;
use crate::jobs::work::Progress;
use crate::sql::Sql;
use crate::sqlite::files::Files;
use crate::sqlite::index::{Index, Task, columns, merged};
use crate::sqlite::tail::{Sheaf, View, vtab};
use crate::sqlite::tally;
use crate::units::Known;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use diesel::sqlite::Sqlite;
use rushlight_search::{IndexTable, TABLES, contained};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

/// Resources of a stretch, at the most.
pub(crate) const STRETCH: u32 = 32_768;
/// Bytes of a stretch's rows, at the most (or a resource's more).
const BYTES: usize = 48 << 20;
/// Rows of a retired unit that are deleted at a time.
const SWEEP: i64 = 20_000;

/// A step that a job asks for.
pub(crate) struct Order {
    pub(crate) known: Arc<Known>,
    /// Resources, at the most.
    pub(crate) stretch: u32,
    /// Up to this number no version was written with the entries of units that are in no pass yet.
    pub(crate) fresh: i64,
    pub(crate) reply: Sender<Result<Option<Progress>, StoreError>>,
}

/// Has a step done by the thread that writes the index; `None` once the index holds all units, and no others.
pub(crate) fn order(
    tasks: &Sender<Task>,
    known: Arc<Known>,
    stretch: u32,
    fresh: i64,
) -> Result<Option<Progress>, StoreError> {
    let (reply, answer) = channel();
    tasks.send(Task::Build(Order { known, stretch, fresh, reply })).map_err(|_| StoreError::Closing)?;
    answer.recv().unwrap_or(Err(StoreError::Closing))
}

/// Begins a pass for the units that are in none; see [`Order`] for `fresh`. There is nothing to build in an empty store.
pub(crate) fn adopt(index: &mut SqliteConnection, known: &Known, fresh: i64) -> Result<(), StoreError> {
    let there: HashSet<i32> =
        Sql::<'_, Sqlite, Integer>::new("SELECT unit FROM main.built").load(index)?.into_iter().collect();
    let missing: Vec<i32> = known.numbers.iter().copied().filter(|unit| !there.contains(unit)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let upto = merged(index)?;
    let mut pass = 0;
    if upto > 0 {
        pass = Sql::<'_, Sqlite, Integer>::new("SELECT coalesce(max(pass), 0) + 1 FROM main.pass")
            .get_result::<i32>(index)?;
        index.batch_execute(&format!(
            "INSERT INTO main.pass (pass, reached, upto, fresh) VALUES ({pass}, 0, {upto}, {fresh})"
        ))?;
    }
    for unit in missing {
        Sql::<'_, Sqlite>::new("INSERT INTO main.built (unit, pass) VALUES (")
            .bind::<Integer, _>(unit)
            .text(", ")
            .bind::<Integer, _>(pass)
            .text(")")
            .execute(index)?;
    }
    Ok(())
}

/// Whether there is something to build or to sweep.
pub(crate) fn lacks(index: &mut SqliteConnection, known: &Known) -> Result<bool, StoreError> {
    let pass: Option<i32> =
        Sql::<'_, Sqlite, Integer>::new("SELECT pass FROM main.pass").get_result(index).optional()?;
    Ok(pass.is_some() || retired(index, known)?.is_some())
}

/// A unit that the index holds and that is not indexed any more.
fn retired(index: &mut SqliteConnection, known: &Known) -> Result<Option<i32>, StoreError> {
    let held: Vec<i32> = Sql::<'_, Sqlite, Integer>::new("SELECT unit FROM main.built").load(index)?;
    Ok(held.into_iter().find(|unit| !known.has(*unit)))
}

/// One step, in one transaction of the index.
pub(crate) fn step(
    files: &Files,
    Index { connection, kept }: &mut Index,
    Order { known, stretch: limit, fresh, .. }: &Order,
) -> Result<Option<Progress>, StoreError> {
    let mut records = files.open_reader()?;
    connection.immediate_transaction(|index| {
        adopt(index, known, *fresh)?;
        let pass: Option<(i32, i64, i64, i64)> = Sql::<'_, Sqlite, (Integer, BigInt, BigInt, BigInt)>::new(
            "SELECT pass, reached, upto, fresh FROM main.pass ORDER BY pass LIMIT 1",
        )
        .get_result(index)
        .optional()?;
        let Some((pass, reached, upto, fresh)) = pass else { return sweep(index, known) };
        let units: Vec<i32> = Sql::<'_, Sqlite, Integer>::new("SELECT unit FROM main.built WHERE pass = ")
            .bind::<Integer, _>(pass)
            .load(index)?;
        let mark = merged(index)?;
        let stretch = read(&mut records, known, &units.into_iter().collect(), (reached, upto), mark, *limit)?;
        let rows = Arc::new(stretch.rows.view());
        tally::add(index, kept, rows.count(0))?;
        add(index, &rows, fresh)?;
        let done = stretch.reached.unwrap_or(upto);
        index.batch_execute(&match stretch.reached {
            Some(reached) => format!("UPDATE main.pass SET reached = {reached} WHERE pass = {pass}"),
            None => format!("UPDATE main.built SET pass = 0, since = {mark} WHERE pass = {pass}; DELETE FROM main.pass WHERE pass = {pass}"),
        })?;
        Ok(Some(Progress { done, total: upto }))
    })
}

/// What a stretch of resources adds.
struct Stretch {
    rows: Sheaf,
    /// The last resource, unless there are no more.
    reached: Option<i64>,
}

/// The rows that units have as of the index's mark, of the resources in `(after, upto]`, as many as a stretch holds.
fn read(
    records: &mut SqliteConnection,
    known: &Known,
    units: &HashSet<i32>,
    (after, upto): (i64, i64),
    mark: i64,
    limit: u32,
) -> Result<Stretch, StoreError> {
    type Row = (BigInt, BigInt, Bool, Text);
    let sql = Sql::<'_, Sqlite, Row>::new(
        "SELECT v.seq, c.seq, c.deleted, c.body FROM main.version v CROSS JOIN main.version c ON c.seq = coalesce(\
         (SELECT w.seq FROM main.version w WHERE w.rid = v.seq AND w.version > 1 AND w.seq <= ",
    )
    .int(mark)
    .text(" ORDER BY w.version DESC LIMIT 1), v.seq) WHERE v.version = 1 AND v.seq > ")
    .int(after)
    .text(" AND v.seq <= ")
    .int(upto)
    .text(" ORDER BY v.seq LIMIT ")
    .int(i64::from(limit));
    let mut stretch = Stretch { rows: Sheaf::default(), reached: None };
    let mut seen = 0;
    for row in sql.load_iter::<(i64, i64, bool, String), _>(records)? {
        let (rid, seq, deleted, body) = row?;
        seen += 1;
        if !deleted {
            let entries = known.entries_of_stored(rid, &body);
            for entry in entries.iter().filter(|entry| units.contains(&entry.unit())) {
                stretch.rows.push(entry, rid, seq);
            }
        }
        if seen == limit || stretch.rows.bytes() >= BYTES {
            stretch.reached = Some(rid);
            break;
        }
    }
    Ok(stretch)
}

/// Adds rows in the order of their key. Those of versions after `fresh` may be there already.
fn add(index: &mut SqliteConnection, rows: &Arc<View>, fresh: i64) -> Result<(), StoreError> {
    vtab::showing(Arc::clone(rows), || {
        for (_, table) in TABLES.iter().enumerate().filter(|(number, _)| rows.has(*number)) {
            index.batch_execute(&insert(table, fresh))?;
        }
        Ok(())
    })
}

fn insert(table: &IndexTable, fresh: i64) -> String {
    let (name, columns) = (table.name, columns(table));
    let same: String =
        table.columns.iter().map(|column| format!("o.{c} = n.{c} AND ", c = column.name)).collect();
    format!(
        "INSERT INTO main.{name} SELECT param, {columns}rid, from_seq, NULL FROM tail_{name} n \
         WHERE n.from_seq <= {fresh} OR NOT EXISTS (SELECT 1 FROM main.{name} o \
         WHERE o.param = n.param AND {same}o.rid = n.rid AND o.to_seq IS NULL)"
    )
}

/// Deletes rows of a unit that is not indexed any more.
fn sweep(index: &mut SqliteConnection, known: &Known) -> Result<Option<Progress>, StoreError> {
    let Some(unit) = retired(index, known)? else { return Ok(None) };
    let mut deleted = 0;
    for table in &TABLES {
        let (name, key) = (table.name, format!("param, {}rid, from_seq", columns(table)));
        let sql = Sql::<'_, Sqlite>::new(format!(
            "DELETE FROM main.{name} WHERE ({key}) IN (SELECT {key} FROM main.{name} WHERE param IN ("
        ));
        let sql = sql.bind::<Integer, _>(unit).text(", ").bind::<Integer, _>(unit | contained::UNITS);
        deleted += sql.text(") LIMIT ").int(SWEEP).text(")").execute(index)?;
    }
    if deleted == 0 {
        index.batch_execute(&format!("DELETE FROM main.built WHERE unit = {unit}"))?;
        tally::forget(index, unit)?;
    }
    Ok(Some(Progress::default()))
}
