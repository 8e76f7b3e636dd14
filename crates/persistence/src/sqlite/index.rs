//! The merged index, and the thread that alone writes it: it merges the frozen part of the tail, and builds new units.

use crate::error::StoreError;
use crate::index::common::Kept;
use crate::index::rows;
use crate::sqlite::build::{self, Order};
use crate::sqlite::files::Files;
use crate::sqlite::tail::{Tail, View, vtab};
use crate::sqlite::tally;
use crate::units::Known;
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection};
use rushlight_search::{IndexTable, Kind, LAYOUT, TABLES};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// Rows to merge: those that the tail has set aside, up to `upto`, where the index's mark will then stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    pub(crate) upto: i64,
    pub(crate) has_marks: bool,
}

/// What the thread is asked for.
pub(crate) enum Task {
    /// By the writer.
    Merge(Job),
    /// By a job.
    Build(Order),
}

/// The merging thread, from the writer's side.
pub(crate) struct Merger {
    tasks: Option<Sender<Task>>,
    done: Receiver<Result<(), StoreError>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Opens the index and returns its mark, and whether it lacks something. One that is not there, has another layout or
/// knows versions newer than `last_seq` (it belongs to other records) is begun anew, at the newest version: what comes
/// after goes through the tail, and what is before is built from the records.
pub(crate) fn prepare(files: &Files, last_seq: i64, known: &Known) -> Result<(i64, bool), StoreError> {
    let mut connection = files.open_merger()?;
    connection.batch_execute(
        "CREATE TABLE IF NOT EXISTS state (key TEXT NOT NULL PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID; \
         CREATE TABLE IF NOT EXISTS built (unit INTEGER NOT NULL PRIMARY KEY, pass INTEGER NOT NULL, \
         since INTEGER NOT NULL DEFAULT 0); \
         CREATE TABLE IF NOT EXISTS pass (pass INTEGER NOT NULL PRIMARY KEY, reached INTEGER NOT NULL, upto INTEGER NOT NULL, \
         fresh INTEGER NOT NULL)",
    )?;
    connection.batch_execute(tally::TABLE)?;
    let layout = state(&mut connection, "layout")?;
    let foreign = state(&mut connection, "merged")?.is_some_and(|merged| merged > last_seq);
    let anew = layout != Some(LAYOUT) || foreign;
    if anew {
        connection.exclusive_transaction(|connection| {
            for table in &TABLES {
                connection.batch_execute(&format!("DROP TABLE IF EXISTS {}", table.name))?;
                connection.batch_execute(&format!(
                    "CREATE TABLE {name} (param INTEGER NOT NULL, {declared}rid INTEGER NOT NULL, \
                     from_seq INTEGER NOT NULL, to_seq INTEGER, PRIMARY KEY (param, {columns}rid, from_seq)) WITHOUT ROWID",
                    name = table.name,
                    declared = declare(table),
                    columns = columns(table),
                ))?;
                // What a resource has: by this, conditions are checked and values to sort by are found.
                connection.batch_execute(&format!(
                    "CREATE INDEX {name}_by_rid ON {name} (param, rid)",
                    name = table.name
                ))?;
                if let Some(wide) = rows::wide(table) {
                    let name = table.name;
                    connection.batch_execute(&format!("CREATE INDEX {name}_wide ON {name} (param, {wide}"))?;
                }
            }
            connection.batch_execute("DELETE FROM built; DELETE FROM pass; DELETE FROM tally")?;
            set_state(connection, "merged", last_seq)?;
            set_state(connection, "layout", LAYOUT)
        })?;
    }
    let lacks = connection.immediate_transaction(|connection| {
        // A process that knew the units may have ended before they were in a pass.
        let fresh = if anew { last_seq } else { 0 };
        build::adopt(connection, known, fresh)?;
        build::lacks(connection, known)
    })?;
    Ok((merged(&mut connection)?, lacks))
}

/// The number up to which the index knows the versions.
pub(crate) fn merged(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    Ok(state(connection, "merged")?.unwrap_or(0))
}

fn state(connection: &mut SqliteConnection, key: &str) -> Result<Option<i64>, StoreError> {
    let rows: Vec<Number> =
        diesel::sql_query(format!("SELECT number FROM main.state WHERE key = '{key}'")).load(connection)?;
    Ok(rows.first().map(|row| row.number))
}

fn set_state(connection: &mut SqliteConnection, key: &str, number: i64) -> Result<(), StoreError> {
    Ok(connection.batch_execute(&format!("INSERT OR REPLACE INTO main.state VALUES ('{key}', {number})"))?)
}

impl Merger {
    /// Starts the thread.
    pub(crate) fn start(files: Files, tail: Arc<Tail>) -> Result<Self, StoreError> {
        let (tasks, inbox) = channel::<Task>();
        let (outbox, done) = channel();
        let thread = std::thread::Builder::new()
            .name("merge".to_owned())
            .spawn(move || {
                let mut index = None;
                for task in inbox {
                    // A connection that met an error may hold a broken transaction.
                    match task {
                        Task::Merge(job) => {
                            let rows = Arc::new(tail.settle());
                            tail.unsettle();
                            let result =
                                opened(&files, &mut index).and_then(|index| merge(index, &job, &rows));
                            // Whether one that failed has changed the index is not known.
                            if let Ok(merged) = &result {
                                tail.rest_at(*merged);
                            }
                            let result = result.map(|_| ());
                            index.take_if(|_| result.is_err());
                            if outbox.send(result).is_err() {
                                break;
                            }
                        }
                        Task::Build(order) => {
                            let result = opened(&files, &mut index)
                                .and_then(|index| build::step(&files, index, &order));
                            index.take_if(|_| result.is_err());
                            // Who asked may have been told to stop.
                            let _ = order.reply.send(result);
                        }
                    }
                }
            })
            .map_err(|error| StoreError::Open(error.to_string()))?;
        Ok(Self { tasks: Some(tasks), done, thread: Some(thread) })
    }

    /// Hands rows over. The answer comes by [`Self::poll`] or [`Self::wait`].
    pub(crate) fn submit(&self, job: Job) {
        if let Some(tasks) = &self.tasks {
            // The thread ends only when this sender is gone.
            let _ = tasks.send(Task::Merge(job));
        }
    }

    /// By which a job reaches the thread. It must be gone before the merger is.
    pub(crate) fn tasks(&self) -> Option<Sender<Task>> {
        self.tasks.clone()
    }

    /// The result of a merge, if one has ended.
    pub(crate) fn poll(&self) -> Option<Result<(), StoreError>> {
        self.done.try_recv().ok()
    }

    /// The result of the merge under way.
    pub(crate) fn wait(&self) -> Option<Result<(), StoreError>> {
        self.done.recv().ok()
    }
}

impl Drop for Merger {
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The index, as the thread writes it.
pub(crate) struct Index {
    pub(crate) connection: SqliteConnection,
    /// Values whose rows are counted.
    pub(crate) kept: Kept,
}

/// The index, opened where it is not.
fn opened<'i>(files: &Files, index: &'i mut Option<Index>) -> Result<&'i mut Index, StoreError> {
    match index {
        Some(index) => Ok(index),
        None => {
            let mut connection = files.open_merger()?;
            for table in &TABLES {
                connection.batch_execute(&ending(table))?;
            }
            let kept = tally::kept(&mut connection)?;
            Ok(index.insert(Index { connection, kept }))
        }
    }
}

/// Merges rows into the index; returns where its mark stands then.
fn merge(Index { connection, kept }: &mut Index, job: &Job, rows: &Arc<View>) -> Result<i64, StoreError> {
    vtab::showing(Arc::clone(rows), || {
        connection.immediate_transaction(|connection| {
            let merged = merged(connection)?;
            tally::add(connection, kept, rows.count(merged))?;
            for (_, table) in TABLES.iter().enumerate().filter(|(number, _)| rows.has(*number)) {
                connection.batch_execute(&insert(table, job, merged))?;
                if job.has_marks {
                    connection.batch_execute(&end(table, job))?;
                }
            }
            let upto = job.upto.max(merged);
            set_state(connection, "merged", upto)?;
            Ok(upto)
        })
    })
}

/// A table's value columns as declared; text compares bytewise by SQLite's default.
fn declare(table: &IndexTable) -> String {
    let mut text = String::new();
    for column in table.columns {
        let kind = match column.kind {
            Kind::Int => "INTEGER",
            Kind::Real => "REAL",
            Kind::Text => "TEXT",
            Kind::Bytes => "BLOB",
        };
        text.push_str(&format!("{} {kind} NOT NULL, ", column.name));
    }
    text
}

/// The names of a table's value columns, each followed by a comma.
pub(crate) fn columns(table: &IndexTable) -> String {
    table.columns.iter().map(|column| format!("{}, ", column.name)).collect()
}

/// The rows in the order of their key, which is the index's own: a sorted run.
fn insert(table: &IndexTable, job: &Job, merged: i64) -> String {
    let columns = columns(table);
    format!(
        "INSERT INTO main.{name} SELECT param, {columns}rid, from_seq, NULL FROM tail_{name} \
         WHERE from_seq > {merged} AND from_seq <= {upto}",
        name = table.name,
        upto = job.upto,
    )
}

/// A view that ends rows: what is inserted into it is the end of the open row before. An `UPDATE … FROM` would look for
/// each row twice and keep all in between.
fn ending(table: &IndexTable) -> String {
    let (name, columns) = (table.name, columns(table));
    let same: String =
        table.columns.iter().map(|column| format!("{c} = new.{c} AND ", c = column.name)).collect();
    // By the key: a plain equality of the resource would have SQLite take the other path.
    format!(
        "CREATE TEMP VIEW end_{name} AS SELECT param, {columns}rid, to_seq FROM main.{name}; \
         CREATE TEMP TRIGGER end_{name}_rows INSTEAD OF INSERT ON end_{name} BEGIN \
         UPDATE {name} SET to_seq = new.to_seq WHERE param = new.param AND {same}rid BETWEEN new.rid AND new.rid \
         AND from_seq < new.to_seq AND to_seq IS NULL; END;"
    )
}

/// Each mark ends the open row before it. Of one entry the earliest mark comes first, which is the order of the tail from
/// its end.
fn end(table: &IndexTable, job: &Job) -> String {
    let columns = columns(table);
    let order: String = table.columns.iter().map(|column| format!("{} DESC, ", column.name)).collect();
    format!(
        "INSERT INTO end_{name} SELECT param, {columns}rid, -from_seq FROM tail_{name} \
         WHERE from_seq < 0 AND from_seq >= -{upto} ORDER BY param DESC, {order}rid DESC, from_seq DESC",
        name = table.name,
        upto = job.upto,
    )
}
