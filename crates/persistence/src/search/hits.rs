//! Matches as a statement finds them, with their versions where these are wanted.

use crate::connection::AnyConnection;
use crate::either::{AnySql, Loads};
use crate::error::StoreError;
use crate::read::{VERSION_COLUMNS, VersionRow, VersionTuple, looked_up, version};
use crate::search::compile::Compiler;
use crate::search::order::{self, At, Key, KeyTuple, KeyTuples, Keys};
use crate::search::run::Found;
use crate::search::values::one_of_numbers;
use crate::search::{explain, include};
use crate::version::Version;
use diesel::sql_types::BigInt;
use std::collections::HashMap;

/// Versions whose bodies are read at a time.
const CHUNK: usize = 64;

/// Matches of a page, at the most, whose bodies are read along with them: a client of PostgreSQL holds all rows at once.
pub(super) const TOGETHER: usize = 128;

/// Bytes of a body that PostgreSQL sends along, at the most.
pub(super) const LONG: usize = 1 << 20;

/// Bytes of a body that is read along with what is included, at the most.
pub(super) const SHORT: usize = 1 << 13;

/// Which matches are wanted.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'w> {
    /// Those beyond this place.
    pub(crate) from: Option<&'w At>,
    /// Whether they are before it.
    pub(crate) backward: bool,
    /// How many, at the most.
    pub(crate) limit: usize,
    /// Bytes of the bodies that are read with the matches of a statement; without, only their numbers are.
    pub(crate) bytes: Option<usize>,
}

/// A match.
#[derive(Debug)]
pub(crate) struct Hit {
    /// Where it is in the order.
    pub(crate) at: At,
    /// The number of its version.
    pub(crate) seq: i64,
    /// The version, where it is wanted and there is room for it.
    pub(crate) version: Option<Version>,
}

/// A statement of matches: the resource's key, the version's number, and [`order::columns`].
pub(crate) type Row = (BigInt, BigInt, Keys);

impl Found<'_> {
    /// Runs statements that are ordered, and reads the versions of what they find along with it; `full` ones have the columns
    /// for that. What comes is in the order of each statement.
    pub(crate) fn load(
        &self,
        connection: &mut AnyConnection,
        (parts, full): (Vec<AnySql<'_, Row>>, bool),
        Wanted { backward, limit, bytes, .. }: Wanted<'_>,
    ) -> Result<Vec<Hit>, StoreError> {
        let is_one = parts.len() == 1;
        let sql = first_of_each(parts, limit);
        let keys = self.query.sort.len();
        let Some(bytes) = bytes else {
            // No row of it has room for what is told.
            if self.witness.is_some() {
                return Err(StoreError::Outdated);
            }
            type Keyed = (i64, i64, KeyTuples);
            let bare = |at: At, seq| Ok(Some(Hit { at, seq, version: None }));
            return match keys {
                0 => self.hits::<(BigInt, BigInt), (i64, i64)>(connection, sql.of(), |(rid, seq)| {
                    bare(At { values: Vec::new(), rid }, seq)
                }),
                1 => self.hits::<(BigInt, BigInt, Key), (i64, i64, KeyTuple)>(
                    connection,
                    sql.of(),
                    |(rid, seq, key)| bare(At { values: vec![order::value(key)], rid }, seq),
                ),
                _ => self.hits::<Row, Keyed>(connection, sql.of(), |(rid, seq, row)| {
                    bare(At { values: order::values(row, keys), rid }, seq)
                }),
            };
        };
        let mut room = Some(bytes);
        let mut read = |values, rid, row: VersionTuple| {
            let Some(row) = self.found(rid, row)? else { return Ok(None) };
            let version = version(row)?;
            let seq = version.seq;
            // What was too long to be read along, or has no room, is read by itself if it comes to that.
            let is_whole = !version.body.is_empty();
            room = room.and_then(|room| room.checked_sub(version.body.len()));
            let version = (is_whole && room.is_some()).then_some(version);
            Ok(Some(Hit { at: At { values, rid }, seq, version }))
        };
        let mut sql = if full { sql } else { with_versions(sql, keys) };
        if let Some(witness) = &self.witness {
            // What was compiled before it was known what the first statement would see, is not as of that.
            if witness.has_heard() {
                return Err(StoreError::Outdated);
            }
            sql = match include::along(self, backward, is_one) {
                Some(included) => witness.beside_all(sql, included),
                None => witness.beside(sql, keys),
            };
        }
        type Plain = (BigInt, VersionRow);
        type One = (BigInt, VersionRow, Key);
        type Full = (BigInt, VersionRow, Keys);
        let mut hits = match keys {
            0 => self.hits::<Plain, (i64, VersionTuple)>(connection, sql.of(), |(rid, row)| {
                read(Vec::new(), rid, row)
            }),
            1 => self.hits::<One, (i64, VersionTuple, KeyTuple)>(connection, sql.of(), |(rid, row, key)| {
                read(vec![order::value(key)], rid, row)
            }),
            _ => self.hits::<Full, (i64, VersionTuple, KeyTuples)>(
                connection,
                sql.of(),
                |(rid, row, values)| read(order::values(values, keys), rid, row),
            ),
        }?;
        if self.witness.is_some() {
            // What is united has no order, as far as the standard goes.
            hits.sort_by(|a, b| order::compare(&self.query.sort, &a.at, &b.at, backward));
        }
        Ok(hits)
    }

    /// The row of a version that a statement was to find; `None` where it is there for the witness.
    fn found(&self, rid: i64, row: VersionTuple) -> Result<Option<VersionTuple>, StoreError> {
        match &self.witness {
            Some(witness) => witness.heard(rid, row),
            None => Ok(Some(row)),
        }
    }

    /// The versions that a statement lists the numbers of, ascending, each with the key of its resource; without their bodies,
    /// if these have more bytes than `short`.
    pub(crate) fn versions(
        &self,
        connection: &mut AnyConnection,
        numbers: AnySql<'_, BigInt>,
        short: usize,
    ) -> Result<Vec<(i64, Version)>, StoreError> {
        let mut sql = self.versions_of(numbers, "v.rid", short);
        if let Some(witness) = &self.witness {
            sql = witness.beside(sql, 0);
        }
        type Plain = (BigInt, VersionRow);
        let mut versions = Vec::new();
        let sql = self.compiler.fit(sql.of::<Plain>())?;
        for (rid, row) in sql.load::<(i64, VersionTuple)>(connection)? {
            if let Some(row) = self.found(rid, row)? {
                versions.push((rid, version(row)?));
            }
        }
        versions.sort_unstable_by_key(|(_, version)| version.seq);
        Ok(versions)
    }

    /// The statement of those versions, each with a number that stands for its resource.
    pub(super) fn versions_of<'a>(
        &self,
        numbers: AnySql<'a, BigInt>,
        rid: &str,
        short: usize,
    ) -> AnySql<'a, Row> {
        let columns = VERSION_COLUMNS.strip_suffix("v.body").unwrap_or(VERSION_COLUMNS);
        let sql = AnySql::new(format!(
            "SELECT {rid}, {columns}CASE WHEN octet_length(v.body) <= {short} THEN v.body ELSE '' END FROM ("
        ));
        sql.append(numbers).text(looked_up(self.compiler.is_postgres()))
    }

    /// The matches that rows of a page's statement tell of; of one that is explained its plan is noted, and it is not run.
    pub(crate) fn hits<'s, ST, R>(
        &self,
        connection: &mut AnyConnection,
        sql: AnySql<'s, ST>,
        read: impl FnMut(R) -> Result<Option<Hit>, StoreError>,
    ) -> Result<Vec<Hit>, StoreError>
    where
        AnySql<'s, ST>: Loads<'s, R>,
    {
        if let Some(plans) = &mut *self.plans.borrow_mut() {
            plans.push(explain::plan_of(connection, sql)?);
            return Ok(Vec::new());
        }
        let rows: Vec<Option<Hit>> = self.compiler.fit(sql)?.each(connection, read)?;
        Ok(rows.into_iter().flatten().collect())
    }
}

/// One statement of the first rows of each of these.
fn first_of_each<'a>(parts: Vec<AnySql<'a, Row>>, limit: usize) -> AnySql<'a, Row> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut parts = parts.into_iter().map(|part| part.text(" LIMIT ").int(limit));
    match (parts.next(), parts.next()) {
        (first, None) => first.unwrap_or_else(|| AnySql::new("")),
        (first, second) => {
            let mut sql = AnySql::new("");
            for (at, part) in first.into_iter().chain(second).chain(parts).enumerate() {
                let head = if at == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" };
                sql = sql.text(head).append(part).put(format_args!(") p{at}"));
            }
            sql
        }
    }
}

/// The statement of the versions of what SQLite finds and sorts: it would sort the bodies with it.
fn with_versions(matches: AnySql<'_, Row>, keys: usize) -> AnySql<'_, Row> {
    let columns = order::names(keys);
    let sql = AnySql::new(format!("SELECT k.rid, {VERSION_COLUMNS}{columns} FROM (")).append(matches);
    sql.text(looked_up(false))
}

/// The versions of matches, as far as there is room; one at least. Those that were not read along are read now.
pub(crate) fn taken(
    connection: &mut AnyConnection,
    compiler: &Compiler<'_>,
    hits: Vec<Hit>,
    room: &mut usize,
) -> Result<Vec<Version>, StoreError> {
    let mut found = Vec::with_capacity(hits.len());
    let mut unbounded = usize::MAX;
    for hit in hits {
        let version = match hit.version {
            Some(version) => version,
            None => match bodies(connection, compiler, (&[hit.seq], HashMap::new()), &mut unbounded)?.pop() {
                Some(version) => version,
                None => break,
            },
        };
        match room.checked_sub(version.body.len()) {
            Some(left) => *room = left,
            None if found.is_empty() => *room = 0,
            None => break,
        }
        found.push(version);
    }
    Ok(found)
}

/// The versions of these numbers, in their order, as far as there is room for their bodies; one at least. Some may be at
/// hand.
pub(crate) fn bodies(
    connection: &mut AnyConnection,
    compiler: &Compiler<'_>,
    (numbers, mut at_hand): (&[i64], HashMap<i64, Version>),
    room: &mut usize,
) -> Result<Vec<Version>, StoreError> {
    let mut found = Vec::with_capacity(numbers.len());
    for chunk in numbers.chunks(CHUNK) {
        let lacking: Vec<i64> =
            chunk.iter().copied().filter(|number| !at_hand.contains_key(number)).collect();
        if !lacking.is_empty() {
            read_into(&mut at_hand, connection, compiler, &lacking)?;
        }
        for number in chunk {
            let Some(version) = at_hand.remove(number) else { continue };
            match room.checked_sub(version.body.len()) {
                Some(left) => *room = left,
                None if found.is_empty() => *room = 0,
                None => return Ok(found),
            }
            found.push(version);
        }
    }
    Ok(found)
}

/// Adds the versions of these numbers.
fn read_into(
    at_hand: &mut HashMap<i64, Version>,
    connection: &mut AnyConnection,
    compiler: &Compiler<'_>,
    numbers: &[i64],
) -> Result<(), StoreError> {
    let sql: AnySql<'_, VersionRow> = AnySql::new(format!("SELECT {VERSION_COLUMNS} FROM version v WHERE "));
    let sql = compiler.placed(one_of_numbers(sql, "v.seq", numbers), "v").kept_by(&compiler.known.shapes);
    for row in sql.load::<VersionTuple>(connection)? {
        let version = version(row)?;
        at_hand.insert(version.seq, version);
    }
    Ok(())
}
