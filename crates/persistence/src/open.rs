//! How a store is opened: what runs, and in which order it begins and ends.

use crate::audit::observe::{self, Observer};
use crate::audit::verify;
use crate::connection::{AnyConnection, Connector, readers};
use crate::error::StoreError;
use crate::figures::{Believed, Counted};
use crate::identity::Identity;
use crate::jobs::desk::Desk;
use crate::jobs::reindex::{Embedded, Shared};
use crate::jobs::runner::{self, Signal, Workshop};
use crate::options::{Location, StoreOptions};
use crate::postgres::{self, horizon::Horizon, tx::Writer};
use crate::read::tally::Tallies;
use crate::sqlite::{self, engine::TailPolicy, files::Files, tail::Tail};
use crate::store::{Backend, Inner, Progress, Store, spawn};
use crate::units::Units;
use crate::write::lane;
use crate::write::queue::Queue;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

impl Store {
    /// Opens a store, making it where there is none and bringing its schema up to date.
    ///
    /// Reads are served at once. After a crash of an embedded store, writes and index lookups wait until the newest
    /// index entries are derived again. An index that lacks more is built by a job, meanwhile lookups of what it lacks
    /// are refused.
    ///
    /// # Errors
    /// A newer schema, a folder that another process holds, settings of PostgreSQL that break durability, or a
    /// database that can't be reached.
    pub fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        let inner = match &options.location {
            Location::Sqlite(folder) => open_sqlite(Files::new(folder, options.durability), options),
            Location::Postgres(url) => open_postgres(url, options),
        }?;
        Ok(Self::of(inner))
    }
}

fn open_sqlite(files: Files, options: &StoreOptions) -> Result<Inner, StoreError> {
    // Before the folder is made, so that nothing is left where there is nothing to open.
    files.expect(options.create)?;
    let lock = files.lock()?;
    let desk = Arc::new(Desk::new(Connector::Sqlite(files.clone())));
    let identity = desk.with(|main| {
        if let AnyConnection::Sqlite(main) = main {
            sqlite::migrate(main)?;
        }
        Identity::load(main, options)
    })?;
    let known = desk
        .sqlite(|main| sqlite::units::register(main, identity.wanted, None))?
        .ok_or(StoreError::Closing)?;
    let units = Arc::new(Units::new(identity.wanted, known));
    let tail = Arc::new(Tail::default());
    let policy = TailPolicy { floor: options.tail_floor.max(1), cap: options.tail_cap.max(1) };
    let progress = Arc::new(Progress::default());
    let mut engine = sqlite::engine::Engine::new(
        files.clone(),
        Arc::clone(&tail),
        Arc::clone(&progress),
        policy,
        Arc::clone(&units),
    )?;
    let (merged, lacks) = sqlite::index::prepare(&files, engine.last_seq(), &units.current())?;
    desk.sqlite(|main| {
        sqlite::units::end_leases(main)?;
        if lacks { sqlite::units::ask(main) } else { Ok(()) }
    })?;
    progress.versions.store(engine.last_seq(), Ordering::Relaxed);
    progress.merged.store(merged, Ordering::Release);
    tail.rest_at(merged);
    let readers = readers(Connector::Sqlite(files.clone()), options.readers)?;
    let (counted, signal) = (Arc::new(Counted::default()), Arc::new(Signal::default()));
    let queue = Arc::new(Queue::new(options.queue));
    let tasks = engine.tasks();
    let thread = spawn("writer", {
        let (queue, counted, signal) = (Arc::clone(&queue), Arc::clone(&counted), Arc::clone(&signal));
        move || match engine.rebuild(merged) {
            Ok(()) => lane::run(&queue, engine, &counted, &signal),
            Err(error) => {
                log::error!("the index could not be rebuilt, so nothing can be written: {error}");
                queue.close();
                while let Some(batch) = queue.next_batch() {
                    batch.into_iter().for_each(|request| (request.reply)(Err(error.clone().into())));
                }
            }
        }
    })?;
    let embedded = tasks.map(|tasks| Embedded {
        desk: Arc::clone(&desk),
        units: Arc::clone(&units),
        tasks,
        lane: Arc::clone(&queue),
        writing: Arc::clone(&progress),
        stretch: options.stretch.unwrap_or(sqlite::build::STRETCH).max(1),
        fresh: Arc::default(),
        asked: Arc::new(AtomicBool::new(true)),
    });
    let jobs = match embedded.filter(|_| options.jobs) {
        Some(workshop) => Some(start(&signal, &desk, workshop)?),
        None => None,
    };
    let observer = Arc::new(Observer::new(options.audit_queue));
    let auditing = Mutex::new(Some(observe::start(&observer, &queue)?));
    Ok(Inner {
        observer,
        auditing,
        lanes: vec![queue],
        threads: Mutex::new(vec![thread]),
        jobs: Mutex::new(jobs),
        signal,
        desk,
        units,
        readers,
        backend: Backend::Sqlite { tail, files, _lock: lock },
        counted,
        progress,
        tallies: Tallies::default(),
        statement_timeout: options.statement_timeout,
        many_matches: options.many_matches,
        identity,
    })
}

fn open_postgres(url: &str, options: &StoreOptions) -> Result<Inner, StoreError> {
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
    let identity = Identity::load(&mut connection, options)?;
    drop(connection);
    let mut writer = Writer::new(target.clone());
    let wanted = identity.wanted;
    let units = Arc::new(Units::new(wanted, postgres::units::load(&mut writer, wanted, None)?));
    postgres::units::ask(&mut writer)?;
    let progress = Arc::new(Progress::default());
    progress.ready();
    let readers = readers(Connector::Postgres(target.clone()), options.readers)?;
    let (counted, signal) = (Arc::new(Counted::default()), Arc::new(Signal::default()));
    let mut lanes = Vec::new();
    let mut threads = Vec::new();
    for name in ["writer", "long-writer"] {
        let queue = Arc::new(Queue::new(options.queue));
        let (horizon, units) = (Arc::clone(&horizon), Arc::clone(&units));
        let engine = postgres::engine::Engine::new(Writer::new(target.clone()), horizon, units, excused);
        lanes.push(Arc::clone(&queue));
        let (counted, signal) = (Arc::clone(&counted), Arc::clone(&signal));
        threads.push(spawn(name, move || lane::run(&queue, engine, &counted, &signal))?);
    }
    let desk = Arc::new(Desk::new(Connector::Postgres(target)));
    let jobs = match options.jobs {
        true => {
            let stretch = options.stretch.unwrap_or(postgres::build::STRETCH).max(1);
            Some(start(&signal, &desk, Shared { writer, units: Arc::clone(&units), stretch })?)
        }
        false => None,
    };
    let observer = Arc::new(Observer::new(options.audit_queue));
    let Some(first) = lanes.first() else { return Err(StoreError::Closing) };
    let auditing = Mutex::new(Some(observe::start(&observer, first)?));
    Ok(Inner {
        observer,
        auditing,
        lanes,
        threads: Mutex::new(threads),
        jobs: Mutex::new(jobs),
        signal,
        desk,
        units,
        readers,
        backend: Backend::Postgres { horizon, believed: Believed::default() },
        counted,
        progress,
        tallies: Tallies::default(),
        statement_timeout: options.statement_timeout,
        many_matches: options.many_matches,
        identity,
    })
}

/// Starts the thread that does jobs; it looks for some at once.
fn start(
    signal: &Arc<Signal>,
    desk: &Arc<Desk>,
    workshop: impl Workshop + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    let (signal, desk) = (Arc::clone(signal), Arc::clone(desk));
    signal.wake();
    spawn("jobs", move || runner::run(&signal, &desk, workshop))
}
