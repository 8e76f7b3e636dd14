//! The writer of an embedded store: one commit for a batch, tail first, records last.

use crate::audit::chain::Chain;
use crate::error::StoreError;
use crate::schema::{resource, version};
use crate::sql::Sql;
use crate::sqlite::audit;
use crate::sqlite::expect::Judges;
use crate::sqlite::files::Files;
use crate::sqlite::index::{Job, Merger, Task};
use crate::sqlite::tail::Tail;
use crate::store::{Progress, now_micros};
use crate::units::{Known, Units};
use crate::version::Made;
use crate::write::batch::play;
use crate::write::expect::questions;
use crate::write::lane::{self, Outcomes};
use crate::write::plan::{Head, Heads, NewVersion};
use crate::write::request::Request;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, SmallInt, Text};
use diesel::sqlite::Sqlite;
use rushlight_model::{Id, ResourceType};
use rushlight_search::diff;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;

/// When a tail is merged: at this many versions, as the store grows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TailPolicy {
    pub(crate) floor: usize,
    pub(crate) cap: usize,
}

impl TailPolicy {
    /// A quarter of the store, between the floor and the cap.
    fn threshold(self, versions: i64) -> usize {
        usize::try_from(versions / 4).unwrap_or(self.cap).clamp(self.floor, self.cap.max(self.floor))
    }
}

/// The single writer.
pub(crate) struct Engine {
    files: Files,
    progress: Arc<Progress>,
    policy: TailPolicy,
    merger: Merger,
    tail: Arc<Tail>,
    units: Arc<Units>,
    /// What is indexed, as of the newest version.
    known: Arc<Known>,
    main: Option<SqliteConnection>,
    judges: Judges,
    /// The number of the newest committed version, and its time.
    last_seq: i64,
    last_time: i64,
    /// Where the audit has come to.
    chain: Chain,
    /// Versions in the tail that are not being merged, and marks among their rows.
    active_versions: usize,
    active_marks: usize,
    merging: Option<Job>,
}

impl Engine {
    /// An engine that has yet to rebuild its tail, which [`Self::rebuild`] does.
    pub(crate) fn new(
        files: Files,
        tail: Arc<Tail>,
        progress: Arc<Progress>,
        policy: TailPolicy,
        units: Arc<Units>,
    ) -> Result<Self, StoreError> {
        let mut main = files.open_main()?;
        let (last_seq, last_time) = newest(&mut main)?;
        let chain = audit::chain(&mut main)?;
        let merger = Merger::start(files.clone(), Arc::clone(&tail))?;
        let known = units.current();
        progress.generation.store(known.generation, Ordering::Release);
        Ok(Self {
            judges: Judges::new(files.clone()),
            files,
            progress,
            policy,
            merger,
            tail,
            units,
            known,
            main: Some(main),
            last_seq,
            last_time,
            chain,
            active_versions: 0,
            active_marks: 0,
            merging: None,
        })
    }

    /// The number of the newest committed version.
    pub(crate) fn last_seq(&self) -> i64 {
        self.last_seq
    }

    /// By which a job reaches the thread that writes the index. It must be gone before the engine is.
    pub(crate) fn tasks(&self) -> Option<Sender<Task>> {
        self.merger.tasks()
    }

    /// Fills the tail from the versions above the merged mark, merging on the way as writing would.
    pub(crate) fn rebuild(&mut self, merged: i64) -> Result<(), StoreError> {
        const CHUNK: i64 = 1024;
        let mut after = merged;
        let upto = self.last_seq;
        while after < upto {
            let to = (after + CHUNK).min(upto);
            self.replay(after, to)?;
            // The mark that a merge may reach is what the tail holds so far, not the newest version.
            self.merge_if_due(to);
            after = to;
        }
        self.progress.ready();
        Ok(())
    }

    /// Adds the entries of the versions in `(after, to]` to the tail, derived again from their bodies.
    fn replay(&mut self, after: i64, to: i64) -> Result<(), StoreError> {
        let Some(main) = &mut self.main else { return Err(StoreError::Closing) };
        let rows = replay(main, after, to, &self.known)?;
        self.active_marks += self.tail.add(&rows);
        self.active_versions += rows.len();
        Ok(())
    }

    /// After a failure: opens the records again and believes them. A commit that was reported as failed may have
    /// reached the disk all the same; its entries are then derived again.
    fn reopen(&mut self) -> Result<(), StoreError> {
        if self.main.is_some() {
            return Ok(());
        }
        let mut main = self.files.open_main()?;
        let (last_seq, last_time) = newest(&mut main)?;
        if last_seq > self.last_seq {
            // Its flush failed, so what is read may be in memory alone: write it to the disk once more.
            checkpoint(&mut main)?;
        }
        self.chain = audit::chain(&mut main)?;
        self.main = Some(main);
        if last_seq > self.last_seq {
            self.replay(self.last_seq, last_seq).inspect_err(|_| {
                self.main = None;
                self.tail.forget_after(self.last_seq);
            })?;
            (self.last_seq, self.last_time) = (last_seq, last_time);
        }
        Ok(())
    }

    /// Takes over what is indexed from now on. What was written before must be in the index, by a merge, before units
    /// that are new can be built: the tail has nothing of theirs.
    fn adopt(&mut self) {
        let known = self.units.current();
        if known.generation != self.known.generation {
            self.progress.needed.store(self.last_seq, Ordering::Release);
            self.progress.generation.store(known.generation, Ordering::Release);
            self.known = known;
        }
    }

    fn write(&mut self, batch: &[Request], careful: bool) -> Result<Outcomes, StoreError> {
        let known = Arc::clone(&self.known);
        let from = (self.last_seq, self.last_time);
        let mut chain = self.chain.clone();
        let tail = &self.tail;
        // Only this thread writes: what is committed stays as it is until the batch is.
        let answers = self.judges.ask(tail, &known, &questions(batch))?;
        let Some(main) = &mut self.main else { return Err(StoreError::Closing) };
        let (outcomes, to, count, marks) = main.immediate_transaction(|main| {
            let mut heads = heads(main, batch, careful)?;
            let played = play(&mut heads, batch, from, now_micros, &mut chain, &known, answers);
            for row in &played.versions {
                insert(main, row)?;
            }
            audit::write(main, &chain, &played.audit)?;
            // The tail comes before the commit: a reader that sees a record finds its entries.
            let marks = tail.add(&played.versions);
            Ok::<_, StoreError>((played.outcomes, (played.seq, played.time), played.versions.len(), marks))
        })?;
        (self.last_seq, self.last_time) = to;
        self.chain = chain;
        self.active_versions += count;
        self.active_marks += marks;
        self.progress.versions.store(self.last_seq, Ordering::Relaxed);
        Ok(outcomes)
    }

    /// Takes in a finished merge and starts the next where the tail is long enough.
    fn merge_if_due(&mut self, upto: i64) {
        while let Some(result) = self.merger.poll() {
            self.merged(result);
        }
        let threshold = self.policy.threshold(upto);
        // A tail that outgrows the merger holds the writer back instead of growing for ever.
        if self.merging.is_some()
            && self.active_versions > threshold.saturating_mul(4)
            && let Some(result) = self.merger.wait()
        {
            self.merged(result);
        }
        let needed = self.progress.needed.load(Ordering::Acquire);
        let due = match self.progress.merged.load(Ordering::Acquire) < needed {
            true => self.active_versions > 0,
            false => self.active_versions >= threshold,
        };
        if self.merging.is_none() && due {
            self.start_merge(upto);
        }
    }

    fn start_merge(&mut self, upto: i64) {
        self.tail.freeze();
        let job = Job { upto, has_marks: self.active_marks > 0 };
        self.active_versions = 0;
        self.active_marks = 0;
        self.merging = Some(job);
        self.merger.submit(job);
    }

    fn merged(&mut self, result: Result<(), StoreError>) {
        match result {
            Ok(()) => {
                self.tail.thaw();
                if let Some(job) = self.merging.take() {
                    self.progress.merged.store(job.upto, Ordering::Release);
                }
                self.progress.merges.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                // Nothing is lost: the rows stay in the tail, where searches find them.
                log::warn!("the index could not be merged and is tried again: {error}");
                std::thread::sleep(std::time::Duration::from_millis(100));
                if let Some(job) = self.merging {
                    self.merger.submit(job);
                }
            }
        }
    }
}

impl lane::Engine for Engine {
    fn commit(&mut self, batch: &[Request], careful: bool) -> Result<Outcomes, StoreError> {
        self.reopen()?;
        self.adopt();
        let outcomes = self.write(batch, careful).inspect_err(|_| {
            // After SQLITE_FULL or an I/O error SQLite may have rolled everything back under diesel's feet.
            self.main = None;
            self.tail.forget_after(self.last_seq);
        })?;
        self.merge_if_due(self.last_seq);
        Ok(outcomes)
    }

    fn finish(&mut self) {
        if self.merging.is_some()
            && let Some(result) = self.merger.wait()
        {
            self.merged(result);
        }
        if self.merging.is_none() && self.active_versions > 0 {
            self.start_merge(self.last_seq);
            match self.merger.wait() {
                Some(Err(error)) => {
                    log::warn!("the index was not merged and will be rebuilt at the next start: {error}");
                }
                Some(Ok(())) => self.merged(Ok(())),
                None => {}
            }
        }
    }
}

/// The number of the newest committed version, and its time; zeros in an empty store.
fn newest(main: &mut SqliteConnection) -> Result<(i64, i64), StoreError> {
    let newest: Option<(i64, i64)> = version::table
        .select((version::seq, version::last_updated))
        .order(version::seq.desc())
        .first(main)
        .optional()?;
    Ok(newest.unwrap_or((0, 0)))
}

/// Copies all of the log into the records' own file, flushed.
fn checkpoint(main: &mut SqliteConnection) -> Result<(), StoreError> {
    let (busy, log, copied): (i32, i32, i32) =
        Sql::<'_, Sqlite, (Integer, Integer, Integer)>::new("PRAGMA wal_checkpoint(FULL)")
            .get_result(main)?;
    if busy == 0 && log == copied { Ok(()) } else { Err(StoreError::Busy) }
}

/// The current versions of what a batch names. A create's new id is looked for only if `careful`: it is a fresh
/// UUID, and the primary key catches the one that is not.
fn heads(
    main: &mut SqliteConnection,
    batch: &[Request],
    careful: bool,
) -> Result<Heads<'static>, StoreError> {
    type Row = (BigInt, BigInt, BigInt, BigInt, Bool, SmallInt, Integer, Text);
    type Found = (i64, i64, i64, i64, bool, i16, i32, String);
    let mut heads = Heads::new();
    for prepared in batch.iter().flat_map(|request| &request.ops) {
        if matches!(prepared.op, crate::op::Op::Create { .. }) && !careful {
            continue;
        }
        let Some(key) = prepared.key().filter(|key| !heads.contains_key(key)) else { continue };
        let found: Option<Found> = Sql::<'_, Sqlite, Row>::new(
            "SELECT r.rid, r.seq, r.version, v.last_updated, r.deleted, v.made, v.splice, v.body \
             FROM resource r CROSS JOIN version v ON v.seq = r.seq WHERE r.type = ",
        )
        .int(i64::from(key.0.number()))
        .text(" AND r.id = ")
        .bind::<diesel::sql_types::Binary, _>(key.1.to_key())
        .get_result(main)
        .optional()?;
        if let Some((rid, seq, version, last_updated, deleted, made, splice, body)) = found {
            let (made, body) = (Made::stored(made)?, Cow::Owned(body));
            heads.insert(key, Head { rid, seq, version, last_updated, deleted, made, splice, body });
        }
    }
    Ok(heads)
}

fn insert(main: &mut SqliteConnection, row: &NewVersion<'_>) -> Result<(), StoreError> {
    let id = row.key.1.to_key();
    let ty = i16::try_from(row.key.0.number()).unwrap_or(i16::MAX);
    diesel::insert_into(version::table)
        .values((
            version::seq.eq(row.seq),
            version::rid.eq(row.rid),
            version::number.eq(row.version),
            version::ty.eq(ty),
            version::id.eq(&id),
            version::last_updated.eq(row.last_updated),
            version::deleted.eq(row.deleted),
            version::splice.eq(row.splice),
            version::actor.eq(row.actor),
            version::body.eq(row.body),
            version::made.eq(row.made.number()),
        ))
        .execute(main)?;
    if row.version == 1 {
        diesel::insert_into(resource::table)
            .values((
                resource::ty.eq(ty),
                resource::id.eq(&id),
                resource::rid.eq(row.rid),
                resource::seq.eq(row.seq),
                resource::version.eq(row.version),
                resource::deleted.eq(row.deleted),
            ))
            .execute(main)?;
    } else {
        // Diesel prepares its own updates anew each time.
        Sql::<'_, Sqlite>::new("UPDATE resource SET seq = ")
            .int(row.seq)
            .text(", version = ")
            .int(row.version)
            .text(", deleted = ")
            .bind::<Bool, _>(row.deleted)
            .text(" WHERE type = ")
            .bind::<SmallInt, _>(ty)
            .text(" AND id = ")
            .bind::<diesel::sql_types::Binary, _>(&id)
            .execute(main)?;
    }
    Ok(())
}

/// The index changes of the versions in `(after, to]`, derived again from the bodies.
fn replay(
    main: &mut SqliteConnection,
    after: i64,
    to: i64,
    known: &Known,
) -> Result<Vec<NewVersion<'static>>, StoreError> {
    type Row = (BigInt, BigInt, BigInt, SmallInt, diesel::sql_types::Binary, Text, Nullable<Text>);
    type Found = (i64, i64, i64, i16, Vec<u8>, String, Option<String>);
    let rows: Vec<Found> = Sql::<'_, Sqlite, Row>::new(
        "SELECT v.seq, v.rid, v.version, v.type, v.id, v.body, p.body FROM version v \
         LEFT JOIN version p ON p.seq = CASE v.version WHEN 1 THEN NULL WHEN 2 THEN v.rid ELSE \
         (SELECT o.seq FROM version o WHERE o.rid = v.rid AND o.version = v.version - 1 AND o.version > 1) END \
         WHERE v.seq > ",
    )
    .int(after)
    .text(" AND v.seq <= ")
    .int(to)
    .text(" ORDER BY v.seq")
    .load(main)?;
    let mut versions = Vec::with_capacity(rows.len());
    for (seq, rid, version, ty, id, body, before) in rows {
        let ty = u16::try_from(ty).ok().and_then(ResourceType::from_number);
        let (Some(ty), Ok(id)) = (ty, Id::from_key(&id)) else {
            return Err(StoreError::Damaged(format!("version {seq} has an unknown type or id")));
        };
        let (ended, begun) = diff(&known.entries(before.as_deref().unwrap_or("")), &known.entries(&body));
        versions.push(NewVersion {
            seq,
            rid,
            version,
            key: (ty, id),
            last_updated: 0,
            deleted: body.is_empty(),
            made: Made::Unknown,
            splice: 0,
            actor: None,
            body: "",
            digest: [0; 32],
            ended,
            begun,
        });
    }
    Ok(versions)
}
