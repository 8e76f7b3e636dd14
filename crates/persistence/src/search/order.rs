//! The order of matches: what they are sorted by, and places in it.

use crate::either::AnySql;
use crate::index::rows::By;
use crate::search::Place;
use crate::search::alias::Alias;
use crate::search::compile::Compiler;
use diesel::sql_types::{BigInt, Binary, Double, Nullable, Text};
use rushlight_search::query::{Op, RowTest, SORT_KEYS, Scalar, SortBy, SortKey};
use rushlight_search::{GREATEST, Kind, LEAST, TableId};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Keys that a search may be sorted by, at the most: those of [`Keys`].
const MOST_KEYS: usize = 6;
const _: () = assert!(SORT_KEYS <= MOST_KEYS, "a search may be sorted by more keys than a row has");

/// A value that a match is sorted by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Sorted {
    /// It has none: last in both directions.
    None,
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// Where a match is in the order: its values, then its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct At {
    pub(crate) values: Vec<Sorted>,
    pub(crate) rid: i64,
}

impl At {
    pub(crate) fn place(&self) -> Place {
        Place(serde_json::to_vec(self).unwrap_or_default())
    }

    /// The place that bytes tell, if they tell one of an order with so many keys.
    pub(crate) fn of(place: &Place, keys: usize) -> Option<Self> {
        let at: Self = serde_json::from_slice(&place.0).ok()?;
        (at.values.len() == keys).then_some(at)
    }
}

/// What sort of value a key has.
pub(crate) fn kind(key: &SortKey) -> Kind {
    match &key.by {
        SortBy::Id => Kind::Bytes,
        SortBy::LastUpdated => Kind::Int,
        SortBy::Entries { table, .. } => {
            table.table().and_then(|table| table.columns.first()).map_or(Kind::Int, |column| column.kind)
        }
    }
}

impl Compiler<'_> {
    /// Appends the value of a key for an alias. The numbers of versions rise with their times: where no other key follows,
    /// they stand for these, and nothing is equal.
    pub(crate) fn sorted<'a, ST>(
        &self,
        sql: AnySql<'a, ST>,
        (key, is_last): (&SortKey, bool),
        alias: Alias,
    ) -> AnySql<'a, ST> {
        let (table, units, target) = match &key.by {
            SortBy::Id => return sql.text(alias.dot("id")),
            SortBy::LastUpdated if is_last => return sql.text(alias.dot("seq")),
            SortBy::LastUpdated => return sql.text(alias.dot("last_updated")),
            SortBy::Entries { table, units, target } => (*table, units, target),
        };
        let Some(first) = table.table().and_then(|table| table.columns.first()) else {
            return sql.text("NULL");
        };
        let rid = format!(" AND i.rid = {}", alias.dot("rid"));
        let mut rows = telling(RowTest::any(table, units.clone()), key.descending);
        if let Some(target) = target {
            rows = rows.and(1, Op::Is(Scalar::Int(i64::from(target.number()))));
        }
        let columns = format!("i.{} AS key", first.name);
        let listed = |sql| self.rows(By::Resource, sql, &columns, &rows, &rid);
        // PostgreSQL 15 has no min and max of bytea.
        if first.kind == Kind::Bytes && self.is_postgres() {
            let direction = if key.descending { "DESC" } else { "ASC" };
            let sql = listed(sql.text("(SELECT key FROM ("));
            return sql.put(format_args!(") k ORDER BY key {direction} LIMIT 1)"));
        }
        let function = if key.descending { "max" } else { "min" };
        listed(sql.put(format_args!("(SELECT {function}(key) FROM ("))).text(") k)")
    }
}

/// Only rows that say something; of a table that marks them, those that are the first or the last of a resource. The walk
/// in the order of a table ([`walk`](super::walk)) goes by the same marks: both have to find the same values.
fn telling(rows: RowTest, descending: bool) -> RowTest {
    let flags = rows.table.table().filter(|table| table.is_flagged()).map(|table| table.columns.len() - 1);
    if let Some(column) = flags {
        let own = if descending { GREATEST } else { LEAST };
        return rows.and(column, Op::OneOf([own, LEAST | GREATEST].map(Scalar::Int).into()));
    }
    match rows.table {
        TableId::REFERENCE => rows.and(0, Op::IsNot(Scalar::Bytes(Vec::new()))),
        TableId::TOKEN | TableId::URI => rows.and(0, Op::IsNot(Scalar::Text(String::new()))),
        _ => rows,
    }
}

/// Appends `ORDER BY` of the keys `k0`, `k1`… and the resource's. With `valued`, all have a value of the first key.
pub(crate) fn ordered<'a, ST>(
    sql: AnySql<'a, ST>,
    keys: &[SortKey],
    backward: bool,
    valued: bool,
) -> AnySql<'a, ST> {
    let direction = |down: bool| if down { "DESC" } else { "ASC" };
    let mut text = " ORDER BY ".to_owned();
    for (at, key) in keys.iter().enumerate() {
        if at > 0 || !valued {
            text.push_str(&format!("(k{at} IS NULL) {}, ", direction(backward)));
        }
        text.push_str(&format!("k{at} {}, ", direction(key.descending != backward)));
    }
    sql.put(format_args!("{text}rid {}", direction(backward)))
}

/// Appends `ORDER BY` of the first key alone, of which all have a value.
pub(crate) fn by_first<'a, ST>(sql: AnySql<'a, ST>, keys: &[SortKey], backward: bool) -> AnySql<'a, ST> {
    let down = keys.first().is_some_and(|key| key.descending != backward);
    sql.text(if down { " ORDER BY k0 DESC" } else { " ORDER BY k0" })
}

/// The order of [`ordered`], of places.
pub(crate) fn compare(keys: &[SortKey], a: &At, b: &At, backward: bool) -> Ordering {
    let turned = |order: Ordering, turn: bool| if turn { order.reverse() } else { order };
    for (key, (a, b)) in keys.iter().zip(a.values.iter().zip(&b.values)) {
        let order = match (a, b) {
            (Sorted::None, Sorted::None) => Ordering::Equal,
            (Sorted::None, _) => Ordering::Greater,
            (_, Sorted::None) => Ordering::Less,
            (Sorted::Int(a), Sorted::Int(b)) => turned(a.cmp(b), key.descending),
            (Sorted::Real(a), Sorted::Real(b)) => turned(a.total_cmp(b), key.descending),
            (Sorted::Text(a), Sorted::Text(b)) => turned(a.cmp(b), key.descending),
            (Sorted::Bytes(a), Sorted::Bytes(b)) => turned(a.cmp(b), key.descending),
            _ => Ordering::Equal,
        };
        if order.is_ne() {
            return turned(order, backward);
        }
    }
    turned(a.rid.cmp(&b.rid), backward)
}

/// Appends that a row comes after a place, or before it.
pub(crate) fn beyond<'a, ST>(
    mut sql: AnySql<'a, ST>,
    keys: &[SortKey],
    at: &At,
    backward: bool,
) -> AnySql<'a, ST> {
    let values = || keys.iter().zip(&at.values).enumerate();
    // One alternative for each key: those before it are equal, and it is beyond.
    sql = sql.text("(");
    for (number, (key, value)) in values() {
        let mut part = AnySql::<ST>::new("(");
        for (before, (_, value)) in values().take(number) {
            part = same(part, before, value).text(" AND ");
        }
        let up = key.descending == backward;
        part = match (value, backward) {
            // Nothing comes after those without a value, and all with one come before.
            (Sorted::None, false) => part.text("1 = 0"),
            (Sorted::None, true) => part.put(format_args!("k{number} IS NOT NULL")),
            (value, backward) => {
                let operator = if up { ">" } else { "<" };
                let part = bound(part.put(format_args!("(k{number} {operator} ")), value);
                if backward { part.text(")") } else { part.put(format_args!(" OR k{number} IS NULL)")) }
            }
        };
        sql = sql.append(part.text(") OR "));
    }
    let mut part = AnySql::<ST>::new("(");
    for (number, (_, value)) in values() {
        part = same(part, number, value).text(" AND ");
    }
    let operator = if backward { "<" } else { ">" };
    sql.append(part.put(format_args!("rid {operator} ")).int(at.rid).text("))"))
}

fn same<'a, ST>(sql: AnySql<'a, ST>, number: usize, value: &Sorted) -> AnySql<'a, ST> {
    match value {
        Sorted::None => sql.put(format_args!("k{number} IS NULL")),
        value => bound(sql.put(format_args!("k{number} = ")), value),
    }
}

pub(crate) fn bound<'a, ST>(sql: AnySql<'a, ST>, value: &Sorted) -> AnySql<'a, ST> {
    match value {
        Sorted::None => sql.text("NULL"),
        Sorted::Int(value) => sql.bind::<BigInt, _>(*value),
        Sorted::Real(value) => sql.bind::<Double, _>(*value),
        Sorted::Text(value) => sql.bind::<Text, _>(value.clone()),
        Sorted::Bytes(value) => sql.bind::<Binary, _>(value.clone()),
    }
}

/// The keys of a row in one shape: of each key, what it may be, the rest null.
pub(crate) type Keys = (Key, Key, Key, Key, Key, Key);
pub(crate) type Key = (Nullable<BigInt>, Nullable<Text>, Nullable<Binary>);

/// The same, as Rust sees it.
pub(crate) type KeyTuples = (KeyTuple, KeyTuple, KeyTuple, KeyTuple, KeyTuple, KeyTuple);
pub(crate) type KeyTuple = (Option<i64>, Option<String>, Option<Vec<u8>>);

/// What a key may be: one of these is not null.
const KINDS: [(Kind, &str, &str); 3] =
    [(Kind::Int, "bigint", "i"), (Kind::Text, "text", "t"), (Kind::Bytes, "bytea", "b")];

/// Of so many keys, how many have columns: none, one or all.
fn shape(keys: usize) -> usize {
    if keys > 1 { MOST_KEYS } else { keys }
}

/// The columns of what matches are sorted by, each after a comma: those of no [`Key`], of one, or of [`Keys`].
pub(crate) fn columns(keys: &[SortKey], postgres: bool) -> String {
    let mut text = String::new();
    for at in 0..shape(keys.len()) {
        let of = keys.get(at).map(kind);
        for (kind, ty, name) in KINDS {
            let value = match of {
                Some(of) if of == kind => format!("q.k{at}"),
                _ if postgres => format!("NULL::{ty}"),
                _ => "NULL".to_owned(),
            };
            text.push_str(&format!(", {value} AS {name}{at}"));
        }
    }
    text
}

/// The same columns, with no values.
pub(crate) fn none(keys: usize) -> String {
    let columns = (0..shape(keys)).flat_map(|_| KINDS.map(|(_, ty, _)| format!(", NULL::{ty}")));
    columns.collect()
}

/// The same columns of a table `k` that has them.
pub(crate) fn names(keys: usize) -> String {
    let columns = (0..shape(keys)).flat_map(|at| KINDS.map(|(.., name)| format!(", k.{name}{at}")));
    columns.collect()
}

/// A row's value for a key.
pub(crate) fn value(key: KeyTuple) -> Sorted {
    match key {
        (Some(value), ..) => Sorted::Int(value),
        (_, Some(value), _) => Sorted::Text(value),
        (_, _, Some(value)) => Sorted::Bytes(value),
        (None, None, None) => Sorted::None,
    }
}

/// A row's values for so many keys.
pub(crate) fn values(row: KeyTuples, keys: usize) -> Vec<Sorted> {
    [row.0, row.1, row.2, row.3, row.4, row.5].into_iter().take(keys).map(value).collect()
}
