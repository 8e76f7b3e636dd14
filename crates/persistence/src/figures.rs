//! How a store is doing, in numbers for whoever watches it.

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::store::Store;
use crate::units::state::unbuilt;
use diesel::sql_types::BigInt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Requests of a batch, at the most, by which batches are counted.
const BOUNDS: [u64; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/// How long the size of a database on PostgreSQL is believed: asking for it looks at every file.
const BELIEVED: Duration = Duration::from_secs(10);

/// How a store is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Writes that wait.
    pub queued: u64,
    /// Batches that were committed since the store was opened.
    pub batches: Batches,
    /// Connections for readers that are at work.
    pub readers_busy: u32,
    /// Connections for readers that are open and idle.
    pub readers_idle: u32,
    /// Bytes of the write-ahead log of an embedded store's records; `None` on PostgreSQL.
    pub wal_bytes: Option<u64>,
    /// Bytes of the store: the files of an embedded one with their logs, or the database on PostgreSQL; `None` where
    /// that could not be told.
    pub bytes: Option<u64>,
    /// Versions of an embedded store that the index on disk does not have yet; `None` on PostgreSQL.
    pub tail: Option<u64>,
    /// Merges of the tail into the index since the store was opened.
    pub merges: u64,
    /// Reads and refusals that wait to be audited.
    pub audit_waiting: u64,
    /// Reads and refusals that found no room in the audit since the store was opened.
    pub audit_lost: u64,
    /// Jobs that wait or are being done; `None` where that could not be told.
    pub jobs: Option<u64>,
    /// Units that are not, or not completely, in the index, so that a search by them has to wait; `None` where that
    /// could not be told.
    pub units_building: Option<u64>,
}

/// Batches by how many requests each held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batches {
    /// How many batches held so many requests or fewer, but more than the one before: `(requests, batches)`.
    pub sizes: Vec<(u64, u64)>,
    /// All requests in them.
    pub requests: u64,
}

/// Batches as lanes count them.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    sizes: [AtomicU64; BOUNDS.len()],
    requests: AtomicU64,
}

impl Counted {
    /// Counts a batch that was committed.
    pub(crate) fn add(&self, requests: usize) {
        let requests = requests as u64;
        // No batch is larger than the last bound.
        let at = BOUNDS.iter().position(|bound| requests <= *bound).unwrap_or(BOUNDS.len() - 1);
        if let Some(count) = self.sizes.get(at) {
            count.fetch_add(1, Relaxed);
        }
        self.requests.fetch_add(requests, Relaxed);
    }

    fn figures(&self) -> Batches {
        let sizes = BOUNDS.into_iter().zip(self.sizes.iter().map(|count| count.load(Relaxed))).collect();
        Batches { sizes, requests: self.requests.load(Relaxed) }
    }
}

/// A size that was asked for, and when.
#[derive(Debug, Default)]
pub(crate) struct Believed(Mutex<Option<(Instant, Option<u64>)>>);

impl Store {
    /// How the store is doing. This may wait for a few short statements; on PostgreSQL for the database's size, once in
    /// ten seconds.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let readers = self.readers().state();
        let (waiting, lost) = self.observed();
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let (wal_bytes, bytes, tail) = match self.files() {
            Some(files) => {
                (Some(files.log_bytes()), Some(files.bytes()), Some(count(self.progress().tail())))
            }
            None => (None, self.database_bytes(), None),
        };
        Figures {
            queued: self.queued() as u64,
            batches: self.batches().figures(),
            readers_busy: readers.connections.saturating_sub(readers.idle_connections),
            readers_idle: readers.idle_connections,
            wal_bytes,
            bytes,
            tail,
            merges: count(self.merges()),
            audit_waiting: waiting as u64,
            audit_lost: lost,
            jobs: self.jobs_under_way().ok(),
            units_building: self.is_ready().then(|| self.units_building().ok()).flatten(),
        }
    }

    fn jobs_under_way(&self) -> Result<u64, StoreError> {
        let sql = AnySql::<'_, BigInt>::new("SELECT count(*) FROM job WHERE state < 2");
        let count: i64 = self.with_reader(|connection| Ok(sql.get_result(connection)?))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn units_building(&self) -> Result<u64, StoreError> {
        let known = self.known();
        self.with_index(|connection, source| Ok(unbuilt(connection, source, &known)?.len() as u64))
    }

    /// The size of the database, asked for now and then.
    fn database_bytes(&self) -> Option<u64> {
        // Whoever comes while it is asked for waits for the answer.
        let mut believed = self.believed()?.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((when, bytes)) = *believed
            && when.elapsed() < BELIEVED
        {
            return bytes;
        }
        let bytes = self.with_reader(database_bytes).ok();
        *believed = Some((Instant::now(), bytes));
        bytes
    }
}

fn database_bytes(connection: &mut AnyConnection) -> Result<u64, StoreError> {
    let sql = AnySql::<'_, BigInt>::new("SELECT pg_database_size(current_database())");
    let bytes: i64 = sql.get_result(connection)?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}
