//! The façade: what a store is made of, and how writes come to its lanes.

use crate::access::Origin;
use crate::audit::observe::{Observation, Observer};
use crate::connection::{AnyConnection, Readers};
use crate::either::AnySql;
use crate::error::{StoreError, TransactError};
use crate::figures::{Believed, Counted};
use crate::identity::Identity;
use crate::index::rows;
use crate::jobs::desk::Desk;
use crate::jobs::runner::Signal;
use crate::op::{Op, Written};
use crate::postgres::horizon::Horizon;
use crate::read::tally::Tallies;
use crate::snapshot::Snapshot;
use crate::sqlite::{deadline, files::Files, tail::Tail};
use crate::units::{Known, Units};
use crate::write::queue::Queue;
use crate::write::request::{Prepared, Request};
use rushlight_model::definitions::Release;
use rushlight_search::Registry;
use std::fs::File;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A transaction with more ops than this goes to the lane of the long ones, where there is one.
const LONG: usize = 64;

/// A store of versioned resources. Cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

/// What a store is made of.
pub(crate) struct Inner {
    pub(crate) lanes: Vec<Arc<Queue>>,
    pub(crate) threads: Mutex<Vec<JoinHandle<()>>>,
    pub(crate) observer: Arc<Observer>,
    pub(crate) auditing: Mutex<Option<JoinHandle<()>>>,
    pub(crate) jobs: Mutex<Option<JoinHandle<()>>>,
    pub(crate) signal: Arc<Signal>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) units: Arc<Units>,
    pub(crate) readers: Readers,
    pub(crate) backend: Backend,
    pub(crate) progress: Arc<Progress>,
    pub(crate) counted: Arc<Counted>,
    pub(crate) tallies: Tallies,
    pub(crate) statement_timeout: Duration,
    pub(crate) many_matches: i64,
    pub(crate) identity: Identity,
}

/// What a reader needs of one kind of store and not of the other.
pub(crate) enum Backend {
    Sqlite {
        tail: Arc<Tail>,
        files: Files,
        /// Held while the folder of an embedded store is.
        _lock: File,
    },
    Postgres {
        horizon: Arc<Horizon>,
        /// The size of the database.
        believed: Believed,
    },
}

/// How far the writer has come, for whoever watches.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) versions: AtomicI64,
    /// The number up to which the index of an embedded store is complete on disk.
    pub(crate) merged: AtomicI64,
    pub(crate) merges: AtomicI64,
    /// The state of what is indexed that the writer of an embedded store goes by.
    pub(crate) generation: AtomicI64,
    /// The number up to which the index must be complete on disk before units that are new with it can be built.
    pub(crate) needed: AtomicI64,
    ready: Mutex<bool>,
    became_ready: Condvar,
}

impl Progress {
    /// Versions that the index on disk does not have yet.
    pub(crate) fn tail(&self) -> i64 {
        self.versions.load(Ordering::Relaxed) - self.merged.load(Ordering::Relaxed)
    }

    /// The index knows every record.
    pub(crate) fn ready(&self) {
        *self.ready.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.became_ready.notify_all();
    }

    /// Waits until the index knows every record: at once, save after a crash.
    pub(crate) fn wait_ready(&self, limit: Duration) -> Result<(), StoreError> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let (ready, _) = self
            .became_ready
            .wait_timeout_while(ready, limit, |ready| !*ready)
            .unwrap_or_else(PoisonError::into_inner);
        if *ready { Ok(()) } else { Err(StoreError::Busy) }
    }
}

impl Store {
    /// The façade of what was opened.
    pub(crate) fn of(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// Queues a transaction and returns at once; `reply` is called once, from the writer's thread, after the commit
    /// was flushed, or with the reason why nothing was written.
    ///
    /// Every body must carry the id that it is stored under.
    pub fn submit(
        &self,
        origin: &Origin,
        ops: Vec<Op>,
        reply: impl FnOnce(Result<Vec<Written>, TransactError>) + Send + 'static,
    ) {
        let lane = usize::from(ops.len() > LONG).min(self.inner.lanes.len().saturating_sub(1));
        let known = self.known();
        let ops = ops.into_iter().map(|op| Prepared::new(op, &known)).collect();
        let request = Request { origin: origin.clone(), ops, detail: None, reply: Box::new(reply) };
        match self.inner.lanes.get(lane) {
            Some(queue) => queue.push(request),
            None => (request.reply)(Err(StoreError::Closing.into())),
        }
    }

    /// Writes all the ops durably, or none of them.
    ///
    /// # Errors
    /// The first op that is refused, a full queue, or a failing database; nothing was written then.
    pub fn transact(&self, origin: &Origin, ops: Vec<Op>) -> Result<Vec<Written>, TransactError> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.submit(origin, ops, move |result| {
            // The receiver waits below.
            let _ = sender.send(result);
        });
        receiver.recv().unwrap_or(Err(TransactError::Store(StoreError::Closing)))
    }

    /// Notes what leaves no version, such as a read, for the audit. Returns at once; it is written about a second
    /// later. Where too much waits, it is lost, and the audit says how many were.
    pub fn observe(&self, observation: &Observation<'_>) {
        self.inner.observer.observe(now_micros(), observation);
    }

    /// Observations that wait to be written, and those that found no room since the store was opened.
    #[must_use]
    pub fn observed(&self) -> (usize, u64) {
        self.inner.observer.counts()
    }

    /// Takes no more writes, finishes those that wait, and merges the index. Reads go on.
    pub fn close(&self) {
        self.inner.close();
    }

    /// A key of the store's own for whatever must outlive a process: 32 random bytes made with the store.
    #[must_use]
    pub fn secret(&self) -> [u8; 32] {
        self.inner.identity.secret
    }

    /// The release of FHIR that the records are of.
    #[must_use]
    pub fn release(&self) -> Release {
        self.inner.identity.wanted.release
    }

    /// Whether the index knows every record: save after a crash, from the beginning.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.inner.progress.wait_ready(Duration::ZERO).is_ok()
    }

    /// How many writes wait.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.inner.lanes.iter().map(|queue| queue.len()).sum()
    }

    /// How many times the tail of an embedded store was merged since it was opened.
    #[must_use]
    pub fn merges(&self) -> i64 {
        self.inner.progress.merges.load(Ordering::Relaxed)
    }

    pub(crate) fn readers(&self) -> &Readers {
        &self.inner.readers
    }

    pub(crate) fn batches(&self) -> &Counted {
        &self.inner.counted
    }

    pub(crate) fn tallies(&self) -> &Tallies {
        &self.inner.tallies
    }

    /// What is indexed: the search parameters, and where their entries are. It changes with the SearchParameter
    /// resources of the store, a moment after they do.
    #[must_use]
    pub fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.known().registry)
    }

    pub(crate) fn known(&self) -> Arc<Known> {
        self.inner.units.current()
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.inner.desk
    }

    /// So many matches of a search are many.
    pub(crate) fn many(&self) -> i64 {
        self.inner.many_matches
    }

    /// Whether this process does jobs.
    pub(crate) fn does_jobs(&self) -> bool {
        self.inner.jobs.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(crate) fn signal(&self) -> &Signal {
        &self.inner.signal
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.inner.progress
    }

    /// The versions there are now: everything that was acknowledged before the call, by whichever process.
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.with_reader(|connection| {
            if let Some((horizon, connection)) = self.horizon().zip(connection.postgres()) {
                return Ok(horizon.snapshot(connection, &[])?.0.snapshot);
            }
            // One writer, numbers in the order of commits: nothing below the newest is still to come.
            let (upto, time) = rows::newest(connection)?;
            Ok(Snapshot { upto, holes: Vec::new(), time })
        })
    }

    /// What is settled on PostgreSQL.
    pub(crate) fn horizon(&self) -> Option<&Horizon> {
        match &self.inner.backend {
            Backend::Sqlite { .. } => None,
            Backend::Postgres { horizon, .. } => Some(horizon),
        }
    }

    /// Appends what places the rows of an alias on a shard, where there are shards: their keys begin with it.
    pub(crate) fn placed<'a, ST>(&self, sql: AnySql<'a, ST>, alias: &'static str) -> AnySql<'a, ST> {
        match self.inner.backend {
            Backend::Sqlite { .. } => sql,
            Backend::Postgres { .. } => sql.put(format_args!(" AND {alias}.shard = 0")),
        }
    }

    /// The tail of an embedded store.
    pub(crate) fn tail(&self) -> Option<&Tail> {
        match &self.inner.backend {
            Backend::Sqlite { tail, .. } => Some(tail),
            Backend::Postgres { .. } => None,
        }
    }

    /// The files of an embedded store.
    pub(crate) fn files(&self) -> Option<&Files> {
        match &self.inner.backend {
            Backend::Sqlite { files, .. } => Some(files),
            Backend::Postgres { .. } => None,
        }
    }

    /// The size of the database on PostgreSQL, as it is known.
    pub(crate) fn believed(&self) -> Option<&Believed> {
        match &self.inner.backend {
            Backend::Sqlite { .. } => None,
            Backend::Postgres { believed, .. } => Some(believed),
        }
    }

    /// How long a reader may take.
    pub(crate) fn patience(&self) -> Duration {
        self.inner.statement_timeout
    }

    /// Runs `work` on a reader's connection, within the time that a statement may take.
    pub(crate) fn with_reader<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut reader = self.inner.readers.get()?;
        // Also after a panic, the connection may hold a transaction.
        reader.failed = true;
        let result = match &mut reader.connection {
            AnyConnection::Sqlite(_) => {
                deadline::within(self.inner.statement_timeout, || work(&mut reader.connection))
            }
            AnyConnection::Postgres(_) => work(&mut reader.connection),
        };
        if matches!(result, Err(StoreError::Disconnected)) {
            log::warn!("a reader's connection to PostgreSQL was lost");
        }
        // The connection may be lost, or hold a broken transaction: the next reader gets another.
        reader.failed = result.is_err();
        result
    }
}

impl Inner {
    fn close(&self) {
        // First, as a job needs the lanes.
        self.signal.stop();
        if let Some(thread) = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
        // Before the lanes: what it holds goes through them.
        self.observer.close();
        if let Some(thread) = self.auditing.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
        self.lanes.iter().for_each(|queue| queue.close());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A lane catches its own panics; joining can only fail where it could not.
            let _ = thread.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| StoreError::Open(format!("no thread for the {name}: {error}")))
}

/// Microseconds since 1970, by the clock of the machine.
pub(crate) fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
