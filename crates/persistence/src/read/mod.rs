//! Reads: the same SQL on both stores, each with the caller's [`Access`] in it.

pub(crate) mod history;
pub(crate) mod judge;
pub(crate) mod point;
pub(crate) mod scan;
pub(crate) mod tally;

use crate::access::{Access, Interaction};
use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::snapshot::Snapshot;
use crate::version::{Made, Version};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, SmallInt, Text};
use rushlight_model::{Id, ResourceType};

/// The row shape of every read of versions.
pub(crate) type VersionRow = (SmallInt, Binary, BigInt, BigInt, BigInt, Bool, SmallInt, Integer, Text);

/// The same, as Rust sees it.
pub(crate) type VersionTuple = (i16, Vec<u8>, i64, i64, i64, bool, i16, i32, String);

/// The columns of [`VersionRow`], of an alias.
macro_rules! version_columns {
    ($($alias:ident)+) => {
        [$(concat!(
            stringify!($alias), ".type, ", stringify!($alias), ".id, ", stringify!($alias), ".seq, ",
            stringify!($alias), ".version, ", stringify!($alias), ".last_updated, ", stringify!($alias), ".deleted, ",
            stringify!($alias), ".made, ", stringify!($alias), ".splice, ", stringify!($alias), ".body",
        )),+]
    };
}

/// The columns of [`VersionRow`], of the alias `v`.
pub(crate) const VERSION_COLUMNS: &str = {
    let [columns] = version_columns!(v);
    columns
};

/// The same of `v0`, the version that is found, and of `q`, what is selected from it.
pub(crate) const FOUND_COLUMNS: [&str; 2] = version_columns!(v0 q);

/// What follows `FROM (`, a list of numbers, to have their versions `v`: each is looked up by its number, however many the
/// database thinks there are. Conditions and an order may follow.
pub(crate) const fn looked_up(is_postgres: bool) -> &'static str {
    match is_postgres {
        true => {
            ") k(seq) CROSS JOIN LATERAL (SELECT x.* FROM version x WHERE x.shard = 0 AND x.seq = k.seq OFFSET 0) v"
        }
        false => ") k CROSS JOIN version v WHERE v.seq = k.seq",
    }
}

/// Reads a row.
pub(crate) fn version(
    (ty, id, seq, version, last_updated, deleted, made, splice, body): VersionTuple,
) -> Result<Version, StoreError> {
    let damaged = |what: &str| StoreError::Damaged(format!("version number {seq} has an unknown {what}"));
    let ty = u16::try_from(ty).ok().and_then(ResourceType::from_number).ok_or_else(|| damaged("type"))?;
    let id = Id::from_key(&id).map_err(|_| damaged("id"))?;
    Ok(Version { ty, id, seq, version, last_updated, deleted, made: Made::stored(made)?, body, splice })
}

/// Appends ` AND alias.seq is in the snapshot`.
pub(crate) fn visible<'a, ST>(sql: AnySql<'a, ST>, alias: &str, snapshot: &Snapshot) -> AnySql<'a, ST> {
    let mut sql = sql.put(format_args!(" AND {alias}.seq <= ")).int(snapshot.upto);
    if !snapshot.holes.is_empty() {
        sql = sql.open_ended();
    }
    for &(first, last) in &snapshot.holes {
        sql = sql
            .put(format_args!(" AND NOT ({alias}.seq BETWEEN "))
            .int(first)
            .text(" AND ")
            .int(last)
            .text(")");
    }
    sql
}

/// Appends ` AND alias is of a type that the caller may see, and do this with`. Where more than the type counts, what is
/// found has to be [judged](judge).
pub(crate) fn permitted<'a, ST>(
    sql: AnySql<'a, ST>,
    alias: &'static str,
    access: &Access,
    interaction: Interaction,
) -> AnySql<'a, ST> {
    match access.type_numbers(interaction) {
        None => sql,
        // Numbers of our own, not a caller's text.
        Some(numbers) if numbers.is_empty() => sql.text(" AND 1 = 0"),
        Some(numbers) => {
            let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            sql.put(format_args!(" AND {alias}.type IN ({})", list.join(", "))).open_ended()
        }
    }
}

/// The least number whose version has this time or a later one. Numbers up to `before` are of an earlier time; `from` is the
/// answer if there is none below it.
///
/// Times rise with the numbers, so bisection finds it without an index on times. What becomes visible later is beyond the
/// snapshot that `from` is taken from.
pub(crate) fn first_since(
    connection: &mut AnyConnection,
    since: i64,
    (mut before, mut from): (i64, i64),
) -> Result<i64, StoreError> {
    let placed = if matches!(connection, AnyConnection::Postgres(_)) { " AND v.shard = 0" } else { "" };
    while before + 1 < from {
        let middle = before + (from - before) / 2;
        let sql: AnySql<'_, (BigInt, BigInt)> =
            AnySql::new("SELECT v.seq, v.last_updated FROM version v WHERE v.seq >= ")
                .int(middle)
                .text(" AND v.seq < ")
                .int(from)
                .text(placed)
                .text(" ORDER BY v.seq LIMIT 1");
        match sql.get_result::<(i64, i64)>(connection).optional()? {
            Some((seq, time)) if time < since => before = seq,
            _ => from = middle,
        }
    }
    Ok(from)
}
