//! The façade: opening a store, and handing writes to its lanes.

use crate::access::Origin;
use crate::audit::observe::{self, Observation, Observer};
use crate::audit::verify;
use crate::connection::{AnyConnection, Connector, Readers, readers};
use crate::error::{StoreError, TransactError};
use crate::figures::{Believed, Counted};
use crate::op::{Op, Written};
use crate::options::{Location, StoreOptions};
use crate::postgres::{self, horizon::Horizon};
use crate::read::AnySql;
use crate::read::tally::Tallies;
use crate::schema;
use crate::snapshot::Snapshot;
use crate::sqlite::{self, deadline, files::Files, tail::Tail};
use crate::write::lane;
use crate::write::queue::Queue;
use crate::write::request::{Prepared, Request};
use diesel::prelude::*;
use diesel::sql_types::Text;
use rushlight_model::definitions::Release;
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

struct Inner {
    lanes: Vec<Arc<Queue>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    observer: Arc<Observer>,
    auditing: Mutex<Option<JoinHandle<()>>>,
    readers: Readers,
    backend: Backend,
    progress: Arc<Progress>,
    counted: Arc<Counted>,
    tallies: Tallies,
    statement_timeout: Duration,
    identity: Identity,
}

/// What a reader needs of one kind of store and not of the other.
enum Backend {
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
    /// Opens a store, making it where there is none and bringing its schema up to date.
    ///
    /// Reads are served at once. After a crash of an embedded store, writes and index lookups wait until the newest
    /// index entries are derived again.
    ///
    /// # Errors
    /// A newer schema, a folder that another process holds, settings of PostgreSQL that break durability, or a
    /// database that can't be reached.
    pub fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        match &options.location {
            Location::Sqlite(folder) => Self::open_sqlite(Files::new(folder, options.durability), options),
            Location::Postgres(url) => Self::open_postgres(url, options),
        }
    }

    fn open_sqlite(files: Files, options: &StoreOptions) -> Result<Self, StoreError> {
        // Before the folder is made, so that nothing is left where there is nothing to open.
        files.expect(options.create)?;
        let lock = files.lock()?;
        let mut main = files.open_main()?;
        sqlite::migrate(&mut main)?;
        let identity = Identity::load(&mut AnyConnection::Sqlite(main), options.release)?;
        let tail = Arc::new(Tail::default());
        let policy =
            sqlite::engine::TailPolicy { floor: options.tail_floor.max(1), cap: options.tail_cap.max(1) };
        let progress = Arc::new(Progress::default());
        let mut engine =
            sqlite::engine::Engine::new(files.clone(), Arc::clone(&tail), Arc::clone(&progress), policy)?;
        let merged = sqlite::index::prepare(&files, engine.last_seq())?;
        progress.versions.store(engine.last_seq(), Ordering::Relaxed);
        progress.merged.store(merged, Ordering::Relaxed);
        let readers = readers(Connector::Sqlite(files.clone()), options.readers)?;
        let counted = Arc::new(Counted::default());
        let queue = Arc::new(Queue::new(options.queue));
        let thread = spawn("writer", {
            let (queue, counted) = (Arc::clone(&queue), Arc::clone(&counted));
            move || match engine.rebuild(merged) {
                Ok(()) => lane::run(&queue, engine, &counted),
                Err(error) => {
                    log::error!("the index could not be rebuilt, so nothing can be written: {error}");
                    queue.close();
                    while let Some(batch) = queue.next_batch() {
                        batch.into_iter().for_each(|request| (request.reply)(Err(error.clone().into())));
                    }
                }
            }
        })?;
        let observer = Arc::new(Observer::new(options.audit_queue));
        let auditing = Mutex::new(Some(observe::start(&observer, &queue)?));
        Ok(Self {
            inner: Arc::new(Inner {
                observer,
                auditing,
                lanes: vec![queue],
                threads: Mutex::new(vec![thread]),
                readers,
                backend: Backend::Sqlite { tail, files, _lock: lock },
                counted,
                progress,
                tallies: Tallies::default(),
                statement_timeout: options.statement_timeout,
                identity,
            }),
        })
    }

    fn open_postgres(url: &str, options: &StoreOptions) -> Result<Self, StoreError> {
        let target = postgres::connect::Target::new(url, options);
        let mut connection = target.connect_writer()?;
        postgres::connect::check_settings(&mut connection, options.durability)?;
        if !options.create {
            postgres::connect::expect(&mut connection)?;
        }
        postgres::connect::migrate(&mut connection)?;
        let horizon = Arc::new(Horizon::load(&mut connection)?);
        let mut connection = AnyConnection::Postgres(connection);
        let excused = verify::excused(&mut connection)?;
        let identity = Identity::load(&mut connection, options.release)?;
        let progress = Arc::new(Progress::default());
        progress.ready();
        let readers = readers(Connector::Postgres(target.clone()), options.readers)?;
        let counted = Arc::new(Counted::default());
        let mut lanes = Vec::new();
        let mut threads = Vec::new();
        for name in ["writer", "long-writer"] {
            let queue = Arc::new(Queue::new(options.queue));
            let engine = postgres::engine::Engine::new(target.clone(), Arc::clone(&horizon), excused);
            lanes.push(Arc::clone(&queue));
            let counted = Arc::clone(&counted);
            threads.push(spawn(name, move || lane::run(&queue, engine, &counted))?);
        }
        let observer = Arc::new(Observer::new(options.audit_queue));
        let Some(first) = lanes.first() else { return Err(StoreError::Closing) };
        let auditing = Mutex::new(Some(observe::start(&observer, first)?));
        Ok(Self {
            inner: Arc::new(Inner {
                observer,
                auditing,
                lanes,
                threads: Mutex::new(threads),
                readers,
                backend: Backend::Postgres { horizon, believed: Believed::default() },
                counted,
                progress,
                tallies: Tallies::default(),
                statement_timeout: options.statement_timeout,
                identity,
            }),
        })
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
        let ops = ops.into_iter().map(Prepared::new).collect();
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
        self.inner.identity.release
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

    pub(crate) fn progress(&self) -> &Progress {
        &self.inner.progress
    }

    /// The versions there are now: everything that was acknowledged before the call, by whichever process.
    ///
    /// # Errors
    /// A database that fails or is too slow.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.with_reader(|connection| match (connection, &self.inner.backend) {
            (AnyConnection::Postgres(connection), Backend::Postgres { horizon, .. }) => {
                horizon.snapshot(connection)
            }
            (connection, _) => {
                use schema::version::dsl::{last_updated, seq, version};
                // One writer, numbers in the order of commits: nothing below the newest is still to come.
                let newest: Option<(i64, i64)> =
                    version.select((seq, last_updated)).order(seq.desc()).first(connection).optional()?;
                let (upto, time) = newest.unwrap_or((0, 0));
                Ok(Snapshot { upto, holes: Vec::new(), time })
            }
        })
    }

    /// Appends what places the rows of an alias on a shard, where there are shards: their keys begin with it.
    pub(crate) fn placed<'a, ST>(&self, sql: AnySql<'a, ST>, alias: &'static str) -> AnySql<'a, ST> {
        match self.inner.backend {
            Backend::Sqlite { .. } => sql,
            Backend::Postgres { .. } => sql.text(format!(" AND {alias}.shard = 0")),
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

    /// Runs `work` on a reader's connection, within the time that a statement may take.
    pub(crate) fn with_reader<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut reader = self.inner.readers.get()?;
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

/// The value of a key of the store's own, which is `fresh` if whoever opens it first finds none.
fn kept(connection: &mut AnyConnection, name: &'static str, fresh: &str) -> Result<String, StoreError> {
    use schema::store::dsl::{key, store, value};
    // Two processes may open a new store at once: the first row stays.
    AnySql::<'_, ()>::new("INSERT INTO store (key, value) VALUES (")
        .bind::<Text, _>(name)
        .text(", ")
        .bind::<Text, _>(fresh.to_owned())
        .text(") ON CONFLICT (key) DO NOTHING")
        .execute(connection)?;
    Ok(store.filter(key.eq(name)).select(value).first(connection)?)
}

/// What a store says of itself, made when it is first opened.
struct Identity {
    secret: [u8; 32],
    release: Release,
}

impl Identity {
    fn load(connection: &mut AnyConnection, asked: Option<Release>) -> Result<Self, StoreError> {
        let mut fresh = [0_u8; 32];
        openssl::rand::rand_bytes(&mut fresh).map_err(|error| StoreError::Open(error.to_string()))?;
        let text: String = fresh.iter().map(|byte| format!("{byte:02x}")).collect();
        let stored = kept(connection, "secret", &text)?;
        let damaged = || StoreError::Damaged("the store's secret is not 64 hexadecimal digits".to_owned());
        let bytes: Vec<u8> = (0..32)
            .map(|at| stored.get(at * 2..at * 2 + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect::<Option<_>>()
            .ok_or_else(damaged)?;
        let secret = bytes.try_into().map_err(|_| damaged())?;
        let asked_or_first = asked.unwrap_or(Release::R4);
        let stored = kept(connection, "fhir-version", asked_or_first.short())?;
        match Release::from_short(&stored) {
            Some(release) if asked.is_none_or(|asked| asked == release) => Ok(Self { secret, release }),
            _ => Err(StoreError::OtherRelease { stored, asked: asked_or_first.short() }),
        }
    }
}
