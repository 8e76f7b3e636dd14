//! The store examined: do versions count without a gap, and does the index say what the bodies say?

use crate::access::Access;
use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::index::rows::{self, By, Source};
use crate::index::shape::{self, Shape, Shaped};
use crate::snapshot::{Shown, Snapshot};
use crate::store::Store;
use crate::units::{Known, state};
use diesel::sql_types::BigInt;
use rushlight_search::{IndexTable, TABLES, TableId, contained};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// What an examination found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Current resources, deleted ones left out.
    pub resources: i64,
    /// Versions.
    pub versions: i64,
    /// Index rows that the current resources have.
    pub entries: i64,
    /// What is wrong, in plain words; empty where all is well.
    pub faults: Vec<String>,
}

/// Rows without their order: how many, and the sum of their hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    rows: i64,
    sum: u64,
}

impl Tally {
    fn add(&mut self, key: &[u8], rid: i64) {
        let mut hasher = DefaultHasher::new();
        (key, rid).hash(&mut hasher);
        self.rows += 1;
        self.sum = self.sum.wrapping_add(hasher.finish());
    }
}

/// The rows of each unit in each table, by the table's number and the one that rows have for the unit.
type Tallies = BTreeMap<(u8, i32), Tally>;

impl Store {
    /// Examines the whole store as of now: reads every body once and every index row once. Waits for an index that is
    /// being built; of what is not built at last, nothing is said but that.
    ///
    /// # Errors
    /// A database that fails. What is wrong with the records themselves is in the result.
    pub fn verify(&self) -> Result<Verification, StoreError> {
        self.progress().wait_ready(Duration::from_secs(600))?;
        self.wait_built(Duration::from_secs(3600))?;
        let snapshot = self.snapshot()?;
        let known = self.known();
        let mut faults = Vec::new();
        let (found, unbuilt) = self.found(&snapshot, &known)?;
        let (expected, resources) = self.expected(&snapshot, &known, &unbuilt)?;
        if !unbuilt.is_empty() {
            faults.push(format!("{} units are not built", unbuilt.len()));
        }
        for place in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
            let of = |tallies: &Tallies| tallies.get(place).copied().unwrap_or_default();
            let (expected, found) = (of(&expected), of(&found));
            if expected != found {
                faults.push(format!(
                    "index table {}, unit {}{}: the bodies have {} rows, the index {}{}",
                    TableId(place.0).table().map_or("?", |table| table.name),
                    contained::unit(place.1),
                    if place.1 < contained::UNITS { "" } else { " of contained resources" },
                    expected.rows,
                    found.rows,
                    if expected.rows == found.rows { ", of other content" } else { "" }
                ));
            }
        }
        let versions = self.number("SELECT count(*) FROM version")?;
        for (what, sql) in [
            (
                "resources whose versions do not count 1, 2, 3…",
                "SELECT count(*) FROM (SELECT 1 AS x FROM version GROUP BY rid \
                 HAVING count(*) <> max(version) OR min(version) <> 1 OR min(seq) <> max(rid)) t",
            ),
            (
                "resources that do not point to their newest version",
                "SELECT count(*) FROM resource r LEFT JOIN (SELECT rid, max(seq) AS newest FROM version GROUP BY rid) v \
                 ON v.rid = r.rid WHERE v.newest IS NULL OR r.seq <> v.newest",
            ),
            (
                "versions without their resource",
                "SELECT count(*) FROM version v LEFT JOIN resource r ON r.type = v.type AND r.id = v.id AND r.rid = v.rid \
                 WHERE r.rid IS NULL",
            ),
        ] {
            let count = self.number(sql)?;
            if count != 0 {
                faults.push(format!("{count} {what}"));
            }
        }
        let entries = expected.values().map(|tally| tally.rows).sum();
        Ok(Verification { resources, versions, entries, faults })
    }

    fn number(&self, sql: &'static str) -> Result<i64, StoreError> {
        self.with_reader(|connection| Ok(AnySql::<'_, BigInt>::new(sql).get_result(connection)?))
    }

    /// What the bodies say of the units that are built.
    fn expected(
        &self,
        snapshot: &Snapshot,
        known: &Known,
        unbuilt: &BTreeSet<i32>,
    ) -> Result<(Tallies, i64), StoreError> {
        const PAGE: usize = 2000;
        let mut tallies = Tallies::new();
        let (mut after, mut resources) = (0, 0);
        loop {
            let page = self.scan(&Access::all(), None, snapshot, after, PAGE)?;
            let Some(last) = page.last() else { return Ok((tallies, resources)) };
            after = last.seq;
            resources += i64::try_from(page.len()).unwrap_or(i64::MAX);
            let rids = self.rids(&page.iter().map(|version| version.seq).collect::<Vec<_>>())?;
            for (version, rid) in page.iter().zip(rids) {
                for entry in known.entries(&version.body).iter() {
                    if !unbuilt.contains(&entry.unit()) {
                        let tally = tallies.entry((entry.table.0, entry.param())).or_default();
                        tally.add(entry.key, entry.owner(rid));
                    }
                }
            }
        }
    }

    /// The resources' keys of versions given by ascending number.
    fn rids(&self, seqs: &[i64]) -> Result<Vec<i64>, StoreError> {
        let list: Vec<String> = seqs.iter().map(ToString::to_string).collect();
        let sql: AnySql<'_, BigInt> =
            AnySql::new(format!("SELECT v.rid FROM version v WHERE v.seq IN ({})", list.join(", ")))
                .open_ended();
        let sql = self.placed(sql, "v").text(" ORDER BY v.seq");
        self.with_reader(|connection| Ok(sql.load(connection)?))
    }

    /// What the index says of the units that it holds, streamed within one transaction; and which it does not hold.
    fn found(&self, snapshot: &Snapshot, known: &Known) -> Result<(Tallies, BTreeSet<i32>), StoreError> {
        self.with_index(|connection, source| {
            let unbuilt = state::unbuilt(connection, source, known)?;
            let retired = state::retired(connection, source, known)?;
            let mut tallies = Tallies::new();
            for (number, table) in (0_u8..).zip(&TABLES) {
                found_in(connection, source, table, snapshot, |param, key, owner| {
                    let unit = contained::unit(param);
                    if !unbuilt.contains(&unit) && !retired.contains(&unit) {
                        tallies.entry((number, param)).or_default().add(key, owner);
                    }
                })?;
            }
            Ok((tallies, unbuilt))
        })
    }
}

/// A stretch of resources at a time: the whole table may be larger than memory.
fn found_in(
    connection: &mut AnyConnection,
    source: &Source,
    table: &IndexTable,
    snapshot: &Snapshot,
    mut add: impl FnMut(i32, &[u8], i64),
) -> Result<(), StoreError> {
    /// Resources looked at with one statement.
    const STRIDE: i64 = 1_000_000;
    let (columns, shown) = (shape::columns(source, table), Shown::Of(snapshot));
    let mut from = 0;
    while from <= snapshot.upto {
        let to = from + STRIDE;
        // Those of the resources, and those of what they contain.
        for (which, bits) in [("<", 0), (">=", contained::BITS)] {
            let sql: AnySql<'_, Shape> = rows::select(By::Values, source, table, &columns, shown, |sql| {
                let sql = sql.put(format_args!(" AND i.param {which} {} AND i.rid >= ", contained::UNITS));
                sql.int(from << bits).text(" AND i.rid < ").int(to << bits)
            });
            sql.each(connection, |row: Shaped| {
                let param = row.0;
                let (owner, key) = shape::key(table, row);
                add(param, &key, owner);
                Ok::<_, StoreError>(())
            })?;
        }
        from = to;
    }
    Ok(())
}
