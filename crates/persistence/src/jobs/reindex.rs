//! The job that brings the index up to what is indexed: units are built from the records, rows of retired ones deleted.
//!
//! How far it has come stands in the index itself, with the rows.

use crate::error::StoreError;
use crate::jobs::desk::Desk;
use crate::jobs::lease::Lease;
use crate::jobs::runner::Workshop;
use crate::jobs::work::{Progress, Step, Work};
use crate::postgres;
use crate::postgres::tally::Tally;
use crate::postgres::tx::Writer;
use crate::sqlite;
use crate::sqlite::index::Task;
use crate::store::Progress as Writing;
use crate::units::Units;
use crate::write::queue::Queue;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The name of such a job.
pub(crate) const KIND: &str = "reindex";

/// Steps between two looks at how common values are.
const COUNTED: u32 = 64;

/// How long a step waits for the writes of others to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where to go on stands in the index.
fn step(progress: Progress) -> Step {
    Step { progress, place: String::new() }
}

/// Jobs of an embedded store.
#[derive(Clone)]
pub(crate) struct Embedded {
    pub(crate) desk: Arc<Desk>,
    pub(crate) units: Arc<Units>,
    pub(crate) tasks: Sender<Task>,
    pub(crate) lane: Arc<Queue>,
    pub(crate) writing: Arc<Writing>,
    pub(crate) stretch: u32,
    /// The index's mark when the first of the units became known that are in no pass yet.
    pub(crate) fresh: Arc<Mutex<Option<i64>>>,
    /// Whether a job has been asked for to bring the index up to what is indexed.
    pub(crate) asked: Arc<AtomicBool>,
}

impl Workshop for Embedded {
    fn interval(&self) -> Duration {
        // Nobody else does anything to the store.
        Duration::from_secs(3600)
    }

    fn refresh(&mut self, stale: bool) -> Result<(), StoreError> {
        if !stale {
            return Ok(());
        }
        let now = self.units.current();
        let known = self.desk.sqlite(|main| sqlite::units::register(main, self.units.wanted, Some(&now)))?;
        if let Some(known) = known {
            self.fresh().get_or_insert(self.writing.merged.load(Ordering::Acquire));
            // Known first: a job that comes before would find nothing to do.
            self.units.replace(known);
            self.asked.store(false, Ordering::Relaxed);
        }
        // Again, where it failed.
        if !self.asked.load(Ordering::Relaxed) {
            self.desk.sqlite(sqlite::units::ask)?;
            self.asked.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    fn work(&mut self, lease: &Lease) -> Option<Box<dyn Work>> {
        (lease.kind == KIND).then(|| Box::new(self.clone()) as Box<dyn Work>)
    }
}

impl Embedded {
    fn fresh(&self) -> MutexGuard<'_, Option<i64>> {
        // Held for a moment, by the one thread that does jobs.
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the index holds all that was written before the writer knew of what is indexed now: from then on
    /// the tail has the entries of all units.
    fn caught_up(&self, generation: i64) -> bool {
        let of = |number: &std::sync::atomic::AtomicI64| number.load(Ordering::Acquire);
        of(&self.writing.generation) >= generation && of(&self.writing.merged) >= of(&self.writing.needed)
    }
}

impl Work for Embedded {
    fn step(&mut self, _: &Lease) -> Result<Option<Step>, StoreError> {
        let known = self.units.current();
        while !self.caught_up(known.generation) {
            // An empty request makes the writer look at what is indexed, and at finished merges.
            self.lane.nudge()?;
            std::thread::sleep(Duration::from_millis(2));
        }
        let fresh = self.fresh().unwrap_or(0);
        let progress = sqlite::build::order(&self.tasks, known, self.stretch, fresh)?;
        // All are in a pass now.
        self.fresh().take();
        Ok(progress.map(step))
    }
}

/// Jobs of a process of a shared store.
pub(crate) struct Shared {
    pub(crate) writer: Writer,
    pub(crate) units: Arc<Units>,
    pub(crate) stretch: u32,
}

/// A job on a shared store.
struct Building {
    writer: Writer,
    units: Arc<Units>,
    stretch: u32,
    tally: Tally,
    steps: u32,
    /// The generation for which all writes of older ones are known to have ended.
    cleared: i64,
}

impl Workshop for Shared {
    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn refresh(&mut self, stale: bool) -> Result<(), StoreError> {
        if stale || !postgres::units::is_current(&mut self.writer, &self.units)? {
            postgres::units::register(&mut self.writer, &self.units)?;
        }
        Ok(())
    }

    fn work(&mut self, lease: &Lease) -> Option<Box<dyn Work>> {
        let building = Building {
            writer: Writer::new(self.writer.target().clone()),
            units: Arc::clone(&self.units),
            stretch: self.stretch,
            tally: Tally::default(),
            steps: 0,
            cleared: 0,
        };
        (lease.kind == KIND).then(|| Box::new(building) as Box<dyn Work>)
    }
}

impl Building {
    /// Waits until no write of an older generation is under way any more.
    fn clear(&mut self, generation: i64) -> Result<(), StoreError> {
        if self.cleared < generation {
            let newest = postgres::build::newest(&mut self.writer)?;
            let begun = Instant::now();
            while postgres::build::oldest(&mut self.writer)? < newest {
                // Tried again by whoever asked for the step.
                if begun.elapsed() > PATIENCE {
                    return Err(StoreError::Busy);
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            self.cleared = generation;
        }
        Ok(())
    }
}

impl Work for Building {
    fn step(&mut self, lease: &Lease) -> Result<Option<Step>, StoreError> {
        let known = self.units.current();
        self.clear(known.generation)?;
        match postgres::build::step(&mut self.writer, &known, lease, self.stretch) {
            Err(StoreError::Outdated) => {
                postgres::units::register(&mut self.writer, &self.units)?;
                Ok(Some(Step::default()))
            }
            done => {
                let (progress, groups) = done?;
                self.tally.add(groups);
                self.steps += 1;
                if progress.is_none() || self.steps.is_multiple_of(COUNTED) {
                    self.tally.write(&mut self.writer)?;
                }
                Ok(progress.map(step))
            }
        }
    }
}
