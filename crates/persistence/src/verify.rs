//! The store examined: do versions count without a gap, and does the index say what the bodies say?

use crate::access::Access;
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::index::rows;
use crate::read::AnySql;
use crate::snapshot::Snapshot;
use crate::store::Store;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Double, Integer, Text};
use rushlight_search::{Entry, IndexTable, Scalar, TABLES, extract};
use std::borrow::Cow;
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
    fn add(&mut self, param: i32, values: &[Scalar], rid: i64) {
        let mut hasher = DefaultHasher::new();
        (param, rid).hash(&mut hasher);
        for value in values {
            match value {
                Scalar::Int(value) => value.hash(&mut hasher),
                Scalar::Real(value) => value.to_bits().hash(&mut hasher),
                Scalar::Text(value) => value.hash(&mut hasher),
                Scalar::Bytes(value) => value.hash(&mut hasher),
            }
        }
        self.rows += 1;
        self.sum = self.sum.wrapping_add(hasher.finish());
    }
}

impl Store {
    /// Examines the whole store as of now: reads every body once and every index row once.
    ///
    /// # Errors
    /// A database that fails. What is wrong with the records themselves is in the result.
    pub fn verify(&self) -> Result<Verification, StoreError> {
        self.progress().wait_ready(Duration::from_secs(600))?;
        let snapshot = self.snapshot()?;
        let mut faults = Vec::new();
        let (expected, resources) = self.expected(&snapshot)?;
        let found = self.found(&snapshot)?;
        for ((table, expected), found) in TABLES.iter().zip(&expected).zip(&found) {
            if expected != found {
                faults.push(format!(
                    "index table {}: the bodies have {} rows, the index {}{}",
                    table.name,
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
        let entries = expected.iter().map(|tally| tally.rows).sum();
        Ok(Verification { resources, versions, entries, faults })
    }

    fn number(&self, sql: &'static str) -> Result<i64, StoreError> {
        self.with_reader(|connection| Ok(AnySql::<'_, BigInt>::new(sql).get_result(connection)?))
    }

    /// What the bodies say.
    fn expected(&self, snapshot: &Snapshot) -> Result<([Tally; TABLES.len()], i64), StoreError> {
        const PAGE: usize = 2000;
        let mut tallies = [Tally::default(); TABLES.len()];
        let (mut after, mut resources) = (0, 0);
        loop {
            let page = self.scan(&Access::all(), None, snapshot, after, PAGE)?;
            let Some(last) = page.last() else { return Ok((tallies, resources)) };
            after = last.seq;
            resources += i64::try_from(page.len()).unwrap_or(i64::MAX);
            let rids = self.rids(&page.iter().map(|version| version.seq).collect::<Vec<_>>())?;
            for (version, rid) in page.iter().zip(rids) {
                for Entry { table, param, values } in extract(version.ty, version.body.as_bytes()) {
                    if let Some(tally) = tallies.get_mut(usize::from(table.0)) {
                        tally.add(param, &values, rid);
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

    /// What the index says, streamed within one transaction.
    fn found(&self, snapshot: &Snapshot) -> Result<[Tally; TABLES.len()], StoreError> {
        self.with_index(|connection, source| {
            let mut tallies = [Tally::default(); TABLES.len()];
            for (table, tally) in TABLES.iter().zip(&mut tallies) {
                found_in(connection, source, table, snapshot, tally)?;
            }
            Ok(tallies)
        })
    }
}

/// A stretch of resources at a time: the whole table may be larger than memory.
fn found_in(
    connection: &mut AnyConnection,
    source: &rows::Source,
    table: &IndexTable,
    snapshot: &Snapshot,
    tally: &mut Tally,
) -> Result<(), StoreError> {
    /// Resources looked at with one statement.
    const STRIDE: i64 = 1_000_000;
    let mut from = 0;
    while from <= snapshot.upto {
        let to = from + STRIDE;
        macro_rules! page {
            ($($name:ident: $sql:ty => $rust:ty, $scalar:expr;)*) => {{
                let columns: String = table.columns.iter().map(|column| format!("i.{}, ", column.name)).collect();
                type Row = (Integer, $($sql,)* BigInt);
                let sql: AnySql<'_, Row> = rows::select(source, table, &format!("i.param, {columns}i.rid"), snapshot, |sql| {
                    sql.text(" AND i.rid >= ").int(from).text(" AND i.rid < ").int(to)
                });
                for row in sql.load_iter::<(i32, $($rust,)* i64), _>(connection)? {
                    let (param, $($name,)* rid) = row?;
                    tally.add(param, &[$($scalar($name)),*], rid);
                }
            }};
        }
        let text = |value: String| Scalar::Text(Cow::Owned(value));
        let bytes = |value: Vec<u8>| Scalar::Bytes(value);
        match table.name {
            "token" => page!(code: Text => String, text; system: BigInt => i64, Scalar::Int;),
            "reference" => page!(id: Binary => Vec<u8>, bytes; ty: BigInt => i64, Scalar::Int;),
            "date" => page!(low: BigInt => i64, Scalar::Int; high: BigInt => i64, Scalar::Int;),
            "string" => page!(normal: Text => String, text; exact: Text => String, text;),
            "quantity" => {
                page!(low: Double => f64, Scalar::Real; high: Double => f64, Scalar::Real; unit: BigInt => i64, Scalar::Int;)
            }
            "uri" => page!(uri: Text => String, text;),
            other => return Err(StoreError::Damaged(format!("no such index table: {other}"))),
        }
        from = to;
    }
    Ok(())
}
