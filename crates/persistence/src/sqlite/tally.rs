//! How common values are, kept in the index by the thread that writes it.

use crate::error::StoreError;
use crate::index::common::{Groups, Kept};
use crate::sql::Sql;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, SmallInt};
use diesel::sqlite::Sqlite;
use rushlight_search::contained;

/// Counts that one statement adds.
const CHUNK: usize = 500;

/// The statement that makes the table.
pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS tally (ix INTEGER NOT NULL, param INTEGER NOT NULL, \
     value INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (ix, param, value)) WITHOUT ROWID";

/// What is kept already.
pub(crate) fn kept(index: &mut SqliteConnection) -> Result<Kept, StoreError> {
    let sql = Sql::<'_, Sqlite, (SmallInt, Integer, BigInt)>::new("SELECT ix, param, value FROM main.tally");
    Ok(Kept::of(sql.load(index)?))
}

/// Adds what came at a time.
pub(crate) fn add(index: &mut SqliteConnection, kept: &mut Kept, groups: Groups) -> Result<(), StoreError> {
    for chunk in kept.worth(groups).chunks(CHUNK) {
        let rows: Vec<String> = chunk
            .iter()
            .map(|((table, unit, value), rows)| format!("({table}, {unit}, {value}, {rows})"))
            .collect();
        index.batch_execute(&format!(
            "INSERT INTO main.tally (ix, param, value, number) VALUES {} \
             ON CONFLICT DO UPDATE SET number = number + excluded.number",
            rows.join(", ")
        ))?;
    }
    Ok(())
}

/// Forgets a unit.
pub(crate) fn forget(index: &mut SqliteConnection, unit: i32) -> Result<(), StoreError> {
    let of_contained = unit | contained::UNITS;
    Ok(index.batch_execute(&format!("DELETE FROM main.tally WHERE param IN ({unit}, {of_contained})"))?)
}
