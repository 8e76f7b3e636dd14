//! The merged index, and the thread that merges the frozen part of the tail into it.

use crate::error::StoreError;
use crate::sqlite::files::Files;
use crate::sqlite::tail::{Tail, vtab};
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

/// The merging thread, from the writer's side.
pub(crate) struct Merger {
    jobs: Option<Sender<Job>>,
    done: Receiver<Result<(), StoreError>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Opens the index and returns its mark. One of another layout, or one that knows versions newer than `last_seq`
/// (it belongs to other records), is thrown away: it is derived from the records.
pub(crate) fn prepare(files: &Files, last_seq: i64) -> Result<i64, StoreError> {
    let mut connection = files.open_merger()?;
    connection.batch_execute("CREATE TABLE IF NOT EXISTS state (key TEXT NOT NULL PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID")?;
    let layout = state(&mut connection, "layout")?;
    let foreign = state(&mut connection, "merged")?.is_some_and(|merged| merged > last_seq);
    if layout != Some(LAYOUT) || foreign {
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
            }
            set_state(connection, "merged", 0)?;
            set_state(connection, "layout", LAYOUT)
        })?;
    }
    Ok(state(&mut connection, "merged")?.unwrap_or(0))
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
        let (jobs, inbox) = channel::<Job>();
        let (outbox, done) = channel();
        let thread = std::thread::Builder::new()
            .name("merge".to_owned())
            .spawn(move || {
                let mut connection = None;
                for job in inbox {
                    let result =
                        vtab::showing(Arc::new(tail.settle()), || merge(&files, &mut connection, &job));
                    if result.is_err() {
                        // A connection that met an error may hold a broken transaction.
                        connection = None;
                    }
                    if outbox.send(result).is_err() {
                        break;
                    }
                }
            })
            .map_err(|error| StoreError::Open(error.to_string()))?;
        Ok(Self { jobs: Some(jobs), done, thread: Some(thread) })
    }

    /// Hands rows over. The answer comes by [`Self::poll`] or [`Self::wait`].
    pub(crate) fn submit(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // The thread ends only when this sender is gone.
            let _ = jobs.send(job);
        }
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
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn merge(files: &Files, connection: &mut Option<SqliteConnection>, job: &Job) -> Result<(), StoreError> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(files.open_merger()?),
    };
    connection.immediate_transaction(|connection| {
        let merged = state(connection, "merged")?.unwrap_or(0);
        for table in &TABLES {
            connection.batch_execute(&insert(table, job, merged))?;
            if job.has_marks {
                connection.batch_execute(&end(table, job))?;
            }
        }
        set_state(connection, "merged", job.upto.max(merged))
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
fn columns(table: &IndexTable) -> String {
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

/// Marks end the open row before them; driven from the marks, which are few.
fn end(table: &IndexTable, job: &Job) -> String {
    let name = table.name;
    let same = |a: &str, b: &str| -> String {
        table.columns.iter().map(|column| format!("{a}.{c} = {b}.{c} AND ", c = column.name)).collect()
    };
    let columns: String =
        table.columns.iter().map(|column| format!("m.{c} AS {c}, ", c = column.name)).collect();
    let upto = job.upto;
    format!(
        "UPDATE main.{name} AS i SET to_seq = e.ends FROM (\
         SELECT m.param AS param, {columns}m.rid AS rid, o.from_seq AS begins, min(-m.from_seq) AS ends \
         FROM tail_{name} m CROSS JOIN main.{name} o ON o.param = m.param AND {m_o}o.rid = m.rid \
         AND o.to_seq IS NULL AND o.from_seq < -m.from_seq \
         WHERE m.from_seq < 0 AND m.from_seq >= -{upto} GROUP BY 1, {group}m.rid, o.from_seq) e \
         WHERE i.param = e.param AND {i_e}i.rid = e.rid AND i.from_seq = e.begins",
        m_o = same("o", "m"),
        i_e = same("i", "e"),
        group = table.columns.iter().map(|column| format!("m.{}, ", column.name)).collect::<String>(),
    )
}
