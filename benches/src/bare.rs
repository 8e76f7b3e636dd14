//! The best bare layout: plain rusqlite, records flushed with one commit for 64, index rows merged in sorted runs.

use crate::figures::{cpu, written};
use crate::http::observation;
use rushlight_model::definitions::Release;
use rushlight_search::key::Value;
use rushlight_search::{Entry, Registry, TABLES, TableId};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Transaction, params_from_iter};
use std::error::Error;

/// Resources of a commit.
const COMMIT: u64 = 64;

/// A row that waits to be written, as a store would keep it: its table, its key and the resource.
type Waiting = (TableId, Vec<u8>, i64);

/// Runs with at most so many rows for each resource; returns CPU microseconds per resource in the second half.
pub fn measure(resources: u64, rows: usize, run: usize) -> Result<(f64, f64, f64), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut main = open(&folder.path().join("main.db"), "FULL")?;
    let mut index = open(&folder.path().join("index.db"), "NORMAL")?;
    main.execute_batch(
        "CREATE TABLE resource (type INTEGER, id BLOB, rid INTEGER, seq INTEGER, version INTEGER, deleted INTEGER, PRIMARY KEY (type, id)) WITHOUT ROWID;
         CREATE TABLE version (seq INTEGER PRIMARY KEY, rid INTEGER, version INTEGER, type INTEGER, id BLOB, last_updated INTEGER, deleted INTEGER, splice INTEGER, actor TEXT, body TEXT);
         CREATE INDEX version_by_type ON version (type, seq);",
    )?;
    for table in &TABLES {
        let columns: String = table.columns.iter().map(|column| format!("{}, ", column.name)).collect();
        index.execute_batch(&format!(
            "CREATE TABLE {} (param, {columns}rid, from_seq, to_seq, PRIMARY KEY (param, {columns}rid, from_seq)) WITHOUT ROWID",
            table.name
        ))?;
    }
    let registry = Registry::standard(Release::R4);
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut staged = 0;
    let (mut cpu_half, mut written_half) = (0.0, 0.0);
    let mut seq = 0_i64;
    for commit in 0..resources / COMMIT {
        if commit == resources / COMMIT / 2 {
            cpu_half = cpu("self");
            written_half = written("self");
        }
        let transaction = main.transaction()?;
        for _ in 0..COMMIT {
            seq += 1;
            let id = uuid::Uuid::now_v7();
            let body = observation(&id.to_string(), usize::try_from(seq)?);
            transaction
                .prepare_cached("INSERT INTO version VALUES (?, ?, 1, 96, ?, ?, 0, 90, NULL, ?)")?
                .execute((seq, seq, id.as_bytes(), seq, &body))?;
            transaction.prepare_cached("INSERT INTO resource VALUES (96, ?, ?, ?, 1, 0)")?.execute((
                id.as_bytes(),
                seq,
                seq,
            ))?;
            let entries = registry.extract_text(body.as_bytes());
            waiting.extend(entries.iter().take(rows).map(|entry| (entry.table, entry.key.to_vec(), seq)));
            staged += 1;
        }
        transaction.commit()?;
        let due = match run {
            0 => 1,
            1 => usize::try_from(seq)?.div_euclid(16).clamp(4096, 65_536),
            run => run,
        };
        if staged >= due {
            if run > 0 {
                waiting.sort_unstable();
            }
            let transaction = index.transaction()?;
            for (table, key, rid) in waiting.drain(..) {
                insert(&transaction, Entry { table, key: &key, ordinal: 0 }, rid)?;
            }
            transaction.commit()?;
            staged = 0;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of resources")]
    let half = (resources / COMMIT * COMMIT) as f64 / 2.0;
    let bytes: u64 = ["main.db", "index.db"]
        .iter()
        .filter_map(|name| std::fs::metadata(folder.path().join(name)).ok())
        .map(|about| about.len())
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "a count of bytes")]
    let size = bytes as f64 / half / 2.0;
    Ok(((cpu("self") - cpu_half) / half * 1e6, (written("self") - written_half) / half, size))
}

/// Prints one row.
pub fn run(resources: u64, rows: usize, run: usize) -> Result<(), Box<dyn Error>> {
    let (cpu, written, size) = measure(resources, rows, run)?;
    println!(
        "| rows | run | resources | CPU µs/resource | bytes written/resource | bytes on disk/resource |"
    );
    println!("|---|---|---|---|---|---|");
    println!("| {rows} | {run} | {resources} | {cpu:.1} | {written:.0} | {size:.0} |");
    Ok(())
}

fn open(path: &std::path::Path, synchronous: &str) -> Result<Connection, Box<dyn Error>> {
    let connection = Connection::open(path)?;
    for (name, value) in [
        ("journal_mode", "WAL"),
        ("synchronous", synchronous),
        ("wal_autocheckpoint", "4000"),
        ("cache_size", "-131072"),
    ] {
        connection.pragma_update(None, name, value)?;
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn insert(transaction: &Transaction<'_>, entry: Entry<'_>, rid: i64) -> Result<(), Box<dyn Error>> {
    let table = entry.table().ok_or("no such table")?;
    let marks = "?, ".repeat(table.columns.len());
    let mut statement =
        transaction.prepare_cached(&format!("INSERT INTO {} VALUES (?, {marks}?, ?, NULL)", table.name))?;
    let values: Vec<Value<'_>> = entry.values().collect();
    let unit = ValueRef::Integer(entry.unit().into());
    let rid = ValueRef::Integer(rid);
    let all = [unit].into_iter().chain(values.iter().map(borrowed)).chain([rid, rid]);
    statement.execute(params_from_iter(all.map(ToSqlOutput::Borrowed)))?;
    Ok(())
}

fn borrowed<'v>(value: &'v Value<'_>) -> ValueRef<'v> {
    match value {
        Value::Int(value) => ValueRef::Integer(*value),
        Value::Real(value) => ValueRef::Real(*value),
        Value::Text(value) => ValueRef::Text(value),
        Value::Bytes(value) => ValueRef::Blob(value),
    }
}
