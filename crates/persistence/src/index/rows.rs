//! The open rows of an index table as of a snapshot, wherever they lie.
//!
//! On PostgreSQL there is one table. In the embedded store a row lies in the merged index (`ix`) or in the tail, and
//! its end may be a mark in the tail. A reader opens its view of the records first, then of the tail, then of the
//! index: rows enter the tail before the records are committed and leave it only after the index holds them, so every
//! entry is in at least one of the two, and the index's own mark says which rows of the tail it holds. In no other order: of
//! what the tail holds, the records alone say what was committed. Without views ([`resting`]) the order is: the mark, as
//! it stands in memory while nothing is merged, the newest record, the tail; and at the end whether the mark still stands.

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::snapshot::{Shown, Snapshot};
use crate::sqlite::tail::{Tail, View, vtab};
use crate::store::Store;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rushlight_search::IndexTable;
use std::time::Duration;

/// How long a lookup waits for an index that is being rebuilt after a crash.
const PATIENCE: Duration = Duration::from_secs(30);

/// How rows are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// By their values.
    Values,
    /// By the resource, which what narrows them names. SQLite would choose otherwise.
    Resource,
    /// By the greatest of several values: only rows of which it is not the least.
    Wide,
}

/// The columns and the condition of the index by which [`By::Wide`] finds rows, after unit and an opening bracket.
pub(crate) fn wide(table: &IndexTable) -> Option<String> {
    let (low, high) = table.span()?;
    let before: String = table.columns.iter().take(low).map(|column| format!("{}, ", column.name)).collect();
    let name = |column: usize| table.columns.get(column).map(|column| column.name);
    Some(format!("{before}{high}) WHERE {low} <> {high}", low = name(low)?, high = name(high)?))
}

/// Where the rows of one consistent view lie.
pub(crate) enum Source {
    /// One table.
    Postgres,
    /// The index up to `merged`, and the tail.
    Sqlite {
        /// Rows of the tail up to this number are in the index.
        merged: i64,
        /// Whether the tail may hold marks.
        marked: bool,
        /// Whether the tail holds any row.
        tailed: bool,
        /// The newest version that is shown, and when it was made, if that is asked for: the tail may hold rows of versions
        /// that are still to be committed.
        newest: (i64, i64),
    },
}

impl Store {
    /// Runs `work` in a transaction that sees records and index as of one moment.
    pub(crate) fn with_index<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Source) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.progress().wait_ready(PATIENCE)?;
        self.with_reader(|connection| viewed(connection, self.tail(), work))
    }
}

/// Runs `work` in no transaction, where nothing is merged into the index of an embedded store meanwhile: then all
/// statements see the same of it, and of the records what is shown as of a number. `None` where that does not hold.
///
/// Without `upto`, the newest version there is bounds what is shown.
pub(crate) fn resting<T>(
    connection: &mut AnyConnection,
    tail: &Tail,
    upto: Option<i64>,
    work: impl FnOnce(&mut AnyConnection, &Source) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let Some(rest) = tail.rest() else { return Ok(None) };
    // Before the tail is looked at, which has the rows of all that is committed.
    let newest = match upto {
        Some(upto) => (upto, 0),
        None => newest(connection)?,
    };
    let view = tail.view();
    let source = source(rest.merged, &view, newest);
    let done = vtab::showing(view, || work(connection, &source))?;
    Ok((tail.rest() == Some(rest)).then_some(done))
}

/// Runs `work` in a transaction of this connection that sees records and index as of one moment.
pub(crate) fn viewed<T>(
    connection: &mut AnyConnection,
    tail: Option<&Tail>,
    work: impl FnOnce(&mut AnyConnection, &Source) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let Some(tail) = tail else {
        return connection.transaction(|connection| work(connection, &Source::Postgres));
    };
    // Unlike those of diesel's own transactions, these statements are kept prepared.
    let run = |connection: &mut AnyConnection, text| AnySql::<'_, ()>::new(text).execute(connection);
    run(connection, "BEGIN")?;
    match in_view(connection, tail, work) {
        Ok(done) => run(connection, "COMMIT").map(|_| done).map_err(StoreError::from),
        Err(error) => {
            // The connection is not used again; what went wrong first is told.
            let _ = run(connection, "ROLLBACK");
            Err(error)
        }
    }
}

fn in_view<T>(
    connection: &mut AnyConnection,
    tail: &Tail,
    work: impl FnOnce(&mut AnyConnection, &Source) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    const MERGED: &str = "SELECT number FROM ix.state WHERE key = 'merged'";
    let newest = newest(connection)?;
    let view = tail.view();
    // With it the view of the index is opened, before anything else is asked about that.
    let merged = AnySql::<'_, BigInt>::new(MERGED).get_result(connection).optional()?;
    let source = source(merged.unwrap_or_default(), &view, newest);
    vtab::showing(view, || work(connection, &source))
}

/// The newest version of an embedded store, and when it was made.
pub(crate) fn newest(connection: &mut AnyConnection) -> Result<(i64, i64), StoreError> {
    const NEWEST: &str = "SELECT seq, last_updated FROM main.version ORDER BY seq DESC LIMIT 1";
    let newest = AnySql::<'_, (BigInt, BigInt)>::new(NEWEST).get_result(connection).optional()?;
    Ok(newest.unwrap_or_default())
}

fn source(merged: i64, view: &View, newest: (i64, i64)) -> Source {
    Source::Sqlite { merged, marked: view.marked(), tailed: !view.is_empty(), newest }
}

/// `SELECT columns FROM rows that are open as of what is shown`, with `narrow` appended to each part of the union.
///
/// `columns` may name the table's columns and `rid`.
pub(crate) fn select<'a, ST>(
    by: By,
    source: &Source,
    table: &IndexTable,
    columns: &str,
    shown: Shown<'_>,
    narrow: impl Fn(AnySql<'a, ST>) -> AnySql<'a, ST>,
) -> AnySql<'a, ST> {
    let mut parts = parts(by, source, table, columns, shown, narrow).into_iter();
    let first = parts.next().unwrap_or_else(|| AnySql::new(""));
    parts.fold(first, |sql, part| sql.text(" UNION ALL ").append(part))
}

/// The parts of [`select`]: a row is in one of them.
pub(crate) fn parts<'a, ST>(
    by: By,
    source: &Source,
    table: &IndexTable,
    columns: &str,
    shown: Shown<'_>,
    narrow: impl Fn(AnySql<'a, ST>) -> AnySql<'a, ST>,
) -> Vec<AnySql<'a, ST>> {
    match source {
        Source::Postgres => {
            let sql = AnySql::new(format!("SELECT {columns} FROM ix_{} i WHERE i.shard = 0", table.name));
            vec![narrow(match shown.snapshot() {
                Some(snapshot) => open_as_of(sql, snapshot),
                None => sql.text(" AND i.to_seq IS NULL"),
            })]
        }
        Source::Sqlite { merged, marked, tailed, .. } => {
            let (upto, name) = (shown.about(), table.name);
            let way = match by {
                By::Values => String::new(),
                By::Resource => format!(" INDEXED BY {name}_by_rid"),
                By::Wide => format!(" INDEXED BY {name}_wide"),
            };
            let index = AnySql::new(format!("SELECT {columns} FROM ix.{name} i{way} WHERE i.from_seq <= "))
                .int(upto)
                .text(" AND (i.to_seq IS NULL OR i.to_seq > ")
                .int(upto)
                .text(")");
            let tail = tailed.then(|| {
                AnySql::new(format!("SELECT {columns} FROM tail_{name} i WHERE i.from_seq > "))
                    .int(*merged)
                    .text(" AND i.from_seq > 0 AND i.from_seq <= ")
                    .int(upto)
            });
            let parts = std::iter::once(index).chain(tail);
            parts.map(|sql| narrow(not_marked(sql, table, *marked, upto))).collect()
        }
    }
}

/// The version that began a row is in the snapshot, and the one that ended it is not.
fn open_as_of<'a, ST>(sql: AnySql<'a, ST>, snapshot: &Snapshot) -> AnySql<'a, ST> {
    let mut sql = sql.text(" AND i.from_seq <= ").int(snapshot.upto);
    if !snapshot.holes.is_empty() {
        sql = sql.open_ended();
    }
    for &(first, last) in &snapshot.holes {
        sql = sql.text(" AND NOT (i.from_seq BETWEEN ").int(first).text(" AND ").int(last).text(")");
    }
    sql = sql.text(" AND (i.to_seq IS NULL OR i.to_seq > ").int(snapshot.upto);
    for &(first, last) in &snapshot.holes {
        sql = sql.text(" OR i.to_seq BETWEEN ").int(first).text(" AND ").int(last);
    }
    sql.text(")")
}

/// No mark of the tail that the snapshot shows ends the row.
fn not_marked<'a, ST>(sql: AnySql<'a, ST>, table: &IndexTable, marked: bool, upto: i64) -> AnySql<'a, ST> {
    if !marked {
        return sql;
    }
    let same: String =
        table.columns.iter().map(|column| format!("m.{c} = i.{c} AND ", c = column.name)).collect();
    sql.put(format_args!(
        " AND NOT EXISTS (SELECT 1 FROM tail_{} m WHERE m.param = i.param AND {same}m.rid = i.rid \
         AND m.from_seq < -i.from_seq AND m.from_seq >= ",
        table.name
    ))
    .int(-upto)
    .text(")")
}
