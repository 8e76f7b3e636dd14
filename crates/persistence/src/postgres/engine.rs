//! A lane's writer on PostgreSQL: one serializable transaction for a batch.

use crate::audit::chain::Chain;
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::index::common::Groups;
use crate::postgres::audit;
use crate::postgres::entries;
use crate::postgres::horizon::Horizon;
use crate::postgres::tally::Tally;
use crate::postgres::tx::{Writer, postgres};
use crate::postgres::{expect, units};
use crate::sql::Sql;
use crate::units::{Known, Units};
use crate::version::Made;
use crate::write::batch::play;
use crate::write::expect::questions;
use crate::write::lane::{self, Outcomes};
use crate::write::plan::{Head, Heads, NewVersion};
use crate::write::request::{Key, Request};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, SmallInt, Text};
use rushlight_model::{Id, ResourceType};
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

/// How often what is indexed may change under a batch before its requests are told that they collide.
const TRIES: u32 = 8;

/// Commits between two looks at the horizon.
const KEEPING: u32 = 128;

/// A writer with a connection of its own.
pub(crate) struct Engine {
    writer: Writer,
    horizon: Arc<Horizon>,
    units: Arc<Units>,
    commits: u32,
    tally: Tally,
    /// Versions up to this number are older than the audit.
    excused: i64,
    /// This lane's chain, once it has one.
    chain: Option<Chain>,
}

impl Engine {
    /// A writer that connects when first needed.
    pub(crate) fn new(writer: Writer, horizon: Arc<Horizon>, units: Arc<Units>, excused: i64) -> Self {
        Self { writer, horizon, units, commits: 0, tally: Tally::default(), excused, chain: None }
    }
}

impl Engine {
    /// Whether a transaction of a connection that is gone was committed, once it has ended.
    fn committed(&mut self, xid: i64) -> Result<bool, StoreError> {
        const PAUSE: Duration = Duration::from_millis(200);
        const TRIES: u32 = 50;
        let mut tried = 0;
        loop {
            let status = self.writer.target().connect_writer().and_then(|mut connection| {
                let status: Option<String> = Sql::<'_, Pg, Nullable<Text>>::new("SELECT pg_xact_status((")
                    .int(xid)
                    .text(")::text::xid8)")
                    .get_result(&mut connection)?;
                Ok(status)
            });
            tried += 1;
            match status {
                Ok(status) if status.as_deref() != Some("in progress") => {
                    return Ok(status.as_deref() == Some("committed"));
                }
                Err(error) if tried == TRIES => return Err(error),
                Ok(_) if tried == TRIES => return Err(StoreError::Busy),
                _ => std::thread::sleep(PAUSE),
            }
        }
    }
}

impl Engine {
    fn attempt(&mut self, batch: &[Request], careful: bool, known: &Known) -> Result<Outcomes, StoreError> {
        let last = RefCell::new(None);
        let (chain, excused) = (self.chain.clone(), self.excused);
        let result = self.writer.run_tx("write", |connection| {
            let mut chain = chain.clone();
            let (outcomes, xid, groups) = write(connection, (batch, careful), &mut chain, excused, known)?;
            last.replace(Some((outcomes, groups, chain, xid)));
            Ok(())
        });
        let (outcomes, groups, chain) = match (result, last.into_inner()) {
            (Ok(()), Some((outcomes, groups, chain, _))) => (outcomes, groups, chain),
            (Ok(()), None) => return Err(StoreError::Closing),
            // The connection may have been lost after the commit was carried out: the server knows.
            (Err(error), Some((outcomes, groups, chain, xid)))
                if !matches!(error, StoreError::Contention) =>
            {
                // Where nobody can tell, the rows may be there: another chain goes on.
                if !self.committed(xid).inspect_err(|_| self.chain = None)? {
                    return Err(error);
                }
                (outcomes, groups, chain)
            }
            (Err(error), _) => return Err(error),
        };
        self.chain = chain;
        self.tally.add(groups);
        self.commits = self.commits.wrapping_add(1);
        if self.commits.is_multiple_of(KEEPING) {
            let kept = self.writer.once(|connection| self.horizon.keep(connection));
            // The batch is committed; the horizon can be kept next time.
            if let Err(error) = kept.and_then(|()| self.tally.write(&mut self.writer)) {
                log::warn!("the horizon was not moved on, or values were not counted: {error}");
            }
        }
        Ok(outcomes)
    }
}

impl lane::Engine for Engine {
    fn commit(&mut self, batch: &[Request], careful: bool) -> Result<Outcomes, StoreError> {
        for _ in 0..TRIES {
            match self.attempt(batch, careful, &self.units.current()) {
                // Another process changed it. The batch was not written, and is extracted again.
                Err(StoreError::Outdated) => units::register(&mut self.writer, &self.units)?,
                done => return done,
            }
        }
        Err(StoreError::Contention)
    }

    fn finish(&mut self) {
        if let Err(error) = self.tally.write(&mut self.writer) {
            log::warn!("values were not counted: {error}");
        }
        self.writer.disconnect();
    }
}

/// Writes a batch; returns what became of it, the xid under which it was written, and how many rows came and went.
fn write(
    any: &mut AnyConnection,
    (batch, careful): (&[Request], bool),
    chain: &mut Option<Chain>,
    excused: i64,
    known: &Known,
) -> Result<(Outcomes, i64, Groups), StoreError> {
    let answers = expect::ask(any, known, &questions(batch))?;
    let connection = postgres(any)?;
    let mut heads = heads(connection, batch, careful)?;
    let versions: usize = batch.iter().map(|request| request.ops.len()).sum();
    let ((first_seq, first_time), generation, xid) = draw(connection, versions, batch.len())?;
    if generation != known.generation {
        return Err(StoreError::Outdated);
    }
    // A time that was drawn is nobody else's, and is drawn also where no version is written: it names a new chain.
    let mut own = chain.take().unwrap_or_else(|| Chain::new(first_time, excused));
    let played = play(&mut heads, batch, (first_seq - 1, first_time - 1), || 0, &mut own, known, answers);
    let mut groups = Vec::new();
    if !played.versions.is_empty() {
        insert_versions(connection, &played.versions)?;
        upsert_resources(connection, &played.versions)?;
        groups = entries::write(connection, &played.versions)?;
        Sql::<'_, Pg>::new("INSERT INTO batch (first_seq, last_seq, last_time) VALUES (")
            .int(first_seq)
            .text(", ")
            .int(played.seq)
            .text(", ")
            .int(played.time)
            .text(")")
            .execute(connection)?;
    }
    audit::write(connection, &own, &played.audit)?;
    // One without rows is not begun: its name may be drawn from a transaction that is rolled back.
    *chain = Some(own).filter(|own| own.number > 0);
    Ok((played.outcomes, xid, groups))
}

/// Draws numbers, none if there are no `versions` to write, and times. Also says of which generation the transaction
/// must be, and its xid, by which its end can be looked up while this server runs.
fn draw(
    connection: &mut PgConnection,
    versions: usize,
    requests: usize,
) -> Result<((i64, i64), i64, i64), StoreError> {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let (first_seq, first_time, generation, xid) = Sql::<'_, Pg, (BigInt, BigInt, BigInt, BigInt)>::new(
        "SELECT first_seq, first_time, generation, pg_current_xact_id()::text::bigint FROM draw(",
    )
    .int(count(versions))
    .text(", ")
    .int(count(requests))
    .text(")")
    .get_result(connection)?;
    Ok(((first_seq, first_time), generation, xid))
}

/// Locks and reads the current versions of what a batch names, in one order for all processes.
fn heads(
    connection: &mut PgConnection,
    batch: &[Request],
    careful: bool,
) -> Result<Heads<'static>, StoreError> {
    type Row = (SmallInt, Binary, BigInt, BigInt, BigInt, BigInt, Bool, SmallInt, Integer, Text);
    type Found = (i16, Vec<u8>, i64, i64, i64, i64, bool, i16, i32, String);
    let mut keys: Vec<Key> = batch
        .iter()
        .flat_map(|request| &request.ops)
        .filter(|prepared| careful || !matches!(prepared.op, crate::op::Op::Create { .. }))
        .filter_map(|prepared| prepared.key())
        .collect();
    if keys.is_empty() {
        return Ok(Heads::new());
    }
    keys.sort_unstable();
    keys.dedup();
    let types: Vec<i16> = keys.iter().map(|key| type_number(key.0)).collect();
    let ids: Vec<Vec<u8>> = keys.iter().map(|key| key.1.to_key()).collect();
    let rows: Vec<Found> = Sql::<'_, Pg, Row>::new(
        "SELECT r.type, r.id, r.rid, r.seq, r.version, v.last_updated, r.deleted, v.made, v.splice, v.body FROM unnest(",
    )
    .bind::<Array<SmallInt>, _>(types)
    .text(", ")
    .bind::<Array<Binary>, _>(ids)
    .text(
        // Key by key, in the order of the keys: a planner that thinks the tables empty would join by reading them
        // whole, and a prepared plan stays.
        ") AS k (type, id) CROSS JOIN LATERAL (SELECT * FROM resource r WHERE r.shard = 0 AND r.type = k.type \
         AND r.id = k.id FOR UPDATE) r CROSS JOIN LATERAL (SELECT v.last_updated, v.made, v.splice, v.body FROM version v \
         WHERE v.shard = 0 AND v.seq = r.seq OFFSET 0) v",
    )
    .load(connection)?;
    let mut heads = Heads::with_capacity(rows.len());
    for (ty, id, rid, seq, version, last_updated, deleted, made, splice, body) in rows {
        let ty = u16::try_from(ty).ok().and_then(ResourceType::from_number);
        let (Some(ty), Ok(id)) = (ty, Id::from_key(&id)) else {
            return Err(StoreError::Damaged(format!("resource {rid} has an unknown type or id")));
        };
        let (made, body) = (Made::stored(made)?, Cow::Owned(body));
        heads.insert((ty, id), Head { rid, seq, version, last_updated, deleted, made, splice, body });
    }
    Ok(heads)
}

fn type_number(ty: ResourceType) -> i16 {
    i16::try_from(ty.number()).unwrap_or(i16::MAX)
}

fn insert_versions(connection: &mut PgConnection, rows: &[NewVersion<'_>]) -> Result<(), StoreError> {
    Sql::<'_, Pg>::new(
        "INSERT INTO version (seq, rid, version, type, id, last_updated, deleted, splice, actor, body, made) \
         SELECT * FROM unnest(",
    )
    .bind::<Array<BigInt>, _>(column(rows, |row| row.seq))
    .text(", ")
    .bind::<Array<BigInt>, _>(column(rows, |row| row.rid))
    .text(", ")
    .bind::<Array<BigInt>, _>(column(rows, |row| row.version))
    .text(", ")
    .bind::<Array<SmallInt>, _>(column(rows, |row| type_number(row.key.0)))
    .text(", ")
    .bind::<Array<Binary>, _>(column(rows, |row| row.key.1.to_key()))
    .text(", ")
    .bind::<Array<BigInt>, _>(column(rows, |row| row.last_updated))
    .text(", ")
    .bind::<Array<Bool>, _>(column(rows, |row| row.deleted))
    .text(", ")
    .bind::<Array<Integer>, _>(column(rows, |row| row.splice))
    .text(", ")
    .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.actor))
    .text(", ")
    .bind::<Array<Text>, _>(column(rows, |row| row.body))
    .text(", ")
    .bind::<Array<SmallInt>, _>(column(rows, |row| row.made.number()))
    .text(")")
    .execute(connection)?;
    Ok(())
}

/// Two statements: a first version must be new, which the primary key sees to; a later one must not be.
fn upsert_resources(connection: &mut PgConnection, rows: &[NewVersion<'_>]) -> Result<(), StoreError> {
    // Several versions of a resource in one batch: the last is the current one.
    let mut last: std::collections::HashMap<i64, &NewVersion<'_>> = std::collections::HashMap::new();
    let mut new = std::collections::HashSet::new();
    for row in rows {
        if row.version == 1 {
            new.insert(row.rid);
        }
        last.insert(row.rid, row);
    }
    let mut current: Vec<&NewVersion<'_>> = last.into_values().collect();
    current.sort_unstable_by_key(|row| row.seq);
    let (fresh, known): (Vec<_>, Vec<_>) = current.into_iter().partition(|row| new.contains(&row.rid));
    for (rows, head, tail) in [
        (fresh, "INSERT INTO resource (type, id, rid, seq, version, deleted) SELECT * FROM unnest(", ")"),
        (
            known,
            "UPDATE resource r SET seq = n.seq, version = n.version, deleted = n.deleted FROM unnest(",
            ") AS n (type, id, rid, seq, version, deleted) WHERE r.shard = 0 AND r.type = n.type AND r.id = n.id",
        ),
    ] {
        if rows.is_empty() {
            continue;
        }
        let of = |f: &dyn Fn(&NewVersion<'_>) -> i64| rows.iter().map(|row| f(row)).collect::<Vec<_>>();
        Sql::<'_, Pg>::new(head)
            .bind::<Array<SmallInt>, _>(rows.iter().map(|row| type_number(row.key.0)).collect::<Vec<_>>())
            .text(", ")
            .bind::<Array<Binary>, _>(rows.iter().map(|row| row.key.1.to_key()).collect::<Vec<_>>())
            .text(", ")
            .bind::<Array<BigInt>, _>(of(&|row| row.rid))
            .text(", ")
            .bind::<Array<BigInt>, _>(of(&|row| row.seq))
            .text(", ")
            .bind::<Array<BigInt>, _>(of(&|row| row.version))
            .text(", ")
            .bind::<Array<Bool>, _>(rows.iter().map(|row| row.deleted).collect::<Vec<_>>())
            .text(tail)
            .execute(connection)?;
    }
    Ok(())
}

fn column<'r, 'v, T>(rows: &'r [NewVersion<'v>], of: impl Fn(&'r NewVersion<'v>) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
