//! Pages found by walking the index in the order that is asked for: where there are many matches, they are neither listed
//! nor sorted.

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::{self, By};
use crate::search::alias::Alias;
use crate::search::drive::Driver;
use crate::search::hits::{Hit, Row, Wanted};
use crate::search::order::{self, At, Sorted};
use crate::search::run::Found;
use crate::search::values::{Manner, of_units, passes};
use diesel::sql_types::BigInt;
use rushlight_search::query::{Condition, Op, RowTest, SortBy, SortKey};
use rushlight_search::{GREATEST, IndexTable, LEAST, TableId};

/// An order that a table is in.
pub(crate) struct Order<'q> {
    table: &'static IndexTable,
    units: &'q [i32],
    /// The flag of the rows that count.
    flag: i64,
}

/// The order of a key, if there is a table in it: one that says which row of a resource counts.
pub(crate) fn order(key: &SortKey) -> Option<Order<'_>> {
    let SortBy::Entries { table, units, target: None } = &key.by else { return None };
    let named = table.table()?;
    // Of several units a resource may have several rows that count.
    let walks = named.is_flagged() && units.len() == 1;
    walks.then_some(Order { table: named, units, flag: if key.descending { GREATEST } else { LEAST } })
}

/// The matches of a page: those with a value by the walk, those without one as they are listed.
pub(crate) fn sorted(
    found: &Found<'_>,
    connection: &mut AnyConnection,
    order: &Order<'_>,
    driver: Option<Driver<'_>>,
    wanted: Wanted<'_>,
) -> Result<Vec<Hit>, StoreError> {
    let Wanted { from, backward, limit, .. } = wanted;
    let is_without = |at: &At| matches!(at.values.first(), Some(Sorted::None));
    let without = |connection: &mut AnyConnection, driver, from, limit| {
        found.listed(connection, driver, Wanted { from, limit, ..wanted }, " AND k0 IS NULL")
    };
    let mut all = Vec::new();
    match (backward, from) {
        (false, Some(at)) if is_without(at) => return without(connection, driver, from, limit),
        (false, _) => {
            all.extend(valued(found, connection, order, wanted)?);
            if all.len() < limit {
                all.extend(without(connection, driver, None, limit - all.len())?);
            }
        }
        (true, Some(at)) if !is_without(at) => {
            all.extend(valued(found, connection, order, wanted)?);
        }
        (true, _) => {
            all.extend(without(connection, driver, from, limit)?);
            if all.len() < limit {
                let wanted = Wanted { from: None, limit: limit - all.len(), ..wanted };
                all.extend(valued(found, connection, order, wanted)?);
            }
        }
    }
    Ok(all)
}

/// Those with a value.
fn valued(
    found: &Found<'_>,
    connection: &mut AnyConnection,
    order: &Order<'_>,
    wanted: Wanted<'_>,
) -> Result<Vec<Hit>, StoreError> {
    let Wanted { from, backward, limit, .. } = wanted;
    let sort = &found.query.sort;
    let Some((key, column)) = sort.first().zip(order.table.columns.first()) else { return Ok(Vec::new()) };
    let down = key.descending != backward;
    let bound = from.and_then(|at| at.values.first()).filter(|value| **value != Sorted::None);
    let walk = Walk { table: order.table, rid: "i.rid", key: Some(column.name), rest: &found.condition };
    let mut all = walk.run(found, connection, (column.name, wanted), |sql| {
        let sql =
            of_units(sql, order.units).text(" AND (i.flags & ").bind::<BigInt, _>(order.flag).text(") <> 0");
        match bound {
            Some(value) => {
                let operator = if down { "<=" } else { ">=" };
                order::bound(sql.put(format_args!(" AND i.{} {operator} ", column.name)), value)
            }
            None => sql,
        }
    })?;
    all.truncate(limit);
    Ok(all)
}

/// Whether the rows that pass a test are in the order of the resources' keys: the test leaves nothing open before these,
/// save for the versions of references, which few have.
pub(crate) fn is_in_order(test: &RowTest) -> bool {
    let Some(table) = test.table.table() else { return false };
    let open = (0..table.columns.len()).filter(|column| !is_fixed(test, *column));
    test.units.len() == 1 && open.eq(version_of(test))
}

fn is_fixed(test: &RowTest, column: usize) -> bool {
    test.tests.iter().any(|test| test.column == column && matches!(test.op, Op::Is(_)))
}

/// The column of a reference's version, where a test leaves it open.
fn version_of(test: &RowTest) -> Option<usize> {
    const VERSION: usize = 2;
    (test.table == TableId::REFERENCE && !is_fixed(test, VERSION)).then_some(VERSION)
}

/// The matches of a page among the resources that have rows that pass a test, which are [in order](is_in_order); `rest` is
/// what else must hold of them.
pub(crate) fn of_value(
    found: &Found<'_>,
    connection: &mut AnyConnection,
    test: &RowTest,
    rest: &Condition,
    wanted: Wanted<'_>,
) -> Result<Vec<Hit>, StoreError> {
    let Wanted { from, backward, limit, .. } = wanted;
    let Some(table) = test.table.table() else { return Ok(Vec::new()) };
    let postgres = found.compiler.is_postgres();
    // With a bare column, SQLite would walk all rows in the order of it.
    // A resource may refer to several versions: it counts once.
    let sorted = if postgres { "DISTINCT i.rid" } else { "DISTINCT +i.rid" };
    let stretches: &[(&str, &'static str)] = match version_of(test) {
        None => &[("i.rid", "")],
        Some(_) => &[("i.rid", " AND i.version = ''"), (sorted, " AND i.version > ''")],
    };
    let parts = stretches.iter().flat_map(|(rid, more)| {
        let walk = Walk { table, rid, key: None, rest };
        walk.parts(found, wanted, |sql| {
            let sql = passes(of_units(sql, &test.units), (table, Manner::default()), &test.tests, postgres)
                .text(*more);
            match from {
                Some(at) => sql.text(if backward { " AND i.rid < " } else { " AND i.rid > " }).int(at.rid),
                None => sql,
            }
        })
    });
    let parts = parts.map(|part| order::ordered(part, &[], backward, true)).collect();
    let mut all = found.load(connection, (parts, wanted.bytes.is_some()), wanted)?;
    all.sort_by(|a, b| order::compare(&[], &a.at, &b.at, backward));
    all.dedup_by_key(|hit| hit.at.rid);
    all.truncate(limit);
    Ok(all)
}

/// A walk through rows of a table.
struct Walk<'w> {
    table: &'static IndexTable,
    /// The resource's key, as it is selected.
    rid: &'w str,
    /// The column that has the first key that matches are sorted by, if they are: the rows are in the order of it.
    key: Option<&'w str>,
    /// What must hold of the resources.
    rest: &'w Condition,
}

impl Walk<'_> {
    /// The first matches of each part of the table, merged; of a walk in the order of a column.
    fn run<'a>(
        &self,
        found: &Found<'_>,
        connection: &mut AnyConnection,
        (key, wanted): (&str, Wanted<'_>),
        narrow: impl Fn(AnySql<'a, Row>) -> AnySql<'a, Row>,
    ) -> Result<Vec<Hit>, StoreError> {
        let sort = &found.query.sort;
        let Wanted { backward, limit, bytes, .. } = wanted;
        let mut load = |parts| found.load(connection, (parts, bytes.is_some()), wanted);
        let mut parts = self.parts(found, wanted, &narrow).into_iter();
        let index = parts.next().map(|part| order::ordered(part, sort, backward, true));
        let mut all = load(index.into_iter().collect())?;
        // The tail can't sort what is equal: a virtual table has all of an order or nothing.
        for part in parts {
            let mut some = load(vec![order::by_first(part, sort, backward)])?;
            let last = some.last().and_then(|hit| hit.at.values.first()).cloned();
            if let Some(last) = last.filter(|_| some.len() == limit) {
                some.retain(|hit| hit.at.values.first() != Some(&last));
                let same = |sql| order::bound(narrow(sql).put(format_args!(" AND i.{key} = ")), &last);
                if let Some(part) = self.parts(found, wanted, same).pop() {
                    some.extend(load(vec![order::ordered(part, sort, backward, true)])?);
                }
            }
            all.extend(some);
        }
        all.sort_by(|a, b| order::compare(sort, &a.at, &b.at, backward));
        Ok(all)
    }

    /// The statement of each part of the table, without an order.
    fn parts<'a>(
        &self,
        found: &Found<'_>,
        Wanted { from, backward, bytes, .. }: Wanted<'_>,
        narrow: impl Fn(AnySql<'a, Row>) -> AnySql<'a, Row>,
    ) -> Vec<AnySql<'a, Row>> {
        let compiler = &found.compiler;
        let key = self.key.map_or_else(String::new, |key| format!(", i.{key} AS key"));
        let columns = format!("{} AS rid{key}", self.rid);
        let first = self.key.map(|_| "e.key");
        let whole = |part| {
            let alias = Alias::found("e.rid");
            let sql =
                found.selected("e.rid", first, bytes.is_some()).text(" FROM (").append(part).text(") e");
            let sql = compiler.resource(sql, "e.rid", alias, &found.query.types);
            let sql = compiler.of_types(sql, "v0").text(" AND ");
            let sql = compiler.check(sql, self.rest, alias).text(") q WHERE 1 = 1");
            match from {
                Some(at) => order::beyond(sql.text(" AND "), &found.query.sort, at, backward),
                None => sql,
            }
        };
        let parts = rows::parts(By::Values, compiler.source, self.table, &columns, compiler.shown, narrow);
        parts.into_iter().map(whole).collect()
    }
}
