//! Index entries as arrays: one statement per table for a whole batch.

use crate::error::StoreError;
use crate::index::common::Groups;
use crate::postgres::tally;
use crate::sql::Sql;
use crate::write::plan::NewVersion;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use diesel::pg::Pg;
use diesel::sql_types::{Array, BigInt, Binary, Double, Integer, Nullable, Text};
use rushlight_search::key::Value;
use rushlight_search::{Entry, IndexTable, Kind};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// An entry's row.
pub(crate) struct Row<'a> {
    pub(crate) entry: Entry<'a>,
    pub(crate) rid: i64,
    /// The version that it begins with; nobody asks for it where a row ends.
    pub(crate) from_seq: i64,
    /// The version that it ends with.
    pub(crate) to_seq: Option<i64>,
}

/// Writes what begins and ends with the versions of a batch, in their order; returns how many rows came and went.
pub(crate) fn write(
    connection: &mut PgConnection,
    versions: &[NewVersion<'_>],
) -> Result<Groups, StoreError> {
    let mut begun: Vec<Row<'_>> =
        Vec::with_capacity(versions.iter().map(|version| version.begun.len()).sum());
    let mut ended: Vec<Row<'_>> = Vec::new();
    // What begins and ends within the batch is one row, written once.
    let mut open: BTreeMap<(Entry<'_>, i64), usize> = BTreeMap::new();
    let repeats = versions.iter().any(|version| !version.ended.is_empty());
    for version in versions {
        let (rid, seq) = (version.rid, version.seq);
        for entry in version.ended.iter() {
            match open.remove(&(entry, rid)).and_then(|at| begun.get_mut(at)) {
                Some(row) => row.to_seq = Some(seq),
                None => ended.push(Row { entry, rid, from_seq: 0, to_seq: Some(seq) }),
            }
        }
        for entry in version.begun.iter() {
            if repeats {
                open.insert((entry, rid), begun.len());
            }
            begun.push(Row { entry, rid, from_seq: seq, to_seq: None });
        }
    }
    of_each_table(&mut ended, |table, rows| end(connection, table, rows))?;
    of_each_table(&mut begun, |table, rows| begin(connection, table, rows))?;
    let mut groups = Vec::new();
    tally::count(&ended, -1, &mut groups);
    tally::count(&begun, 1, &mut groups);
    Ok(groups)
}

/// Sorts rows, and hands over those of each table that has any.
pub(crate) fn of_each_table<'a>(
    rows: &mut [Row<'a>],
    mut write: impl FnMut(&IndexTable, &[Row<'a>]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    rows.sort_unstable_by(|a, b| a.entry.cmp(&b.entry).then(a.rid.cmp(&b.rid)));
    for rows in rows.chunk_by(|a, b| a.entry.table == b.entry.table) {
        if let Some(table) = rows.first().and_then(|row| row.entry.table()) {
            write(table, rows)?;
        }
    }
    Ok(())
}

fn begin(connection: &mut PgConnection, table: &IndexTable, rows: &[Row<'_>]) -> Result<(), StoreError> {
    let columns = columns(table);
    let head = format!(
        "INSERT INTO ix_{} (param, {columns}rid, from_seq, to_seq) SELECT * FROM unnest(",
        table.name
    );
    begun(Sql::new(head), table, rows)
        .text(", ")
        .bind::<Array<Nullable<BigInt>>, _>(column(rows, |row| row.to_seq))
        .text(")")
        .execute(connection)?;
    Ok(())
}

/// Adds rows, unless a row of the same entry and resource is open already.
pub(crate) fn complete(
    connection: &mut PgConnection,
    table: &IndexTable,
    rows: &[Row<'_>],
) -> Result<(), StoreError> {
    let (name, columns, same) = (table.name, columns(table), same(table));
    let head =
        format!("INSERT INTO ix_{name} (param, {columns}rid, from_seq) SELECT * FROM (SELECT * FROM unnest(");
    begun(Sql::new(head), table, rows)
        .put(format_args!(
            ")) AS e (param, {columns}rid, from_seq) WHERE NOT EXISTS (SELECT 1 FROM ix_{name} i \
             WHERE i.shard = 0 AND i.param = e.param AND {same}i.rid = e.rid AND i.to_seq IS NULL)"
        ))
        .execute(connection)?;
    Ok(())
}

fn end(connection: &mut PgConnection, table: &IndexTable, rows: &[Row<'_>]) -> Result<(), StoreError> {
    let (columns, same) = (columns(table), same(table));
    let head = format!("UPDATE ix_{} i SET to_seq = e.to_seq FROM unnest(", table.name);
    keys(Sql::new(head), table, rows)
        .text(", ")
        .bind::<Array<Nullable<BigInt>>, _>(column(rows, |row| row.to_seq))
        .put(format_args!(
            ") AS e (param, {columns}rid, to_seq) WHERE i.shard = 0 AND i.param = e.param AND {same}i.rid = e.rid \
             AND i.to_seq IS NULL"
        ))
        .execute(connection)?;
    Ok(())
}

/// The names of a table's value columns, each followed by a comma.
fn columns(table: &IndexTable) -> String {
    table.columns.iter().map(|column| format!("{}, ", column.name)).collect()
}

/// That the value columns of `i` and `e` are equal, followed by AND.
fn same(table: &IndexTable) -> String {
    table.columns.iter().map(|column| format!("i.{c} = e.{c} AND ", c = column.name)).collect()
}

fn column<'r, 'e, T>(rows: &'r [Row<'e>], of: impl Fn(&'r Row<'e>) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

/// Appends an array for the units, for each value column, for the resources and for the versions that begin rows.
fn begun<'a>(sql: Sql<'a, Pg>, table: &IndexTable, rows: &'a [Row<'_>]) -> Sql<'a, Pg> {
    keys(sql, table, rows).text(", ").bind::<Array<BigInt>, _>(column(rows, |row| row.from_seq))
}

/// Appends an array for the units, for each value column and for the resources.
fn keys<'a>(mut sql: Sql<'a, Pg>, table: &IndexTable, rows: &'a [Row<'_>]) -> Sql<'a, Pg> {
    sql = sql.bind::<Array<Integer>, _>(column(rows, |row| row.entry.param()));
    let mut values: Vec<_> = rows.iter().map(|row| row.entry.values()).collect();
    for kind in table.columns.iter().map(|column| column.kind) {
        // The extractor fills every column with its kind; what else there were would be the kind's zero.
        let next = values.iter_mut().map(Iterator::next);
        sql = sql.text(", ");
        sql =
            match kind {
                Kind::Int => sql.bind::<Array<BigInt>, _>(
                    next.map(|value| if let Some(Value::Int(value)) = value { value } else { 0 })
                        .collect::<Vec<i64>>(),
                ),
                Kind::Real => sql.bind::<Array<Double>, _>(
                    next.map(|value| if let Some(Value::Real(value)) = value { value } else { 0.0 })
                        .collect::<Vec<f64>>(),
                ),
                Kind::Text => sql.bind::<Array<Text>, _>(next.map(text).collect::<Vec<Cow<'_, str>>>()),
                Kind::Bytes => sql.bind::<Array<Binary>, _>(
                    next.map(|value| {
                        if let Some(Value::Bytes(value)) = value { value } else { Cow::Borrowed(&[][..]) }
                    })
                    .collect::<Vec<Cow<'_, [u8]>>>(),
                ),
            };
    }
    sql.text(", ").bind::<Array<BigInt>, _>(column(rows, |row| row.entry.owner(row.rid)))
}

/// The text of a column. The extractor's texts are UTF-8, and have no NUL, which PostgreSQL does not admit.
fn text(value: Option<Value<'_>>) -> Cow<'_, str> {
    match value {
        Some(Value::Text(Cow::Borrowed(bytes))) => String::from_utf8_lossy(bytes),
        Some(Value::Text(Cow::Owned(bytes))) => {
            Cow::Owned(String::from_utf8_lossy(&bytes).replace('\0', "\u{FFFD}"))
        }
        _ => Cow::Borrowed(""),
    }
}
