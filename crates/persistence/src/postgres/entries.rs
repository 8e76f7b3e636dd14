//! Index entries as arrays: one statement per table for a whole batch.

use crate::error::StoreError;
use crate::sql::Sql;
use crate::write::plan::NewVersion;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use diesel::pg::Pg;
use diesel::sql_types::{Array, BigInt, Binary, Double, Integer, Nullable, Text};
use rushlight_search::{Entry, IndexTable, Kind, Scalar, TABLES};
use std::collections::BTreeMap;

/// An entry's row, by columns.
struct Begun<'a> {
    entry: &'a Entry,
    rid: i64,
    from_seq: i64,
    to_seq: Option<i64>,
}

struct Ended<'a> {
    entry: &'a Entry,
    rid: i64,
    to_seq: i64,
}

/// Writes what begins and ends with the versions of a batch, in their order.
pub(crate) fn write(connection: &mut PgConnection, versions: &[NewVersion<'_>]) -> Result<(), StoreError> {
    let mut begun: Vec<Begun<'_>> = Vec::with_capacity(versions.len() * 20);
    let mut ended: Vec<Ended<'_>> = Vec::new();
    // What begins and ends within the batch is one row, written once.
    let mut open: BTreeMap<(&Entry, i64), usize> = BTreeMap::new();
    let repeats = versions.iter().any(|version| !version.ended.is_empty());
    for version in versions {
        for entry in &version.ended {
            let to_seq = version.seq;
            match open.remove(&(entry, version.rid)).and_then(|at| begun.get_mut(at)) {
                Some(row) => row.to_seq = Some(to_seq),
                None => ended.push(Ended { entry, rid: version.rid, to_seq }),
            }
        }
        for entry in &version.begun {
            if repeats {
                open.insert((entry, version.rid), begun.len());
            }
            begun.push(Begun { entry, rid: version.rid, from_seq: version.seq, to_seq: None });
        }
    }
    begun.sort_unstable_by(|a, b| a.entry.cmp(b.entry).then(a.rid.cmp(&b.rid)));
    ended.sort_unstable_by(|a, b| a.entry.cmp(b.entry).then(a.rid.cmp(&b.rid)));
    for (number, table) in TABLES.iter().enumerate() {
        let of_table = |entry: &Entry| usize::from(entry.table.0) == number;
        let ends: Vec<&Ended<'_>> = ended.iter().filter(|row| of_table(row.entry)).collect();
        if !ends.is_empty() {
            end(connection, table, &ends)?;
        }
        let rows: Vec<&Begun<'_>> = begun.iter().filter(|row| of_table(row.entry)).collect();
        if !rows.is_empty() {
            begin(connection, table, &rows)?;
        }
    }
    Ok(())
}

fn begin(connection: &mut PgConnection, table: &IndexTable, rows: &[&Begun<'_>]) -> Result<(), StoreError> {
    let columns: String = table.columns.iter().map(|column| format!("{}, ", column.name)).collect();
    let mut sql: Sql<'_, Pg> = Sql::new(format!(
        "INSERT INTO ix_{} (param, {columns}rid, from_seq, to_seq) SELECT * FROM unnest(",
        table.name
    ))
    .bind::<Array<Integer>, _>(rows.iter().map(|row| row.entry.param).collect::<Vec<_>>());
    sql = values(sql, table, rows.iter().map(|row| row.entry));
    sql.text(", ")
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.rid).collect::<Vec<_>>())
        .text(", ")
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.from_seq).collect::<Vec<_>>())
        .text(", ")
        .bind::<Array<Nullable<BigInt>>, _>(rows.iter().map(|row| row.to_seq).collect::<Vec<_>>())
        .text(")")
        .execute(connection)?;
    Ok(())
}

fn end(connection: &mut PgConnection, table: &IndexTable, rows: &[&Ended<'_>]) -> Result<(), StoreError> {
    let names: String = table.columns.iter().map(|column| format!("{}, ", column.name)).collect();
    let same: String =
        table.columns.iter().map(|column| format!("i.{c} = e.{c} AND ", c = column.name)).collect();
    let mut sql: Sql<'_, Pg> =
        Sql::new(format!("UPDATE ix_{} i SET to_seq = e.to_seq FROM unnest(", table.name))
            .bind::<Array<Integer>, _>(rows.iter().map(|row| row.entry.param).collect::<Vec<_>>());
    sql = values(sql, table, rows.iter().map(|row| row.entry));
    sql.text(", ")
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.rid).collect::<Vec<_>>())
        .text(", ")
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.to_seq).collect::<Vec<_>>())
        .text(format!(
            ") AS e (param, {names}rid, to_seq) WHERE i.shard = 0 AND i.param = e.param AND {same}i.rid = e.rid \
             AND i.to_seq IS NULL"
        ))
        .execute(connection)?;
    Ok(())
}

/// Appends an array per value column.
fn values<'a>(
    mut sql: Sql<'a, Pg>,
    table: &IndexTable,
    entries: impl Iterator<Item = &'a Entry> + Clone,
) -> Sql<'a, Pg> {
    for (at, column) in table.columns.iter().enumerate() {
        // The extractor fills every column with its kind; what else there were would be the kind's zero.
        let column_values = entries.clone().map(|entry| entry.values.get(at));
        sql = sql.text(", ");
        sql = match column.kind {
            Kind::Int => sql.bind::<Array<BigInt>, _>(
                column_values
                    .map(|value| if let Some(Scalar::Int(value)) = value { *value } else { 0 })
                    .collect::<Vec<_>>(),
            ),
            Kind::Real => sql.bind::<Array<Double>, _>(
                column_values
                    .map(|value| if let Some(Scalar::Real(value)) = value { *value } else { 0.0 })
                    .collect::<Vec<_>>(),
            ),
            Kind::Text => sql.bind::<Array<Text>, _>(
                column_values
                    .map(|value| if let Some(Scalar::Text(value)) = value { value.as_ref() } else { "" })
                    .collect::<Vec<&str>>(),
            ),
            Kind::Bytes => sql.bind::<Array<Binary>, _>(
                column_values
                    .map(|value| if let Some(Scalar::Bytes(value)) = value { value.as_slice() } else { &[] })
                    .collect::<Vec<&[u8]>>(),
            ),
        };
    }
    sql
}
