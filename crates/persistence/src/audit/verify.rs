//! The audit examined: is every row as it was written, in its place, and every version vouched for by one?

use crate::audit::chain::{Chain, Content, Entry, Hash, Vouched};
use crate::audit::told::{AuditFault, AuditHead, AuditTally, AuditWatch};
use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::read::visible;
use crate::schema::store;
use crate::snapshot::Snapshot;
use crate::store::Store;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, SmallInt, Text};

/// Rows looked at with one statement. A row may hold a quarter of a megabyte.
const PAGE: i64 = 128;
/// Ranges of versions looked at with one statement.
const RANGES: i64 = 10_000;

type Head = (i64, i64, Vec<u8>, i64);
type RowColumns = (
    BigInt,
    BigInt,
    Nullable<Text>,
    Text,
    Text,
    Text,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<Binary>,
    Nullable<Text>,
    Binary,
);
type RowTuple = (
    i64,
    i64,
    Option<String>,
    String,
    String,
    String,
    Option<i64>,
    Option<i64>,
    Option<Vec<u8>>,
    Option<String>,
    Vec<u8>,
);
type VersionColumns = (
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    SmallInt,
    Binary,
    BigInt,
    Bool,
    SmallInt,
    Integer,
    Nullable<Text>,
    Binary,
);
type VersionTuple = (i64, i64, i64, i64, i16, Vec<u8>, i64, bool, i16, i32, Option<String>, Vec<u8>);

/// An examination under way.
struct Examination<'a> {
    store: &'a Store,
    watch: &'a mut dyn FnMut(AuditWatch),
    tally: AuditTally,
}

impl Store {
    /// Where each chain of the audit has come to.
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn audit_heads(&self) -> Result<Vec<AuditHead>, StoreError> {
        let heads = self.heads()?.into_iter();
        heads.map(|(chain, number, hash, _)| Ok(AuditHead { chain, number, hash: digest(&hash)? })).collect()
    }

    /// Examines the audit as of now, and the versions that it vouches for: reads all of both once, in bounded memory.
    /// `expected`: heads that were kept elsewhere. `watch` is told of every fault as it is found.
    ///
    /// # Errors
    /// A database that fails. What is wrong with the audit itself goes to `watch`.
    pub fn verify_audit(
        &self,
        expected: &[AuditHead],
        watch: &mut dyn FnMut(AuditWatch),
    ) -> Result<AuditTally, StoreError> {
        let excused = self.with_reader(excused)?;
        let tally = AuditTally { excused, ..AuditTally::default() };
        let mut examination = Examination { store: self, watch, tally };
        // Versions first, then heads: every version of the snapshot has its row below the heads.
        let snapshot = self.snapshot()?;
        if excused > snapshot.upto {
            examination.fault(AuditFault::Excused { excused, upto: snapshot.upto });
        }
        for head in self.heads()? {
            examination.chain(head)?;
        }
        examination.headless()?;
        for (table, rows) in self.strays()?.into_iter().filter(|(_, rows)| *rows > 0) {
            examination.fault(AuditFault::Stray { table, rows });
        }
        examination.expected(expected)?;
        examination.coverage(&snapshot)?;
        Ok(examination.tally)
    }

    /// Chain, last row and hash by the table of heads, and the last row by the table of rows: of one moment.
    fn heads(&self) -> Result<Vec<Head>, StoreError> {
        let sql = AnySql::<'_, (BigInt, BigInt, Binary, BigInt)>::new(
            "SELECT c.chain, c.number, c.hash, coalesce((SELECT max(a.number) FROM audit a WHERE a.chain = c.chain), 0) \
             FROM audit_chain c ORDER BY c.chain",
        );
        self.with_reader(|connection| Ok(sql.load(connection)?))
    }
}

impl Examination<'_> {
    fn fault(&mut self, fault: AuditFault) {
        self.tally.faults += 1;
        (self.watch)(AuditWatch::Fault(fault));
    }

    /// The rows of a chain up to its head.
    fn chain(&mut self, (id, head, hash, last): Head) -> Result<(), StoreError> {
        self.tally.chains += 1;
        if last != head {
            self.fault(AuditFault::End { chain: id, head, last });
        }
        let mut chain = Chain::new(id, self.tally.excused);
        loop {
            let rows = self.rows(id, chain.number, head)?;
            if rows.is_empty() {
                break;
            }
            let (count, before) = (rows.len() as u64, chain.number);
            let mut sound = Vec::new();
            for row in rows {
                if self.row(&mut chain, &row)?
                    && let (Some(first), Some(last), Some(content)) = (row.6, row.7, &row.8)
                {
                    sound.push((row.0, first, last, digest(content)?));
                }
            }
            self.versions(id, (before, chain.number), &sound)?;
            self.tally.rows += count;
            (self.watch)(AuditWatch::Rows(count));
        }
        if chain.number == head && chain.hash[..] != hash[..] {
            self.fault(AuditFault::Changed { chain: id, number: head });
        }
        Ok(())
    }

    fn rows(&self, chain: i64, after: i64, upto: i64) -> Result<Vec<RowTuple>, StoreError> {
        let sql = AnySql::<'_, RowColumns>::new(
            "SELECT number, at, actor, request, interaction, outcome, first_seq, last_seq, content, detail, hash \
             FROM audit WHERE chain = ",
        )
        .int(chain)
        .text(" AND number > ")
        .int(after)
        .text(" AND number <= ")
        .int(upto)
        .text(" ORDER BY number LIMIT ")
        .int(PAGE);
        self.store.with_reader(|connection| Ok(sql.load(connection)?))
    }

    /// Moves the chain on to a row; whether it is the one that was written there.
    fn row(&mut self, chain: &mut Chain, row: &RowTuple) -> Result<bool, StoreError> {
        let (number, at, actor, request, interaction, outcome, first, last, content, detail, hash) = row;
        let missing = *number != chain.number + 1;
        if missing {
            self.fault(AuditFault::Removed { chain: chain.id, first: chain.number + 1, last: number - 1 });
        }
        let Ok(hash) = digest(hash) else {
            self.fault(AuditFault::Changed { chain: chain.id, number: *number });
            chain.number = *number;
            return Ok(false);
        };
        chain.number = *number;
        let entry = Entry {
            at: *at,
            actor: actor.as_deref(),
            request,
            interaction,
            outcome,
            range: first.zip(*last),
            content: content.as_deref().and_then(|content| content.try_into().ok()),
            detail: detail.as_deref(),
        };
        // What is never written must not be hashed as if it were absent.
        let whole = match (first, last, content) {
            (None, None, None) => true,
            (Some(_), Some(_), Some(_)) => entry.content.is_some(),
            _ => false,
        };
        // After missing rows nobody can tell; the versions are looked at all the same.
        let sound = whole && (missing || chain.next(&entry) == hash);
        if !sound {
            self.fault(AuditFault::Changed { chain: chain.id, number: *number });
        }
        chain.hash = hash;
        Ok(sound)
    }

    /// The versions of sound rows, which are `(number, first, last, content)`, all within `(after, upto]`.
    fn versions(
        &mut self,
        chain: i64,
        (after, upto): (i64, i64),
        sound: &[(i64, i64, i64, Hash)],
    ) -> Result<(), StoreError> {
        let found = self.contents(chain, after, upto, sound)?;
        for ((number, first, last, content), (versions, hash)) in sound.iter().zip(found) {
            self.tally.versions += versions;
            if hash != *content {
                let (number, first, last) = (*number, *first, *last);
                self.fault(AuditFault::Versions { chain, number, first, last });
            }
        }
        Ok(())
    }

    /// How many versions there are of each of these rows, and their hash. One body at a time is in memory: SQLite
    /// hands them over one by one, PostgreSQL hashes them itself.
    fn contents(
        &self,
        chain: i64,
        after: i64,
        upto: i64,
        sound: &[(i64, i64, i64, Hash)],
    ) -> Result<Vec<(u64, Hash)>, StoreError> {
        let embedded = self.store.tail().is_some();
        let body = if embedded { "CAST(v.body AS BLOB)" } else { "sha256(convert_to(v.body, 'UTF8'))" };
        let mut found: Vec<(u64, Content)> = sound.iter().map(|_| (0, Content::new())).collect();
        if !sound.is_empty() {
            let sql = AnySql::<'_, VersionColumns>::new(format!(
                "SELECT a.number, v.seq, v.rid, v.version, v.type, v.id, v.last_updated, v.deleted, v.made, v.splice, \
                 v.actor, {body} FROM audit a JOIN version v ON v.seq BETWEEN a.first_seq AND a.last_seq \
                 WHERE a.chain = "
            ))
            .int(chain)
            .text(" AND a.number > ")
            .int(after)
            .text(" AND a.number <= ")
            .int(upto);
            let sql = self.store.placed(sql, "v").text(" ORDER BY a.number, v.seq");
            self.store.with_reader(|connection| {
                let mut at = 0;
                sql.each(connection, |row: VersionTuple| {
                    let (number, seq, rid, version, ty, id, last_updated, deleted, made, splice, actor, body) = row;
                    while sound.get(at).is_some_and(|row| row.0 < number) {
                        at += 1;
                    }
                    let Some((versions, content)) =
                        found.get_mut(at).filter(|_| sound.get(at).is_some_and(|row| row.0 == number))
                    else {
                        return Ok(());
                    };
                    *versions += 1;
                    let body = if embedded { openssl::sha::sha256(&body) } else { digest(&body)? };
                    let (id, actor) = (id.as_slice(), actor.as_deref());
                    content.add(&Vouched {
                        seq,
                        rid,
                        version,
                        ty,
                        id,
                        last_updated,
                        deleted,
                        made,
                        splice,
                        actor,
                        body,
                    });
                    Ok::<_, StoreError>(())
                })?;
                Ok(())
            })?;
        }
        Ok(found.into_iter().map(|(versions, content)| (versions, content.finish())).collect())
    }

    /// Rows of chains that have no head.
    fn headless(&mut self) -> Result<(), StoreError> {
        let sql = AnySql::<'_, BigInt>::new(
            "SELECT DISTINCT a.chain FROM audit a WHERE NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.chain = a.chain)",
        );
        let chains: Vec<i64> = self.store.with_reader(|connection| Ok(sql.load(connection)?))?;
        chains.into_iter().for_each(|chain| self.fault(AuditFault::Headless { chain }));
        Ok(())
    }

    /// Heads that were kept elsewhere.
    fn expected(&mut self, expected: &[AuditHead]) -> Result<(), StoreError> {
        for head in expected {
            let rows = self.rows(head.chain, head.number.saturating_sub(1), head.number)?;
            if rows.first().is_none_or(|row| row.10 != head.hash) {
                self.fault(AuditFault::Expected(head.clone()));
            }
        }
        Ok(())
    }

    /// Every version of the snapshot must be in the range of exactly one row.
    fn coverage(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        // The rows of the one chain of an embedded store are in the order of their versions; elsewhere an index is.
        let key = if self.store.tail().is_some() { "number" } else { "first_seq" };
        let mut next = self.tally.excused + 1;
        let mut after = 0;
        loop {
            let sql = AnySql::<'_, (BigInt, BigInt, BigInt)>::new(format!(
                "SELECT {key}, first_seq, last_seq FROM audit WHERE first_seq IS NOT NULL \
                 AND last_seq IS NOT NULL AND {key} > "
            ))
            .int(after)
            .put(format_args!(" ORDER BY {key} LIMIT "))
            .int(RANGES);
            let ranges: Vec<(i64, i64, i64)> =
                self.store.with_reader(|connection| Ok(sql.load(connection)?))?;
            let Some(last) = ranges.last() else { break };
            after = last.0;
            for (_, first, last) in ranges {
                if first < next {
                    self.fault(AuditFault::Overlap { first, last });
                }
                self.gap(next, first - 1, snapshot)?;
                next = next.max(last.saturating_add(1));
            }
        }
        self.gap(next, snapshot.upto, snapshot)
    }

    fn gap(&mut self, first: i64, last: i64, snapshot: &Snapshot) -> Result<(), StoreError> {
        if first > last {
            return Ok(());
        }
        let sql = AnySql::<'_, BigInt>::new("SELECT count(*) FROM version v WHERE v.seq >= ")
            .int(first)
            .text(" AND v.seq <= ")
            .int(last);
        let sql = visible(self.store.placed(sql, "v"), "v", snapshot);
        let versions: i64 = self.store.with_reader(|connection| Ok(sql.get_result(connection)?))?;
        if versions > 0 {
            self.fault(AuditFault::Uncovered { first, last, versions });
        }
        Ok(())
    }
}

fn digest(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes.try_into().map_err(|_| StoreError::Damaged("a hash of the audit has not 32 bytes".to_owned()))
}

/// The number up to which versions are older than the audit.
pub(crate) fn excused(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let text: String = store::table.find("audit-from").select(store::value).first(connection)?;
    number(&text)
}

/// A number as the store keeps it.
pub(crate) fn number(text: &str) -> Result<i64, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged("where the audit begins is not a number".to_owned()))
}
